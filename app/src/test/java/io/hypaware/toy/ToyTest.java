package io.hypaware.toy;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.dataset.Datasets;
import io.hypaware.engine.Engine;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.lake.Lake;
import io.hypaware.maintain.Event;
import io.hypaware.maintain.Flush;
import io.hypaware.maintain.Maintenance;
import io.hypaware.maintain.Report;
import io.hypaware.maintain.Writing;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is added as docs/contributing.md says is there for users, without a change of the program.
class ToyTest {

    @TempDir
    private Path folder;

    private RecordedCalls calls;

    @BeforeEach
    void records() {
        calls = new RecordedCalls(folder.resolve("cache"));
    }

    @AfterEach
    void nothingMeanwhile() {
        ToyProjector.meanwhile = () -> {};
    }

    @Test
    void aProviderAndADatasetAreQueriedHotAndFromTheLake() throws Exception {
        reading("{\"place\": \"roof\", \"mean\": 1.5, \"degrees\": [1.0, 2.0], \"counts\": [3, 4],"
                + " \"labels\": [\"a, b\", \"é\"], \"note\": \"" + "x".repeat(3_000) + "\"}");
        reading("{\"place\": \"cellar\", \"degrees\": [], \"counts\": []}");
        calls.settle();
        List<String> expected = List.of("cellar|0.0|[]|[]|[]|0", "roof|1.5|[1.0, 2.0]|[3, 4]|['a, b', é]|3000");
        assertThat(read()).isEqualTo(expected);

        flush();
        reading("{\"place\": \"roof\", \"mean\": 2, \"degrees\": [7.25]}");
        calls.settle();
        flush();

        assertThat(read()).hasSize(3).containsAll(expected);
        assertThat(Queries.values(
                        calls.cache(),
                        "select degrees[1]::varchar from toy_readings where list_contains(degrees, 7.25)"))
                .containsExactly("7.25");
        assertThat(Queries.values(calls.cache(), "select count(*) from exchanges where provider = 'toy'"))
                .containsExactly("3");
    }

    /// Other engines find columns, and elements of lists, by their ids.
    @Test
    void filesCarryTheIdsOfTheTable() throws Exception {
        reading("{\"place\": \"roof\", \"degrees\": [1.0], \"counts\": [1], \"labels\": [\"a\"]}");
        calls.settle();
        flush();
        try (Lake lake = Lake.open(new Cache(calls.cache()));
                Engine engine = Engine.open(64 << 20, 1, folder)) {
            var table = lake.table(Datasets.named("toy_readings").orElseThrow()).orElseThrow();
            List<String> ids = engine.strings("SELECT name || ' ' || field_id FROM parquet_schema('"
                    + table.files().getFirst().path() + "') WHERE field_id IS NOT NULL ORDER BY field_id");
            assertThat(ids)
                    .containsExactly(
                            "read_at 1",
                            "place 2",
                            "mean 3",
                            "degrees 4",
                            "counts 5",
                            "labels 6",
                            "note 7",
                            "_row_id 8",
                            "_seq 9",
                            "element 10",
                            "element 11",
                            "element 12");
        }
    }

    @Test
    void aTaskIsRunWithEachTickAndItsFailureStaysItsOwn() throws Exception {
        reading("{\"place\": \"roof\"}");
        assertThat(tick().of(Event.Done.class))
                .containsExactly(new Event.Done("counting", "toy_readings", "1 readings"));

        reading("{\"place\": \"roof\"}");
        reading("{\"place\": \"roof\"}");
        Report report = tick();

        assertThat(report.of(Event.Done.class)).isEmpty();
        assertThat(report.failed()).containsExactly(new Event.Failed("toy_readings", "", "more than two readings"));
        assertThat(read()).hasSize(3);
    }

    private Report tick() throws Exception {
        Cache cache = new Cache(calls.cache());
        return new Maintenance(
                        cache,
                        Configs.defaults().query().cache(),
                        Writing.whole("gw"),
                        Clock.fixed(Instant.parse("2026-03-02T00:00:00Z"), ZoneOffset.UTC),
                        Progress.NONE)
                .run(Maintenance.Options.background(Duration.ofMinutes(1)), Duration.ofSeconds(30));
    }

    /// Who records would wait for it.
    @Test
    void noTransactionIsOpenWhileAProjectorWorks() throws Exception {
        int[] taken = new int[1];
        ToyProjector.meanwhile = () -> {
            try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + calls.journal());
                    Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA busy_timeout = 0");
                statement.execute("BEGIN IMMEDIATE");
                statement.execute("ROLLBACK");
                taken[0]++;
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        };
        for (int i = 0; i < 3; i++) {
            reading("{\"place\": \"roof\", \"note\": \"" + "y".repeat(200_000) + i + "\"}");
        }
        calls.settle();
        assertThat(taken[0]).isEqualTo(6);
        assertThat(read()).hasSize(3);
    }

    private void reading(String json) {
        calls.call()
                .provider("toy")
                .path("/readings")
                .request(json.getBytes(StandardCharsets.UTF_8))
                .record();
    }

    private void flush() throws Exception {
        new Flush(new Cache(calls.cache()), Configs.defaults().query().cache().maintenance(), _ -> {}).run();
    }

    private List<String> read() throws Exception {
        return Queries.values(
                calls.cache(),
                "select place || '|' || mean || '|' || degrees::varchar || '|' || counts::varchar || '|' ||"
                        + " labels::varchar || '|' || length(note) from toy_readings order by place, read_at");
    }
}
