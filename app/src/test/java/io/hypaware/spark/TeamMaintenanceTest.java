package io.hypaware.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hypaware.config.TeamLakeConfig;
import io.hypaware.dataset.Datasets;
import io.hypaware.lake.LakeException;
import io.hypaware.lake.LocalFiles;
import io.hypaware.lake.TeamLake;
import io.hypaware.lake.TeamLease;
import io.hypaware.testing.Sparks;
import io.hypaware.testing.TeamWarehouse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A real Spark maintains a team's lake (`./check --interop`).
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class TeamMaintenanceTest {

    private static final int FILES = 6;

    private Path folder;
    private TeamWarehouse warehouse;
    private TeamLakeConfig config;
    private SparkJars jars;

    @BeforeAll
    void begin(@TempDir Path temporary) throws Exception {
        assumeTrue(Sparks.jars().isPresent(), "HYP_SPARK names no Spark");
        folder = temporary;
        jars = Sparks.jars().orElseThrow();
        warehouse = new TeamWarehouse(folder.resolve("warehouse"));
        config = warehouse.lake("somebody");
        try (TeamLake lake = TeamLake.open(config)) {
            lake.tableOrCreate(Datasets.PAYLOADS);
        }
    }

    @AfterAll
    void end() throws IOException {
        if (warehouse != null) {
            warehouse.close();
        }
    }

    @Test
    void smallFilesBecomeOneAndOldGarbageGoes() throws Exception {
        TreeSet<String> before;
        try (SparkProcess spark = spark()) {
            append(spark, "a");
            before = hashes(spark);
        }
        Path table = LocalFiles.path(location());
        Path old = garbage(table.resolve("data/old.parquet"), Duration.ofDays(8));
        Path young = garbage(table.resolve("data/young.parquet"), Duration.ofDays(6));
        Path beside = garbage(table.resolveSibling("beside").resolve("other.parquet"), Duration.ofDays(80));

        List<Done> could = maintain(true);
        assertThat(could).allMatch(done -> done.problem().isEmpty());
        assertThat(old).exists();
        assertThat(liveFiles()).hasSizeGreaterThanOrEqualTo(FILES);

        List<Done> done = maintain(false);
        assertThat(done)
                .allMatch(d -> d.problem().isEmpty())
                .extracting(Done::step)
                .contains("rewrite", "manifests", "expire", "orphans", "forget");
        assertThat(liveFiles()).hasSize(1).allMatch(file -> Files.exists(LocalFiles.path(file)));
        assertThat(old).doesNotExist();
        assertThat(young).exists();
        assertThat(beside).exists();
        try (SparkProcess spark = spark()) {
            assertThat(hashes(spark)).isEqualTo(before);
        }
    }

    @Test
    void aSparkThatIsKilledLosesNothing() throws Exception {
        TreeSet<String> before;
        try (SparkProcess spark = spark()) {
            append(spark, "k");
            before = hashes(spark);
            Thread killer = Thread.startVirtualThread(() -> {
                try {
                    Thread.sleep(1500);
                } catch (InterruptedException e) {
                    return;
                }
                spark.kill();
            });
            List<Done> done = new ArrayList<>();
            try (TeamLake lake = TeamLake.open(config)) {
                new LakeMaintenance(spark, TeamCatalog.NAME, config.namespace(), Clock.systemUTC(), false)
                        .run(lake.places(config.warehouseLocation()), done::add);
            }
            killer.join();
        }
        maintain(false);
        assertThat(liveFiles()).allMatch(file -> Files.exists(LocalFiles.path(file)));
        try (SparkProcess spark = spark()) {
            assertThat(hashes(spark)).isEqualTo(before);
        }
    }

    @Test
    void oneAtATimeMaintains() throws Exception {
        try (TeamLake lake = TeamLake.open(config)) {
            TeamLease held = lake.lease(Clock.systemUTC(), "other/1");
            assertThatThrownBy(() -> maintain(false))
                    .isInstanceOf(LakeException.class)
                    .hasMessageContaining("other/1");
            held.release();
        }
    }

    @Test
    void aStatementThatFailsIsToldAndTheNextOneRuns() throws Exception {
        try (SparkProcess spark = spark()) {
            assertThatThrownBy(() -> spark.rows("SELECT nothing FROM nowhere")).isInstanceOf(SparkException.class);
            assertThat(spark.rows("SELECT 1 AS one").getFirst().path("one").asInt())
                    .isEqualTo(1);
        }
    }

    private SparkProcess spark() throws IOException {
        return SparkProcess.start(
                jars,
                folder.resolve("work"),
                TeamCatalog.settings(config, "local[2]"),
                folder.resolve("logs/spark.log"));
    }

    private List<Done> maintain(boolean dryRun) throws Exception {
        List<Done> done = new ArrayList<>();
        new TeamMaintenance(
                        config,
                        jars,
                        "local[2]",
                        folder.resolve("work"),
                        folder.resolve("logs/maintain.log"),
                        "this/1",
                        Clock.systemUTC())
                .run(dryRun, done::add);
        return done;
    }

    /// Files of one day.
    private static void append(SparkProcess spark, String prefix) throws IOException {
        for (int file = 0; file < FILES; file++) {
            spark.rows("""
                    INSERT INTO hypaware.hypaware.payloads (hash, size, text, bytes, first_seen_at, last_seen_at, parts,
                      _machine, _user, row_id, _seq)
                    SELECT '%1$s%2$d', 1, 'text', NULL, TIMESTAMP '2026-01-02 03:04:05', TIMESTAMP '2026-01-02 03:04:05', NULL,
                      'm', 'u', '%1$s%2$d', %2$d""".formatted(prefix, file));
        }
    }

    private static TreeSet<String> hashes(SparkProcess spark) throws IOException {
        TreeSet<String> hashes = new TreeSet<>();
        spark.query("SELECT hash FROM hypaware.hypaware.payloads", row -> {
            assertThat(hashes.add(row.path("hash").asText())).isTrue();
        });
        return hashes;
    }

    private List<String> liveFiles() throws InterruptedException {
        try (TeamLake lake = TeamLake.open(config)) {
            return lake.table(Datasets.PAYLOADS).orElseThrow().files();
        }
    }

    private String location() throws InterruptedException {
        try (TeamLake lake = TeamLake.open(config)) {
            return lake.places(config.warehouseLocation()).stream()
                    .filter(place -> place.name().equals("payloads"))
                    .findFirst()
                    .orElseThrow()
                    .location();
        }
    }

    private static Path garbage(Path file, Duration age) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "nothing names this");
        Files.setLastModifiedTime(
                file, FileTime.from(Clock.systemUTC().instant().minus(age)));
        return file;
    }
}
