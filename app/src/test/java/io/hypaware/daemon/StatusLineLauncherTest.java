package io.hypaware.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.hypaware.home.HypHome;
import io.hypaware.testing.FakeProvider;
import io.hypaware.testing.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `hyp statusline` in a shell that has neither a Java nor a built program: the gateway alone answers it.
class StatusLineLauncherTest {

    private static final String NOTHING = "○ not recording (hyp up)\n";
    private static final List<String> TOOLS = List.of("sh", "dd", "head", "sleep", "dirname", "readlink");

    @TempDir
    private Path root;

    private HypHome home;
    private Path program;

    @BeforeEach
    void aLauncher() throws IOException {
        home = new HypHome(root.resolve("a home"));
        program = Files.createDirectories(root.resolve("program/launcher")).resolveSibling("hyp");
        Files.copy(Path.of("..", "hyp"), program);
        Files.copy(Path.of("..", "launcher", "statusline.sh"), program.resolveSibling("launcher/statusline.sh"));
        Files.createDirectories(home.run());
        Path tools = Files.createDirectories(root.resolve("tools"));
        for (String tool : TOOLS) {
            link(tools, tool);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"curl", "bash"})
    void theGatewayAnswersIt(String asker) throws Exception {
        assumeThat(Processes.has(asker)).as("%s is there", asker).isTrue();
        link(root.resolve("tools"), asker);
        Files.writeString(home.figures(), """
                {"at_ms":4102444800000,"position":7,"day_ends_ms":4102444800000,"zone":"UTC","day":%1$s,"sessions":{"s-1":
                %1$s}}""".formatted("""
                {"answers":2,"tokens_in":999,"tokens_cached":0,"tokens_out":20,"micro_usd":10000,"priced":true,"misses":0}"""));
        Files.writeString(
                home.configFile(),
                "{\"version\": 2, \"plugins\": [{\"name\": \"@hypaware/ai-gateway\", \"config\": {\"port\": 0}}]}");
        Up up = new Up(home, _ -> {});
        GatewayFiles.Address address = up.start().address();
        try {
            String ofDay = "● recording · today 2 answers · 999 in (0% cache) · 20 out · $0.01\n";
            String ofSession = ofDay.replace("today", "session").replace("\n", " · today $0.01\n");
            assertThat(hyp("")).isEqualTo(ofDay);
            assertThat(hyp("{\"session_id\":\"s-1\",\"cwd\":\"/\",\"model\":{\"display_name\":\"M\"}}"))
                    .isEqualTo(ofSession);
            assertThat(hyp("{\n  \"session_id\": \"s-1\"\n}")).isEqualTo(ofSession);
            for (String input : List.of(
                    "no json",
                    "{\"session_id\":\"s-1 x\"}",
                    "{\"session_id\":\"$(touch " + root + "/made)\"}",
                    "{\"session_id\":\"" + "x".repeat(100_000),
                    "\0\0\n")) {
                assertThat(hyp(input)).isEqualTo(ofDay);
            }
            assertThat(root.resolve("made")).doesNotExist();
        } finally {
            up.stop(address, true, Duration.ofSeconds(10));
        }
        assertThat(hyp("")).isEqualTo(NOTHING);
    }

    @Test
    void standardInputMayBeClosedOrHeldOpen() throws Exception {
        assertThat(shell("sh \"$0\" statusline <&-")).isEqualTo(NOTHING);
        assertThat(shell("sh \"$0\" statusline < /dev/null")).isEqualTo(NOTHING);
        Process held = process("sh \"$0\" statusline").start();
        try {
            assertThat(held.waitFor(5, TimeUnit.SECONDS)).isTrue();
            assertThat(new String(held.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(NOTHING);
        } finally {
            held.destroy();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{\"host\":\"127.0.0.1\"}",
                "{\"host\":\"127.0.0.1\",\"port\":1}",
                "{\"host\":\"127.0.0.1/x?\",\"port\":80}",
                "{\"host\":\"$(touch made)\",\"port\":80}",
            })
    void anAddressThatIsNoneIsNotAsked(String address) throws Exception {
        link(root.resolve("tools"), "curl");
        Files.writeString(home.run().resolve("gateway.json"), address);
        assertThat(hyp("{}")).isEqualTo(NOTHING);
        assertThat(root.resolve("made")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a page", "● \u001b[31mred", "● one\rtwo", ""})
    void whatAnotherProgramSaysIsNotShown(String answer) throws Exception {
        assumeThat(Processes.has("curl")).as("curl is there").isTrue();
        link(root.resolve("tools"), "curl");
        try (FakeProvider other = new FakeProvider((_, out) -> out.respond(200, "text/plain", answer))) {
            addressOf(other);
            assertThat(hyp("{}")).isEqualTo(NOTHING);
        }
    }

    @Test
    void whoDoesNotAnswerIsNotWaitedFor() throws Exception {
        assumeThat(Processes.has("curl")).as("curl is there").isTrue();
        link(root.resolve("tools"), "curl");
        try (FakeProvider other = new FakeProvider((_, _) -> Thread.sleep(Duration.ofSeconds(20)))) {
            addressOf(other);
            long begun = System.nanoTime();
            assertThat(hyp("{}")).isEqualTo(NOTHING);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
        }
    }

    private void addressOf(FakeProvider other) throws IOException {
        String port = other.url().substring(other.url().lastIndexOf(':') + 1);
        Files.writeString(home.run().resolve("gateway.json"), "{\"host\":\"127.0.0.1\",\"port\":" + port + "}");
    }

    private static void link(Path tools, String tool) throws IOException {
        Path there = Stream.of("/usr/bin", "/bin")
                .map(bin -> Path.of(bin, tool))
                .filter(Files::exists)
                .findFirst()
                .orElseThrow();
        Files.createSymbolicLink(tools.resolve(tool), there);
    }

    private String hyp(String input) throws Exception {
        Path file = Files.writeString(root.resolve("input"), input);
        return shell("sh \"$0\" statusline < '" + file + "'");
    }

    private String shell(String script) throws Exception {
        Process process = process(script).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return said;
    }

    private ProcessBuilder process(String script) {
        ProcessBuilder process =
                new ProcessBuilder(new ArrayList<>(List.of("/bin/sh", "-c", script, program.toString())));
        process.environment().clear();
        process.environment().put("PATH", root.resolve("tools").toString());
        process.environment().put("HYP_HOME", home.root().toString());
        return process.directory(root.toFile()).redirectErrorStream(true);
    }
}
