package io.hypaware.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Claude Code's settings through attach and detach: what is not ours keeps every byte.
class ClaudeSettingsTest {

    private static final Optional<Path> HOOK = Optional.of(Path.of("/home/o'me/.hyp/hypaware/hooks/session.sh"));
    private static final Address DIRECT = new Address(
            "http://127.0.0.1:18521", 18_521, true, Optional.empty(), HOOK, "0.1.0", "2026-01-02T03:04:05Z");
    private static final Address CHAINED = new Address(
            "http://127.0.0.1:18521",
            18_521,
            false,
            Optional.empty(),
            Optional.empty(),
            "0.1.0",
            "2026-01-02T03:04:05Z");
    private static final Address MOVED =
            new Address("http://127.0.0.1:9000", 9_000, true, Optional.empty(), HOOK, "0.1.0", "2026-01-02T03:04:06Z");
    private static final Address TOLD = new Address(
            "http://127.0.0.1:18521",
            18_521,
            true,
            Optional.of(Path.of("/home/me/bodies")),
            HOOK,
            "0.1.0",
            "2026-01-02T03:04:05Z");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    static Stream<String> shapes() {
        return Stream.of(
                "{}",
                "{}\n",
                "{ }\n",
                "{\n}\n",
                "{\n\n}",
                " {} ",
                "\n\n{}\n\n",
                "{\"env\":{}}",
                "{\"env\":{ }}\n",
                "{\n  \"env\": {\n  }\n}\n",
                "{\"a\":1}",
                "{\"a\": 1, \"b\": [1, 2]}\n",
                "{\n  \"model\": \"opus\"\n}\n",
                "{\n  \"model\": \"opus\"\n}",
                "{\n\t\"model\": \"opus\",\n\t\"hooks\": {}\n}\n",
                "{\n    \"model\": \"opus\",\n    \"env\": {\n        \"A\": \"1\"\n    }\n}\n",
                "{\r\n  \"model\": \"opus\",\r\n  \"env\": {\r\n    \"A\": \"1\"\r\n  }\r\n}\r\n",
                "{\n  \"env\": {\"A\": \"1\"},\n  \"model\": \"opus\"\n}\n",
                "{\n  \"env\": {\n    \"A\": \"1\"\n  },\n  \"permissions\": {\"allow\": [\"Bash(ls)\"]}\n}\n",
                "{\n  \"env\": {\n    \"ANTHROPIC_BASE_URL\": \"https://llm.example\"\n  }\n}\n",
                "{\n  \"env\": {\n    \"ANTHROPIC_BASE_URL\": \"https://llm.example\",\n    \"Z\": \"1\"\n  }\n}\n",
                "{\"env\":{\"ANTHROPIC_BASE_URL\":null}}",
                "{\"env\":{\"ANTHROPIC_BASE_URL\":true,\"ENABLE_TOOL_SEARCH\":\"auto\"}}\n",
                "{\"env\":{\"ENABLE_TOOL_SEARCH\": 1.50}}\n",
                "{\n  // mine\n  \"model\": \"opus\" // the best\n}\n",
                "{\n  /* nothing, yet */\n}\n",
                "{\n  \"model\": \"opus\", // a, b\n  \"env\": {\n    \"A\": \"1\" /* x, y */\n  } // end\n}\n",
                "{\n  \"model\": \"opus\",\n}\n",
                "{\"env\":{\"A\":\"1\",},}\n",
                "{\"env\":{\"A\":\"1\"},\"env\":{\"B\":\"2\"}}\n",
                "{\"__proto__\": {\"x\": 1}, \"env\": {\"__proto__\": \"y\"}}\n",
                "{\"text\": \"a \\\"quoted\\\" \\u263a \\\\ \\n end\", \"emoji\": \"\uD83D\uDE00\"}\n",
                "{\n  \"env\": {\n    \"PATH\": \"/bin:/usr/bin\"\n  },\n  \"hooks\": {\n    \"Stop\": [{\"hooks\": [{\"type\": \"command\", \"command\": \"say {}, [], //\"}]}]\n  }\n}\n",
                "{\n   \"odd\" :  1 ,\n   \"env\" :  { \"A\" : \"1\" }\n }\n",
                "{\"a\":{\"b\":{\"c\":[{\"d\":1}]}},\"n\":1e400,\"m\":-0.0,\"l\":12345678901234567890}\n",
                "{\n  \"a\": \"b\",\n\n\n  \"c\": \"d\"\n\n}\n\n\n",
                "\uFEFF{\n  \"model\": \"opus\"\n}\n",
                "{\"hooks\":{}}",
                "{ \"hooks\" : { } , \"a\": 1 }\n",
                "{\n  \"hooks\": {\n    \"SessionStart\": [],\n    \"PostToolUse\": [ ]\n  }\n}\n",
                "{\n  \"hooks\": {\n    \"PostToolUse\": [\n      {\n        \"matcher\": \"Bash\",\n        \"hooks\": [\n          {\"type\": \"command\", \"command\": \"mine\"}\n        ]\n      }\n    ]\n  }\n}\n",
                "{\"hooks\":{\"SessionStart\":[{\"hooks\":[]}],\"Other\":[{}],}}\n",
                "{\n  \"hooks\": {\n    // none yet\n  }\n}\n",
                "\uFEFF{}",
                "",
                "  \n");
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void attachAndDetachLeaveEveryByte(String before) throws IOException {
        Path file = write(before);
        for (Address address : List.of(DIRECT, CHAINED, TOLD)) {
            attach(file, address);
            JsonNode attached = read(file);
            assertThat(attached.path("hooks").path("SessionStart").toString().contains("$here/session.sh"))
                    .isEqualTo(address.hook().isPresent());
            if (address != TOLD) {
                assertThat(attached.path("env").path("ANTHROPIC_BASE_URL").asText())
                        .isEqualTo(address.url());
                assertThat(attached.path("env").path("ENABLE_TOOL_SEARCH").asText())
                        .isEqualTo("true");
                assertThat(attached.path("env").has("_CLAUDE_CODE_ASSUME_FIRST_PARTY_BASE_URL"))
                        .isEqualTo(address.isAnthropicDirect());
            }
            assertThat(ClaudeSettings.port(UserFile.read(file))).contains(address.port());

            byte[] once = Files.readAllBytes(file);
            assertThat(attach(file, address).changed()).isFalse();
            assertThat(Files.readAllBytes(file)).isEqualTo(once);

            assertThat(detach(file).notes()).isEmpty();
            assertThat(Files.readString(file)).isEqualTo(before);
            assertThat(detach(file).changed()).isFalse();
        }
        // A gateway elsewhere, while attached.
        attach(file, DIRECT);
        attach(file, MOVED);
        assertThat(read(file).path("env").path("ANTHROPIC_BASE_URL").asText()).isEqualTo(MOVED.url());
        detach(file);
        assertThat(Files.readString(file)).isEqualTo(before);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void whatTheUserWritesMeanwhileStays(String before) throws IOException {
        Path file = write(before);
        attach(file, DIRECT);
        JsonDocument edited = JsonDocument.parse(UserFile.read(file).text())
                .with(JSON.getNodeFactory().textNode("later"), "added");
        UserFile.read(file).write(edited.text());
        detach(file);

        JsonNode now = read(file);
        assertThat(now.path("added").asText()).isEqualTo("later");
        assertThat(now.has("_hypaware")).isFalse();
        JsonNode old = before.isBlank()
                ? JSON.createObjectNode()
                : JsonDocument.parse(stripped(before)).value().orElseThrow();
        old.properties().forEach(field -> assertThat(now.get(field.getKey())).isEqualTo(field.getValue()));
        assertThat(now.size()).isEqualTo(old.size() + 1);
    }

    @Test
    void whatStandsInHooksIsNeverReplaced() throws IOException {
        for (String wrong : List.of("{\"hooks\": true}", "{\"hooks\": {\"SessionStart\": {}}}")) {
            Path file = write(wrong);
            assertThatThrownBy(() -> attach(file, DIRECT)).hasMessageContaining(", expected ");
            assertThat(Files.readString(file)).isEqualTo(wrong);
        }
        Path file = write(
                "{\"hooks\": {\"SessionStart\": [{\"hooks\": [{\"type\": \"command\", \"command\": \"mine\"}]}]}}\n");
        attach(file, DIRECT);
        assertThat(read(file).path("hooks").path("SessionStart").findValuesAsText("command"))
                .containsExactly(
                        "mine",
                        "exec 2>/dev/null; trap 'exit 0' EXIT; here='/home/o'\\''me/.hyp/hypaware/hooks'; . \"$here/session.sh\"");
        assertThat(read(file)
                        .path("hooks")
                        .path("PostToolUse")
                        .path(0)
                        .path("matcher")
                        .asText())
                .isEqualTo("Bash");
        // One of the user's that came later stays.
        UserFile.read(file)
                .write(JsonDocument.parse(Files.readString(file))
                        .with(JSON.createObjectNode().put("matcher", "Edit"), "hooks", "PostToolUse", "1")
                        .text());
        detach(file);
        assertThat(read(file).path("hooks").toString())
                .isEqualTo("{\"SessionStart\":[{\"hooks\":[{\"type\":\"command\",\"command\":\"mine\"}]}],"
                        + "\"PostToolUse\":[{\"matcher\":\"Edit\"}]}");
    }

    @Test
    void aHookThatTheUserChangedStays() throws IOException {
        Path file = write("{}\n");
        attach(file, DIRECT);
        UserFile.read(file)
                .write(Files.readString(file).replaceFirst("exec 2>/dev/null; trap", "date; exec 2>/dev/null; trap"));
        assertThat(detach(file).notes()).containsExactly("a hook of ours was changed since; it stays as it is");
        assertThat(read(file).path("hooks").properties()).hasSize(1);
    }

    @Test
    void attachedWithoutHooksTheyGo() throws IOException {
        Path file = write("{}\n");
        attach(file, DIRECT);
        assertThat(attach(file, CHAINED).changed()).isTrue();
        assertThat(read(file).has("hooks")).isFalse();
        assertThat(attach(file, DIRECT).changed()).isTrue();
        assertThat(read(file).path("hooks").size()).isEqualTo(3);
        assertThat(attach(file, TOLD).changed()).isTrue();
        assertThat(read(file).path("env").has("ANTHROPIC_BASE_URL")).isFalse();
        assertThat(read(file).path("env").path("OTEL_LOG_RAW_API_BODIES").asText())
                .isEqualTo("file:/home/me/bodies");
        assertThat(read(file).path("env")).hasSize(9);
        detach(file);
        assertThat(Files.readString(file)).isEqualTo("{}\n");
    }

    @Test
    void aFileThatWasNotThereGoesAwayAgain() throws IOException {
        Path file = folder.resolve("new/settings.json");
        attach(file, DIRECT);
        assertThat(Files.readString(file))
                .startsWith("{\n  \"env\": {\n    \"ANTHROPIC_BASE_URL\": ")
                .endsWith("}\n");
        attach(file, MOVED);
        detach(file);
        assertThat(file).doesNotExist();
    }

    @Test
    void whatTheUserChangedSinceWins() throws IOException {
        Path file = write("{\n  \"env\": {\"ENABLE_TOOL_SEARCH\": \"auto\"}\n}\n");
        attach(file, DIRECT);
        String text = Files.readString(file).replaceFirst("http://127.0.0.1:18521", "https://mine.example");
        Files.writeString(file, text);
        Attachment detached = detach(file);

        assertThat(detached.notes()).containsExactly("ANTHROPIC_BASE_URL was changed since; it stays as it is");
        assertThat(detached.otherUrl()).contains("https://mine.example");
        assertThat(read(file).path("env"))
                .isEqualTo(JSON.valueToTree(
                        Map.of("ENABLE_TOOL_SEARCH", "auto", "ANTHROPIC_BASE_URL", "https://mine.example")));
    }

    @Test
    void commentsThatTheUserWritesBesideOurKeysStay() throws IOException {
        Path file = write("{}\n");
        attach(file, DIRECT);
        String text = Files.readString(file);
        Files.writeString(file, "// my own notes\n" + text.replace("\"ANTHROPIC", "// why\n    \"ANTHROPIC"));
        detach(file);
        assertThat(Files.readString(file))
                .contains("// my own notes", "// why")
                .doesNotContain("ANTHROPIC", "_hypaware");

        Path made = folder.resolve("made.json");
        attach(made, DIRECT);
        Files.writeString(made, "// mine\n" + Files.readString(made));
        detach(made);
        assertThat(Files.readString(made)).startsWith("// mine\n{");
    }

    @Test
    void anAddressOfOursWithoutAMarkIsTold() throws IOException {
        Path file = write("{\"env\":{\"ANTHROPIC_BASE_URL\":\"http://localhost:18521\"}}");
        assertThat(detach(file).notes())
                .singleElement()
                .asString()
                .contains("port 18521", "no mark says that we wrote it");
        // It is nothing to be put back.
        attach(file, DIRECT);
        detach(file);
        assertThat(read(file).path("env").has("ANTHROPIC_BASE_URL")).isFalse();
    }

    @Test
    void aDamagedMarkerIsNoReasonToStayAttached() throws IOException {
        Path file = write("{\"env\":{\"ENABLE_TOOL_SEARCH\":\"auto\"}}");
        attach(file, DIRECT);
        Files.writeString(file, Files.readString(file).replace("\"\\\"auto\\\"\"", "\"\\\"auto\""));
        detach(file);
        assertThat(read(file)).isEqualTo(JSON.readTree("{\"env\":{}}"));
        // A carriage return alone ends a comment, too.
        write("{\"a\":1 // c\r, \"b\": 2}");
        attach(file, DIRECT);
        detach(file);
        assertThat(Files.readString(file)).isEqualTo("{\"a\":1 // c\r, \"b\": 2}");
    }

    @Test
    void twoWhoWriteAtOnceLeaveTheTextOfOne() throws Exception {
        String large = "{\n  \"text\": \"" + "x".repeat(100_000) + "\"\n}\n";
        for (int round = 0; round < 40; round++) {
            Path file = write(large);
            List<Thread> writers = Stream.of(DIRECT, MOVED)
                    .map(address -> Thread.ofPlatform().start(() -> {
                        try {
                            attach(file, address);
                        } catch (ClientException e) {
                            assertThat(e.kind()).isEqualTo(ClientException.Kind.CONCURRENT_EDIT);
                        }
                    }))
                    .toList();
            for (Thread writer : writers) {
                writer.join();
            }
            assertThat(read(file).path("env").path("ANTHROPIC_BASE_URL").asText())
                    .isIn(DIRECT.url(), MOVED.url());
            try (Stream<Path> left = Files.list(folder)) {
                assertThat(left).containsExactly(file);
            }
        }
    }

    @Test
    void whatIsReadOnlyStays() throws IOException {
        Path file = write("{}");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
        assertThatThrownBy(() -> attach(file, DIRECT)).hasMessageContaining("is read-only; run: chmod u+w");
    }

    @Test
    void whichAddressesAreMeant() {
        for (String ours : List.of("http://127.0.0.1:18521", "http://localhost:18521/", "http://[::1]:18521/x")) {
            assertThat(DIRECT.isMeantBy(ours)).as(ours).isTrue();
        }
        for (String other : List.of(
                "http://127.0.0.1:185210",
                "http://127.0.0.1",
                "https://llm.example:18521",
                "garbage",
                "",
                "http://bad host/")) {
            assertThat(DIRECT.isMeantBy(other)).as(other).isFalse();
        }
    }

    @Test
    void anAddressThatStoodThereIsTold() throws IOException {
        Path file = write("{\"env\":{\"ANTHROPIC_BASE_URL\":\"https://llm.example\"}}");
        assertThat(attach(file, DIRECT).otherUrl()).contains("https://llm.example");
        // Also when it is attached already.
        assertThat(attach(file, DIRECT).otherUrl()).contains("https://llm.example");
        assertThat(attach(file, MOVED).otherUrl()).contains("https://llm.example");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"env\": null}",
                "{\"env\": []}",
                "{\"env\": \"A=1\"}",
                "[]",
                "1",
                "{\"a\":",
                "{} {}",
                "# a comment",
                "{\"_hypaware\": 1}",
                "{\"_hypaware\": null}"
            })
    void whatIsNoSettingsFileIsRefusedAndLeftAlone(String text) throws IOException {
        Path file = write(text);
        assertThatThrownBy(() -> attach(file, DIRECT))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("then try again");
        assertThat(Files.readString(file)).isEqualTo(text);
    }

    @Test
    void whatIsNoUtf8IsRefused() throws IOException {
        Path file = folder.resolve("settings.json");
        byte[] bytes = "{\"a\": \"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);
        Files.write(file, bytes);
        assertThatThrownBy(() -> attach(file, DIRECT)).hasMessageContaining("UTF-8");
        assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    }

    @Test
    void linksAndModesStay() throws IOException {
        Path real = write("{\"a\": 1}\n");
        Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-r-----"));
        Path link = folder.resolve("link.json");
        Files.createSymbolicLink(link, real.getFileName());
        attach(link, DIRECT);

        assertThat(link).isSymbolicLink();
        assertThat(read(real).has("_hypaware")).isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(real)))
                .isEqualTo("rw-r-----");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactlyInAnyOrder(real, link);
        }
    }

    @Test
    void aFileThatChangesUnderneathIsNotWritten() throws IOException {
        Path file = write("{\"a\": 1}\n");
        Attachment planned = ClaudeSettings.attach(UserFile.read(file), DIRECT);
        Files.writeString(file, "{\"a\": 2}\n");
        assertThatThrownBy(planned::apply).hasMessageContaining("was changed by another program");
        assertThat(Files.readString(file)).isEqualTo("{\"a\": 2}\n");

        Path none = folder.resolve("none.json");
        Attachment made = ClaudeSettings.attach(UserFile.read(none), DIRECT);
        Files.writeString(none, "{}");
        assertThatThrownBy(made::apply).hasMessageContaining("was changed by another program");
        assertThat(Files.readString(none)).isEqualTo("{}");
    }

    /// As HypAware for Node leaves it, in June and later.
    @Test
    void whatHypAwareForNodeWroteIsTakenOver() throws IOException {
        String hook =
                "{\"type\": \"command\", \"command\": \"/usr/bin/hyp claude-hook session-context --state-file /x\"}";
        String mine = "{\"type\": \"command\", \"command\": \"say hi\"}";
        Path file = write("""
                {
                  "env": {
                    "ANTHROPIC_BASE_URL": "http://127.0.0.1:8787",
                    "ENABLE_TOOL_SEARCH": "true",
                    "MINE": "1"
                  },
                  "hooks": {
                    "SessionStart": [{"hooks": [%1$s]}],
                    "PostToolUse": [{"matcher": "Bash", "hooks": [%2$s, %1$s]}, {"matcher": "Bash", "hooks": [%1$s]}]
                  },
                  "_hypaware": {"attached_at": "2026-06-01T00:00:00Z", "version": "2.0.0", "port": 8787,
                    "mode": "base_url", "prev_base_url": "https://llm.example", "state_file": "/x"}
                }
                """.formatted(hook, mine));
        assertThat(attach(file, DIRECT).otherUrl()).contains("https://llm.example");
        assertThat(read(file).path("env").path("ANTHROPIC_BASE_URL").asText()).isEqualTo(DIRECT.url());
        detach(file);

        assertThat(read(file)).isEqualTo(JSON.readTree("""
                {"env": {"ANTHROPIC_BASE_URL": "https://llm.example", "MINE": "1"},
                 "hooks": {"PostToolUse": [{"matcher": "Bash", "hooks": [%s]}]}}""".formatted(mine)));
    }

    private Path write(String text) throws IOException {
        Path file = folder.resolve("settings.json");
        return Files.writeString(file, text);
    }

    private static String stripped(String text) {
        return text.replace("\uFEFF", "");
    }

    private static JsonNode read(Path file) throws IOException {
        return JsonDocument.parse(stripped(Files.readString(file))).value().orElseThrow();
    }

    private static Attachment attach(Path file, Address address) {
        Attachment attachment = ClaudeSettings.attach(UserFile.read(file), address);
        attachment.apply();
        return attachment;
    }

    private static Attachment detach(Path file) {
        Attachment attachment = ClaudeSettings.detach(UserFile.read(file));
        attachment.apply();
        return attachment;
    }
}
