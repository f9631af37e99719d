package io.hypaware.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.dataset.Row;
import io.hypaware.engine.Engine;
import io.hypaware.engine.RowTable;
import io.hypaware.home.Cache;
import io.hypaware.project.ExchangeRow;
import io.hypaware.testing.Processes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Whichever file of a commit goes wrong, and however: the table has the rows of before or all of them,
/// its position says which, and the next commit goes on. The table has the names of an earlier program, so that a
/// commit
/// gives it those of today first.
class LakeFaultTest {

    /// Of an append to a table that has rows: the metadata with other names, manifests, their list, and the metadata.
    private static final int MOST_FILES = 9;

    @TempDir
    private Path folder;

    @Test
    void noTornFileLosesOrDoublesRows() throws Exception {
        noFileLosesOrDoublesRows(FaultyFileIO.Fault.TEARS);
    }

    @Tag("slow")
    @ParameterizedTest
    @EnumSource(
            value = FaultyFileIO.Fault.class,
            names = {"FAILS", "FILLS_UP"})
    void noFileThatGoesWrongLosesOrDoublesRows(FaultyFileIO.Fault fault) throws Exception {
        noFileLosesOrDoublesRows(fault);
    }

    private void noFileLosesOrDoublesRows(FaultyFileIO.Fault fault) throws Exception {
        for (int file = 1; file <= MOST_FILES; file++) {
            Cache cache = cache(fault + "-" + file);
            append(cache, null, 1, 3);
            nameAsBefore(cache);
            AtomicInteger left = new AtomicInteger(file);
            boolean failed = false;
            try {
                append(cache, new FaultyFileIO(fault, left), 2, 3);
            } catch (RuntimeException e) {
                failed = true;
                assertThat(e.toString() + e.getCause()).containsAnyOf("the disk fails", "No space left");
            }
            assertThat(left.get() <= 0).isEqualTo(failed || left.get() == 0);
            check(cache);
            if (left.get() > 0) {
                assertThat(file).isGreaterThan(2);
                return;
            }
        }
        throw new AssertionError("an append writes more than " + MOST_FILES + " files");
    }

    @Test
    void aProcessThatDiesWithinAFileOfACommitLosesAndDoublesNothing() throws Exception {
        for (int file = 1; file <= 5; file++) {
            Cache cache = cache("dies-" + file);
            append(cache, null, 1, 3);
            nameAsBefore(cache);
            Processes.output(Dying.class, folder, cache.catalog().getParent().toString(), Integer.toString(file));
            check(cache);
        }
    }

    /// Reads what is there, and commits what is not.
    private static void check(Cache cache) throws Exception {
        long position = position(cache);
        assertThat(position).isIn(3L, 6L);
        assertThat(rows(cache)).isEqualTo(position);
        if (position == 3) {
            append(cache, null, 2, 3);
        }
        assertThat(position(cache)).isEqualTo(6);
        assertThat(rows(cache)).isEqualTo(6);
    }

    private static void nameAsBefore(Cache cache) {
        try (Lake lake = Lake.open(cache)) {
            TableNamesTest.nameAsBefore(lake.table(ExchangeRow.DATASET).orElseThrow());
        }
    }

    private Cache cache(String name) throws Exception {
        return new Cache(Files.createDirectories(folder.resolve(name)));
    }

    private static long position(Cache cache) {
        try (Lake lake = Lake.open(cache)) {
            return lake.table(ExchangeRow.DATASET).orElseThrow().journalSeq();
        }
    }

    private static long rows(Cache cache) throws Exception {
        try (Lake lake = Lake.open(cache);
                Engine engine = Engine.open(64 << 20, 1, cache.spill())) {
            List<LiveFile> files = lake.table(ExchangeRow.DATASET).orElseThrow().files();
            Scan scan = new Scan(engine, "counted", files, new LocalFiles());
            String from = scan.from(files.stream().map(LiveFile::path).toList());
            return Long.parseLong(engine.strings("SELECT count(DISTINCT _row_id) FROM " + from)
                    .getFirst());
        }
    }

    /// @param files null for sound ones
    private static void append(Cache cache, FaultyFileIO files, int unit, int count) throws Exception {
        try (Lake lake = files == null ? Lake.open(cache) : Lake.open(cache, () -> files);
                Engine engine = Engine.open(64 << 20, 1, cache.spill())) {
            try (RowTable rows = new RowTable(engine, "unit", ExchangeRow.DATASET)) {
                for (int i = 1; i <= count; i++) {
                    long seq = (unit - 1L) * count + i;
                    rows.add(row("x" + seq, seq), seq);
                }
            }
            LakeTable table = lake.tableOrCreate(ExchangeRow.DATASET);
            List<WrittenFile> written = new ParquetWriter(engine, 1 << 20).write(table, "unit", 1_000);
            written.forEach(WrittenFile::sync);
            table.append(written, (long) unit * count);
        }
    }

    static Row row(String id, long micros) {
        return Row.of(ExchangeRow.DATASET)
                .set("exchange_id", id)
                .set("started_at", micros)
                .set("upstream", "u")
                .set("method", "POST")
                .set("path", "/")
                .set("outcome", "completed")
                .build(id);
    }

    /// Dies while it writes the n-th file of a commit.
    static final class Dying {
        public static void main(String[] arguments) throws Exception {
            AtomicInteger left = new AtomicInteger(Integer.parseInt(arguments[1]));
            append(new Cache(Path.of(arguments[0])), new FaultyFileIO(FaultyFileIO.Fault.DIES, left), 2, 3);
        }
    }
}
