package io.hypaware.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hypaware.home.Cache;
import io.hypaware.query.QuerySession;
import io.hypaware.testing.ForwardedHome;
import io.hypaware.testing.Sparks;
import io.hypaware.testing.TeamWarehouse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Spark says of a team's lake what the engine here says (`./check --interop`).
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class TeamSparkQueryTest {

    private static final long MEMORY_BYTES = 256L << 20;

    private Path folder;
    private TeamWarehouse warehouse;
    private TeamQuery spark;

    @BeforeAll
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void begin(@TempDir Path temporary) throws Exception {
        assumeTrue(Sparks.jars().isPresent(), "HYP_SPARK names no Spark");
        folder = temporary;
        warehouse = new TeamWarehouse(folder.resolve("warehouse"));
        new ForwardedHome(folder.resolve("ada"), warehouse)
                .adopt()
                .record("ada")
                .forward("ada");
        new ForwardedHome(folder.resolve("grace"), warehouse).record("grace").forward("grace");
        // The views have every value in place.
        spark = TeamQuery.open(
                warehouse.lake("reader"),
                new TeamQuery.Place(
                        Sparks.jars().orElseThrow(),
                        "local[2]",
                        folder.resolve("work"),
                        folder.resolve("logs/spark.log")),
                "select * , _row_id");
    }

    @AfterAll
    void end() throws Exception {
        if (spark != null) {
            spark.close();
        }
        if (warehouse != null) {
            warehouse.close();
        }
    }

    private static void gather(io.hypaware.query.QueryResult result, List<String> rows) throws Exception {
        int columns = result.getMetaData().getColumnCount();
        while (result.next()) {
            for (int i = 1; i <= columns; i++) {
                rows.add(result.getMetaData().getColumnLabel(i) + "=" + result.getString(i));
            }
        }
    }

    private List<String> bySpark(String sql) throws Exception {
        List<String> rows = new ArrayList<>();
        spark.run(sql, new Cache(folder.resolve("reader")), MEMORY_BYTES, result -> {
            try {
                gather(result, rows);
            } catch (Exception e) {
                throw new java.io.IOException(e);
            }
        });
        return rows;
    }

    private List<String> byEngine(String sql) throws Exception {
        List<String> rows = new ArrayList<>();
        try (QuerySession session =
                QuerySession.open(warehouse.lake("reader"), new Cache(folder.resolve("reader")), MEMORY_BYTES, sql)) {
            session.run(result -> {
                try {
                    gather(result, rows);
                } catch (Exception e) {
                    throw new java.io.IOException(e);
                }
            });
        }
        return rows;
    }

    @Test
    void bothSayTheSame() throws Exception {
        for (String sql : List.of(
                "select * from ai_gateway_messages order by _machine, _row_id",
                "select * from exchanges order by _machine, _row_id",
                "select * from payloads order by _machine, _row_id",
                "select * from message_facts order by _machine, _row_id",
                "select role, count(*) as n, max(length(system_text)) as longest from ai_gateway_messages group by role"
                        + " order by role",
                "select 1 as a, 2 as a, null as b, 1.5 as c")) {
            List<String> expected = byEngine(sql);
            assertThat(expected).isNotEmpty();
            List<String> found = bySpark(sql);
            assertThat(found).as(sql).hasSameSizeAs(expected);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(found.get(i)).as(sql).isEqualTo(expected.get(i));
            }
        }
    }

    @Test
    void nothingButQueriesOverViewsRuns() {
        Path evil = folder.resolve("evil");
        for (String sql : List.of(
                "insert into hypaware.hypaware.payloads select * from hypaware.hypaware.payloads",
                "with x as (select 1) insert into hypaware.hypaware.payloads select * from x",
                "from payloads insert into hypaware.hypaware.payloads select *",
                "delete from hypaware.hypaware.payloads",
                "drop table hypaware.hypaware.payloads",
                "call hypaware.system.expire_snapshots('hypaware.payloads')",
                "create table t as select 1",
                "set spark.sql.shuffle.partitions = 1",
                "add jar '/tmp/x.jar'",
                "insert overwrite directory '" + evil + "' using csv select 1",
                "begin drop table hypaware.hypaware.payloads; end",
                "execute immediate 'drop table hypaware.hypaware.payloads'",
                "select * from csv.`/etc/passwd`",
                "select * from hypaware.hypaware.payloads.snapshots",
                "select * from identifier('hypaware.hypaware.payloads')",
                "select reflect('java.lang.System', 'exit', 3)",
                "select (select max(java_method('java.lang.System', 'getenv', 'HOME')))",
                "select transform(hash) using 'touch " + evil + "' from payloads",
                "select * from payloads where exists (select 1 from hypaware.hypaware.exchanges)",
                "show tables",
                "select 1; drop table hypaware.hypaware.payloads")) {
            assertThatThrownBy(() -> bySpark(sql)).as(sql).isInstanceOf(SparkException.class);
        }
        assertThat(Files.exists(evil)).isFalse();
        assertThatThrownBy(() -> bySpark("drop table hypaware.hypaware.payloads"))
                .hasMessageContaining("only queries");
        assertThatThrownBy(() -> bySpark("select nothing_like_it from exchanges"))
                .hasMessageContaining("nothing_like_it");
    }
}
