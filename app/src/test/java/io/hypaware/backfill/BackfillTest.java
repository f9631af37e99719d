package io.hypaware.backfill;

import static io.hypaware.testing.RecordedCalls.JSON;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static io.hypaware.testing.RecordedCalls.thinking;
import static io.hypaware.testing.RecordedCalls.toolResult;
import static io.hypaware.testing.RecordedCalls.toolUse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.journal.Journal;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.Rewrite;
import io.hypaware.maintain.CacheCheck;
import io.hypaware.maintain.Flush;
import io.hypaware.maintain.Worker;
import io.hypaware.maintain.Writing;
import io.hypaware.project.Messages;
import io.hypaware.project.transcript.TranscriptFormat;
import io.hypaware.project.transcript.TranscriptFormats;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Processes;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.TwoWays;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Transcripts become rows, and what was recorded already is completed by them.
class BackfillTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-02T00:00:00Z"), ZoneOffset.UTC);

    /// What is the same however a row came: its names and places in messages differ.
    private static final String ROWS =
            "select concat_ws(' ', session_id, role, part_type, coalesce(content_text, tool_call_id),"
                    + " provider_uuid, parent_uuid, cwd, git_branch, input_tokens, cache_read_tokens, response_id, model, exchange_id,"
                    + " system_text, agent_id, aux_kind) from ai_gateway_messages order by 1";

    @TempDir
    private Path folder;

    private Path user() {
        return folder.resolve("user");
    }

    private RecordedCalls cache(String name) {
        return new RecordedCalls(folder.resolve(name).resolve("hypaware/cache"));
    }

    private static TranscriptFormat format(String client) {
        return TranscriptFormats.all().stream()
                .filter(format -> format.client().equals(client))
                .findFirst()
                .orElseThrow();
    }

    private Backfill.Report run(RecordedCalls calls, String client, Backfill.Options options) throws Exception {
        TranscriptFiles files = new TranscriptFiles(Map.of(), user());
        return new Backfill(new Cache(calls.cache()), Configs.defaults(), Writing.whole("gw"), CLOCK)
                .run(format(client), files.find(format(client)), options, Progress.NONE);
    }

    private Backfill.Report run(RecordedCalls calls) throws Exception {
        return run(calls, "claude", Backfill.Options.ALL);
    }

    private static List<String> rows(RecordedCalls calls) throws Exception {
        calls.settle();
        return Queries.values(calls.cache(), ROWS);
    }

    private static List<String> values(RecordedCalls calls, String sql) throws Exception {
        return Queries.values(calls.cache(), sql);
    }

    private static TwoWays session(String name) {
        return new TwoWays(name)
                .says("fix it")
                .answers(thinking("well"), textBlock("I look"), toolUse("toolu_1", "Read"), toolUse("toolu_2", "Bash"))
                .user(toolResult("toolu_1", "one"), toolResult("toolu_2", "two"))
                .answers(textBlock("done"))
                .says("go on")
                .answers(textBlock("done"))
                .says("go on")
                .answers(textBlock("done"))
                .says("yes")
                .answers(toolUse("toolu_3", "Bash"))
                .user(toolResult("toolu_3", "three"))
                .answers(textBlock("that is all"));
    }

    @Test
    void bothOrdersAndTurnByTurnGiveTheSameRows() throws Exception {
        TwoWays session = session("s");
        session.write(user());

        RecordedCalls wireFirst = cache("wire");
        session.record(wireFirst);
        wireFirst.settle();
        Backfill.Report report = run(wireFirst);
        assertThat(report.counts().written()).isZero();
        List<String> expected = rows(wireFirst);
        assertThat(expected).hasSize(16).doesNotHaveDuplicates().noneMatch(row -> row.contains("NULL"));

        RecordedCalls transcriptFirst = cache("transcript");
        assertThat(run(transcriptFirst).counts().written()).isEqualTo(16);
        session.record(transcriptFirst);
        assertThat(values(transcriptFirst, "select count(distinct exchange_id) from exchanges"))
                .isEqualTo(List.of("0"));
        assertThat(withoutExchanges(rows(transcriptFirst))).isEqualTo(withoutExchanges(expected));

        RecordedCalls byTurns = cache("turns");
        for (int call = 0; call < session.calls(); call++) {
            session.write(user(), (call + 1) * session.lines().size() / session.calls());
            if (call % 2 == 0) {
                run(byTurns);
            }
            session.record(byTurns, call, call + 1);
            byTurns.settle();
        }
        session.write(user());
        run(byTurns);
        assertThat(withoutExchanges(rows(byTurns))).isEqualTo(withoutExchanges(expected));
        run(byTurns);
        assertThat(rows(byTurns)).hasSize(16);
    }

    /// Ids of exchanges are made anew in each cache.
    private static List<String> withoutExchanges(List<String> rows) {
        return rows.stream()
                .map(row -> row.replaceAll(" 01[0-9A-Z]{24}", " call"))
                .sorted()
                .toList();
    }

    @Test
    void halfCapturedIsCompletedInBothOrders() throws Exception {
        TwoWays session = session("s");
        session.write(user());
        RecordedCalls wireFirst = cache("wire");
        session.record(wireFirst, 3, session.calls());
        wireFirst.settle();
        run(wireFirst);
        RecordedCalls transcriptFirst = cache("transcript");
        run(transcriptFirst);
        session.record(transcriptFirst, 3, session.calls());

        assertThat(withoutExchanges(rows(wireFirst))).hasSize(16).isEqualTo(withoutExchanges(rows(transcriptFirst)));
        assertThat(values(wireFirst, "select sum(output_tokens) from ai_gateway_messages"))
                .isEqualTo(List.of(Integer.toString(5 * session.calls())));
    }

    @Test
    void onceTheDayIsOverWhatWasLearnedStandsInTheRows() throws Exception {
        TwoWays session = session("s");
        session.write(user());
        RecordedCalls calls = cache("c");
        session.record(calls);
        calls.settle();
        run(calls);
        List<String> expected = rows(calls);
        assertThat(values(calls, "select count(*) from message_facts")).isEqualTo(List.of("16"));
        Cache cache = new Cache(calls.cache());
        // As if an earlier one had died after the rows were completed.
        new Flush(cache, Configs.defaults().query().cache().maintenance(), _ -> {}).run();
        try (Lake lake = Lake.open(cache)) {
            Rewrite rewrite = new Rewrite(lake, new Rewrite.Limits(64L << 20, 8L << 20, cache.spill()), _ -> {});
            LakeTable messages = lake.table(Messages.DATASET).orElseThrow();
            LakeTable facts = lake.table(Messages.FACTS.dataset()).orElseThrow();
            assertThat(rewrite.completed(
                            Messages.FACTS, messages.files().getFirst(), facts.files(), LocalDate.parse("2026-03-01")))
                    .isEqualTo(16);
        }
        assertThat(rows(calls)).isEqualTo(expected);
        for (int i = 0; i < 2; i++) {
            new Worker(cache, Configs.defaults(), Writing.whole("gw"), CLOCK).run();
            assertThat(values(calls, "select count(*) from message_facts")).isEqualTo(List.of("0"));
            assertThat(rows(calls)).isEqualTo(expected);
        }
        assertThat(CacheCheck.run(cache, false).findings()).isEmpty();
        Files.setLastModifiedTime(
                session.write(user()),
                java.nio.file.attribute.FileTime.from(CLOCK.instant().plusSeconds(1)));
        assertThat(run(calls).counts().known()).isEqualTo(16);
        assertThat(rows(calls)).isEqualTo(expected);
    }

    @Test
    void aForkSharesTheRowsOfWhatItGoesOnFrom() throws Exception {
        TwoWays trunk = new TwoWays("trunk").says("begin").answers(textBlock("begun"));
        TwoWays fork = trunk.fork("fork").says("otherwise").answers(textBlock("as you like"));
        TwoWays same = trunk.fork("same").says("otherwise").answers(textBlock("as you like"));
        trunk.says("and on").answers(textBlock("on and on"));
        int second = 0;
        for (TwoWays one : List.of(trunk, fork, same)) {
            // What begins alike is of the file that was written first.
            Files.setLastModifiedTime(
                    one.write(user()),
                    java.nio.file.attribute.FileTime.from(CLOCK.instant().plusSeconds(second++)));
        }
        String count = "select session_id || ' ' || count(*) from ai_gateway_messages group by session_id order by 1";
        List<String> expected = List.of("fork 2", "same 2", "trunk 4");

        RecordedCalls transcripts = cache("transcripts");
        run(transcripts);
        assertThat(values(transcripts, count)).isEqualTo(expected);

        RecordedCalls wire = cache("wire");
        trunk.record(wire, 0, 1);
        fork.record(wire);
        same.record(wire);
        trunk.record(wire, 1, 2);
        wire.settle();
        assertThat(values(wire, count)).isEqualTo(expected);
        run(wire);
        assertThat(values(wire, count)).isEqualTo(expected);

        trunk.record(transcripts, 0, 1);
        fork.record(transcripts);
        same.record(transcripts);
        trunk.record(transcripts, 1, 2);
        transcripts.settle();
        assertThat(values(transcripts, count)).isEqualTo(expected);
        assertThat(
                        values(
                                transcripts,
                                "select f.session_id from ai_gateway_messages f join ai_gateway_messages t"
                                        + " on t.message_id = f.previous_message_id->>'$[0]' where f.session_id <> t.session_id order by 1"))
                .isEqualTo(List.of("fork", "same"));
    }

    @Test
    void aSubagentIsASpeakerOfItsOwn() throws Exception {
        TwoWays agent = new TwoWays("s").says("look there").answers(textBlock("nothing"));
        new TwoWays("s").says("begin").answers(textBlock("begun")).write(user());
        Path file = user().resolve(".claude/projects/-work/s/subagents/agent-a7.jsonl");
        Files.createDirectories(file.getParent());
        StringBuilder lines = new StringBuilder();
        agent.lines()
                .forEach(line -> lines.append(line.deepCopy()
                                .put("uuid", "a7" + line.path("uuid").asText())
                                .put("isSidechain", true)
                                .put("agentId", "a7"))
                        .append('\n'));
        Files.writeString(file, lines);
        Files.writeString(file.resolveSibling("agent-a7.meta.json"), "{\"agentType\":\"scout\"}");
        RecordedCalls calls = cache("c");
        run(calls);
        assertThat(values(
                        calls,
                        "select distinct conversation_id || ' ' || coalesce(agent_id, '') || ' ' || coalesce(agent_name, '') || ' '"
                                + " || is_sidechain from ai_gateway_messages order by 1"))
                .isEqualTo(List.of("s   false", "s/2 a7 scout true"));
    }

    @Test
    void whatIsNoUtteranceIsKept() throws Exception {
        ObjectNode hook = JSON.createObjectNode();
        hook.putObject("attachment")
                .put("type", "hook_success")
                .put("hookEvent", "SessionStart")
                .put("content", "ran");
        ObjectNode unheardOf = JSON.createObjectNode().put("payload", "p".repeat(100_000));
        new TwoWays("s")
                .says("begin")
                .notes("attachment", hook)
                .notes("unheard-of", unheardOf)
                .notes(
                        "system",
                        JSON.createObjectNode()
                                .put("subtype", "compact_boundary")
                                .put("content", "shorter"))
                .answers(textBlock("begun"))
                .write(user());
        RecordedCalls calls = cache("c");
        assertThat(run(calls).counts().notes()).isEqualTo(3);
        assertThat(values(
                        calls,
                        "select concat_ws(' ', provider_type, provider_subtype, content_text, hook_event) from ai_gateway_messages"
                                + " where aux_kind = 'note' order by message_created_at"))
                .containsExactly(
                        "attachment hook_success ran SessionStart", "unheard-of", "system compact_boundary shorter");
        assertThat(
                        values(
                                calls,
                                "select p.size > 100000 from ai_gateway_messages m join payloads p on p.hash = m.raw_frame->>'payload'"))
                .isEqualTo(List.of("true"));
    }

    @Test
    void onlyWhatIsNewIsRead() throws Exception {
        TwoWays session = session("s");
        Path file = session.write(user(), 5);
        RecordedCalls calls = cache("c");
        assertThat(run(calls).read()).isEqualTo(1);
        assertThat(run(calls).read()).isZero();
        session.write(user());
        Files.writeString(file, "{\"type\":\"user\",\"uuid\":\"torn", StandardOpenOption.APPEND);
        Backfill.Report grown = run(calls);
        assertThat(grown.read()).isEqualTo(1);
        assertThat(grown.unreadLines()).isZero();
        assertThat(rows(calls)).hasSize(16);
        Files.writeString(file, "\nno json\n[1]\n", StandardOpenOption.APPEND);
        assertThat(run(calls).unreadLines()).isEqualTo(3);
        Files.delete(file);
        assertThat(run(calls).found()).isZero();
        assertThat(rows(calls)).hasSize(16);
    }

    @Test
    void aPartOfTheTimeIsReadAndNotTakenForAll() throws Exception {
        session("s").write(user());
        RecordedCalls calls = cache("c");
        Instant from = Instant.parse("2026-03-01T10:00:08Z");
        run(calls, "claude", new Backfill.Options(Optional.of(from), Optional.of(from.plusSeconds(3))));
        assertThat(rows(calls)).hasSize(3);
        run(calls);
        assertThat(rows(calls)).hasSize(16);
    }

    @Test
    void whatRetentionWouldDropIsNotRead() throws Exception {
        session("s").write(user());
        RecordedCalls calls = cache("c");
        TranscriptFiles files = new TranscriptFiles(Map.of(), user());
        Clock later = Clock.offset(CLOCK, Duration.ofDays(100));
        Backfill.Report report = new Backfill(new Cache(calls.cache()), Configs.defaults(), Writing.whole("gw"), later)
                .run(format("claude"), files.find(format("claude")), Backfill.Options.ALL, Progress.NONE);
        assertThat(report.tooOld()).isPositive();
        assertThat(rows(calls)).isEmpty();
        // Whoever keeps more from now on gets it.
        new Backfill(
                        new Cache(calls.cache()),
                        Configs.withCache("{\"retention\": {\"default_days\": 0}}"),
                        Writing.whole("gw"),
                        later)
                .run(format("claude"), files.find(format("claude")), Backfill.Options.ALL, Progress.NONE);
        assertThat(rows(calls)).hasSize(16);
    }

    @Test
    void codexCountsAnAnswerOnce() throws Exception {
        Path file = user().resolve(
                        ".codex/sessions/2026/03/01/rollout-2026-03-01T10-00-00-0a0a0a0a-0000-7000-8000-000000000001.jsonl");
        Files.createDirectories(file.getParent());
        String usage = "{\"input_tokens\":50,\"cached_input_tokens\":10,\"output_tokens\":7}";
        Files.writeString(
                file,
                codex(
                                0,
                                "session_meta",
                                "{\"id\":\"t-1\",\"session_id\":\"t-1\",\"cwd\":\"/w\",\"git\":{\"branch\":\"b\",\"commit_hash\":\"c0\",\"repository_url\":\"r\"}}")
                        + codex(1, "turn_context", "{\"model\":\"model-y\",\"cwd\":\"/w\"}")
                        + codex(
                                2,
                                "response_item",
                                "{\"type\":\"message\",\"id\":\"m1\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"do\"}]}")
                        + codex(
                                3,
                                "response_item",
                                "{\"type\":\"reasoning\",\"id\":\"r1\",\"summary\":[{\"type\":\"summary_text\",\"text\":\"hm\"}]}")
                        + codex(
                                4,
                                "response_item",
                                "{\"type\":\"function_call\",\"id\":\"f1\",\"name\":\"exec\",\"arguments\":\"{}\",\"call_id\":\"c1\"}")
                        + codex(5, "token_usage_record", "{\"response_id\":\"resp_1\",\"usage\":" + usage + "}")
                        + codex(
                                6,
                                "event_msg",
                                "{\"type\":\"token_count\",\"info\":{\"last_token_usage\":" + usage + "}}")
                        + codex(
                                7,
                                "response_item",
                                "{\"type\":\"function_call_output\",\"call_id\":\"c1\",\"output\":\"ok\"}")
                        + codex(8, "world_state", "{}")
                        + codex(9, "event_msg", "{\"type\":\"turn_aborted\",\"reason\":\"interrupted\"}"));
        RecordedCalls calls = cache("c");
        run(calls, "codex", Backfill.Options.ALL);
        assertThat(values(
                        calls,
                        "select concat_ws(' ', role, part_type, input_tokens, response_id, cwd, git_branch, head_sha, git_remote, model)"
                                + " from ai_gateway_messages order by message_created_at, part_index"))
                .containsExactly(
                        "user text /w b c0 r",
                        "assistant thinking 40 resp_1 /w b c0 r model-y",
                        "assistant tool_call resp_1 /w b c0 r model-y",
                        "tool tool_result /w b c0 r",
                        "system note /w b c0 r");
    }

    private static String codex(int second, String type, String payload) {
        return "{\"timestamp\":\"2026-03-01T10:00:0" + second + "Z\",\"type\":\"" + type + "\",\"payload\":" + payload
                + "}\n";
    }

    @Test
    void hooksSayWhereASessionWorks() throws Exception {
        TwoWays session = new TwoWays("s").says("begin").answers(textBlock("begun"));
        RecordedCalls calls = cache("c");
        Path hooks = calls.cache().resolveSibling("hooks");
        Files.createDirectories(hooks);
        long at = Instant.parse("2026-03-01T10:00:00Z").getEpochSecond();
        Files.writeString(
                hooks.resolve("sessions.tsv"),
                "torn\n1\t" + at + "\tSessionStart\ts\t\t/work/s\t/t\tabc\tmain\thttps://r.example/r\t/work\n" + "1\t"
                        + (at + 9) + "\tCwdChanged\ts\t\t/elsewhere\t/t\tdef\tmain\t\t\n1\tx");
        session.record(calls);
        calls.settle();
        String facts = "select distinct concat_ws(' ', cwd, head_sha, git_remote, repo_root) from ai_gateway_messages";
        assertThat(values(calls, facts)).isEqualTo(List.of("/work/s abc https://r.example/r /work"));
        session.write(user());
        RecordedCalls transcript = cache("t");
        Files.createDirectories(transcript.cache().resolveSibling("hooks"));
        Files.copy(
                hooks.resolve("sessions.tsv"),
                transcript.cache().resolveSibling("hooks").resolve("sessions.tsv"));
        run(transcript);
        assertThat(values(transcript, facts)).isEqualTo(List.of("/work/s abc https://r.example/r /work"));
    }

    @Test
    @Timeout(60)
    void whatIsHostileIsBounded() throws Exception {
        Path projects = Files.createDirectories(user().resolve(".claude/projects/-work"));
        TwoWays equal = new TwoWays("equal");
        for (int i = 0; i < 3_000; i++) {
            equal.says("again");
        }
        equal.answers(textBlock("enough")).write(user());
        Files.writeString(
                projects.resolve("deep.jsonl"), "[".repeat(200_000) + "\n" + "{\"a\":".repeat(100_000) + "\n");
        try (var out = Files.newBufferedWriter(projects.resolve("long.jsonl"))) {
            out.write("{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":\"");
            for (int i = 0; i < 40; i++) {
                out.write("x".repeat(1 << 20));
            }
            out.write(
                    "\"}}\n{\"type\":\"user\",\"uuid\":\"u\",\"timestamp\":\"2026-03-01T10:00:00Z\",\"message\":{\"role\":\"user\",\"content\":\"after\"}}\n");
        }
        Files.write(projects.resolve("noise.jsonl"), new byte[] {0, (byte) 0xff, 10, (byte) 0xfe, 10});
        Files.writeString(
                folder.resolve("outside.jsonl"),
                "{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":\"secret\"}}\n");
        Files.createSymbolicLink(projects.resolve("link.jsonl"), folder.resolve("outside.jsonl"));
        RecordedCalls calls = cache("c");
        Backfill.Report report = run(calls);
        assertThat(report.unreadLines()).isEqualTo(5);
        assertThat(values(calls, "select count(*) from ai_gateway_messages where content_text = 'again'"))
                .isEqualTo(List.of("3000"));
        assertThat(values(calls, "select content_text from ai_gateway_messages where session_id = 'long'"))
                .isEqualTo(List.of("after"));
        assertThat(values(calls, "select content_text from ai_gateway_messages where content_text = 'secret'"))
                .isEmpty();
        equal.record(calls);
        calls.settle();
        assertThat(values(calls, "select count(*) from ai_gateway_messages where content_text = 'again'"))
                .isEqualTo(List.of("3000"));
    }

    @Test
    void twoImportsAtOnceAreAsGoodAsOne() throws Exception {
        for (int i = 0; i < 6; i++) {
            session("s" + i).write(user());
        }
        RecordedCalls calls = cache("c");
        List<Process> both = new java.util.ArrayList<>();
        for (int i = 0; i < 2; i++) {
            both.add(Processes.java(Dying.class, folder, calls.cache().toString(), user().toString(), "NONE", "1"));
        }
        for (Process one : both) {
            assertThat(one.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(rows(calls)).hasSize(6 * 16);
    }

    @Test
    void aCopyIsKnownAfterItsOriginalIsGone() throws Exception {
        TwoWays trunk = new TwoWays("trunk").says("begin").answers(textBlock("begun"));
        TwoWays fork = trunk.fork("fork").says("otherwise").answers(textBlock("as you like"));
        Path original = trunk.write(user());
        fork.write(user());
        RecordedCalls calls = cache("c");
        run(calls);
        Files.delete(original);
        run(calls);
        fork.says("and on").answers(textBlock("on")).write(user());
        run(calls);
        assertThat(rows(calls)).hasSize(6);
    }

    @Test
    void anAnswerThatWasReadHalfIsCountedWhole() throws Exception {
        TwoWays session = new TwoWays("s").says("begin").answers(textBlock("so"), textBlock("far"));
        Path file = session.write(user(), 2);
        Files.writeString(file, Files.readString(file).replace("\"output_tokens\":5", "\"output_tokens\":1"));
        RecordedCalls calls = cache("c");
        run(calls);
        session.write(user());
        run(calls);
        run(calls);
        assertThat(values(calls, "select sum(output_tokens) || ' ' || count(*) from ai_gateway_messages"))
                .isEqualTo(List.of("5 3"));
    }

    @Test
    void aJournalThatIsNewGoesOnAfterTheLake() throws Exception {
        session("a").write(user());
        RecordedCalls calls = cache("c");
        run(calls);
        Cache cache = new Cache(calls.cache());
        new Flush(cache, Configs.defaults().query().cache().maintenance(), _ -> {}).run();
        for (String end : List.of("", "-wal", "-shm")) {
            Files.deleteIfExists(calls.cache().resolve("journal.db" + end));
        }
        session("b").write(user());
        run(calls);
        assertThat(values(
                        calls,
                        "select session_id || ' ' || count(*) from ai_gateway_messages group by session_id order by 1"))
                .isEqualTo(List.of("a 16", "b 16"));
    }

    @Test
    void oneBadFileStopsNoOther() throws Exception {
        session("good").write(user());
        Path projects = user().resolve(".claude/projects/-work");
        String said = "\"message\":{\"role\":\"user\",\"content\":";
        Files.writeString(
                projects.resolve("times.jsonl"),
                "{\"type\":\"user\",\"uuid\":\"\",\"timestamp\":\"+999999999-01-01T00:00:00Z\"," + said + "\"far\"}}\n"
                        + "{\"type\":\"user\",\"uuid\":\"\"," + said
                        + "\"never\"}}\n{\"type\":\"summary\",\"summary\":\"of it\"}\n"
                        + "{\"type\":\"user\",\"uuid\":\"a\\ud800\",\"sessionId\":\"b\\u0000d\"," + said + "\"odd\"}}\n"
                        + "{\"type\":\"user\",\"uuid\":\"n\"," + said + "5}}\n");
        StringBuilder blocks = new StringBuilder("{\"type\":\"user\",\"uuid\":\"many\"," + said + "[");
        for (int i = 0; i < 20_000; i++) {
            blocks.append(i == 0 ? "" : ",")
                    .append("{\"type\":\"text\",\"text\":\"t")
                    .append(i)
                    .append("\"}");
        }
        Files.writeString(projects.resolve("blocks.jsonl"), blocks + "]}}\n");
        for (String name : List.of("times", "blocks")) {
            Files.setLastModifiedTime(
                    projects.resolve(name + ".jsonl"), java.nio.file.attribute.FileTime.from(CLOCK.instant()));
        }
        RecordedCalls calls = cache("c");
        assertThat(run(calls).failed()).isEmpty();
        List<String> first = values(calls, "select count(*) from ai_gateway_messages");
        assertThat(first).isEqualTo(List.of(Integer.toString(16 + 5 + 20_000)));
        for (String name : List.of("times", "blocks")) {
            Files.setLastModifiedTime(
                    projects.resolve(name + ".jsonl"),
                    java.nio.file.attribute.FileTime.from(CLOCK.instant().plusSeconds(1)));
        }
        assertThat(run(calls).failed()).isEmpty();
        assertThat(values(calls, "select count(*) from ai_gateway_messages")).isEqualTo(first);
    }

    @Test
    void aHugeMessageGoesToTheLakeToo() throws Exception {
        new TwoWays("huge")
                .says("word ".repeat(2_000_000))
                .answers(textBlock("long"))
                .write(user());
        session("a").write(user());
        RecordedCalls calls = cache("c");
        Backfill.Report report = new Backfill(
                        new Cache(calls.cache()),
                        Configs.withCache("{\"maintenance\": {\"flush_bytes\": 1000}}"),
                        Writing.whole("gw"),
                        CLOCK)
                .run(
                        format("claude"),
                        new TranscriptFiles(Map.of(), user()).find(format("claude")),
                        Backfill.Options.ALL,
                        Progress.NONE);
        assertThat(report.failed()).isEmpty();
        try (Journal journal = Journal.open(calls.journal())) {
            assertThat(journal.hasHotRows(Messages.DATASET)).isFalse();
        }
        assertThat(values(calls, "select max(length(content_text)) from ai_gateway_messages"))
                .isEqualTo(List.of("10000000"));
    }

    @ParameterizedTest
    @EnumSource
    void dyingAtAStepLosesAndDoublesNothing(BackfillStep step) throws Exception {
        for (String name : List.of("a", "b", "c")) {
            TwoWays session = session(name);
            for (int i = 0; i < 3; i++) {
                session.says(name + i + " word".repeat(300_000)).answers(textBlock("long"));
            }
            session.write(user());
        }
        RecordedCalls calls = cache("c");
        int died = 0;
        for (int occurrence : List.of(1, 2)) {
            Process dying = Processes.java(
                    Dying.class,
                    folder,
                    calls.cache().toString(),
                    user().toString(),
                    step.name(),
                    Integer.toString(occurrence));
            assertThat(dying.waitFor(60, TimeUnit.SECONDS)).isTrue();
            died += dying.exitValue() == 137 ? 1 : 0;
        }
        assertThat(died).as("how often " + step + " was come to").isPositive();
        run(calls);
        assertThat(rows(calls)).hasSize(3 * (16 + 6)).doesNotHaveDuplicates();
        assertThat(values(calls, "select _row_id from ai_gateway_messages")).doesNotHaveDuplicates();
    }

    /// An import that dies, as by SIGKILL, at the n-th time it comes to a step.
    static final class Dying {
        public static void main(String[] arguments) throws Exception {
            int[] left = {Integer.parseInt(arguments[3])};
            TranscriptFiles files = new TranscriptFiles(Map.of(), Path.of(arguments[1]));
            new Backfill(
                            new Cache(Path.of(arguments[0])),
                            Configs.withCache("{\"maintenance\": {\"flush_bytes\": 1000}}"),
                            Writing.whole("gw"),
                            CLOCK,
                            step -> {
                                if (step.name().equals(arguments[2]) && --left[0] == 0) {
                                    Runtime.getRuntime().halt(137);
                                }
                            })
                    .run(format("claude"), files.find(format("claude")), Backfill.Options.ALL, Progress.NONE);
        }
    }
}
