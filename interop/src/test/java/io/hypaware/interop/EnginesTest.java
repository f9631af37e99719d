package io.hypaware.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import io.hypaware.lake.Recovery;
import io.hypaware.maintain.Event;
import io.hypaware.maintain.Report;
import io.hypaware.testing.Queries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.hadoop.HadoopFileIO;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// One lake and several engines: first all read it, then Spark and we write to it by turns and at once. In this order,
/// because Spark takes long to start and one catalog has one name.
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EnginesTest {

    private static final String MESSAGES = "hypaware.hypaware.ai_gateway_messages";
    private static final String OURS =
            "select _row_id || coalesce(content_text, '') || coalesce(system_text, '') || _seq"
                    + " from ai_gateway_messages order by 1";

    private Path home;
    private RecordedLake lake;
    private Guide guide;
    private Spark spark;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        home = folder.resolve("home");
        lake = new RecordedLake(home);
        guide = Guide.named("engines.md", home);
        for (int i = 0; i < 6; i++) {
            lake.record();
        }
        spark = new Spark(guide.sparkSettings(), Files.createDirectory(folder.resolve("spark")));
    }

    @AfterAll
    void stop() throws IOException {
        spark.close();
    }

    @Test
    @Order(1)
    void allEnginesSeeTheSameRows() throws Exception {
        try (JdbcCatalog catalog = catalog()) {
            List<TableIdentifier> tables = catalog.listTables(Namespace.of("hypaware"));
            assertThat(tables).extracting(TableIdentifier::name).contains("ai_gateway_messages", "payloads", "metrics");
            for (TableIdentifier table : tables) {
                Dataset dataset = Datasets.named(table.name()).orElseThrow();
                List<String> rows = Rows.generic(catalog.loadTable(table), dataset);
                assertThat(Rows.spark(spark, dataset))
                        .as(table.name())
                        .isNotEmpty()
                        .isEqualTo(rows);
                assertThat(Rows.duckDb(files(dataset.name()), dataset))
                        .as(table.name())
                        .isEqualTo(rows);
                assertThat(rows)
                        .hasSize(Integer.parseInt(Queries.values(lake.cache(), "select count(*) from " + table.name())
                                .getFirst()));
            }
        }
    }

    @Test
    @Order(2)
    void theGuidesStatementsJoinPayloads() throws Exception {
        List<String> statements = guide.statements("## Spark");
        assertThat(statements).hasSize(4);
        assertThat(spark.rows(statements.get(0))).hasSizeGreaterThan(5);
        assertThat(spark.rows(statements.get(1)))
                .extracting(row -> row.path("role").asText())
                .contains("user", "assistant");
        assertThat(spark.rows(statements.get(2)).stream()
                        .map(row -> row.path("system_text").asText())
                        .sorted()
                        .toList())
                .isEqualTo(Queries.values(
                        lake.cache(), "select coalesce(system_text, '') from ai_gateway_messages order by 1"));
        assertThat(spark.rows(statements.get(3))).isNotEmpty();
    }

    @Test
    @Order(2)
    void theGuidesStatementPutsPartsTogether() throws Exception {
        spark.rows("CREATE TEMPORARY VIEW stored_payloads AS SELECT * FROM hypaware.hypaware.payloads");
        String parts =
                Guide.named("querying.md", home).statements("## Other engines").get(1);
        List<String> bodies = spark
                .rows("SELECT DISTINCT md5(value) AS body FROM (" + parts + ") v JOIN hypaware.hypaware.exchanges e"
                        + " ON v.hash = cast(e.request_body AS string) ORDER BY 1")
                .stream()
                .map(row -> row.path("body").asText())
                .toList();
        assertThat(bodies)
                .hasSize(6)
                .isEqualTo(Queries.values(lake.cache(), "select distinct md5(request_body) from exchanges order by 1"));
    }

    @Test
    @Order(3)
    void sparkReadsWhileWeAppendAndCompact() throws Exception {
        long before = spark.number("SELECT count(*) FROM " + MESSAGES);
        CompletableFuture<Report> writing = writing(6);
        List<Long> counts = new ArrayList<>();
        while (!writing.isDone() && counts.size() < 1_000) {
            JsonNode row = spark.rows("SELECT count(*) AS n, count(DISTINCT row_id) AS ids FROM " + MESSAGES)
                    .getFirst();
            assertThat(row.path("ids").asLong()).isEqualTo(row.path("n").asLong());
            counts.add(row.path("n").asLong());
        }
        assertThat(writing.get().of(Event.Compacted.class)).isNotEmpty();
        assertThat(writing.get().failed()).isEmpty();
        assertThat(counts).isSorted();
        assertThat(spark.number("SELECT count(*) FROM " + MESSAGES)).isEqualTo(before + 18);
        assertThat(spark.number("SELECT count(DISTINCT row_id) FROM " + MESSAGES))
                .isEqualTo(before + 18);
    }

    @Test
    @Order(4)
    void whatSparkRewritesStaysAsItIs() throws Exception {
        lake.record();
        List<String> before = Queries.values(lake.cache(), OURS);
        for (String statement : guide.statements("### Writing")) {
            spark.rows(statement);
        }
        List<String> files = files("ai_gateway_messages");
        assertThat(files).allMatch(file -> file.contains("/data/day="));
        assertThat(Queries.values(lake.cache(), OURS)).isEqualTo(before);

        Report report = lake.maintain(Duration.ofDays(3));

        assertThat(report.failed()).isEmpty();
        assertThat(report.of(Event.Reclaimed.class).size()
                        + report.of(Event.Expired.class).size())
                .isPositive();
        assertThat(files("ai_gateway_messages")).isEqualTo(files);
        assertThat(files).allMatch(file -> Files.exists(Path.of(file)));
        assertThat(Queries.values(lake.cache(), OURS)).isEqualTo(before);
    }

    @Test
    @Order(5)
    void rowsThatSparkAppendsAreOursToo() throws Exception {
        long before = Long.parseLong(count());
        spark.rows(
                "INSERT INTO " + MESSAGES + " SELECT " + columnsWithId("spark-1") + " FROM " + MESSAGES + " LIMIT 1");

        assertThat(count()).isEqualTo(Long.toString(before + 1));
        lake.record();
        assertThat(lake.maintain(Duration.ZERO).failed()).isEmpty();
        assertThat(count()).isEqualTo(Long.toString(before + 4));
        assertThat(Queries.values(lake.cache(), "select count(*) from ai_gateway_messages where _row_id = 'spark-1'"))
                .containsExactly("1");
        assertThat(spark.number("SELECT count(*) FROM " + MESSAGES)).isEqualTo(before + 4);
    }

    @Test
    @Order(5)
    void bothWriteAtOnce() throws Exception {
        long before = Long.parseLong(count());
        CompletableFuture<Report> writing = writing(5);
        int appended = 0;
        for (int i = 0; !writing.isDone() && i < 200; i++) {
            appended += spark.accepts("INSERT INTO " + MESSAGES + " SELECT " + columnsWithId("both-" + i) + " FROM "
                            + MESSAGES + " WHERE row_id = 'spark-1'")
                    ? 1
                    : 0;
        }
        assertThat(writing.get().failed()).isEmpty();

        assertThat(appended).isPositive();
        assertThat(spark.number("SELECT count(DISTINCT row_id) FROM " + MESSAGES))
                .isEqualTo(before + 15 + appended);
        assertThat(count()).isEqualTo(Long.toString(before + 15 + appended));
    }

    @Test
    @Order(6)
    void rowsThatSparkDeletesAreGoneEitherWay() throws Exception {
        long before = Long.parseLong(count());
        spark.rows("DELETE FROM " + MESSAGES + " WHERE content_text = 'A0'");
        assertThat(count()).isEqualTo(Long.toString(before - 1));
        spark.rows("ALTER TABLE " + MESSAGES + " SET TBLPROPERTIES ('write.delete.mode' = 'merge-on-read')");
        spark.rows("DELETE FROM " + MESSAGES + " WHERE content_text = 'A1'");
        assertThat(spark.number("SELECT count(*) FROM " + MESSAGES + ".delete_files"))
                .isPositive();
        assertThat(count()).isEqualTo(Long.toString(before - 2));

        assertThat(lake.maintain(Duration.ZERO).failed()).isEmpty();

        assertThat(spark.number("SELECT count(*) FROM " + MESSAGES + ".delete_files"))
                .isZero();
        assertThat(count()).isEqualTo(Long.toString(before - 2));
        assertThat(spark.number("SELECT count(*) FROM " + MESSAGES)).isEqualTo(before - 2);
    }

    @Test
    @Order(7)
    void columnsThatSparkAddsAreKept() throws Exception {
        String added =
                "SELECT row_id, note, rating, cast(seen AS string) AS seen FROM " + MESSAGES + " ORDER BY row_id";
        spark.rows("ALTER TABLE " + MESSAGES + " ADD COLUMNS (note STRING, rating DECIMAL(20, 3), seen TIMESTAMP_NTZ)");
        spark.rows("UPDATE " + MESSAGES + " SET note = concat('of ', role), rating = 1.125,"
                + " seen = TIMESTAMP_NTZ '2026-03-01 10:00:00.000001' WHERE role = 'user'");
        for (int day = 0; day < 3; day++) {
            lake.record();
        }
        List<JsonNode> before = spark.rows(added);
        List<String> rows = Queries.values(lake.cache(), OURS);
        List<String> files = files("ai_gateway_messages");

        Report report = lake.force();

        assertThat(report.failed()).isEmpty();
        assertThat(files("ai_gateway_messages")).doesNotContainAnyElementsOf(files);
        assertThat(spark.rows(added)).isEqualTo(before);
        assertThat(before.toString()).contains("of user", "1.125", "10:00:00.000001");
        assertThat(Queries.values(lake.cache(), OURS)).isEqualTo(rows);
    }

    @Test
    @Order(8)
    void aFileWithAColumnThatWeCannotWriteAgainIsLeftAlone() throws Exception {
        String tags = "SELECT row_id, tags FROM " + MESSAGES + " WHERE tags IS NOT NULL ORDER BY row_id";
        spark.rows("ALTER TABLE " + MESSAGES + " ADD COLUMN tags MAP<STRING, INT>");
        spark.rows("UPDATE " + MESSAGES + " SET tags = map('a', 1) WHERE role = 'user'");
        lake.record();
        List<JsonNode> before = spark.rows(tags);
        List<String> rows = Queries.values(lake.cache(), OURS);

        Report report = lake.force();

        assertThat(report.failed().toString()).contains("another engine has added the column tags");
        assertThat(spark.rows(tags)).isNotEmpty().isEqualTo(before);
        assertThat(Queries.values(lake.cache(), OURS)).isEqualTo(rows);

        spark.rows("ALTER TABLE " + MESSAGES + " DROP COLUMN tags");
        assertThat(lake.force().failed()).isEmpty();
        assertThat(Queries.values(lake.cache(), OURS)).isEqualTo(rows);
    }

    @Test
    @Order(9)
    void aNewerLayoutOfSparkIsOfNoMatterToOurFiles() throws Exception {
        spark.rows("ALTER TABLE " + MESSAGES + " ADD PARTITION FIELD role");
        spark.rows("ALTER TABLE " + MESSAGES + " WRITE ORDERED BY role");
        lake.record();
        String byRole = "SELECT count(*) FROM " + MESSAGES + " WHERE role = 'user'";
        String ours = "select count(*) from ai_gateway_messages where role = 'user'";
        assertThat(Long.toString(spark.number(byRole)))
                .isEqualTo(Queries.values(lake.cache(), ours).getFirst());

        spark.rows("CALL hypaware.system.rewrite_data_files(table => '" + MESSAGES
                + "', options => map('rewrite-all', 'true'))");
        List<String> rows = Queries.values(lake.cache(), OURS);
        lake.record();
        assertThat(lake.force().failed()).isEmpty();

        assertThat(Queries.values(lake.cache(), OURS)).containsAll(rows).hasSize(rows.size() + 3);
        assertThat(Long.toString(spark.number(byRole)))
                .isEqualTo(Queries.values(lake.cache(), ours).getFirst());
    }

    @Test
    @Order(10)
    void deleteVectorsOfATableOfVersion3AreHonoured() throws Exception {
        String logs = "hypaware.hypaware.logs";
        String ours = "select _row_id from logs order by 1";
        int before = Queries.values(lake.cache(), ours).size();
        spark.rows("ALTER TABLE " + logs
                + " SET TBLPROPERTIES ('format-version' = '3', 'write.delete.mode' = 'merge-on-read')");
        spark.rows("DELETE FROM " + logs + " WHERE body LIKE '%log 7%' OR body LIKE '%log 8%'");
        assertThat(spark.rows("SELECT file_format FROM " + logs + ".delete_files")
                        .toString())
                .contains("PUFFIN");
        assertThat(Queries.values(lake.cache(), ours)).hasSize(before - 2);

        lake.record();
        assertThat(lake.force().failed()).isEmpty();

        assertThat(Queries.values(lake.cache(), ours)).hasSize(before - 1);
        assertThat(spark.number("SELECT count(*) FROM " + logs)).isEqualTo(before - 1);
        assertThat(spark.number("SELECT count(DISTINCT row_id) FROM " + logs)).isEqualTo(before - 1);
    }

    @Test
    @Order(11)
    void aLostCatalogIsMadeAgainWithWhatSparkCommittedLast() throws Exception {
        spark.rows("CALL hypaware.system.rewrite_data_files(table => '" + MESSAGES
                + "', options => map('rewrite-all', 'true'))");
        List<String> before = Queries.values(lake.cache(), OURS);
        List<String> files = files("ai_gateway_messages");
        for (String name : List.of("catalog.db", "catalog.db-wal", "catalog.db-shm")) {
            Files.deleteIfExists(lake.cache().resolve(name));
        }

        assertThat(Recovery.repair(new Cache(lake.cache()))).isNotEmpty();

        assertThat(Queries.values(lake.cache(), OURS)).isEqualTo(before);
        try (JdbcCatalog catalog = catalog()) {
            List<String> recovered = new ArrayList<>();
            catalog.loadTable(TableIdentifier.of("hypaware", "ai_gateway_messages"))
                    .newScan()
                    .planFiles()
                    .forEach(task -> recovered.add(path(task.file().location())));
            assertThat(recovered).containsExactlyInAnyOrderElementsOf(files);
        }
    }

    /// Records calls, each a flush of its own, and compacts.
    private CompletableFuture<Report> writing(int calls) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                for (int i = 0; i < calls; i++) {
                    lake.record();
                }
                return lake.force();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /// What selects a row of messages with another id.
    private static String columnsWithId(String id) {
        List<String> columns = new ArrayList<>();
        Datasets.named("ai_gateway_messages")
                .orElseThrow()
                .columns()
                .forEach(column -> columns.add("`" + column.name() + "`"));
        return String.join(", ", columns) + ", '" + id + "' AS row_id, 0L AS _seq";
    }

    private String count() throws Exception {
        return Queries.values(lake.cache(), "select count(*) from ai_gateway_messages")
                .getFirst();
    }

    private List<String> files(String table) throws IOException {
        return spark.rows("SELECT file_path FROM hypaware.hypaware." + table + ".files").stream()
                .map(row -> path(row.path("file_path").asText()))
                .sorted()
                .toList();
    }

    private static String path(String location) {
        return Path.of(java.net.URI.create(location).getPath()).toString();
    }

    private JdbcCatalog catalog() {
        JdbcCatalog catalog = new JdbcCatalog(_ -> new HadoopFileIO(new Configuration()), null, false);
        catalog.initialize(
                "hypaware",
                Map.of(
                        "uri",
                        "jdbc:sqlite:" + lake.cache().resolve("catalog.db"),
                        "warehouse",
                        lake.cache().resolve("tables").toUri().toString()));
        return catalog;
    }
}
