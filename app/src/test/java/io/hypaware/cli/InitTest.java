package io.hypaware.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.testing.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A first run, and a further one: options, the config it writes, and the questions at a terminal.
class InitTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path home;

    @Test
    void withoutATerminalTheOptionsSay() throws Exception {
        assertThat(init()).contains("there is no terminal to ask at; say --yes");
        assertThat(init("--source", "pigeon")).contains("found pigeon for --source, expected claude, codex");
        assertThat(init("--from-file", "/none")).contains("expected a config file");
        assertThat(init("gascity")).contains("expected claude-and-otel-local");
        assertThat(init("--retention-days", "-1")).contains("expected 0 or more");
        assertThat(init("--client", "codex", "--dry-run"))
                .contains("+      \"name\": \"@hypaware/codex\"", "record    Codex", "keep      90 days");
        assertThat(config()).doesNotExist();

        assertThat(init(
                        "--client=claude",
                        "--source",
                        "otel",
                        "--export=local-parquet",
                        "--retention-days=30",
                        "--no-daemon"))
                .contains("✓ Config written: " + config());
        JsonNode written = JSON.readTree(Files.readString(config()));
        assertThat(written.path("version").asInt()).isEqualTo(2);
        assertThat(written.path("plugins").findValuesAsText("name"))
                .containsExactly(
                        "@hypaware/ai-gateway",
                        "@hypaware/claude",
                        "@hypaware/otel",
                        "@hypaware/local-fs",
                        "@hypaware/format-parquet");
        assertThat(written.at("/query/cache/retention/default_days").asInt()).isEqualTo(30);
        assertThat(written.at("/sinks/local/config/dir").asText())
                .isEqualTo(home.resolve("exports").toString());
        assertThat(Processes.output(Hyp.class, home, "config", "validate")).contains("is valid");
    }

    @Test
    void whatTheConfigSaidIsKeptAndSoIsTheOneBefore() throws Exception {
        String before =
                "{\"version\": 2,\n  // mine\n  \"plugins\": [{\"name\": \"@hypaware/ai-gateway\", \"config\": {\"port\": 18999}}]}\n"
                        .replace("  // mine\n", "");
        Files.createDirectories(home);
        Files.writeString(config(), before);
        assertThat(init("--yes", "--no-daemon", "--retention-days", "7")).contains("✓ Config from before: ");
        assertThat(Files.readString(config())).contains("{\"port\": 18999}", "\"default_days\": 7");
        assertThat(backups()).hasSize(1);
        assertThat(Files.readString(backups().getFirst())).isEqualTo(before);
        assertThat(init("--yes", "--no-daemon")).contains("✓ Config as it was");
        assertThat(backups()).hasSize(1);

        Path other = home.resolve("other.json");
        Files.writeString(other, "{\"version\": 2, \"query\": {\"cache\": {\"retention\": {\"default_days\": 5}}}}");
        assertThat(init("--from-file", other.toString(), "--no-daemon")).contains("✓ Config written");
        assertThat(Files.readString(config())).isEqualTo(Files.readString(other));
        Files.writeString(other, "{\"version\": 9}");
        assertThat(init("--from-file", other.toString(), "--no-daemon")).contains("/version");
    }

    @Test
    void atATerminalItAsks() throws Exception {
        assumeThat(Processes.has("script"))
                .as("script, which makes a terminal, is there")
                .isTrue();
        Files.createDirectories(home.resolve("user/.claude"));
        String said = atTerminal("dumb", "2\ny\nn\n\n1\n");
        assertThat(said).contains("record    Claude Code", "keep      90 days", "Which agents are recorded?");
        assertThat(Files.readString(config())).contains("@hypaware/claude").doesNotContain("codex");

        // Escape; more than once, as what comes first may be taken for an answer of the terminal's.
        said = atTerminal("xterm", "\u001b");
        assertThat(said).contains("Yes, all of this", "Nothing was changed.");
    }

    /// Runs the questions at a terminal of its own, without starting anything after them.
    private String atTerminal(String kind, String keys) throws Exception {
        List<String> command = new ArrayList<>(Processes.command(Hyp.class, home));
        command.addAll(List.of("init", "--no-daemon"));
        String line = "stty rows 24 cols 100; "
                + command.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
        ProcessBuilder builder =
                new ProcessBuilder("timeout", "30", "script", "-qec", line, "/dev/null").redirectErrorStream(true);
        builder.environment().put("HYP_HOME", home.toString());
        builder.environment().put("HOME", home.resolve("user").toString());
        builder.environment().put("TERM", kind);
        builder.environment().keySet().removeIf(name -> name.startsWith("CLAUDE") || name.startsWith("CODEX"));
        Process process = builder.start();
        StringBuilder said = new StringBuilder();
        AtomicBoolean asked = new AtomicBoolean();
        Thread typing = Thread.ofVirtual().start(() -> type(process, keys, asked));
        try (var in = process.getInputStream()) {
            byte[] piece = new byte[4_096];
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                said.append(new String(piece, 0, count, StandardCharsets.UTF_8));
                asked.set(said.toString().contains("Not now"));
            }
        }
        process.waitFor();
        typing.join();
        return said.toString();
    }

    private static void type(Process process, String keys, AtomicBoolean asked) {
        try (var out = process.getOutputStream()) {
            while (process.isAlive()) {
                if (asked.get()) {
                    out.write(keys.getBytes(StandardCharsets.UTF_8));
                    out.flush();
                }
                process.waitFor(1, TimeUnit.SECONDS);
            }
        } catch (IOException e) {
            // It has ended.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String init(String... arguments) throws IOException {
        return Processes.output(
                Hyp.class,
                home,
                Stream.concat(Stream.of("init"), Stream.of(arguments)).toArray(String[]::new));
    }

    private Path config() {
        return home.resolve("hypaware-config.json");
    }

    private List<Path> backups() throws IOException {
        try (Stream<Path> files = Files.list(home)) {
            return files.filter(file -> file.toString().endsWith(".bak")).toList();
        }
    }
}
