package io.hypaware.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.testing.OlderHome;
import io.hypaware.testing.Processes;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.SentTelemetry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands by which a user says what is recorded, as a user gives them.
class PrivacyCommandTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private Path home;
    private Path work;

    @BeforeEach
    void folders() throws IOException {
        home = Files.createDirectories(folder.toRealPath().resolve("home"));
        work = Files.createDirectories(folder.toRealPath().resolve("work"));
    }

    private String hyp(String... command) throws IOException {
        return Processes.output(Hyp.class, home, command);
    }

    private int code(Map<String, String> environment, String... command) throws Exception {
        List<String> words = new java.util.ArrayList<>(Processes.command(Hyp.class, home));
        words.addAll(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(words)
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("HYP_HOME", home.toString());
        builder.environment().keySet().removeIf(name -> name.startsWith("CLAUDE") || name.startsWith("CODEX"));
        builder.environment().putAll(environment);
        return builder.start().waitFor();
    }

    @Test
    void marksAreSetShownAndTakenBack() throws Exception {
        assertThat(hyp("privacy", "ignore", work.toString()))
                .contains(work + ": calls go through as always, and are not recorded", "hyp privacy purge " + work);
        assertThat(hyp("privacy", "set", "local-only", "--client", "codex")).contains("all folders, codex: local-only");
        JsonNode shown =
                JSON.readTree(hyp("privacy", "show", work.resolve("a").toString(), "--client", "codex", "--json"));
        assertThat(shown.path("class").asText()).isEqualTo("ignore");
        assertThat(shown.path("recorded").asBoolean()).isFalse();
        assertThat(shown.path("reasons")).hasSize(2);
        assertThat(hyp("privacy", "list")).contains("ignore      " + work, "local-only  all folders, codex");
        assertThat(hyp("privacy", "unignore", work.toString())).contains("class    sync");
        assertThat(hyp("privacy", "unset", "--client", "codex")).contains("nothing is set");
        assertThat(hyp("privacy", "list")).contains("Nothing is set");
        assertThat(hyp("privacy", "set", "secret", work.toString())).contains("there is no class secret");
        assertThat(hyp("privacy", "set", "ignore")).contains("say which folder");
        for (String name : List.of("Codex", "claude-code", "claud")) {
            assertThat(hyp("privacy", "set", "ignore", "--client", name)).contains("did you mean c");
        }
        assertThat(hyp("privacy", "set", "ignore", "--client", "my-sdk"))
                .contains("counts for calls that rows name so");
    }

    @Test
    void aListThatCannotBeReadIsSaidAndKept() throws Exception {
        Path list = home.resolve("hypaware/privacy.json");
        Files.createDirectories(list.resolveSibling(""));
        Files.writeString(list, "torn");
        assertThat(hyp("privacy", "list")).contains("cannot be understood", "Repair");
        assertThat(hyp("privacy", "ignore", work.toString())).contains("cannot be understood");
        assertThat(JSON.readTree(hyp("status", "--json")).path("diagnostics").findValuesAsText("kind"))
                .contains("privacy_list_unreadable");
        assertThat(list).hasContent("torn");
    }

    @Tag("slow")
    @Test
    void theSessionAtWorkIsTakenOutAndBackIn() throws Exception {
        Map<String, String> claude = Map.of("CLAUDE_CODE_SESSION_ID", "s-1");
        assertThat(code(Map.of(), "session", "ignore", "--current")).isEqualTo(3);
        assertThat(code(Map.of(), "session", "ignore")).isEqualTo(2);
        assertThat(code(claude, "session", "status", "--current")).isZero();
        assertThat(code(claude, "session", "ignore", "--current")).isZero();
        assertThat(code(claude, "session", "status", "--current")).isOne();
        assertThat(code(Map.of("CODEX_THREAD_ID", "s-1"), "session", "status", "--current"))
                .isOne();
        assertThat(hyp("privacy", "list")).contains("ignore      session s-1");
        assertThat(hyp("session", "status", "s-")).contains("Session s-1 is not recorded");
        assertThat(hyp("session", "ignore", "s-9")).contains("No call of a session s-9 is known");
        assertThat(code(Map.of(), "session", "status", "nobody")).isEqualTo(3);
        assertThat(code(claude, "session", "unignore", "--current")).isZero();
        hyp("privacy", "ignore", work.toString());
        assertThat(code(claude, "session", "unignore", "--current")).isOne();
        hyp("privacy", "unignore", work.toString());
        assertThat(code(claude, "session", "status", "--current")).isZero();
    }

    @Test
    void whereTheAgentDoesNotSayItsHookDoes() throws Exception {
        Path hooks = home.resolve("hypaware/hooks/sessions.tsv");
        Files.createDirectories(hooks.resolveSibling(""));
        Files.writeString(hooks, "1\t1700000000\tSessionStart\ts-2\t\t" + work + "\t\t\t\t\t\n");
        assertThat(code(Map.of(), "session", "ignore", "--current")).isZero();
        assertThat(hyp("session", "status", "s-2")).contains("is not recorded (ignore)");
    }

    @Tag("slow")
    @Test
    void anOlderCacheIsAdoptedBeforeItIsPurged() throws Exception {
        OlderHome.copyTo(home, Instant.now());
        assertThat(hyp("privacy", "purge", "/home/u/p1", "--dry-run")).contains("an older cache is here");
        assertThat(hyp("privacy", "purge", "/home/u/p1", "--yes", "--verify"))
                .contains("5 sessions go whole", "nothing of it is left");
        assertThat(hyp("query", "sql", "--format", "csv", "select distinct cwd from ai_gateway_messages"))
                .doesNotContain("/home/u/p1")
                .contains("/home/u/p2");
        assertThat(hyp("privacy", "purge", "--continue")).contains("no purge is unfinished");
        assertThat(hyp("privacy", "purge", work.toString(), "--yes")).contains("Nothing that is recorded fits");
    }

    @Tag("slow")
    @Test
    void theStateOfASessionIsThatOfItsNextCall() throws Exception {
        Map<String, String> claude = Map.of("CLAUDE_CODE_SESSION_ID", "s-1");
        assertThat(hyp("session", "status", "s-1")).contains("no call of a session s-1 is known");
        assertThat(code(claude, "session", "status", "--current")).isZero();
        RecordedCalls calls = new RecordedCalls(home.resolve("hypaware/cache"));
        calls.call()
                .session("s-1")
                .messages(RecordedCalls.message("user", "hello"))
                .record();
        assertThat(code(claude, "session", "ignore", "--current")).isZero();
        assertThat(code(claude, "session", "unignore", "--current")).isZero();
        assertThat(code(claude, "session", "status", "--current")).isZero();
        hyp("privacy", "ignore", work.toString());
        assertThat(code(claude, "session", "status", "--current")).isOne();
    }

    @Test
    void aSessionOfWhichOnlyTelemetryIsKnownIsPurgedByItsName() throws Exception {
        SentTelemetry sent = new SentTelemetry(home.resolve("hypaware/cache"));
        // One waits until the hooks may have said where its session worked.
        hyp("privacy", "ignore", work.toString());
        String waiting = "0f5e7a52-aaaa-4000-8000-000000000001";
        sent.sendAt(
                Instant.now(),
                SentTelemetry.logs(
                        SentTelemetry.log("to go").addAttributes(SentTelemetry.text("session.id", waiting))));
        sent.send(SentTelemetry.logs(
                SentTelemetry.log("read").addAttributes(SentTelemetry.text("session.id", "0a-of-rows"))));
        assertThat(hyp("privacy", "purge", "--session", "0b", "--yes")).contains("there is no session 0b");
        assertThat(hyp("privacy", "purge", "--session", "0a", "--yes")).contains("1 rows of logs");
        assertThat(sent.left()).isEqualTo("1 pending, 0 failed");
        assertThat(hyp("privacy", "purge", "--session", waiting, "--yes")).contains("1 calls, or what was sent");
        assertThat(sent.left()).isEqualTo("0 pending, 0 failed");
    }
}
