package io.hypaware.maintain;

import io.hypaware.config.RetentionConfig;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.engine.Engine;
import io.hypaware.home.Cache;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.LocalFiles;
import io.hypaware.lake.ParquetWriter;
import io.hypaware.lake.Scan;
import io.hypaware.lake.WrittenFile;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Drops the days that are older than the config keeps them: whole files by metadata, and of a file that holds
/// younger rows too, which another engine may have written, only the old rows.
final class Retention {

    private final Cache cache;
    private final Lake lake;
    private final long memoryBytes;
    private final long rowGroupBytes;
    private final Consumer<MaintenanceStep> steps;

    Retention(Cache cache, Lake lake, long memoryBytes, long rowGroupBytes, Consumer<MaintenanceStep> steps) {
        this.cache = cache;
        this.lake = lake;
        this.memoryBytes = memoryBytes;
        this.rowGroupBytes = rowGroupBytes;
        this.steps = steps;
    }

    /// The first day that is kept; empty if a dataset is kept for ever. Payloads stay as long as a row may
    /// refer to them.
    static Optional<LocalDate> firstKept(Dataset dataset, RetentionConfig config, Instant now) {
        int days = config.datasets().getOrDefault(dataset.name(), config.defaultDays());
        if (days == 0 || dataset.equals(Datasets.PAYLOADS)) {
            return Optional.empty();
        }
        return Optional.of(LocalDate.ofInstant(now, ZoneOffset.UTC).minusDays(days));
    }

    /// Drops what is older; empty if that is nothing.
    Optional<Report.Retained> run(LakeTable table, LocalDate firstKept, boolean dryRun) throws SQLException {
        Instant cutoff = firstKept.atStartOfDay(ZoneOffset.UTC).toInstant();
        long micros = Duration.between(Instant.EPOCH, cutoff).toNanos() / 1_000;
        LakeTable.Before before = table.before(micros);
        if (before.whole().isEmpty() && before.straddling().isEmpty()) {
            return Optional.empty();
        }
        long rows = before.whole().stream().mapToLong(LiveFile::rows).sum();
        long bytes = before.whole().stream().mapToLong(LiveFile::bytes).sum();
        if (!dryRun && !before.whole().isEmpty()) {
            table.drop(before.whole(), Compaction.propertiesBefore(table, firstKept));
            steps.accept(MaintenanceStep.RETENTION_COMMITTED);
        }
        for (LiveFile file : before.straddling()) {
            rows += keepYounger(file, table.dataset(), micros, dryRun);
        }
        if (rows == 0) {
            return Optional.empty();
        }
        return Optional.of(new Report.Retained(
                table.dataset().name(),
                firstKept.toString(),
                rows,
                before.whole().size(),
                bytes));
    }

    /// Rewrites one file without its old rows; returns how many those were.
    private long keepYounger(LiveFile file, Dataset dataset, long micros, boolean dryRun) throws SQLException {
        Path spill = cache.spill();
        try (Engine engine = Engine.forMaintenance(memoryBytes, spill)) {
            Scan scan = new Scan(engine, "straddling", List.of(file), new LocalFiles());
            String time = "epoch_us(" + Engine.identifier(dataset.primaryTime()) + ")";
            String from = scan.from(dataset, List.of(file.path()));
            long old = Long.parseLong(engine.strings("SELECT count(*) FROM " + from + " WHERE " + time + " < " + micros)
                    .getFirst());
            if (old == 0 || dryRun) {
                return old;
            }
            LakeTable table = lake.table(dataset).orElseThrow();
            engine.expect(ParquetWriter.heaviestRow(engine, List.of(file.path()), List.of()));
            engine.execute("CREATE VIEW younger AS SELECT * FROM " + from + " WHERE " + time + " >= " + micros);
            List<WrittenFile> files =
                    new ArrayList<>(new ParquetWriter(engine, rowGroupBytes).write(table, "younger", file.bytes()));
            files.forEach(WrittenFile::sync);
            table.rewrite(List.of(file), files, table.files(), Map.of());
            steps.accept(MaintenanceStep.RETENTION_COMMITTED);
            return old;
        }
    }
}
