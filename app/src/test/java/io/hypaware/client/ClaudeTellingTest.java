package io.hypaware.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Claude Code is told to tell prompts and commands, so that whoever else it tells gets them, too.
class ClaudeTellingTest {

    private static final int PORT = 18_522;
    private static final String CORP = "https://user:word@collector.example/in";

    @TempDir
    private Path folder;

    private final Map<String, String> environment = new HashMap<>();

    /// The scope, the variable and its value; then what is said before anything is changed.
    @ParameterizedTest
    @CsvSource({
        "work/.claude/settings.json, OTEL_EXPORTER_OTLP_LOGS_ENDPOINT, https://user:word@collector.example/in",
        "work/.claude/settings.local.json, OTEL_EXPORTER_OTLP_LOGS_ENDPOINT, http://127.0.0.1:9/v1/logs",
        "other/.claude/settings.json, OTEL_EXPORTER_OTLP_LOGS_ENDPOINT, https://collector.example",
        "managed/managed-settings.json, OTEL_EXPORTER_OTLP_LOGS_ENDPOINT, https://collector.example",
        "managed/managed-settings.d/20-corp.json, OTEL_EXPORTER_OTLP_LOGS_ENDPOINT, https://collector.example",
        "user/.claude/remote-settings.json, OTEL_EXPORTER_OTLP_LOGS_ENDPOINT, collector.example:4318",
    })
    void whereAnotherCollectorGetsWhatIsSaidItIsNotAttached(String file, String name, String value) throws IOException {
        settings(file, Map.of(name, value));
        assertThatThrownBy(this::attach)
                .isInstanceOf(ClientException.class)
                .hasMessageContaining(name)
                .hasMessageContaining(folder.resolve(file).toString())
                .hasMessageContaining("prompts and commands go there")
                .hasMessageContaining("hyp attach claude")
                .hasMessageNotContaining("user:word");
        assertThat(claude().settings()).doesNotExist();
    }

    @Test
    void anEmptyAddressFallsBackToTheOneForAll() throws IOException {
        settings("work/.claude/settings.json", Map.of("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", ""));
        environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", CORP);
        assertThatThrownBy(this::attach)
                .hasMessageContaining("OTEL_EXPORTER_OTLP_ENDPOINT is https://collector.example/in in this shell");
    }

    /// Spans have prompts, too, as soon as these are told.
    @Test
    void spansAreLookedAtToo() throws IOException {
        environment.put("OTEL_TRACES_EXPORTER", "console,otlp");
        environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", CORP);
        attach();
        environment.put("CLAUDE_CODE_ENHANCED_TELEMETRY_BETA", "1");
        assertThatThrownBy(this::attach).hasMessageContaining("OTEL_EXPORTER_OTLP_ENDPOINT");
        environment.put("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://localhost:" + PORT + "/v1/traces");
        attach();
        environment.put("ENABLE_BETA_TRACING_DETAILED", "1");
        environment.put("BETA_TRACING_ENDPOINT", CORP);
        assertThatThrownBy(this::attach).hasMessageContaining("BETA_TRACING_ENDPOINT");
    }

    @Test
    void whatLosesAgainstOursIsInNobodysWay() throws IOException {
        environment.put("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", CORP);
        environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", CORP);
        settings("work/.claude/settings.json", Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", CORP));
        settings("elsewhere/.claude/settings.json", Map.of("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", CORP));
        // The project's own settings say so, and the user's for this project say ours.
        settings("other/.claude/settings.json", Map.of("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", CORP));
        settings(
                "other/.claude/settings.local.json",
                Map.of("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://127.0.0.1:" + PORT + "/v1/logs"));
        attach();
        assertThat(claude().leaks(PORT)).isEmpty();
        assertThat(claude().overrides(PORT, true)).isEmpty();
    }

    @Test
    void whatComesLaterIsSeen() throws IOException {
        attach();
        settings("other/.claude/settings.json", Map.of("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", CORP));
        assertThat(claude().leaks(PORT))
                .singleElement()
                .asString()
                .contains(
                        "collector.example",
                        folder.resolve("other/.claude/settings.json").toString());
        for (int i = 0; i < 9; i++) {
            settings("many" + i + "/.claude/settings.json", Map.of("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", CORP));
        }
        knows("many0", "many1", "many2", "many3", "many4", "many5", "many6", "many7", "many8");
        assertThat(claude().leaks(PORT)).hasSize(6).last().asString().contains("4 more");
    }

    @Test
    void whatKeepsItFromTellingIsSaid() throws IOException {
        attach();
        settings(
                "work/.claude/settings.json",
                Map.of("OTEL_LOGS_EXPORTER", "console", "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "grpc"));
        settings("managed/managed-settings.json", Map.of("OTEL_LOG_USER_PROMPTS", "0"));
        assertThat(claude().leaks(PORT)).isEmpty();
        assertThat(claude().overrides(PORT, true))
                .hasSize(3)
                .anyMatch(text -> text.contains("OTEL_LOGS_EXPORTER is console"))
                .anyMatch(text -> text.contains("OTEL_LOG_USER_PROMPTS is 0 in managed settings"))
                .anyMatch(text -> text.contains("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL is grpc"));
    }

    @Test
    void whatIsReplacedIsSaid() throws IOException {
        settings(
                "user/.claude/settings.json",
                Map.of(
                        "OTEL_LOGS_EXPORTER", "console",
                        "OTEL_METRICS_EXPORTER", "prometheus",
                        "OTEL_TRACES_EXPORTER", "otlp",
                        "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc",
                        "OTEL_EXPORTER_OTLP_ENDPOINT", CORP));
        environment.put("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://metrics.example");
        Attachment attachment = attach();
        assertThat(attachment.notes())
                .hasSize(6)
                .anyMatch(note -> note.contains("OTEL_LOGS_EXPORTER is console in your settings")
                        && note.contains("while attached it is otlp"))
                .anyMatch(note -> note.contains("OTEL_METRICS_EXPORTER is prometheus"))
                .anyMatch(
                        note -> note.contains("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT is http://metrics.example in this"))
                .anyMatch(note -> note.startsWith("OTEL_EXPORTER_OTLP_ENDPOINT is https://collector.example/in"))
                .anyMatch(note -> note.startsWith("OTEL_EXPORTER_OTLP_PROTOCOL counts for traces, too"));
        assertThat(attach().notes()).isEmpty();
    }

    private ClaudeCode claude() {
        environment.put("HOME", folder.resolve("user").toString());
        return new ClaudeCode(environment, folder.resolve("work"), folder.resolve("managed"));
    }

    private Attachment attach() throws IOException {
        if (!Files.exists(folder.resolve("user/.claude.json"))) {
            knows("other");
        }
        Attachment attachment = claude().attach(new Address(
                "http://127.0.0.1:" + PORT,
                PORT,
                false,
                Optional.of(folder.resolve("bodies")),
                Optional.empty(),
                "0.1.0",
                "2026-01-02T03:04:05Z"));
        attachment.apply();
        return attachment;
    }

    private void knows(String... projects) throws IOException {
        StringBuilder known = new StringBuilder("{\"projects\": {\"no path\": {}");
        for (String project : projects) {
            known.append(", \"").append(folder.resolve(project)).append("\": {}");
        }
        Files.createDirectories(folder.resolve("user"));
        Files.writeString(folder.resolve("user/.claude.json"), known.append("}}"));
    }

    private void settings(String file, Map<String, String> variables) throws IOException {
        StringBuilder text = new StringBuilder();
        variables.forEach((name, value) ->
                text.append(text.isEmpty() ? "" : ", ").append("\"%s\": \"%s\"".formatted(name, value)));
        Path path = folder.resolve(file);
        Files.createDirectories(path.resolveSibling(""));
        Files.writeString(path, "{\"env\": {" + text + "}}");
    }
}
