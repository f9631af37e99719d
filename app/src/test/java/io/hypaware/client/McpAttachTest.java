package io.hypaware.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tomlj.Toml;
import org.tomlj.TomlTable;

/// Agents are told of the history server, and all else in their files keeps every byte.
class McpAttachTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HypCommand ENTRY = new HypCommand("/opt/it's \"here\"/hyp", Map.of("HYP_HOME", "/data/hyp"));
    private static final HypCommand PLAIN = new HypCommand("/usr/local/bin/hyp", Map.of());

    @TempDir
    private Path home;

    private ClaudeCode claude;
    private Codex codex;
    private Path servers;
    private Path config;

    @BeforeEach
    void agents() throws IOException {
        claude = new ClaudeCode(Map.of("HOME", home.toString()), home);
        codex = new Codex(Map.of("HOME", home.toString()), Optional.of(CodexLogin.API_KEY));
        servers = home.resolve(".claude.json");
        config = home.resolve(".codex/config.toml");
        Files.createDirectories(config.getParent());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "{ }\n",
                "  \n",
                "{\n  \"mcpServers\": {}\n}",
                "{\"mcpServers\":{ },\"a\":1}",
                "{\n\t\"numStartups\": 7,\r\n\t\"mcpServers\": {\r\n\t\t\"other\": {\"command\": \"x\"}\r\n\t},\n \"projects\": {\"/a\": {\"mcpServers\": {}}}}\n",
                "{\"mcpServers\": {\"hypaware\": {\"command\": \"theirs\",  \"args\": []}}}",
                "{\"userID\":\"\u20ac\",\"mcpServers\":{\"a\":{},\"hypaware\":null,\"b\":{}}}"
            })
    void claudeCodesFileIsAsItWas(String before) throws IOException {
        Files.writeString(servers, before);

        claude.attachMcp(ENTRY).apply();
        JsonNode there =
                JSON.readTree(Files.readString(servers)).path("mcpServers").path("hypaware");
        assertThat(there.path("command").asText()).isEqualTo("/opt/it's \"here\"/hyp");
        assertThat(there.path("args").toString()).isEqualTo("[\"mcp\"]");
        assertThat(there.path("env").toString()).isEqualTo("{\"HYP_HOME\":\"/data/hyp\"}");
        assertThat(claude.attachMcp(ENTRY).changed()).isFalse();
        // Another version is elsewhere.
        claude.attachMcp(PLAIN).apply();
        assertThat(Files.readString(servers)).contains("/usr/local/bin/hyp").doesNotContain("/opt/it");

        claude.detachMcp().apply();
        assertThat(Files.readString(servers)).isEqualTo(before);
        assertThat(claude.detachMcp().changed()).isFalse();
    }

    @Test
    void whatWasNotThereGoesAway() throws IOException {
        claude.attachMcp(PLAIN).apply();
        codex.attachMcp(PLAIN).apply();
        assertThat(Files.readString(servers)).doesNotContain("env");
        claude.detachMcp().apply();
        codex.detachMcp().apply();
        assertThat(servers).doesNotExist();
        assertThat(config).doesNotExist();
    }

    @Test
    void whatClaudeCodeWroteMeanwhileStays() throws IOException {
        Files.writeString(servers, "{\n  \"numStartups\": 1\n}\n");
        claude.attachMcp(PLAIN).apply();
        // It reads all, and writes all of it again.
        JsonNode all = JSON.readTree(Files.readString(servers));
        ((com.fasterxml.jackson.databind.node.ObjectNode) all)
                .put("numStartups", 2)
                .putObject("projects");
        Files.writeString(servers, all.toPrettyString());
        claude.detachMcp().apply();
        assertThat(JSON.readTree(Files.readString(servers)).toString())
                .isEqualTo("{\"numStartups\":2,\"projects\":{}}");
    }

    @Test
    void anEntryThatTheUserChangedStays() throws IOException {
        claude.attachMcp(PLAIN).apply();
        Files.writeString(servers, Files.readString(servers).replaceFirst("local/bin/hyp", "bin/other"));
        Attachment detached = claude.detachMcp();
        assertThat(detached.notes()).singleElement().asString().contains("was changed since");
        detached.apply();
        assertThat(Files.readString(servers)).contains("/usr/bin/other").doesNotContain("_hypaware");
        assertThat(claude.detachMcp().notes()).singleElement().asString().contains("no mark says");
    }

    @Test
    void itFollowsClaudeCodesFolder() throws IOException {
        Path folder = Files.createDirectories(home.resolve("elsewhere"));
        new ClaudeCode(Map.of("HOME", home.toString(), "CLAUDE_CONFIG_DIR", folder.toString()), home)
                .attachMcp(PLAIN)
                .apply();
        assertThat(folder.resolve(".claude.json")).exists();
        assertThat(servers).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"mcpServers\": [}", "[]", "{\"mcpServers\": []}", "{\"mcpServers\": 7}"})
    void aFileThatCannotTakeItStays(String before) throws IOException {
        Files.writeString(servers, before);
        assertThatThrownBy(() -> claude.attachMcp(PLAIN).apply())
                .isInstanceOf(ClientException.class)
                .hasMessageContaining(".claude.json");
        assertThat(Files.readString(servers)).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "\n\n",
                "model = \"gpt-5-codex\"",
                "model = \"gpt-5-codex\"\n",
                "model = \"x\"\r\n\r\n[projects.\"/a\"]\r\ntrust_level = \"trusted\"\r\n",
                "# only a comment\n",
                "[mcp_servers.other]\ncommand = \"x\"\n[mcp_servers.other.env]\nA = \"b\""
            })
    void codexsFileIsAsItWas(String before) throws IOException {
        Files.writeString(config, before);

        codex.attachMcp(ENTRY).apply();
        TomlTable there = Toml.parse(config).getTable("mcp_servers.hypaware");
        assertThat(there.getString("command")).isEqualTo("/opt/it's \"here\"/hyp");
        assertThat(there.getArray("args").toList().toString()).isEqualTo("[mcp]");
        assertThat(there.getTable("env").getString("HYP_HOME")).isEqualTo("/data/hyp");
        assertThat(codex.attachMcp(ENTRY).changed()).isFalse();
        codex.attachMcp(PLAIN).apply();
        assertThat(Files.readString(config)).contains("/usr/local/bin/hyp").doesNotContain("/opt/it");
        // Beside the other way of being attached, in either order.
        Address address = new Address("http://127.0.0.1:1", 1, true, Optional.empty(), Optional.empty(), "1", "now");
        codex.attach(address).apply();
        codex.detachMcp().apply();
        codex.attachMcp(ENTRY).apply();
        codex.detachMcp().apply();
        codex.detach().apply();
        assertThat(Files.readString(config)).isEqualTo(before);
        assertThat(codex.detachMcp().changed()).isFalse();
    }

    @Test
    void bothWaysOfBeingAttachedLeaveNothing() throws IOException {
        Address address = new Address("http://127.0.0.1:1", 1, true, Optional.empty(), Optional.empty(), "1", "now");
        codex.attachMcp(PLAIN).apply();
        codex.attach(address).apply();
        codex.detachMcp().apply();
        codex.detach().apply();
        assertThat(config).doesNotExist();
        codex.attach(address).apply();
        codex.attachMcp(PLAIN).apply();
        codex.detachMcp().apply();
        codex.detach().apply();
        assertThat(config).doesNotExist();
    }

    @Test
    void whatCodexWroteMeanwhileStays() throws IOException {
        Files.writeString(config, "model = \"x\"\n");
        codex.attachMcp(PLAIN).apply();
        Files.writeString(config, Files.readString(config) + "\n[projects.\"/a\"]\ntrust_level = \"trusted\"\n");
        codex.detachMcp().apply();
        assertThat(Files.readString(config))
                .isEqualTo("model = \"x\"\n\n[projects.\"/a\"]\ntrust_level = \"trusted\"\n");
    }

    @Test
    void aTableOfTheUsersStays() throws IOException {
        Files.writeString(config, "[mcp_servers.hypaware]\ncommand = \"theirs\"\n");
        assertThatThrownBy(() -> codex.attachMcp(PLAIN)).hasMessageContaining("that we did not write");
        assertThat(codex.detachMcp().notes()).singleElement().asString().contains("stays as it is");
        assertThat(codex.detachMcp().changed()).isFalse();

        Files.writeString(config, "");
        codex.attachMcp(PLAIN).apply();
        String changed = Files.readString(config) + "startup_timeout_sec = 30\n";
        Files.writeString(config, changed);
        assertThat(codex.detachMcp().changed()).isFalse();
        Files.writeString(config, "mcp_servers = {}\n");
        assertThatThrownBy(() -> codex.attachMcp(PLAIN)).hasMessageContaining("cannot take");
        assertThat(Files.readString(config)).isEqualTo("mcp_servers = {}\n");
    }
}
