package io.hypaware.sink;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.home.Cache;
import io.hypaware.lake.stored.StoredTable;
import io.hypaware.lake.stored.TableCommits;
import io.hypaware.privacy.PrivacyList;
import io.hypaware.store.LocalFolder;
import io.hypaware.store.ObjectKey;
import io.hypaware.testing.Configs;
import io.hypaware.testing.ExportedTables;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.SinkEnvironments;
import io.hypaware.testing.Trees;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rows as Iceberg tables in a folder: what is recorded, once, and nothing of sessions that stay.
class TableSinkTest {

    private static final Instant NOW = Instant.parse("2026-03-02T10:00:20Z");

    private static final String LARGE = "large text ".repeat(400);

    /// As somebody would be killed.
    private static final class Died extends Error {

        private static final long serialVersionUID = 1L;
    }

    @TempDir
    private Path home;

    private Cache cache;
    private RecordedCalls calls;
    private Path out;

    @BeforeEach
    void open() {
        cache = new Cache(home.resolve("hypaware/cache"));
        calls = new RecordedCalls(cache.folder());
        out = home.resolve("exports");
    }

    private void record(String... sessions) {
        for (String session : sessions) {
            calls.call()
                    .session(session)
                    .messages(message("user", "question " + session), message("user", LARGE + session))
                    .answer("answer")
                    .record();
        }
        calls.settle();
    }

    private Sinks sinks(String more, Instant now, Consumer<SinkStep> steps) {
        return new Sinks(Configs.withSinks("""
                {"tables": {"writer": "@hypaware/format-iceberg", "destination": "@hypaware/local-fs",
                 "config": {"dir": "%s"%s}}}""".formatted(out, more)), SinkEnvironments.at(now, cache, steps));
    }

    private String run() throws Exception {
        return run(", \"datasets\": [\"ai_gateway_messages\"]");
    }

    private String run(String more) throws Exception {
        List<Sinks.Ran> ran = sinks(more, NOW, _ -> {}).force(Optional.empty());
        assertThat(ran).extracting(Sinks.Ran::error).containsExactly("");
        return ran.getFirst().outcome().orElseThrow().text();
    }

    private void dieAt(SinkStep death) {
        assertThatThrownBy(() -> sinks(", \"datasets\": [\"ai_gateway_messages\"]", NOW, step -> {
                            if (step == death) {
                                throw new Died();
                            }
                        })
                        .force(Optional.empty()))
                .isInstanceOf(Died.class);
    }

    private LocalFolder folder() {
        return new LocalFolder(out, Clock.systemUTC());
    }

    private List<String> read(String before, String after) throws Exception {
        return ExportedTables.read(folder(), "ai_gateway_messages", home, before, after);
    }

    private void assertSessions(String... sessions) throws Exception {
        assertThat(read("select distinct session_id", "order by 1")).containsExactly(sessions);
        assertThat(read("select count(*) - count(distinct part_id)", "")).containsExactly("0");
    }

    @Test
    void whatIsRecordedIsAppendedOnce() throws Exception {
        record("one", "two");
        run();
        assertSessions("one", "two");
        Map<String, Long> before = Trees.files(out);
        assertThat(run()).startsWith("0 rows");
        assertThat(Trees.files(out)).isEqualTo(before);
        record("three");
        run();
        assertSessions("one", "three", "two");
        assertThat(Trees.files(cache.spill())).isEmpty();
    }

    @Test
    void payloadsStandInTheirRowsOfEachDataset() throws Exception {
        record("one");
        run("");
        assertThat(read("select content_text", "where content_text like 'large%'"))
                .containsExactly(LARGE + "one");
        assertThat(ExportedTables.read(
                        folder(), "exchanges", home, "select count(*)", "where octet_length(request_body) > 4000"))
                .containsExactly("1");
        assertThat(read("select typeof(message_created_at) || ' ' || typeof(attributes)", "limit 1"))
                .containsExactly("TIMESTAMP WITH TIME ZONE VARCHAR");
    }

    @Test
    void sessionsThatStayAreLeftOutUntilTheyMayGo() throws Exception {
        record("one", "mine");
        PrivacyList.update(cache.privacyList(), list -> list.withSession("mine", NOW));
        assertThat(run()).endsWith("stay on this machine");
        assertSessions("one");
        PrivacyList.update(cache.privacyList(), list -> list.withoutSession("mine"));
        record("two");
        run();
        assertSessions("mine", "one", "two");
    }

    /// The commit is there, and the book does not know of it.
    @Test
    void whatIsMarkedBeforeACommitIsWrittenDownIsTakenOutAndComesOnceWhenItMayGo() throws Exception {
        record("one", "mine");
        dieAt(SinkStep.DELIVERED);
        assertSessions("mine", "one");
        PrivacyList.update(cache.privacyList(), list -> list.withSession("mine", NOW));
        dieAt(SinkStep.LOOKED);
        run();
        assertSessions("one");
        PrivacyList.update(cache.privacyList(), list -> list.withoutSession("mine"));
        run();
        assertSessions("mine", "one");
    }

    /// Any reader of tables leaves out files that cannot hold what it asks for.
    @Test
    void filesSayBetweenWhatTheirValuesAre() throws Exception {
        for (String session : List.of("a", "b", "c")) {
            record(session);
            run();
        }
        assertThat(planned(Expressions.alwaysTrue())).hasSize(3);
        assertThat(planned(Expressions.equal("session_id", "b"))).hasSize(1);
        assertThat(planned(Expressions.equal("conversation_id", "nobody's"))).isEmpty();
        assertThat(planned(Expressions.greaterThan("message_created_at", "2026-03-02T00:00:00+00:00")))
                .isEmpty();
        assertThat(planned(Expressions.greaterThanOrEqual("message_created_at", "2026-03-01T00:00:00+00:00")))
                .hasSize(3);
        assertThat(planned(Expressions.notNull("tool_name")))
                .as("a column of nulls")
                .isEmpty();
        assertThat(planned(Expressions.notNull("content_text"))).hasSize(3);

        record("d");
        run();
        sinks("", NOW, _ -> {}).maintain(Optional.empty(), false);
        assertThat(planned(Expressions.alwaysTrue())).hasSize(1);
        assertThat(planned(Expressions.equal("session_id", "b"))).hasSize(1);
        assertThat(planned(Expressions.equal("session_id", "x"))).as("merged").isEmpty();
    }

    private List<String> planned(Expression filter) throws Exception {
        TableCommits commits =
                new TableCommits(folder(), new ObjectKey("iceberg/datasets/ai_gateway_messages"), _ -> {});
        List<String> files = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks =
                new BaseTable(commits, "messages").newScan().filter(filter).planFiles()) {
            tasks.forEach(task -> files.add(task.file().location()));
        }
        return files;
    }

    private List<String> data() throws Exception {
        return Trees.files(out).keySet().stream()
                .filter(file -> file.endsWith(".parquet"))
                .toList();
    }

    @Test
    void smallFilesOfADayBecomeOneAndThePastGoes() throws Exception {
        for (String session : List.of("a", "b", "c", "d", "e")) {
            record(session);
            run();
        }
        Sinks later = sinks(
                ", \"maintenance\": {\"min_snapshots_to_keep\": 1, \"max_snapshot_age_hours\": 1}",
                Instant.now().plus(Duration.ofHours(3)),
                _ -> {});
        int files = stored().files().size();
        assertThat(files).isGreaterThanOrEqualTo(5);
        Map<String, Long> before = Trees.files(out);
        assertThat(later.maintain(Optional.empty(), true))
                .extracting(Sinks.Maintained::text)
                .first()
                .asString()
                .startsWith(files + " files would be made");
        assertThat(Trees.files(out)).isEqualTo(before);

        assertThat(later.maintain(Optional.empty(), false))
                .extracting(Sinks.Maintained::error)
                .containsExactly("");
        assertThat(stored().files()).hasSize(1);
        assertSessions("a", "b", "c", "d", "e");
        record("f");
        run();
        // What the merge has replaced goes when its own snapshot does.
        assertThat(later.maintain(Optional.empty(), false))
                .extracting(Sinks.Maintained::error)
                .containsExactly("");
        assertThat(data()).hasSize(2);
        assertSessions("a", "b", "c", "d", "e", "f");
    }

    @Test
    void aBatchThatIsOnItsWayIsNotMerged() throws Exception {
        for (String session : List.of("a", "b", "c", "d")) {
            record(session);
            run();
        }
        record("e");
        dieAt(SinkStep.DELIVERED);
        assertThat(sinks("", NOW, _ -> {}).maintain(Optional.empty(), false))
                .extracting(Sinks.Maintained::text)
                .first()
                .asString()
                .contains("a batch is on its way to ai_gateway_messages");
        run();
        assertSessions("a", "b", "c", "d", "e");
    }

    private StoredTable stored() throws Exception {
        return StoredTable.read(folder(), new ObjectKey("iceberg/datasets/ai_gateway_messages"))
                .orElseThrow();
    }
}
