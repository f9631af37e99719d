package io.hypaware.sink.iceberg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Hashes;
import io.hypaware.engine.Engine;
import io.hypaware.lake.FileFacts;
import io.hypaware.sink.iceberg.ExportedTable.Batch;
import io.hypaware.store.Content;
import io.hypaware.store.Destination;
import io.hypaware.store.LocalFolder;
import io.hypaware.store.ObjectKey;
import io.hypaware.store.StoreException;
import io.hypaware.testing.DyingDestination;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which files of an exported table may go: ours that nothing names, long after anybody could commit them.
class TableOrphansTest {

    private static final Dataset DATASET = new Dataset(
            "toys",
            "at",
            List.of("name"),
            List.of(
                    new Column("name", ColumnType.STRING, true, false),
                    new Column("at", ColumnType.TIMESTAMP, true, false)));

    private static final Instant NOW = Instant.parse("2026-03-20T00:00:00Z");
    private static final LocalDate DAY = LocalDate.of(2026, 3, 1);
    private static final String WRITER = "journal-sink";
    private static final ObjectKey TABLE = ObjectKey.of("tables", "toys");
    private static final String DIGEST = "0123456789abcdef";

    @TempDir
    private Path temp;

    private Engine engine;
    private LocalFolder folder;

    @BeforeEach
    void open() throws Exception {
        engine = Engine.open(64 << 20, 1, temp);
        folder = new LocalFolder(temp.resolve("exports"), Clock.fixed(NOW, ZoneOffset.UTC));
    }

    @AfterEach
    void close() throws Exception {
        engine.close();
    }

    private static ExportedTable table(Destination to) {
        return new ExportedTable(to, ObjectKey.of("tables"), DATASET, new ExportedTable.Keep(5, Duration.ofDays(400)));
    }

    private List<DayFile> rows(ExportedTable table, String name) throws Exception {
        Map<String, String> ids = table.fieldIds();
        Path file = temp.resolve(name + ".parquet");
        engine.execute(
                "COPY (SELECT '" + name + "' AS name, TIMESTAMPTZ '2026-03-01 10:00:00+00' AS \"at\") TO '" + file
                        + "' (FORMAT parquet, FIELD_IDS {"
                        + ids.entrySet().stream()
                                .map(id -> Engine.identifier(id.getKey()) + ": " + id.getValue())
                                .collect(Collectors.joining(", "))
                        + "})");
        return List.of(new DayFile(DAY, file, Hashes.sha256(file), FileFacts.read(engine, DATASET, file)));
    }

    private void append(String name) throws Exception {
        table(folder).append(new Batch(WRITER, name), rows(table(folder), name));
    }

    /// A file that lies there for some days.
    private ObjectKey put(String name, int days) throws Exception {
        ObjectKey key = TABLE.child(name);
        folder.put(key, Content.of("PAR1"));
        age(key, days);
        return key;
    }

    private void age(ObjectKey key, int days) throws Exception {
        Files.setLastModifiedTime(folder.path(key), FileTime.from(NOW.minus(Duration.ofDays(days))));
    }

    private void ageAll(int days) throws Exception {
        for (Destination.StoredFile file : folder.list(TABLE)) {
            age(file.key(), days);
        }
    }

    private static String name(String writer) {
        return "data/day=2026-03-01/" + writer + ".merged." + DIGEST + ".parquet";
    }

    @Test
    void onlyOursThatNothingNamesAndThatAreOldGo() throws Exception {
        append("a");
        append("b");
        List<ObjectKey> live = folder.list(TABLE.child("data")).stream()
                .map(Destination.StoredFile::key)
                .toList();
        // One snapshot names what the next has taken out.
        table(folder).append(new Batch(WRITER, "b"), List.of());
        ageAll(30);
        ObjectKey orphan = put(name(WRITER), 8);
        for (String others : List.of(
                name("another-sink"),
                name(WRITER + "-2"),
                "data/day=2026-03-01/" + WRITER + ".x." + DIGEST + ".parquet.tmp",
                "data/day=2026-03-01/00000-0-" + DIGEST + ".parquet",
                "data/" + WRITER + ".x." + DIGEST + ".parquet",
                "data/day=2026-03-01/deeper/" + WRITER + ".x." + DIGEST + ".parquet",
                "metadata/" + WRITER + ".x." + DIGEST + ".parquet",
                "metadata/0a-m0.avro")) {
            put(others, 30);
        }
        put("data/day=2026-03-02/" + WRITER + ".young." + DIGEST + ".parquet", 6);
        put("data/day=2026-03-02/" + WRITER + ".tomorrow." + DIGEST + ".parquet", -1);
        List<Destination.StoredFile> before = folder.list(TABLE);

        assertThat(table(folder).orphans(WRITER, NOW)).containsExactly(orphan);
        assertThat(folder.list(TABLE)).isEqualTo(before);
        assertThat(table(folder).deleteOrphans(WRITER, NOW)).containsExactly(orphan);
        before.removeIf(file -> file.key().equals(orphan));
        assertThat(folder.list(TABLE)).isEqualTo(before);
        assertThat(live)
                .hasSize(2)
                .allSatisfy(key -> assertThat(folder.stat(key)).isPresent());
        assertThat(table(folder).orphans(WRITER, NOW)).isEmpty();
    }

    @Test
    void whereItCannotBeReadWhatTheTableNamesAllStays() throws Exception {
        append("a");
        put(name(WRITER), 30);
        ObjectKey manifest = folder.list(TABLE.child("metadata")).stream()
                .map(Destination.StoredFile::key)
                .filter(key -> key.name().endsWith("-m0.avro"))
                .findFirst()
                .orElseThrow();
        folder.put(manifest, Content.of("torn"));
        int files = folder.list(TABLE).size();
        assertThatThrownBy(() -> table(folder).deleteOrphans(WRITER, NOW)).isInstanceOf(StoreException.class);
        assertThat(folder.list(TABLE)).hasSize(files);
    }

    @Test
    void withoutATableNothingGoes() throws Exception {
        put(name(WRITER), 30);
        assertThat(table(folder).deleteOrphans(WRITER, NOW)).isEmpty();
        assertThat(folder.list(TABLE)).hasSize(1);
    }

    /// Whichever operation is the last one of a process: what lives stays, and the next run deletes the rest.
    @Test
    void dyingAnywhereDeletesNothingElse() throws Exception {
        append("a");
        ageAll(30);
        List<ObjectKey> live =
                folder.list(TABLE).stream().map(Destination.StoredFile::key).toList();
        boolean isOver = false;
        for (int at = 1; !isOver; at++) {
            for (String day : List.of("01", "02", "03")) {
                put("data/day=2026-03-" + day + "/" + WRITER + ".x." + DIGEST + ".parquet", 8);
            }
            DyingDestination dying = new DyingDestination(folder, at, at % 2 == 0);
            try {
                table(dying).deleteOrphans(WRITER, NOW);
            } catch (StoreException | IllegalStateException e) {
                // The next run goes on.
            }
            isOver = !dying.isDead();
            table(folder).deleteOrphans(WRITER, NOW);
            assertThat(folder.list(TABLE))
                    .extracting(Destination.StoredFile::key)
                    .as("died at %s", at)
                    .isEqualTo(live);
        }
    }
}
