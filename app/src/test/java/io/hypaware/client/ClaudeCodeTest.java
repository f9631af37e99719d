package io.hypaware.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What leads calls past the recorder though Claude Code is attached.
class ClaudeCodeTest {

    @TempDir
    private Path folder;

    private final Map<String, String> environment = new HashMap<>();
    private ClaudeCode claude;

    @BeforeEach
    void attached() {
        environment.put("HOME", folder.resolve("user").toString());
        claude = new ClaudeCode(environment, folder.resolve("project"), folder.resolve("managed"));
        claude.attach(new Address(
                        "http://127.0.0.1:18521",
                        18_521,
                        true,
                        Optional.empty(),
                        Optional.empty(),
                        "0.1.0",
                        "2026-01-02T03:04:05Z"))
                .apply();
        assertThat(claude.attachedPort()).contains(18_521);
    }

    @Test
    void nothingIsInTheWay() throws IOException {
        // A project may say the same.
        project("settings.json", "{\"env\": {\"ANTHROPIC_BASE_URL\": \"http://127.0.0.1:18521/\"}}");
        project("settings.local.json", "{ this is no JSON");
        environment.put("CLAUDE_CODE_USE_BEDROCK", "0");
        assertThat(claude.overrides(18_521, false)).isEmpty();
    }

    @Test
    void aProjectsAddressWins() throws IOException {
        project("settings.local.json", "{\"env\": {\"ANTHROPIC_BASE_URL\": \"https://llm.example\"}}");
        assertThat(claude.overrides(18_521, false))
                .singleElement()
                .asString()
                .contains("the project's local settings", "settings.local.json", "https://llm.example", "not recorded");
    }

    @Test
    void otherHostsAndProxiesAreTold() throws IOException {
        project("settings.json", "{\"env\": {\"CLAUDE_CODE_USE_VERTEX\": \"1\"}}");
        environment.put("CLAUDE_CODE_USE_BEDROCK", "true");
        environment.put("https_proxy", "http://proxy.example:3128");
        assertThat(claude.overrides(18_521, false))
                .hasSize(3)
                .anyMatch(text -> text.contains("CLAUDE_CODE_USE_VERTEX"))
                .anyMatch(text -> text.contains("CLAUDE_CODE_USE_BEDROCK is set in this shell"))
                .anyMatch(text -> text.contains("https_proxy") && text.contains("upstream_proxy"));
    }

    @Test
    void aFolderOfOnesOwnIsUsed() {
        environment.put("CLAUDE_CONFIG_DIR", folder.resolve("own").toString());
        assertThat(claude.settings()).isEqualTo(folder.resolve("own/settings.json"));
        assertThat(claude.isDetected()).isFalse();
    }

    private void project(String name, String text) throws IOException {
        Path file = folder.resolve("project/.claude").resolve(name);
        Files.createDirectories(file.resolveSibling(""));
        Files.writeString(file, text);
    }
}
