package io.hypaware.sink.iceberg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Hashes;
import io.hypaware.engine.Engine;
import io.hypaware.lake.FileFacts;
import io.hypaware.lake.stored.TableCommits;
import io.hypaware.sink.iceberg.ExportedTable.Batch;
import io.hypaware.store.Content;
import io.hypaware.store.Destination;
import io.hypaware.store.LocalFolder;
import io.hypaware.store.ObjectKey;
import io.hypaware.store.S3Bucket;
import io.hypaware.store.StoreException;
import io.hypaware.testing.DyingDestination;
import io.hypaware.testing.S3Server;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportedTableTest {

    private static final Dataset DATASET = dataset(List.of());

    private static final ObjectKey PREFIX = ObjectKey.of("iceberg", "datasets");

    private static final LocalDate DAY = LocalDate.of(2026, 3, 1);

    private static final ExportedTable.Keep KEEP = new ExportedTable.Keep(2, Duration.ofHours(1));

    @TempDir
    private Path temp;

    private Engine engine;
    private Destination folder;

    private static Dataset dataset(List<Column> more) {
        List<Column> columns = new ArrayList<>(List.of(
                new Column("name", ColumnType.STRING, true, false),
                new Column("at", ColumnType.TIMESTAMP, true, false),
                new Column("value", ColumnType.LONG, false, false),
                new Column("marks", ColumnType.STRINGS, false, false)));
        columns.addAll(more);
        return new Dataset("toys", "at", List.of("name"), columns);
    }

    @BeforeEach
    void open() throws Exception {
        engine = Engine.open(64 << 20, 1, temp);
        folder = new LocalFolder(temp.resolve("exports"), Clock.systemUTC());
    }

    @AfterEach
    void close() throws Exception {
        engine.close();
    }

    private static ExportedTable table(Destination to) {
        return new ExportedTable(to, PREFIX, DATASET, KEEP);
    }

    /// A file of rows `name` 1 to `rows`.
    private List<DayFile> rows(Destination to, String name, int rows) throws Exception {
        return rows(table(to), DATASET, name, rows);
    }

    private List<DayFile> rows(ExportedTable table, Dataset dataset, String name, int rows) throws Exception {
        Map<String, String> ids = table.fieldIds();
        Path file = temp.resolve(name + ".parquet");
        String more = dataset.columns().size() > 4 ? ", 'x' AS added" : "";
        engine.execute("COPY (SELECT '" + name
                + "' AS name, TIMESTAMPTZ '2026-03-01 10:00:00+00' AS \"at\", range AS value, ['a', 'b'] AS marks"
                + more + " FROM range(1, " + (rows + 1) + ")) TO '" + file + "' (FORMAT parquet, FIELD_IDS {"
                + ids.entrySet().stream()
                        .map(id -> Engine.identifier(id.getKey()) + ": " + id.getValue())
                        .collect(Collectors.joining(", "))
                + "})");
        return List.of(new DayFile(DAY, file, Hashes.sha256(file), FileFacts.read(engine, dataset, file)));
    }

    private static Batch batch(String name) {
        return new Batch("journal.sink", name);
    }

    @Test
    void batchesAreAppendedOnceEach() throws Exception {
        assertThat(table(folder).append(batch("1"), rows(folder, "a", 10))).isTrue();
        assertThat(table(folder).append(batch("1"), rows(folder, "a", 10))).isFalse();
        assertThat(table(folder).append(batch("2"), rows(folder, "b", 5))).isTrue();
        assertThat(table(folder).append(new Batch("another", "2"), rows(folder, "c", 3)))
                .isTrue();
        assertThat(counted(folder)).isEqualTo("a:10:55 b:5:15 c:3:6");
        assertThat(Files.readString(temp.resolve("exports/iceberg/datasets/toys/metadata/version-hint.text")))
                .isEqualTo("4");
    }

    @Test
    void aBatchThatIsNotWhatItWasTakesItsOwnPlace() throws Exception {
        table(folder).append(batch("0"), rows(folder, "z", 1));
        List<DayFile> before = rows(folder, "a", 10);
        table(folder).append(batch("1"), before);
        assertThat(table(folder).append(batch("1"), rows(folder, "b", 5))).isFalse();
        assertThat(counted(folder)).isEqualTo("b:5:15 z:1:1");
        assertThat(table(folder).append(batch("1"), List.of())).isFalse();
        assertThat(counted(folder)).isEqualTo("z:1:1");
        Set<ObjectKey> keys = table(folder).keys(batch("1"), before);
        table(folder).drop(batch("1"), keys);
        assertThat(folder.stat(keys.iterator().next())).isPresent();
    }

    @Test
    void whatWasPutAndNotCommittedIsDropped() throws Exception {
        List<DayFile> committed = rows(folder, "a", 10);
        table(folder).append(batch("1"), committed);
        List<DayFile> other = rows(folder, "b", 5);
        Set<ObjectKey> keys = table(folder).keys(batch("1"), other);
        ObjectKey key = keys.iterator().next();
        folder.put(key, Content.of(other.getFirst().file()));
        table(folder).drop(batch("1"), keys);
        table(folder).drop(batch("1"), table(folder).keys(batch("1"), committed));
        assertThat(folder.stat(key)).isEmpty();
        assertThat(counted(folder)).isEqualTo("a:10:55");
    }

    @Test
    void writersOnABucketAppendAtTheSameTime() throws Exception {
        S3Server.useCredentials();
        S3Server server = S3Server.get();
        String bucket = server.bucket();
        try (S3Bucket destination = S3Bucket.open(S3Server.config(bucket, "team", server.port()));
                ExecutorService several = Executors.newFixedThreadPool(3)) {
            List<Callable<Boolean>> writers = new ArrayList<>();
            for (String name : List.of("a", "b", "c")) {
                List<DayFile> files = rows(destination, name, 4);
                writers.add(() -> table(destination).append(new Batch(name, "1"), files));
            }
            for (Future<Boolean> one : several.invokeAll(writers)) {
                assertThat(one.get()).isTrue();
            }
            assertThat(counted(destination)).isEqualTo("a:4:10 b:4:10 c:4:10");
        }
    }

    /// Each operation fails before it is done, and after, as if the process had died there.
    @Test
    void dyingAtAnyOperationAppendsNothingTwice() throws Exception {
        int survived = 0;
        for (boolean isDone : new boolean[] {false, true}) {
            for (int at = 1; ; at++) {
                Destination fresh = new LocalFolder(temp.resolve("e-" + isDone + at), Clock.systemUTC());
                table(fresh).append(batch("1"), rows(fresh, "a", 10));
                List<DayFile> files = rows(fresh, "b", 5);
                DyingDestination dying = new DyingDestination(fresh, at, isDone);
                try {
                    table(dying).append(batch("2"), files);
                } catch (StoreException | IllegalStateException e) {
                    // The next run tries again.
                }
                table(fresh).append(batch("2"), files);
                assertThat(counted(fresh)).as("%s at %s", isDone, at).isEqualTo("a:10:55 b:5:15");
                if (!dying.isDead()) {
                    break;
                }
                survived++;
            }
        }
        assertThat(survived).isGreaterThan(20);
    }

    @Test
    void aLostOrWrongHintHidesNothing() throws Exception {
        table(folder).append(batch("1"), rows(folder, "a", 1));
        ObjectKey hint = PREFIX.child("toys/metadata/version-hint.text");
        int number = 2;
        for (String text : List.of("", "1", "77", "-1", "v2", "99999999999999999999", "x".repeat(90))) {
            if (text.isEmpty()) {
                folder.delete(hint);
            } else {
                folder.put(hint, Content.of(text));
            }
            assertThat(table(folder).append(batch("" + number), rows(folder, "b" + number, 1)))
                    .isTrue();
            number++;
        }
        assertThat(counted(folder).split(" ")).hasSize(8);
    }

    @Test
    void aColumnThatIsNewIsAdded() throws Exception {
        table(folder).append(batch("1"), rows(folder, "a", 2));
        Dataset wider = dataset(List.of(new Column("added", ColumnType.JSON, false, false)));
        ExportedTable later = new ExportedTable(folder, PREFIX, wider, KEEP);
        later.append(batch("2"), rows(later, wider, "b", 3));
        table(folder).append(batch("3"), rows(folder, "c", 1));
        assertThat(counted(folder)).isEqualTo("a:2:3 b:3:6 c:1:1");
        assertThat(current(folder).schema().findField("added").fieldId()).isEqualTo(6);
    }

    @Test
    void aTableOfSomebodyElseStaysAsItIs() throws Exception {
        ObjectKey theirs = PREFIX.child("toys");
        Schema schema = new Schema(
                Types.NestedField.optional(1, "name", Types.StringType.get()),
                Types.NestedField.optional(2, "at", Types.TimestampType.withoutZone()));
        TableMetadata metadata = TableMetadata.newTableMetadata(
                schema,
                PartitionSpec.builderFor(schema).identity("name").build(),
                folder.location(theirs).replaceAll("/$", ""),
                Map.of("format-version", "3"));
        folder.put(theirs.child("metadata/v1.metadata.json"), Content.of(TableMetadataParser.toJson(metadata)));
        folder.put(PREFIX.child("state/exported-batches/s/toys/1.json"), Content.of("{}"));
        List<Destination.StoredFile> before = folder.list(PREFIX);

        assertThat(table(folder).append(batch("1"), rows(folder, "a", 2))).isTrue();

        assertThat(folder.list(PREFIX)).containsAll(before);
        assertThat(folder.list(theirs)).hasSize(1);
        assertThat(folder.list(PREFIX.child("toys_v2"))).isNotEmpty();
    }

    @Test
    void whatIsNoMetadataIsAnErrorAndStays() throws Exception {
        ObjectKey key = PREFIX.child("toys/metadata/v1.metadata.json");
        folder.put(key, Content.of("{\"format-version\": 2, \"table-"));
        assertThatThrownBy(() -> table(folder).append(batch("1"), List.of()))
                .hasMessageStartingWith("table_unreadable: ");
        assertThat(folder.list(PREFIX)).hasSize(1);
    }

    @Test
    void snapshotsExpireAndRowsStay() throws Exception {
        for (int i = 1; i <= 30; i++) {
            table(folder).append(batch("" + i), rows(folder, "n" + i, 1));
        }
        assertThat(table(folder).expire(Instant.now())).isZero();
        assertThat(table(folder).expire(Instant.now().plus(Duration.ofHours(2))))
                .isEqualTo(28);
        assertThat(counted(folder).split(" ")).hasSize(30);
        assertThat(table(folder).append(batch("30"), rows(folder, "n30", 1))).isFalse();
        List<String> metadata = folder.list(PREFIX.child("toys/metadata")).stream()
                .map(file -> file.key().name())
                .toList();
        assertThat(metadata).filteredOn(name -> name.endsWith(".metadata.json")).hasSizeBetween(20, 22);
        assertThat(metadata).filteredOn(name -> name.startsWith("snap-")).hasSize(2);
    }

    private static TableMetadata current(Destination from) {
        return new TableCommits(from, PREFIX.child("toys"), _ -> {}).current();
    }

    /// Rows and sums by name, of the files that the last snapshot names.
    private String counted(Destination from) throws Exception {
        TableCommits commits = new TableCommits(from, PREFIX.child("toys"), _ -> {});
        TreeSet<Path> files = new TreeSet<>();
        try (CloseableIterable<FileScanTask> tasks =
                new BaseTable(commits, "toys").newScan().planFiles()) {
            for (FileScanTask task : tasks) {
                String location = task.file().location();
                ObjectKey key = PREFIX.child(
                        "toys" + location.substring(commits.location().length()));
                Path copy = Files.createTempFile(temp, "read", ".parquet");
                try (InputStream in = from.get(key).orElseThrow()) {
                    Files.write(copy, in.readAllBytes());
                }
                assertThat(Files.size(copy)).isEqualTo(task.file().fileSizeInBytes());
                files.add(copy);
            }
        }
        String list = files.stream().map(file -> "'" + file + "'").collect(Collectors.joining(", "));
        return String.join(
                " ",
                engine.strings("SELECT name || ':' || count(*) || ':' || sum(value) FROM read_parquet([" + list
                        + "], union_by_name = true) GROUP BY name ORDER BY name"));
    }
}
