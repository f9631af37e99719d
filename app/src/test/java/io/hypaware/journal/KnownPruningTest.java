package io.hypaware.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What was seen is forgotten after a day, but payloads are known for ever; there are millions of those after a year,
/// and no round may look at each.
class KnownPruningTest {

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void know() throws SQLException {
        file = folder.resolve("journal.db");
        Journal.open(file).close();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            for (String dataset : List.of("ai_gateway_messages", "exchanges", "payloads", "traces")) {
                statement.execute(
                        "INSERT INTO seen VALUES ('" + dataset + "', 'old', 20000), ('" + dataset + "', 'new', 20010)");
            }
        }
    }

    @Test
    void allButPayloadsIsForgottenThatIsOlder() throws SQLException {
        try (Journal journal = Journal.open(file)) {
            journal.pruning().pruneKnown(Instant.EPOCH.plusSeconds(20_005L * 86_400));
            assertThat(journal.payloadDays(List.of("old", "new", "other")))
                    .isEqualTo(Map.of("old", LocalDate.ofEpochDay(20_000), "new", LocalDate.ofEpochDay(20_010)));
        }
        assertThat(strings("SELECT dataset || ' ' || row_id FROM seen ORDER BY 1"))
                .containsExactly(
                        "ai_gateway_messages new", "exchanges new", "payloads new", "payloads old", "traces new");
    }

    /// As many as a day of a large import brings, of which each transaction forgets some.
    @Test
    void manyAreForgottenRangeByRange() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 35000)"
                            + " INSERT INTO seen SELECT 'traces', 'id' || value, 20000 + value % 2 * 10 FROM n");
        }
        try (Journal journal = Journal.open(file)) {
            journal.pruning().pruneKnown(Instant.EPOCH.plusSeconds(20_005L * 86_400));
        }
        assertThat(strings("SELECT count(*) || ' ' || min(day) FROM seen WHERE dataset = 'traces'"))
                .containsExactly("17501 20010");
    }

    @Test
    void eachStepReadsItsRangeAlone() throws SQLException {
        assertThat(plan(Pruning.RANGE_END)).startsWith("SEARCH seen USING PRIMARY KEY (dataset=? AND row_id>?)");
        assertThat(plan(Pruning.FORGET_REST)).startsWith("SEARCH seen USING PRIMARY KEY (dataset=? AND row_id>?)");
        assertThat(plan(Pruning.FORGET_RANGE))
                .startsWith("SEARCH seen USING PRIMARY KEY (dataset=? AND row_id>? AND row_id<?)");
        assertThat(plan(Pruning.NEXT_DATASET)).startsWith("SEARCH seen USING PRIMARY KEY (dataset>?)");
    }

    private String plan(String sql) throws SQLException {
        return strings("EXPLAIN QUERY PLAN " + sql.replace("?", "'0'")).getFirst();
    }

    private List<String> strings(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                found.add(rows.getString(rows.getMetaData().getColumnCount()));
            }
            return found;
        }
    }
}
