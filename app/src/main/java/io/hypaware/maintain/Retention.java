package io.hypaware.maintain;

import io.hypaware.config.RetentionConfig;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.engine.Engine;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.Rewrite;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.function.Consumer;

/// Drops the days that are older than the config keeps them: whole files by metadata, and of a file that holds
/// younger rows too, which another engine may have written, only the old rows.
final class Retention {

    private final Rewrite rewrite;
    private final Consumer<MaintenanceStep> steps;

    Retention(Lake lake, Rewrite.Limits limits, Consumer<MaintenanceStep> steps) {
        this.rewrite = new Rewrite(lake, limits, step -> {
            if (step == Rewrite.Step.COMMITTED) {
                steps.accept(MaintenanceStep.RETENTION_COMMITTED);
            }
        });
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
        Rewrite.Condition old =
                _ -> "epoch_us(f." + Engine.identifier(table.dataset().primaryTime()) + ") < " + micros;
        for (LiveFile file : before.straddling()) {
            rows += dryRun ? rewrite.matching(table.dataset(), file, old) : rewrite.without(table.dataset(), file, old);
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
}
