package io.hypaware.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.testing.FakeProvider;
import io.hypaware.testing.Processes;
import io.hypaware.testing.RawClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Attaching as a user does it: the recorder has to be there, and what stood between an agent and its provider stays
/// there.
class AttachTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path home;

    private int port;
    private Path settings;
    private Path config;

    @BeforeEach
    void aHome() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        settings = home.resolve("user/.claude/settings.json");
        Files.createDirectories(settings.getParent());
        config = home.resolve("hypaware-config.json");
        Files.writeString(
                config,
                "{\"version\": 2,\n  \"plugins\": [{\"name\": \"@hypaware/ai-gateway\", \"config\": {\"port\": " + port
                        + "}}]}\n");
    }

    @AfterEach
    void down() throws IOException {
        hyp("down", "--now");
    }

    @Test
    void whatStoodBetweenStaysBetween() throws Exception {
        try (FakeProvider corporate = new FakeProvider(
                (_, out) -> out.respond(200, "application/json", "{\"said\":\"by the corporate gateway\"}"))) {
            String before = "{\n  \"env\": {\n    \"ANTHROPIC_BASE_URL\": \"" + corporate.url() + "\"\n  }\n}\n";
            Files.writeString(settings, before);

            JsonNode refused = JSON.readTree(hyp("attach", "--json"));
            assertThat(refused.path("error_kind").asText()).isEqualTo("gateway_down");
            assertThat(refused.path("error").asText()).contains("hyp up");
            assertThat(Files.readString(settings)).isEqualTo(before);

            hyp("up");
            JsonNode asked = JSON.readTree(hyp("attach", "claude", "--json"));
            assertThat(asked.path("status").asText()).isEqualTo("failed");
            assertThat(asked.path("error").asText()).contains(corporate.url(), "--yes");
            assertThat(Files.readString(settings)).isEqualTo(before);

            for (String bad : java.util.List.of("http://u:p@llm.example/x?q=1")) {
                Files.writeString(settings, "{\"env\": {\"ANTHROPIC_BASE_URL\": \"" + bad + "\"}}");
                String configured = Files.readString(config);
                JsonNode failed = JSON.readTree(hyp("attach", "claude", "--yes", "--json"));
                assertThat(failed.path("error").asText()).contains(bad, "cannot be an upstream of ours");
                assertThat(Files.readString(config)).isEqualTo(configured);
            }
            Files.writeString(settings, before);

            JsonNode attached = JSON.readTree(hyp("attach", "claude", "--yes", "--json"));
            assertThat(attached.path("status").asText()).as("%s", attached).isEqualTo("ok");
            assertThat(attached.path("prev_value").asText()).isEqualTo(corporate.url());
            assertThat(attached.path("upstream").asText()).isEqualTo(corporate.url());
            JsonNode env = JSON.readTree(Files.readString(settings)).path("env");
            assertThat(env.path("ANTHROPIC_BASE_URL").asText()).isEqualTo("http://127.0.0.1:" + port);
            // What stands there is not Anthropic itself.
            assertThat(env.has("_CLAUDE_CODE_ASSUME_FIRST_PARTY_BASE_URL")).isFalse();
            assertThat(Files.readString(config))
                    .contains(corporate.url())
                    .startsWith("{\"version\": 2,\n  \"plugins\"");

            try (RawClient client = new RawClient(port)) {
                client.write("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}");
                assertThat(client.readUntil("gateway\"}")).contains("by the corporate gateway");
            }
            assertThat(JSON.readTree(hyp("attach", "--json")).path("changed").asBoolean())
                    .isFalse();

            JsonNode status = JSON.readTree(hyp("status", "--json"));
            assertThat(status.path("client_attach").path(0).path("attached").asBoolean())
                    .isTrue();
            assertThat(status.path("diagnostics")).isEmpty();
            hyp("down");
            assertThat(JSON.readTree(hyp("status", "--json"))
                            .path("diagnostics")
                            .path(0)
                            .path("kind")
                            .asText())
                    .isEqualTo("client_without_gateway");

            // Without a recorder, and without a config that can be read.
            Files.writeString(config, "{");
            assertThat(hyp("detach", "claude")).contains("is detached", corporate.url());
            assertThat(Files.readString(settings)).isEqualTo(before);
        }
    }

    @Test
    void aWrongNameIsWrongUse() throws Exception {
        assertThat(hyp("attach", "claude", "--via", "pigeon")).contains("expected gateway or telemetry");
        assertThat(hyp("attach", "codex", "--via", "telemetry", "--dry-run")).contains("attach it --via gateway");
        assertThat(hyp("attach", "claude", "--via", "telemetry", "--dry-run"))
                .contains("+    \"OTEL_LOG_RAW_API_BODIES\": \"file:" + home.resolve("hypaware/bodies/claude"));
        assertThat(hyp("attach", "cursor"))
                .contains("there is no agent \"cursor\" to attach; there are: claude, codex, all");
        assertThat(hyp("attach", "codex", "--dry-run")).contains("+openai_base_url", "would be attached");
        assertThat(home.resolve("user/.codex")).doesNotExist();

        // Where only Codex is used, that is meant.
        Files.createDirectories(home.resolve("user/.codex"));
        Files.delete(settings.getParent());
        assertThat(hyp("attach", "--dry-run"))
                .contains("Codex would be attached")
                .doesNotContain("Claude");
    }

    /// Without a recorder, and without a config.
    @Tag("slow")
    @Test
    void agentsAreToldOfTheHistoryServer() throws Exception {
        Files.writeString(config, "{");
        Path launcher = Files.writeString(home.resolve("hyp"), "#!/bin/sh\n");
        assertThat(launcher.toFile().setExecutable(true)).isTrue();
        Map<String, String> environment = Map.of("HYP_BIN", launcher.toString());
        Path servers = home.resolve("user/.claude.json");
        String before = "{\n  \"numStartups\": 3\n}\n";
        Files.writeString(servers, before);

        assertThat(Processes.output(Hyp.class, home, environment, "attach", "--mcp", "--dry-run"))
                .contains("+      \"command\": \"" + launcher + "\"", "would be told of hyp mcp")
                .doesNotContain("Codex");
        assertThat(Files.readString(servers)).isEqualTo(before);

        JsonNode told = JSON.readTree(Processes.output(Hyp.class, home, environment, "attach", "--mcp", "--json"));
        assertThat(told.path("changed").asBoolean()).isTrue();
        assertThat(told.path("settings_path").asText()).isEqualTo(servers.toString());
        JsonNode entry =
                JSON.readTree(Files.readString(servers)).path("mcpServers").path("hypaware");
        assertThat(entry.path("env").path("HYP_HOME").asText()).isEqualTo(home.toString());
        assertThat(Processes.output(Hyp.class, home, environment, "attach", "--mcp", "claude"))
                .contains("knows hyp mcp already");
        assertThat(settings).doesNotExist();

        // Whatever takes the agent out takes this away, too.
        assertThat(hyp("detach", "claude")).contains("told of hyp mcp no more", "is not attached");
        assertThat(Files.readString(servers)).isEqualTo(before);
        assertThat(hyp("detach", "--mcp")).contains("does not know hyp mcp");

        // Who cannot be told no more gets out all the same.
        Files.writeString(settings, "{\"_hypaware\": {\"env\": {}}}");
        Files.writeString(servers, "no json");
        assertThat(hyp("detach", "claude")).contains("is detached", ".claude.json is no JSON");
        assertThat(Files.readString(settings)).doesNotContain("_hypaware");
        assertThat(hyp("attach", "--mcp", "claude")).contains("no hyp is known that an agent could start");
    }

    /// Without a recorder, and without a config.
    @Tag("slow")
    @Test
    void usersAreGivenSkills() throws Exception {
        Files.writeString(config, "{");
        Path launcher = Files.writeString(home.resolve("hyp"), "#!/bin/sh\n");
        assertThat(launcher.toFile().setExecutable(true)).isTrue();
        Map<String, String> environment = Map.of("HYP_BIN", launcher.toString());
        Path skills = home.resolve("user/.claude/skills");

        assertThat(Processes.output(Hyp.class, home, environment, "attach", "--skills", "--dry-run"))
                .contains("+HYP_HOME=" + home + " " + launcher + " session ignore --current", "would be given skills")
                .doesNotContain("Codex");
        assertThat(skills).doesNotExist();

        JsonNode told = JSON.readTree(Processes.output(Hyp.class, home, environment, "attach", "--skills", "--json"));
        assertThat(told.path("changed").asBoolean()).isTrue();
        assertThat(told.path("settings_path").asText()).isEqualTo(skills.toString());
        assertThat(skills.resolve("hypaware-ignore/SKILL.md")).exists();
        assertThat(settings).doesNotExist();
        assertThat(hyp("detach", "--skills")).contains("has our skills no more");
        assertThat(hyp("detach", "--skills")).contains("has no skills of ours");

        assertThat(Processes.output(Hyp.class, home, environment, "attach", "--skills"))
                .contains("In a session: /hypaware-ignore", "hyp detach --skills claude");
        // Whatever takes the agent out takes this away, too.
        assertThat(hyp("detach", "claude")).contains("our skills no more", "is not attached");
        assertThat(skills).doesNotExist();
        assertThat(hyp("attach", "--skills", "--mcp")).contains("one at a time");
    }

    private String hyp(String... arguments) throws IOException {
        return Processes.output(Hyp.class, home, arguments);
    }
}
