package io.hypaware.backfill;

import static io.hypaware.testing.RecordedCalls.JSON;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static io.hypaware.testing.RecordedCalls.thinking;
import static io.hypaware.testing.RecordedCalls.toolResult;
import static io.hypaware.testing.RecordedCalls.toolUse;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.maintain.Writing;
import io.hypaware.project.transcript.TranscriptFormat;
import io.hypaware.project.transcript.TranscriptFormats;
import io.hypaware.read.CountedAnswers;
import io.hypaware.read.Recorded;
import io.hypaware.testing.Configs;
import io.hypaware.testing.OpenCodeSession;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sessions in OpenCode's database become rows, and what was recorded already is completed by them.
class OpenCodeImportTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-02T00:00:00Z"), ZoneOffset.UTC);

    /// What is the same however a row came: its names and places in messages differ.
    private static final String ROWS = "select concat_ws(' ', session_id, role, part_type, provider, provider_type,"
            + " coalesce(content_text, tool_call_id), tool_args, provider_uuid, prompt_id, cwd, input_tokens,"
            + " cache_read_tokens, cache_write_tokens, response_id, model, system_text, thinking_signature, is_error,"
            + " parent_thread_id, is_sidechain, agent_name, aux_kind, exchange_id is not null, conversation_source)"
            + " from ai_gateway_messages order by 1";

    private static final String BY_SESSION =
            "select session_id || ' ' || count(*) from ai_gateway_messages group by session_id order by 1";

    @TempDir
    private Path folder;

    private Path user() {
        return folder.resolve("user");
    }

    private RecordedCalls cache(String name) {
        return new RecordedCalls(folder.resolve(name).resolve("hypaware/cache"));
    }

    private static TranscriptFormat format() {
        return TranscriptFormats.all().stream()
                .filter(format -> format.client().equals("opencode"))
                .findFirst()
                .orElseThrow();
    }

    private TranscriptFiles.Found found() throws Exception {
        return new TranscriptFiles(Map.of(), user()).find(format());
    }

    private Backfill.Report run(RecordedCalls calls) throws Exception {
        return new Backfill(new Cache(calls.cache()), Configs.defaults(), Writing.whole("gw"), CLOCK)
                .run(format(), found(), Backfill.Options.ALL, Progress.NONE);
    }

    private static List<String> values(RecordedCalls calls, String sql) throws Exception {
        calls.settle();
        return Queries.values(calls.cache(), sql);
    }

    private void execute(String sql) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + OpenCodeSession.database(user()));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static OpenCodeSession session(String name) {
        return new OpenCodeSession(name)
                .later(Duration.ofSeconds(name.equals("ses_1") ? 0 : 3600))
                .says("fix it")
                .answers(thinking("well"), textBlock("I look"), toolUse("toolu_1", "read"), toolUse("toolu_2", "bash"))
                .results(toolResult("toolu_1", "one"), toolResult("toolu_2", "two"))
                .answers(textBlock("done"))
                .says("go on")
                .answers(textBlock("done"))
                .says("go on")
                .answers(textBlock("done"))
                .says("yes")
                .answers(toolUse("toolu_3", "bash"))
                .results(toolResult("toolu_3", "three"))
                .answers(textBlock("that is all"));
    }

    @Test
    void bothOrdersAndTurnByTurnGiveTheSameRows() throws Exception {
        OpenCodeSession session = session("ses_1");
        session.write(user());

        RecordedCalls wireFirst = cache("wire");
        session.record(wireFirst);
        wireFirst.settle();
        assertThat(run(wireFirst).counts().written()).isZero();
        List<String> expected = values(wireFirst, ROWS);
        assertThat(expected).hasSize(16).doesNotHaveDuplicates().allMatch(row -> row.endsWith("true opencode"));

        RecordedCalls transcriptFirst = cache("transcript");
        assertThat(run(transcriptFirst).counts().written()).isEqualTo(16);
        session.record(transcriptFirst);
        assertThat(values(transcriptFirst, ROWS)).isEqualTo(expected);

        RecordedCalls byTurns = cache("turns");
        Files.delete(OpenCodeSession.database(user()));
        for (int call = 0; call < session.calls(); call++) {
            session.write(user(), (call + 1) * session.messages() / session.calls());
            if (call % 2 == 0) {
                run(byTurns);
            }
            session.record(byTurns, call, call + 1);
            byTurns.settle();
        }
        session.write(user());
        run(byTurns);
        assertThat(values(byTurns, ROWS)).isEqualTo(expected);
        assertThat(values(byTurns, "select sum(output_tokens) from ai_gateway_messages"))
                .containsExactly(Integer.toString(5 * session.calls()));
        assertThat(run(byTurns).read()).isZero();
    }

    @Test
    void halfCapturedIsCompletedInBothOrders() throws Exception {
        OpenCodeSession session = session("ses_1");
        session.write(user());
        RecordedCalls wireFirst = cache("wire");
        session.record(wireFirst, 3, session.calls());
        wireFirst.settle();
        run(wireFirst);
        RecordedCalls transcriptFirst = cache("transcript");
        run(transcriptFirst);
        session.record(transcriptFirst, 3, session.calls());
        assertThat(values(wireFirst, ROWS)).hasSize(16).isEqualTo(values(transcriptFirst, ROWS));
        assertThat(values(wireFirst, "select sum(output_tokens) from ai_gateway_messages"))
                .containsExactly(Integer.toString(5 * session.calls()));
    }

    @Test
    void answersWithoutANameAreReconciledByWhatTheyCounted() throws Exception {
        OpenCodeSession session = session("ses_1");
        session.write(user());
        RecordedCalls calls = cache("c");
        session.record(calls, 1, session.calls());
        calls.settle();
        run(calls);
        CountedAnswers answers = new CountedAnswers(new Recorded(new Cache(calls.cache()), 64L << 20));
        Reconcile.Session one = new Reconcile(answers)
                .run(Map.of(format(), found()), Optional.empty())
                .getFirst();
        assertThat(one.isExplained()).isTrue();
        assertThat(one.transcript().answers()).isEqualTo(session.calls());
        assertThat(one.wire().answers()).isEqualTo(session.calls() - 1);
        assertThat(one.reasons()).containsOnlyKeys(Reconcile.NOT_CAPTURED);
    }

    @Test
    void aSubagentIsASessionThatNamesItsParent() throws Exception {
        OpenCodeSession child = new OpenCodeSession("ses_child", Optional.of("ses_1"))
                .says("look there")
                .answers(textBlock("nothing"));
        child.write(user());
        String parents = "select distinct concat_ws(' ', session_id, parent_thread_id, is_sidechain, agent_name)"
                + " from ai_gateway_messages";
        RecordedCalls wireFirst = cache("wire");
        child.record(wireFirst);
        assertThat(values(wireFirst, parents)).containsExactly("ses_child ses_1 true");
        run(wireFirst);
        assertThat(values(wireFirst, parents)).containsExactly("ses_child ses_1 true general");
        RecordedCalls transcriptFirst = cache("transcript");
        run(transcriptFirst);
        child.record(transcriptFirst);
        assertThat(values(transcriptFirst, ROWS)).isEqualTo(values(wireFirst, ROWS));
    }

    @Test
    void aForkSharesTheRowsOfWhatItGoesOnFrom() throws Exception {
        OpenCodeSession trunk = new OpenCodeSession("ses_trunk")
                .says("begin")
                .answers(toolUse("toolu_1", "bash"))
                .results(toolResult("toolu_1", "one"))
                .answers(textBlock("begun"));
        OpenCodeSession fork = trunk.fork("ses_fork").says("otherwise").answers(textBlock("as you like"));
        trunk.says("and on").answers(textBlock("on and on"));
        List<String> expected = List.of("ses_fork 2", "ses_trunk 6");

        trunk.write(user());
        RecordedCalls oneByOne = cache("one");
        run(oneByOne);
        fork.write(user());
        // The session that was begun first was used last.
        execute("update session set time_updated = time_updated + 1000000 where id = 'ses_trunk'");
        run(oneByOne);
        assertThat(values(oneByOne, BY_SESSION)).isEqualTo(expected);

        RecordedCalls atOnce = cache("once");
        run(atOnce);
        assertThat(values(atOnce, BY_SESSION)).isEqualTo(expected);

        RecordedCalls wire = cache("wire");
        trunk.record(wire, 0, 2);
        fork.record(wire);
        trunk.record(wire, 2, 3);
        assertThat(values(wire, BY_SESSION)).isEqualTo(expected);
        run(wire);
        assertThat(values(wire, BY_SESSION)).isEqualTo(expected);
    }

    @Test
    void whatIsNotWholeIsReadOnceItIs() throws Exception {
        OpenCodeSession session = new OpenCodeSession("ses_1").says("begin").answers(textBlock("begun"));
        session.write(user());
        execute("update part set data = json_set(json_remove(data, '$.time.end'), '$.text', 'beg')"
                + " where json_extract(data, '$.text') = 'begun'");
        execute("update message set data = json_remove(data, '$.time.completed', '$.finish')"
                + " where json_extract(data, '$.role') = 'assistant'");
        RecordedCalls calls = cache("c");
        assertThat(run(calls).counts().written()).isEqualTo(1);
        session.write(user());
        execute("update message set time_updated = time_updated + 5000");
        assertThat(run(calls).counts().written()).isEqualTo(1);
        assertThat(values(calls, "select content_text from ai_gateway_messages order by message_created_at"))
                .containsExactly("begin", "begun");
    }

    @Test
    void whatIsNoUtteranceIsKept() throws Exception {
        OpenCodeSession session = new OpenCodeSession("ses_1").says("begin").answers(textBlock("begun"));
        session.adds(JSON.createObjectNode().put("type", "patch").put("hash", "abc"))
                .adds(JSON.createObjectNode().put("type", "unheard-of").put("name", "something"));
        session.write(user());
        execute("update message set data = json_set(data, '$.error', json('{\"name\":\"Stopped\",\"data\":"
                + "{\"message\":\"as asked\"}}')) where json_extract(data, '$.role') = 'assistant'");
        RecordedCalls calls = cache("c");
        assertThat(run(calls).counts().notes()).isEqualTo(3);
        assertThat(values(
                        calls,
                        "select concat_ws(' ', provider_type, provider_subtype, content_text) from ai_gateway_messages"
                                + " where aux_kind = 'note' order by 1"))
                .containsExactly("error Stopped as asked", "patch", "unheard-of something");
    }

    @Test
    void onlyWhatIsNewIsReadAndWhatIsDeletedStays() throws Exception {
        session("ses_1").write(user());
        session("ses_2").write(user(), 5);
        RecordedCalls calls = cache("c");
        assertThat(run(calls).read()).isEqualTo(2);
        assertThat(run(calls).read()).isZero();
        session("ses_2").write(user());
        assertThat(run(calls).read()).isEqualTo(1);
        execute("delete from message where session_id = 'ses_1'");
        execute("delete from part where session_id = 'ses_1'");
        assertThat(run(calls).found()).isEqualTo(1);
        assertThat(values(calls, BY_SESSION)).containsExactly("ses_1 16", "ses_2 16");
        assertThat(found().files().getFirst().key()).endsWith("opencode.db#ses_2");
    }

    @Test
    void aPartThatIsTooLongIsCounted() throws Exception {
        new OpenCodeSession("ses_1")
                .says("x".repeat(LineSource.MOST_LINE))
                .says("short")
                .write(user());
        RecordedCalls calls = cache("c");
        assertThat(run(calls).unreadLines()).isEqualTo(1);
        assertThat(values(calls, "select content_text from ai_gateway_messages"))
                .containsExactly("short");
    }

    @Test
    void aDatabaseThatCannotBeReadIsNamed() throws Exception {
        RecordedCalls calls = cache("c");
        assertThat(run(calls).failed()).isEmpty();
        Path database = OpenCodeSession.database(user());
        Files.createDirectories(database.getParent());
        Files.writeString(database, "no database at all".repeat(1000));
        assertThat(run(calls).failed()).singleElement().asString().endsWith("it is damaged, or no SQLite database");
        Files.delete(database);
        execute("create table session (id text, title text)");
        assertThat(run(calls).failed()).singleElement().asString().contains("table message lacks data, id");
        Files.delete(database);

        session("ses_1").write(user());
        byte[] whole = Files.readAllBytes(database);
        execute("pragma journal_mode = delete");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                Statement statement = connection.createStatement()) {
            statement.execute("begin exclusive");
            assertThat(run(calls).failed()).singleElement().asString().contains("another program keeps it locked");
        }
        Files.write(database, java.util.Arrays.copyOf(whole, whole.length / 3));
        assertThat(run(calls).failed()).isNotEmpty();
        Files.write(database, whole);
        assertThat(run(calls).failed()).isEmpty();
        assertThat(values(calls, BY_SESSION)).containsExactly("ses_1 16");
    }

    @Test
    void theDatabaseIsLeftAsItIs() throws Exception {
        session("ses_1").write(user());
        Path database = OpenCodeSession.database(user());
        Path log = database.resolveSibling("opencode.db-wal");
        // OpenCode has it open, and what it wrote last stands in the log beside it.
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                Statement statement = connection.createStatement()) {
            statement.execute("pragma wal_autocheckpoint = 0");
            statement.execute("update session set time_updated = time_updated + 1");
            session("ses_2").write(user());
            byte[] before = Files.readAllBytes(database);
            byte[] logged = Files.readAllBytes(log);
            assertThat(run(cache("c")).read()).isEqualTo(2);
            assertThat(Files.readAllBytes(database)).isEqualTo(before);
            assertThat(Files.readAllBytes(log)).isNotEmpty().isEqualTo(logged);
        }
    }
}
