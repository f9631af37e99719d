package io.hypaware.maintain;

import io.hypaware.config.MaintenanceConfig;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.engine.Engine;
import io.hypaware.engine.RowTable;
import io.hypaware.home.Cache;
import io.hypaware.home.ProcessLock;
import io.hypaware.journal.Journal;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.ParquetWriter;
import io.hypaware.lake.WrittenFile;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/// Moves hot rows to the lake: write Parquet, sync it, commit files and journal position in one step, then
/// delete the rows from the journal. Whatever step it dies at, the next flush begins by deleting what the lake
/// holds.
public final class Flush {

    /// Most bytes of rows in one commit; of large rows fewer, see [Engine#mostLargeBytes].
    private static final long UNIT_BYTES = 32L * 1024 * 1024;

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Cache cache;
    private final MaintenanceConfig config;
    private final Consumer<FlushStep> steps;

    /// @param steps told of each step that is done
    public Flush(Cache cache, MaintenanceConfig config, Consumer<FlushStep> steps) {
        this.cache = cache;
        this.config = config;
        this.steps = steps;
    }

    /// Flushes every dataset; returns how many rows went to the lake.
    ///
    /// @throws IllegalStateException if another maintainer is at work for longer than some minutes
    public long run() throws SQLException, InterruptedException {
        try (ProcessLock _ = ProcessLock.take(cache.maintenanceLock(), "flush", PATIENCE)) {
            return runLocked();
        }
    }

    /// The same for a caller that holds the lock.
    public long runLocked() throws SQLException {
        try (Journal journal = Journal.open(cache.journal());
                Lake lake = Lake.open(cache)) {
            // Up to one position for all: then no row goes to the lake before a payload that it refers to.
            long upTo = journal.lastHotSeq();
            long rows = 0;
            for (Dataset dataset : Datasets.all()) {
                long flushed;
                do {
                    flushed = flushUnit(journal, lake, dataset, upTo);
                    rows += flushed;
                } while (flushed > 0);
            }
            return rows;
        }
    }

    private long flushUnit(Journal journal, Lake lake, Dataset dataset, long upTo) throws SQLException {
        long committed = lake.table(dataset).map(LakeTable::journalSeq).orElse(0L);
        journal.deleteHotRows(dataset, committed);
        if (!journal.hasHotRows(dataset)) {
            return 0;
        }
        Path spill = cache.spill();
        try (Engine engine = Engine.forMaintenance(config.memoryBytes(), spill)) {
            Unit unit = read(journal, dataset, engine, committed, upTo);
            if (unit.rows == 0) {
                return 0;
            }
            steps.accept(FlushStep.ROWS_READ);
            if (unit.largeBytes > 0) {
                engine.expectLarge();
            } else {
                engine.expect(unit.bytes / unit.rows);
            }
            LakeTable table = lake.tableOrCreate(dataset);
            List<WrittenFile> files =
                    new ParquetWriter(engine, config.compactBatchBytes()).write(table, "unit", unit.bytes);
            steps.accept(FlushStep.FILES_WRITTEN);
            files.forEach(WrittenFile::sync);
            // If a power cut took the projection of what the lake holds, it would be projected once more.
            journal.sync();
            steps.accept(FlushStep.FILES_SYNCED);
            table.append(files, unit.lastSeq);
            steps.accept(FlushStep.COMMITTED);
            journal.deleteHotRows(dataset, unit.lastSeq);
            steps.accept(FlushStep.HOT_ROWS_DELETED);
            return unit.rows;
        }
    }

    private Unit read(Journal journal, Dataset dataset, Engine engine, long afterSeq, long upTo) throws SQLException {
        Unit unit = new Unit();
        long mostLarge = Engine.mostLargeBytes(config.memoryBytes());
        try (RowTable target = new RowTable(engine, "unit", dataset);
                Journal.HotRows hot = journal.hotRows()) {
            hot.read(dataset, afterSeq, row -> {
                if (row.seq() > upTo) {
                    return false;
                }
                target.add(row.row(), row.seq());
                unit.rows++;
                unit.bytes += row.bytes();
                unit.largeBytes += Engine.isLargeRow(row.bytes()) ? row.bytes() : 0;
                unit.lastSeq = row.seq();
                return unit.bytes < UNIT_BYTES && unit.largeBytes < mostLarge;
            });
        }
        return unit;
    }

    /// What one commit takes.
    private static final class Unit {
        private long rows;
        private long bytes;
        private long largeBytes;
        private long lastSeq;
    }
}
