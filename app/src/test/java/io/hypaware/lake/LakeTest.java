package io.hypaware.lake;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.config.ConfigFile;
import io.hypaware.home.Cache;
import io.hypaware.maintain.Flush;
import io.hypaware.project.Messages;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.inmemory.InMemoryFileIO;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The lake as another client sees it, which knows nothing but the catalog's address.
class LakeTest {

    @TempDir
    private Path folder;

    @Test
    void manyMayBeTheFirst() throws Exception {
        for (int round = 0; round < 10; round++) {
            Cache cache = new Cache(folder.resolve("home" + round));
            cache.make();
            int many = 6;
            CountDownLatch begin = new CountDownLatch(1);
            try (ExecutorService threads = Executors.newFixedThreadPool(many)) {
                List<Future<Boolean>> opened = new ArrayList<>();
                for (int i = 0; i < many; i++) {
                    opened.add(threads.submit(() -> {
                        begin.await();
                        try (Lake lake = Lake.open(cache)) {
                            lake.tableOrCreate(Messages.DATASET);
                        }
                        return true;
                    }));
                }
                begin.countDown();
                for (Future<Boolean> one : opened) {
                    assertThat(one.get()).isTrue();
                }
            }
        }
    }

    @Test
    void aTableWhoseMakerDiedIsMadeAgain() throws Exception {
        Cache cache = new Cache(folder);
        Lake.open(cache).close();
        Path torn = cache.tables().resolve("ai_gateway_messages/01aaaaaaaaaaaaaaaaaaaaaaaa/metadata");
        Files.createDirectories(torn);
        Files.writeString(torn.resolve("00000-aaaa.metadata.json"), "{\"format-version\":2,");
        try (Lake lake = Lake.open(cache)) {
            assertThat(lake.tableOrCreate(Messages.DATASET).files()).isEmpty();
        }
    }

    @Test
    void anIndependentCatalogClientCountsTheSameRows() throws Exception {
        RecordedCalls calls = new RecordedCalls(folder);
        for (int i = 0; i < 5; i++) {
            calls.call()
                    .session("s" + i)
                    .system("x".repeat(3_000))
                    .messages(message("user", "hello " + i))
                    .answer("A" + i)
                    .record();
        }
        int rows = calls.messages().size();
        new Flush(
                        new Cache(folder),
                        ConfigFile.read(folder.resolve("none"))
                                .config()
                                .query()
                                .cache()
                                .maintenance(),
                        _ -> {})
                .run();

        try (JdbcCatalog catalog = new JdbcCatalog(_ -> new ReadOnlyFiles(), null, false)) {
            catalog.initialize(
                    "hypaware",
                    Map.of("uri", "jdbc:sqlite:" + folder.resolve("catalog.db"), "warehouse", folder.toString()));
            assertThat(catalog.listTables(Lake.NAMESPACE)).hasSize(3);
            Table table = catalog.loadTable(TableIdentifier.of("hypaware", "ai_gateway_messages"));
            long counted = 0;
            try (CloseableIterable<FileScanTask> tasks = table.newScan()
                    .filter(Expressions.greaterThanOrEqual("message_created_at", "2026-03-01T00:00:00+00:00"))
                    .includeColumnStats()
                    .planFiles()) {
                for (FileScanTask task : tasks) {
                    counted += task.file().recordCount();
                    assertThat(task.file().lowerBounds()).isNotEmpty();
                    assertThat(task.file().partition().toString()).contains("20513");
                }
            }
            assertThat(counted).isEqualTo(rows).isEqualTo(10);
            assertThat(table.spec().toString()).contains("day(");
            assertThat(table.properties()).containsKey(LakeTable.JOURNAL_SEQ);
            assertThat(table.newScan()
                            .filter(Expressions.lessThan("message_created_at", "2026-02-28T00:00:00+00:00"))
                            .planFiles())
                    .isEmpty();
            assertThat(table.newScan()
                            .filter(Expressions.equal("session_id", "s3"))
                            .planFiles())
                    .hasSize(1);
            assertThat(table.newScan()
                            .filter(Expressions.equal("session_id", "t"))
                            .planFiles())
                    .as("a session that is in no file")
                    .isEmpty();
        }
    }

    /// Any client's own way to local files.
    private static final class ReadOnlyFiles extends InMemoryFileIO {
        @Override
        public org.apache.iceberg.io.InputFile newInputFile(String location) {
            return org.apache.iceberg.Files.localInput(
                    Path.of(java.net.URI.create(location)).toFile());
        }
    }
}
