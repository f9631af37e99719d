package io.hypaware.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;

/// Codex's config through attach and detach: what is not ours keeps every byte.
class CodexConfigTest {

    private static final Address ADDRESS = new Address(
            "http://127.0.0.1:18521",
            18_521,
            true,
            Optional.empty(),
            Optional.empty(),
            "0.1.0",
            "2026-01-02T03:04:05Z");
    private static final Address MOVED = new Address(
            "http://127.0.0.1:9000", 9_000, true, Optional.empty(), Optional.empty(), "0.1.0", "2026-01-02T03:04:06Z");

    @TempDir
    private Path folder;

    static Stream<String> shapes() {
        return Stream.of(
                "",
                "\n",
                "model = \"gpt-5\"\n",
                "model = \"gpt-5\"",
                "\n\n# mine\n\nmodel = \"gpt-5\" # best\n",
                "model = \"gpt-5\"\r\n[tui]\r\nnotifications = true\r\n",
                "[tui]\nnotifications = true\n",
                "[model_providers.mine]\nname = \"mine\"\nbase_url = \"https://llm.example/v1\"\n",
                "openai_base_url = \"https://llm.example/v1\"\n",
                "openai_base_url = \"https://llm.example/v1\"",
                "model = \"a\"\n  openai_base_url = \"https://llm.example/v1\"   # for work \nsandbox_mode = \"read-only\"\n",
                "model = \"a\"\r\nopenai_base_url = \"https://llm.example/v1\"\r\n[tui]\r\nx = 1\r\n",
                "chatgpt_base_url = \"https://chat.example\"\nopenai_base_url = 'https://llm.example/v1'\n",
                "openai_base_url = 'https://llm.example/v1'\nmodel = \"x\"\nchatgpt_base_url = \"https://chat.example\"",
                "\"openai_base_url\" = \"https://llm.example/v1\"\n",
                "text = \"\"\"\n[not.a.table]\nopenai_base_url = \"x\"\n\"\"\"\nmodel = \"a\"\n",
                "text = '''\n# BEGIN\n'''\n",
                "[profiles.work]\nmodel = \"a\"\nopenai_base_url = \"https://only.here/v1\"\n",
                "a.b = 1\na.c = 2\n[x]\ny = 1\n",
                "list = [\n  \"a\", # one\n  \"b\",\n]\n",
                "\uFEFFmodel = \"gpt-5\"\n",
                "[[things]]\nx = 1\n[[things]]\nx = 2\n",
                "[mcp_servers.x]\ncommand = \"npx\"\nargs = [\"-y\", \"x\"]\nenv = { \"A\" = \"1\" }\n",
                "model = \"gpt-5\"\n\n[projects.\"/work/x\"]\ntrust_level = \"trusted\"\n",
                "model_reasoning_effort = \"high\"\ncli_auth_credentials_store = \"keyring\"\n\n\n",
                "date = 2026-01-01T00:00:00Z\nf = 1_000.5\n",
                "openai_base_url = \"https://llm.example/v1\" # a\u2028b\n",
                "s = '''\n# BEGIN hypaware\nhello\n# END hypaware\n'''\n",
                "# BEGIN hypaware\nmodel = \"m\"\n# END hypaware\n");
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void attachAndDetachLeaveEveryByte(String before) throws IOException {
        Path file = write(before);
        for (CodexLogin login : CodexLogin.values()) {
            attach(file, ADDRESS, login);
            TomlParseResult attached = Toml.parse(UserFile.read(file).text());
            assertThat(attached.errors()).isEmpty();
            assertThat(attached.getString("openai_base_url"))
                    .isEqualTo(
                            login == CodexLogin.API_KEY ? ADDRESS.url() + "/v1" : ADDRESS.url() + "/backend-api/codex");
            assertThat(CodexConfig.port(UserFile.read(file))).contains(18_521);
            assertThat(attach(file, ADDRESS, login).changed()).isFalse();

            attach(file, MOVED, login);
            assertThat(Toml.parse(UserFile.read(file).text()).getString("openai_base_url"))
                    .startsWith(MOVED.url());

            assertThat(detach(file).notes()).isEmpty();
            assertThat(Files.readString(file)).isEqualTo(before);
            assertThat(detach(file).changed()).isFalse();
        }
    }

    @Test
    void aFileThatWasNotThereGoesAwayAgain() {
        Path file = folder.resolve("new/config.toml");
        attach(file, ADDRESS, CodexLogin.API_KEY);
        assertThat(file).exists();
        attach(file, MOVED, CodexLogin.CHATGPT);
        detach(file);
        assertThat(file).doesNotExist();
    }

    @Test
    void whatTheUserWritesMeanwhileStays() throws IOException {
        Path file = write("model = \"a\"\nopenai_base_url = \"https://llm.example/v1\"\n\n[tui]\nx = 1\n");
        attach(file, ADDRESS, CodexLogin.API_KEY);
        String text = Files.readString(file);
        // Lines above go, so that the one that was displaced must not land in the table.
        Files.writeString(file, text.replace("model = \"a\"\n\n", "") + "y = 2\n");
        detach(file);

        TomlParseResult now = Toml.parse(Files.readString(file));
        assertThat(now.getString("openai_base_url")).isEqualTo("https://llm.example/v1");
        assertThat(now.getLong("tui.y")).isEqualTo(2);
    }

    @Test
    void anAddressThatTheUserSetsAnewWins() throws IOException {
        Path file = write("openai_base_url = \"https://llm.example/v1\"\n");
        Attachment attached = attach(file, ADDRESS, CodexLogin.API_KEY);
        assertThat(attached.otherUrl()).contains("https://llm.example/v1");
        Files.writeString(
                file,
                Files.readString(file).replaceFirst("(?m)^openai_base_url.*\n", "")
                        + "openai_base_url = \"https://other.example/v1\"\n");
        Attachment detached = detach(file);

        assertThat(detached.notes()).containsExactly("openai_base_url was set anew since; it stays as it is");
        assertThat(Files.readString(file)).isEqualTo("openai_base_url = \"https://other.example/v1\"\n");
    }

    /// As an editor of TOML may do that takes our last line for the beginning of the next table.
    @Test
    void whatIsWrittenIntoOurBlockStays() throws IOException {
        Path file = write("model = \"a\"\nopenai_base_url = \"https://llm.example/v1\"\n[tui]\nx = 1\n");
        attach(file, ADDRESS, CodexLogin.API_KEY);
        Files.writeString(
                file,
                Files.readString(file).replace("# END hypaware", "model_reasoning_effort = \"high\"\n# END hypaware"));
        attach(file, MOVED, CodexLogin.CHATGPT);
        detach(file);
        assertThat(Files.readString(file))
                .isEqualTo(
                        "model_reasoning_effort = \"high\"\nmodel = \"a\"\nopenai_base_url = \"https://llm.example/v1\"\n"
                                + "[tui]\nx = 1\n");

        Path made = folder.resolve("made.toml");
        attach(made, ADDRESS, CodexLogin.API_KEY);
        Files.writeString(
                made,
                Files.readString(made)
                        .replace("# END hypaware", "[projects.\"/w\"]\ntrust_level = \"trusted\"\n# END hypaware"));
        detach(made);
        assertThat(Files.readString(made)).isEqualTo("[projects.\"/w\"]\ntrust_level = \"trusted\"\n");
    }

    @Test
    void anAddressThatIsChangedInOurBlockStays() throws IOException {
        Path file = write("model = \"a\"\n");
        attach(file, ADDRESS, CodexLogin.API_KEY);
        Files.writeString(file, Files.readString(file).replace(ADDRESS.url() + "/v1", "https://new.example/v1"));
        Attachment detached = detach(file);
        assertThat(Files.readString(file)).isEqualTo("openai_base_url = \"https://new.example/v1\"\nmodel = \"a\"\n");
        assertThat(detached.notes()).containsExactly("an address in our block was changed since; it stays as it is");
    }

    @ParameterizedTest
    @ValueSource(strings = {"# END hypaware\n", "# version = 0.1.0\n"})
    void aDamagedBlockIsOursAsFarAsItIsKnown(String gone) throws IOException {
        Path file = write("model = \"a\"\nopenai_base_url = \"https://llm.example/v1\"\n[tui]\nx = 1\n");
        String before = Files.readString(file);
        attach(file, ADDRESS, CodexLogin.API_KEY);
        Files.writeString(file, Files.readString(file).replace(gone, ""));
        detach(file);
        assertThat(Files.readString(file)).isEqualTo(before);
    }

    @Test
    void anAddressOfOursWithoutAMarkIsTold() throws IOException {
        Path file = write("openai_base_url = \"" + ADDRESS.url() + "/v1\"\n");
        assertThat(detach(file).notes())
                .singleElement()
                .asString()
                .contains("leads to port 18521", "no mark says that we wrote it");
        // It is nothing to be put back.
        attach(file, ADDRESS, CodexLogin.API_KEY);
        detach(file);
        assertThat(Files.readString(file)).isEmpty();
        write(
                "# BEGIN hypaware\n# attached_at = x\n# port = 99999999999\n# was on line 99999999999, ended by LF: x = 1\n");
        assertThat(CodexConfig.port(UserFile.read(file))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"model = ", "[a\n", "x = 1\nx = 2\n", "openai_base_url = \"\"\"\nhttps://a\"\"\"\n"})
    void whatCannotBeChangedIsRefusedAndLeftAlone(String text) throws IOException {
        Path file = write(text);
        assertThatThrownBy(() -> attach(file, ADDRESS, CodexLogin.API_KEY))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("then try again");
        assertThat(Files.readString(file)).isEqualTo(text);
    }

    @Test
    void whatHypAwareForNodeWroteIsTakenOver() throws IOException {
        Path file = write("""
                # BEGIN hypaware codex model_provider
                # attached_at = "2026-06-01T00:00:00Z"
                # version = "2.0.0"
                # port = 8787
                # previous_model_provider = "mine"
                model_provider = "hypaware"
                # END hypaware codex model_provider
                model = "a"
                [model_providers.mine]
                base_url = "https://llm.example/v1"
                # BEGIN hypaware codex provider
                [model_providers.hypaware]
                name = "HypAware OpenAI Gateway"
                base_url = "http://127.0.0.1:8787/v1"
                # END hypaware codex provider
                """);
        assertThat(CodexConfig.port(UserFile.read(file))).contains(8_787);
        attach(file, ADDRESS, CodexLogin.API_KEY);
        assertThat(CodexConfig.overrides(UserFile.read(file)))
                .singleElement()
                .asString()
                .contains("model_provider = \"mine\" wins", "https://llm.example/v1");
        detach(file);
        assertThat(Files.readString(file)).isEqualTo("""
                model_provider = "mine"
                model = "a"
                [model_providers.mine]
                base_url = "https://llm.example/v1"
                """);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "{\"auth_mode\":\"chatgpt\"} | none | CHATGPT | false",
                "{\"auth_mode\":\"apikey\",\"tokens\":{}} | none | API_KEY | false",
                "{\"tokens\":{\"id_token\":\"x\"},\"OPENAI_API_KEY\":null} | none | CHATGPT | false",
                "{\"OPENAI_API_KEY\":\"sk-x\",\"tokens\":{}} | none | API_KEY | false",
                "none | none | CHATGPT | true",
                "none | OPENAI_API_KEY | API_KEY | false",
            })
    void theLoginDecidesTheWay(String auth, String variable, CodexLogin login, boolean doubtful) throws IOException {
        if (auth != null) {
            Files.writeString(folder.resolve("auth.json"), auth);
        }
        CodexLogin.Found found = CodexLogin.of(folder, variable == null ? Map.of() : Map.of(variable, "x"));
        assertThat(found.login()).isEqualTo(login);
        assertThat(found.doubt().isPresent()).isEqualTo(doubtful);
    }

    @Test
    void aCodexHomeOfOnesOwnIsUsed() {
        Codex codex =
                new Codex(Map.of("CODEX_HOME", folder.toString(), "HOME", "/nowhere"), java.util.Optional.empty());
        assertThat(codex.settings()).isEqualTo(folder.resolve("config.toml"));
        assertThat(codex.isDetected()).isTrue();
        assertThat(List.of(codex.name(), codex.title())).containsExactly("codex", "Codex");
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("config.toml"), text);
    }

    private static Attachment attach(Path file, Address address, CodexLogin login) {
        Attachment attachment = CodexConfig.attach(UserFile.read(file), address, login);
        attachment.apply();
        return attachment;
    }

    private static Attachment detach(Path file) {
        Attachment attachment = CodexConfig.detach(UserFile.read(file));
        attachment.apply();
        return attachment;
    }
}
