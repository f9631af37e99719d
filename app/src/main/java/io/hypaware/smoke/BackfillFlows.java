package io.hypaware.smoke;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// What each smoke of transcripts does. Their times are of now, so that retention keeps what they tell.
final class BackfillFlows {

    private static final String MESSAGES = "ai_gateway_messages where aux_kind is null";
    private static final String SESSION = "5e551017-0000-4000-8000-000000000001";
    private static final String THREAD = "7e8ead00-0000-4000-8000-000000000002";
    private static final String ASKED = "a0000000-0000-4000-8000-00000000000a";
    private static final String ANSWERED = "b0000000-0000-4000-8000-00000000000b";

    static void claude(Stage stage) throws IOException, InterruptedException {
        writeClaude(stage.user());
        String said = stage.hyp("backfill", "claude");
        stage.expect("the transcript is read", said, "1 of 1 transcript read");
        stage.same("it has two messages", stage.value("select count(*) from " + MESSAGES), "2");
        stage.same(
                "each with the name that the agent gave it",
                stage.value("select string_agg(provider_uuid, ' ' order by message_created_at) from " + MESSAGES),
                ASKED + " " + ANSWERED);
        stage.same(
                "in folder and branch",
                stage.value("select distinct cwd || ' ' || git_branch from " + MESSAGES),
                "/work/smoke main");
        stage.expect("again, nothing is new", stage.hyp("backfill", "claude"), "nothing new");
        Path transcript = claudeFile(stage.user());
        Files.writeString(transcript, Files.readString(transcript) + "{\"type\":\"user\",\"uu");
        stage.hyp("backfill", "claude");
        stage.same("a torn line is none", stage.value("select count(*) from " + MESSAGES), "2");
        stage.expect("the session is listed", stage.hyp("session", "list"), SESSION);
        stage.expect(
                "and can be gone on with",
                stage.hyp("session", "resume", SESSION),
                "cd /work/smoke && claude --resume " + SESSION);
    }

    static void codex(Stage stage) throws IOException, InterruptedException {
        writeCodex(stage.user());
        stage.expect("the transcript is read", stage.hyp("backfill", "codex"), "1 of 1 transcript read");
        stage.same("it has two messages", stage.value("select count(*) from " + MESSAGES), "2");
        stage.same(
                "the answer was counted once",
                stage.value("select sum(input_tokens) || ' ' || sum(output_tokens) from " + MESSAGES),
                "40 7");
        JsonNode again = stage.json("backfill", "codex", "--json").path(0);
        stage.same("again, nothing is new", again.path("read").asInt(), 0);
    }

    static void walkthrough(Stage stage) throws IOException, InterruptedException {
        writeClaude(stage.user());
        writeCodex(stage.user());
        stage.hyp("init", "--yes", "--no-daemon", "--client", "claude", "--client", "codex");
        stage.same("init imports both", stage.value("select count(distinct session_id) from " + MESSAGES), "2");
        JsonNode sessions = stage.json("reconcile", "--json");
        stage.same("each is known", sessions.size(), 2);
        stage.same(
                "what no call said is said not to be captured",
                sessions.path(0).path("reasons").has("not captured"),
                true);
    }

    private static Path claudeFile(Path user) {
        return user.resolve(".claude/projects/-work-smoke/" + SESSION + ".jsonl");
    }

    private static void writeClaude(Path user) throws IOException {
        Instant at = Instant.now().minus(1, ChronoUnit.HOURS);
        String common =
                "\"isSidechain\":false,\"cwd\":\"/work/smoke\",\"gitBranch\":\"main\",\"version\":\"2.1.197\",\"sessionId\":\""
                        + SESSION + "\"";
        String asked = "{\"type\":\"user\",\"uuid\":\"" + ASKED + "\",\"parentUuid\":null,\"timestamp\":\"" + at
                + "\",\"message\":{\"role\":\"user\",\"content\":\"what is there\"}," + common + "}\n";
        String answered = "{\"type\":\"assistant\",\"uuid\":\"" + ANSWERED + "\",\"parentUuid\":\"" + ASKED
                + "\",\"timestamp\":\"" + at.plusSeconds(2)
                + "\",\"message\":{\"role\":\"assistant\",\"id\":\"msg_smoke\",\"model\":\"claude-smoke\",\"content\":[{\"type\":\"text\",\"text\":\"a file\"}],\"usage\":{\"input_tokens\":5,\"output_tokens\":3}},"
                + common + "}\n";
        Path file = claudeFile(user);
        Files.createDirectories(file.getParent());
        Files.writeString(file, asked + answered);
    }

    private static void writeCodex(Path user) throws IOException {
        Instant at = Instant.now().minus(1, ChronoUnit.HOURS);
        Path file = user.resolve(".codex/sessions/2026/01/01/rollout-2026-01-01T00-00-00-" + THREAD + ".jsonl");
        Files.createDirectories(file.getParent());
        Files.writeString(
                file,
                codexLine(
                                at,
                                "session_meta",
                                "{\"id\":\"" + THREAD + "\",\"cwd\":\"/work/smoke\",\"cli_version\":\"0.169.0\"}")
                        + codexLine(
                                at.plusSeconds(1),
                                "response_item",
                                "{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"what is there\"}]}")
                        + codexLine(
                                at.plusSeconds(2),
                                "response_item",
                                "{\"type\":\"message\",\"id\":\"item_1\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\"a file\"}]}")
                        + codexLine(
                                at.plusSeconds(3),
                                "token_usage_record",
                                "{\"response_id\":\"resp_smoke\",\"usage\":{\"input_tokens\":50,\"cached_input_tokens\":10,\"output_tokens\":7}}"));
    }

    private static String codexLine(Instant at, String type, String payload) {
        return "{\"timestamp\":\"" + at + "\",\"type\":\"" + type + "\",\"payload\":" + payload + "}\n";
    }

    private BackfillFlows() {}
}
