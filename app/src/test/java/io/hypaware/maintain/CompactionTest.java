package io.hypaware.maintain;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.config.CacheConfig;
import io.hypaware.engine.Engine;
import io.hypaware.home.Cache;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.project.Messages;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Small files become large ones, once, and the rows stay what they are.
class CompactionTest {

    private static final String KEEP = "\"retention\": {\"default_days\": 0}";

    @TempDir
    private Path cache;

    @Test
    void theFilesOfAPastDayBecomeOneAndAreThenLeftAlone() throws Exception {
        flushes(12, 100);
        List<String> before = rows();

        Report report = tick("{" + KEEP + "}");

        assertThat(report.of(Event.Compacted.class).stream()
                        .filter(c -> c.dataset().equals("ai_gateway_messages")))
                .singleElement()
                .satisfies(c -> {
                    assertThat(c.filesBefore()).isEqualTo(12);
                    assertThat(c.filesAfter()).isEqualTo(1);
                    assertThat(c.rows()).isEqualTo(24);
                });
        assertThat(rows()).isEqualTo(before);
        assertThat(tick("{" + KEEP + "}").of(Event.Compacted.class)).isEmpty();
        assertThat(tick("{" + KEEP + "}").of(Event.Compacted.class)).isEmpty();
    }

    @Tag("slow")
    @Test
    void theConfiguredBatchBytesBoundTheRowGroups() throws Exception {
        flushes(6, 400_000);
        tick("{" + KEEP + ", \"maintenance\": {\"compact_batch_bytes\": 1000000}}");
        long narrow = rowGroups();
        flushes(1, 400_000);
        tick("{" + KEEP + ", \"maintenance\": {\"compact_batch_bytes\": 33554432}}");

        assertThat(narrow).isGreaterThanOrEqualTo(3);
        assertThat(rowGroups()).isLessThan(narrow);
    }

    @Test
    void positionDeletesOfAnotherEngineAreAppliedAndGo() throws Exception {
        flushes(3, 100);
        List<String> before = rows();
        String deleted = deleteFirstRowOfAFile();
        assertThat(rows()).hasSize(5).doesNotContain(deleted);

        Report report = tick("{" + KEEP + "}");

        assertThat(report.failed()).isEmpty();
        assertThat(rows()).hasSize(5).doesNotContain(deleted);
        assertThat(before).containsAll(rows());
        try (Lake lake = Lake.open(new Cache(cache))) {
            assertThat(lake.table(Messages.DATASET).orElseThrow().files())
                    .allMatch(file -> file.deletes().isEmpty());
        }
    }

    @Tag("slow")
    @Test
    void whatAnotherEngineHasRewrittenIsLeftAsItIs() throws Exception {
        flushes(3, 100);
        try (JdbcCatalog catalog = catalog()) {
            Table table = catalog.loadTable(TableIdentifier.of("hypaware", "ai_gateway_messages"));
            RewriteFiles rewrite = table.newRewrite();
            try (Lake lake = Lake.open(new Cache(cache))) {
                // The same files under a commit that replaces: what a rewrite looks like from here.
                for (LiveFile file : lake.table(Messages.DATASET).orElseThrow().files()) {
                    Path copy = file.path()
                            .resolveSibling("rewritten-" + file.path().getFileName());
                    Files.copy(file.path(), copy);
                    rewrite.deleteFile(file.file());
                    rewrite.addFile(moved(table, file.file(), copy));
                }
            }
            rewrite.commit();
        }

        assertThat(tick("{" + KEEP + "}").of(Event.Compacted.class))
                .noneMatch(c -> c.dataset().equals("ai_gateway_messages"));
        flushes(1, 100);
        assertThat(tick("{" + KEEP + "}").of(Event.Compacted.class))
                .anyMatch(c -> c.dataset().equals("ai_gateway_messages"));
        assertThat(rows()).hasSize(8);
    }

    private void flushes(int count, int contentBytes) throws Exception {
        RecordedCalls calls = new RecordedCalls(cache);
        Random random = new Random(count);
        for (int i = 0; i < count; i++) {
            byte[] text = new byte[contentBytes / 2];
            random.nextBytes(text);
            calls.call()
                    .session("s" + System.nanoTime())
                    .messages(message("user", java.util.HexFormat.of().formatHex(text)))
                    .answer("answer")
                    .record();
            calls.settle();
            new Flush(new Cache(cache), Configs.defaults().query().cache().maintenance(), _ -> {}).run();
        }
    }

    private List<String> rows() throws Exception {
        return Queries.values(cache, "select _row_id || md5(content_text) from ai_gateway_messages order by 1");
    }

    private Report tick(String section) throws Exception {
        CacheConfig config = Configs.withCache(section).query().cache();
        return Ticks.run(cache, config, Clock.systemUTC(), Ticks.WHOLE);
    }

    private long rowGroups() throws Exception {
        try (Lake lake = Lake.open(new Cache(cache));
                Engine engine = Engine.open(1 << 28, 1, cache)) {
            long groups = 0;
            for (LiveFile file : lake.table(Messages.DATASET).orElseThrow().files()) {
                groups += Long.parseLong(engine.strings("SELECT num_row_groups FROM parquet_file_metadata("
                                + Engine.literal(file.path().toString()) + ")")
                        .getFirst());
            }
            return groups;
        }
    }

    /// As Spark would: a Parquet file with path and position, committed as a row delta. Returns the row that
    /// goes.
    private String deleteFirstRowOfAFile() throws Exception {
        try (Lake lake = Lake.open(new Cache(cache));
                Engine engine = Engine.open(1 << 28, 1, cache);
                JdbcCatalog catalog = catalog()) {
            LakeTable table = lake.table(Messages.DATASET).orElseThrow();
            LiveFile file = table.files().getFirst();
            String gone = engine.strings("SELECT _row_id || md5(content_text) FROM read_parquet("
                            + Engine.literal(file.path().toString())
                            + ", file_row_number = true) WHERE file_row_number = 0")
                    .getFirst();
            Path deletes = file.path().resolveSibling("deletes.parquet");
            engine.execute("COPY (SELECT " + Engine.literal(file.file().location())
                    + " AS file_path, 0::BIGINT AS pos) TO " + Engine.literal(deletes.toString())
                    + " (FORMAT parquet, FIELD_IDS {file_path: 2147483546, pos: 2147483545})");
            Table other = catalog.loadTable(TableIdentifier.of("hypaware", "ai_gateway_messages"));
            other.newRowDelta()
                    .addDeletes(FileMetadata.deleteFileBuilder(other.spec())
                            .ofPositionDeletes()
                            .withPath(deletes.toUri().toString())
                            .withFormat(org.apache.iceberg.FileFormat.PARQUET)
                            .withPartition(file.file().partition())
                            .withFileSizeInBytes(Files.size(deletes))
                            .withRecordCount(1)
                            .build())
                    .commit();
            return gone;
        }
    }

    private static DataFile moved(Table table, DataFile file, Path copy) {
        return org.apache.iceberg.DataFiles.builder(table.spec())
                .copy(file)
                .withPath(copy.toUri().toString())
                .build();
    }

    private JdbcCatalog catalog() {
        JdbcCatalog catalog = new JdbcCatalog(_ -> new io.hypaware.lake.LocalFiles(), null, false);
        catalog.initialize(
                "hypaware", Map.of("uri", "jdbc:sqlite:" + cache.resolve("catalog.db"), "warehouse", cache.toString()));
        return catalog;
    }
}
