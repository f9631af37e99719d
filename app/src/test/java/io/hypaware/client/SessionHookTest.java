package io.hypaware.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.hypaware.home.HypHome;
import io.hypaware.testing.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The script that an agent's hooks call: it writes a line, says nothing, and never fails.
class SessionHookTest {

    @TempDir
    private Path root;

    private Path script;
    private Path facts;

    @BeforeEach
    void installed() throws IOException {
        script = ClaudeHooks.script(new HypHome(root.resolve("a home")));
        facts = script.resolveSibling("sessions.tsv");
        ClaudeHooks.install(script);
    }

    @Test
    void aLineSaysWhereASessionWorks() throws Exception {
        assumeThat(Processes.has("git")).as("git is there").isTrue();
        Path work = Files.createDirectories(root.resolve("work tree"));
        String commit = git(work);
        assertThat(run("""
                {"session_id":"s-1","transcript_path":"/t/s-1.jsonl","cwd":"%s","hook_event_name":"PostToolUse",\
                "agent_id":"a-7","tool_input":{"command":"echo \\"cwd\\":\\"/x\\"","cwd":"/elsewhere","session_id":"no"}}""".formatted(work))).isEmpty();
        String[] fields = read().strip().split("\t", -1);
        assertThat(fields[0]).isEqualTo("1");
        assertThat(Long.parseLong(fields[1])).isPositive();
        assertThat(List.of(fields).subList(2, fields.length))
                .containsExactly(
                        "PostToolUse",
                        "s-1",
                        "a-7",
                        work.toString(),
                        "/t/s-1.jsonl",
                        commit,
                        "main",
                        "https://git.example/me/it.git",
                        work.toRealPath().toString());
        assertThat(Files.getPosixFilePermissions(facts)).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "https://user:SEC@RET@h.example/r.git | https://h.example/r.git",
                "https://h/r?private_token=SECRET | https://h/r",
                "https://h/a@b/c#SECRET | https://h/a@b/c",
                "ssh://git:SECRET@h:22/r | ssh://h:22/r",
                "git@h.example:me/it.git | git@h.example:me/it.git",
                "user:SECRET@h:r | none",
                "https:u:SECRET@h/r | none",
                "ext::ssh -pSECRET u@h | none",
                "https://a:S1@h/r https://b:SECRET@h/q | none",
                "/srv/git/r.git | /srv/git/r.git",
                "https://u@h/r\\n1\\t1\\tSessionStart\\tforged | none",
            })
    void noSecretOfARemoteIsWritten(String remote, String written) throws Exception {
        assumeThat(Processes.has("git")).as("git is there").isTrue();
        Path work = Files.createDirectories(root.resolve("work"));
        git(work);
        Path config = work.resolve(".git/config");
        Files.writeString(
                config,
                Files.readString(config)
                        .replaceAll("url = .*", java.util.regex.Matcher.quoteReplacement("url = \"" + remote + "\"")));
        run("{\"session_id\":\"s\",\"cwd\":\"" + work + "\"}");
        assertThat(read().lines()).hasSize(1);
        assertThat(read().stripTrailing())
                .endsWith("\tmain\t" + (written == null ? "" : written) + "\t" + work.toRealPath());
        assertThat(read().strip().split("\t", -1)).hasSize(11);
        assertThat(read()).doesNotContain("SECRET", "RET@");
    }

    @Test
    void aLongInputTakesNoLongTime() throws Exception {
        run("{\"session_id\":\"s\",\"cwd\":\"/\",\"tool_response\":\"" + "x\\n".repeat(1_000_000)
                + "\",\"agent_id\":\"late\"}");
        assertThat(read()).contains("\ts\t\t/\t");
    }

    @Test
    void whatIsNoSuchThingLeavesNothing() throws Exception {
        for (String input :
                List.of("", "no json", "{\"cwd\":\"/\"}", "{\"session_id\":\"a\\\"b\"}", "x".repeat(500_000))) {
            assertThat(run(input)).isEmpty();
        }
        assertThat(run("{\"session_id\": \"spaced\", \"cwd\": \"/not there\"}")).isEmpty();
        assertThat(read().split("\n")).hasSize(1);
        assertThat(read()).contains("\tspaced\t\t/not there\t\t\t\t\t\n");
    }

    @Test
    void aScriptThatIsGoneOrBrokenStopsNoOne() throws Exception {
        Files.writeString(script, "if (\n");
        assertThat(run("{}")).isEmpty();
        Files.delete(script);
        assertThat(run("{}")).isEmpty();
    }

    /// Runs the command of the settings, as the agent does; returns what it printed, when what it leaves in the
    /// background has ended, too: that holds a pipe to a program that is waited for.
    private String run(String input) throws Exception {
        JsonDocument settings = ClaudeHooks.putIn(
                JsonDocument.parse("{}"), script, new com.fasterxml.jackson.databind.ObjectMapper().createObjectNode());
        String command = settings.value("hooks", "SessionStart", "0", "hooks", "0", "command")
                .orElseThrow()
                .asText();
        // Java closes a pipe to a process that has ended, before all was read from it.
        Path file = Files.writeString(Files.createTempFile(root, "input", ""), input.replace("\\\n", ""));
        Path said = Files.createTempFile(root, "said", "");
        Process process = new ProcessBuilder(
                        "/bin/sh",
                        "-c",
                        "{ ( exec 9>&1; { " + command + "\n} > \"$0\" 2>&1 ); echo $? > \"$0.code\"; } | cat",
                        said.toString())
                .redirectInput(file.toFile())
                .start();
        assertThat(process.getInputStream().readAllBytes()).isEmpty();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(Path.of(said + ".code"))).isEqualTo("0\n");
        return Files.readString(said);
    }

    private static String git(Path folder) throws Exception {
        Process process = new ProcessBuilder("/bin/sh", "-c", """
                git init -q -b main && git remote add origin https://me:secret@git.example/me/it.git \\
                && git -c user.name=n -c user.email=e commit -q --allow-empty -m m && git rev-parse HEAD
                """)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    private String read() {
        try {
            return Files.readString(facts);
        } catch (IOException e) {
            return "";
        }
    }
}
