package io.hypaware.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.home.HypHome;
import io.hypaware.journal.Journal;
import io.hypaware.journal.Outcome;
import io.hypaware.testing.FakeProvider;
import io.hypaware.testing.RawClient;
import io.hypaware.testing.TestGateway;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One gateway takes over from another: nobody is refused, and what was under way ends where it is.
class HandoverTest {

    private static final String CALL =
            "POST /v1/messages%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n%s\r\n{}";

    @TempDir
    private Path root;

    private final CountDownLatch go = new CountDownLatch(1);
    private FakeProvider provider;
    private Up up;
    private GatewayFiles files;

    @BeforeEach
    void aProviderThatTakesItsTimeWhenAsked() throws Exception {
        provider = new FakeProvider((request, out) -> {
            if (request.line().contains("slow")) {
                out.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
                out.chunk("data: one\n\n");
                go.await();
                out.chunk("data: two\n\n");
                out.write("0\r\n\r\n");
            } else {
                out.respond(200, "application/json", "{}");
            }
        });
        configure(0);
        up = new Up(new HypHome(root), _ -> {});
        files = new GatewayFiles(new HypHome(root));
    }

    private void configure(int port) throws IOException {
        Files.writeString(root.resolve("hypaware-config.json"), """
                {"version": 2, "plugins": [{"name": "@hypaware/ai-gateway", "config": {"port": %d, "upstreams": [
                  {"name": "anthropic", "base_url": "%s", "provider": "anthropic"}]}}]}""".formatted(port, provider.url()));
    }

    @AfterEach
    void stop() throws Exception {
        go.countDown();
        if (up.find().presence() instanceof Presence.Answering answering) {
            assertThat(up.stop(answering.address(), true, Duration.ofSeconds(10)))
                    .isTrue();
        }
        provider.close();
    }

    @Test
    void nobodyIsRefusedAndWhatWasOpenEnds() throws Exception {
        GatewayFiles.Address first = up.start().address();
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger answered = new AtomicInteger();
        List<String> failed = Collections.synchronizedList(new ArrayList<>());
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            callers.add(Thread.ofPlatform().start(() -> {
                while (!over.get()) {
                    try (RawClient client = new RawClient(first.port())) {
                        client.write(CALL.formatted("", "Connection: close\r\n"));
                        String answer = client.readAll();
                        if (answer.startsWith("HTTP/1.1 200") && answer.endsWith("{}")) {
                            answered.incrementAndGet();
                        } else {
                            failed.add(answer);
                        }
                    } catch (IOException e) {
                        failed.add(e.toString());
                    }
                    // The next gateway wants some of the processor too.
                    LockSupport.parkNanos(10_000_000);
                }
            }));
        }
        try (RawClient open = new RawClient(first.port());
                RawClient pooled = new RawClient(first.port())) {
            open.write(CALL.formatted("?slow", ""));
            open.readUntil("data: one");
            pooled.write(CALL.formatted("", ""));
            pooled.readUntil("{}");
            GatewayFiles.Address last = first;
            for (int i = 0; i < 2; i++) {
                GatewayFiles.Address next = up.restart().address();
                assertThat(next.port()).isEqualTo(first.port());
                assertThat(next.pid()).isNotEqualTo(last.pid());
                last = next;
            }
            // The connection that was kept is of the gateway before, which serves it once more.
            pooled.write(CALL.formatted("?once-more", ""));
            assertThat(pooled.readUntil("{}")).startsWith("HTTP/1.1 200").contains("connection: close");
            over.set(true);
            for (Thread caller : callers) {
                caller.join();
            }
            assertThat(failed).isEmpty();
            assertThat(answered.get()).isGreaterThan(20);
            assertThat(first.process()).isPresent();
            go.countDown();
            assertThat(open.readUntil("0\r\n\r\n")).contains("data: two");
        }
        TestGateway.await(() -> first.process().isEmpty());
        try (Journal journal = Journal.open(root.resolve("hypaware/cache/journal.db"))) {
            TestGateway.await(() -> journal.pending(10_000).size() == answered.get() + 3);
            assertThat(journal.pending(10_000).stream()
                            .map(seq -> journal.exchange(seq).outcome()))
                    .containsOnly(Outcome.COMPLETED);
        }
    }

    @Test
    void whileItIsDeadConnectionsWait() throws Exception {
        GatewayFiles.Address first = up.start().address();
        first.process().orElseThrow().destroyForcibly();
        for (int i = 0; i < 5; i++) {
            try (RawClient client = new RawClient(first.port())) {
                client.write(CALL.formatted("", "Connection: close\r\n"));
                assertThat(client.readAll()).startsWith("HTTP/1.1 200");
            }
        }
        assertThat(files.address().orElseThrow().pid()).isNotEqualTo(first.pid());
    }

    @Tag("slow")
    @Test
    void anotherAddressTakesMoreThanThat() throws Exception {
        GatewayFiles.Address first = up.start().address();
        int other;
        try (ServerSocket free = new ServerSocket(0)) {
            other = free.getLocalPort();
        }
        configure(other);
        assertThat(up.restart().address().port()).isEqualTo(other);
        assertThat(first.process()).isEmpty();
    }

    @Tag("slow")
    @Test
    void downNowEndsThoseToo() throws Exception {
        GatewayFiles.Address first = up.start().address();
        try (RawClient open = new RawClient(first.port())) {
            open.write(CALL.formatted("?slow", ""));
            open.readUntil("data: one");
            GatewayFiles.Address second = up.restart().address();
            // Told to stop without haste, it lets those calls end, and is refused meanwhile.
            assertThat(up.stop(second, false, Duration.ofSeconds(1))).isFalse();
            TestGateway.await(() -> Presence.of(files) instanceof Presence.Absent);
            assertThatThrownBy(() -> new RawClient(first.port())).isInstanceOf(IOException.class);
            assertThat(up.endThoseHandingOver(false)).isEqualTo(1);
            assertThat(up.endThoseHandingOver(true)).isZero();
            assertThat(first.process()).isEmpty();
            assertThat(open.readAll()).doesNotContain("two");
        }
    }

    @Test
    void whereTheNewOneFailsTheOneBeforeGoesOn() throws Exception {
        Process supervisor = supervisorOf("""
                [ -n "$HYP_PREDECESSOR" ] && exit 5
                """);
        TestGateway.await(() -> said().contains("begun"));
        tell(supervisor);
        TestGateway.await(() -> said().contains("the new gateway ended with 5; the one before goes on"));
        supervisor.destroy();
        assertThat(supervisor.waitFor()).isZero();
        assertThat(said()).endsWith("ended\n").containsOnlyOnce("begun");
    }

    @Test
    void toldTwiceWhileTheNewOneFailsTheOneBeforeGoesOn() throws Exception {
        Process supervisor = supervisorOf("""
                [ -n "$HYP_PREDECESSOR" ] && { sleep 0.4; exit 5; }
                """);
        TestGateway.await(() -> said().contains("begun"));
        tell(supervisor);
        Thread.sleep(100);
        tell(supervisor);
        TestGateway.await(() -> said().split("goes on", -1).length == 3);
        assertThat(said()).containsOnlyOnce("begun").doesNotContain("started again");
        supervisor.destroy();
        assertThat(supervisor.waitFor()).isZero();
        assertThat(said()).endsWith("ended\n");
    }

    @Test
    void oneThatHasHandedOverIsNotGoneBackTo() throws Exception {
        Process supervisor = supervisorOf("""
                kill -0 "$HYP_PREDECESSOR" && echo "{\\"pid\\":$$,\\"\\"}" > "$(dirname "$0")/hypaware/run/successor.json"
                """);
        TestGateway.await(() -> said().contains("begun"));
        tell(supervisor);
        for (int i = 2; i < 5; i++) {
            int count = i;
            TestGateway.await(() -> said().split("begun", -1).length == count + 1);
            newest().destroyForcibly();
        }
        // The first of them is still there, and lets its calls end.
        TestGateway.await(() -> said().split("begun", -1).length == 6);
        assertThat(said()).doesNotContain("goes on");
        List<ProcessHandle> gateways = supervisor.children().toList();
        supervisor.destroy();
        gateways.forEach(ProcessHandle::destroy);
        assertThat(supervisor.waitFor()).isZero();
    }

    /// The gateway that began last, by its own word: start times are too coarse to say which of two it was.
    private ProcessHandle newest() throws IOException {
        String begun = said();
        String pid = begun.substring(begun.lastIndexOf("begun ") + "begun ".length())
                .lines()
                .findFirst()
                .orElseThrow();
        return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    }

    /// @param first what a gateway does before it serves
    private Process supervisorOf(String first) throws IOException {
        Path run = Files.createDirectories(root.resolve("hypaware/run"));
        Path command = root.resolve("gateway");
        Files.writeString(command, """
                #!/bin/sh
                %s
                trap 'echo ended; exit 0' TERM
                echo begun $$
                while :; do sleep 0.05; done
                """.formatted(first));
        assertThat(command.toFile().setExecutable(true)).isTrue();
        List<String> words = new ArrayList<>(
                HypProcess.supervised(new HypHome(root)).command().subList(0, 4));
        words.addAll(List.of(run.toString(), command.toString()));
        return new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(root.resolve("said").toFile())
                .start();
    }

    private static void tell(Process supervisor) throws Exception {
        assertThat(new ProcessBuilder("/bin/sh", "-c", "kill -USR1 " + supervisor.pid())
                        .start()
                        .waitFor())
                .isZero();
    }

    private String said() {
        return read(root.resolve("said"));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }
}
