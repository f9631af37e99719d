package io.hypaware.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.HypHome;
import io.hypaware.testing.TestGateway;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A gateway that dies is there again at once, and one that hangs is not taken for one that runs.
class SupervisionTest {

    @TempDir
    private Path root;

    private final List<String> notes = new ArrayList<>();
    private Up up;
    private GatewayFiles files;

    @BeforeEach
    void configure() throws Exception {
        Files.writeString(root.resolve("hypaware-config.json"), """
                {"plugins": [{"name": "@hypaware/ai-gateway", "config": {"port": 0}}]}""");
        up = new Up(new HypHome(root), notes::add);
        files = new GatewayFiles(new HypHome(root));
    }

    @AfterEach
    void stop() throws Exception {
        if (up.find().presence() instanceof Presence.Answering answering) {
            assertThat(up.stop(answering.address(), true, Duration.ofSeconds(10)))
                    .isTrue();
        }
    }

    @Test
    void killedItIsThereAgain() throws Exception {
        long first = up.start().address().pid();
        ProcessHandle.of(first).orElseThrow().destroyForcibly();
        TestGateway.await(() -> Presence.of(files) instanceof Presence.Answering a
                && a.address().pid() != first);
        assertThat(up.start().alreadyRan()).isTrue();
    }

    @Tag("slow")
    @Test
    void manyThatStartItAtOnceStartOne() throws Exception {
        List<Long> pids = Collections.synchronizedList(new ArrayList<>());
        List<Thread> starting = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            starting.add(Thread.ofPlatform().start(() -> {
                try {
                    pids.add(new Up(new HypHome(root), notes::add)
                            .start()
                            .address()
                            .pid());
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }));
        }
        for (Thread thread : starting) {
            thread.join();
        }
        assertThat(pids).hasSize(5);
        assertThat(Set.copyOf(pids)).hasSize(1);
        assertThat(((Presence.Answering) Presence.of(files))
                        .status()
                        .path("supervised")
                        .asBoolean())
                .isTrue();
        GatewayFiles.Address address = up.start().address();
        assertThat(up.stop(address, true, Duration.ofSeconds(10))).isTrue();
        assertThat(files.liveSupervisor()).isEmpty();
    }

    @Tag("slow")
    @Test
    void aJournalThatCannotBeOpenedCostsNoCallAndIsSaid() throws Exception {
        Path journal = root.resolve("hypaware/cache/journal.db");
        Files.createDirectories(journal);
        Up.Running running = up.start();
        assertThat(running.trouble().orElseThrow()).contains("the journal cannot be opened");
        assertThat(up.start().trouble()).isPresent();
        Files.delete(journal);
        TestGateway.await(() -> Presence.of(files) instanceof Presence.Answering a
                && a.status().path("journal_open").asBoolean());
        assertThat(up.start()).satisfies(again -> {
            assertThat(again.trouble()).isEmpty();
            assertThat(again.address().pid()).isEqualTo(running.address().pid());
        });
    }

    @Tag("slow")
    @Test
    void hangingItIsNamedEndedAndReplaced() throws Exception {
        long first = up.start().address().pid();
        assertThat(new ProcessBuilder("kill", "-STOP", Long.toString(first))
                        .start()
                        .waitFor())
                .isZero();
        // On a busy machine it stops only after it has been told to.
        TestGateway.await(() -> Presence.of(files) instanceof Presence.Silent);
        Up.Running second = up.start();
        assertThat(second.alreadyRan()).isFalse();
        assertThat(second.address().pid()).isNotEqualTo(first);
        assertThat(notes).anyMatch(n -> n.contains("pid " + first));
        assertThat(ProcessHandle.of(first)).isEmpty();
    }

    @Test
    void aStrangersProcessOfTheSameNumberIsLeftAlone() throws Exception {
        Process stranger = new ProcessBuilder("sleep", "60").start();
        try {
            Path run = Files.createDirectories(root.resolve("hypaware/run"));
            Files.writeString(run.resolve("gateway.json"), """
                    {"host": "127.0.0.1", "port": 1, "pid": %d, "started_ms": 12345}""".formatted(stranger.pid()));
            GatewayFiles.Address address = files.address().orElseThrow();
            assertThat(up.stop(address, true, Duration.ofMillis(50))).isTrue();
            assertThat(new Presence.Silent(files.address(), "gateway", "").process())
                    .isEmpty();
            assertThat(stranger.isAlive()).isTrue();
        } finally {
            stranger.destroyForcibly();
        }
    }

    @Test
    void whatItSaysWhenItCannotStartIsPassedOn() throws Exception {
        Files.writeString(root.resolve("hypaware-config.json"), """
                {"plugins": [{"name": "@hypaware/ai-gateway", "config": {"host": "no.such.host.invalid"}}]}""");
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> up.start()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is unknown");
    }
}
