package io.hypaware.maintain.task;

import io.hypaware.config.RetentionConfig;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.engine.Engine;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.Rewrite;
import io.hypaware.maintain.Event;
import io.hypaware.maintain.MaintenanceStep;
import io.hypaware.maintain.Tick;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;

/// Drops the days that are older than the config keeps them: whole files by metadata, and of a file that holds
/// younger rows too, which another engine may have written, only the old rows.
final class Retention {

    private final Rewrite rewrite;
    private final Tick tick;

    Retention(Lake lake, Tick tick) {
        this.rewrite = new Rewrite(lake, tick.limits(), step -> {
            if (step == Rewrite.Step.COMMITTED) {
                tick.step(MaintenanceStep.RETENTION_COMMITTED);
            }
        });
        this.tick = tick;
    }

    /// The first day that is kept; empty if a dataset is kept for ever. Payloads stay as long as a row may
    /// refer to them.
    static Optional<LocalDate> firstKept(Dataset dataset, RetentionConfig config, Instant now) {
        // Facts stay as long as the rows that they are about.
        String name = Datasets.aboutOf(dataset).map(Dataset::name).orElse(dataset.name());
        int days = config.datasets().getOrDefault(name, config.defaultDays());
        if (days == 0 || dataset.equals(Datasets.PAYLOADS)) {
            return Optional.empty();
        }
        return Optional.of(LocalDate.ofInstant(now, ZoneOffset.UTC).minusDays(days));
    }

    /// Drops what is older; empty if that is nothing.
    Optional<Event.Retained> run(LakeTable table, LocalDate firstKept) throws SQLException {
        Instant cutoff = firstKept.atStartOfDay(ZoneOffset.UTC).toInstant();
        long micros = Duration.between(Instant.EPOCH, cutoff).toNanos() / 1_000;
        LakeTable.Before before = table.before(micros);
        if (before.whole().isEmpty() && before.straddling().isEmpty()) {
            return Optional.empty();
        }
        long rows = before.whole().stream().mapToLong(LiveFile::rows).sum();
        long bytes = before.whole().stream().mapToLong(LiveFile::bytes).sum();
        if (!tick.isDryRun() && !before.whole().isEmpty()) {
            table.drop(before.whole(), Compaction.propertiesBefore(table, firstKept));
            tick.step(MaintenanceStep.RETENTION_COMMITTED);
        }
        Rewrite.Condition old =
                _ -> "epoch_us(f." + Engine.identifier(table.dataset().primaryTime()) + ") < " + micros;
        for (LiveFile file : before.straddling()) {
            rows += tick.isDryRun()
                    ? rewrite.matching(table.dataset(), file, old)
                    : rewrite.without(table.dataset(), file, old);
        }
        if (rows == 0) {
            return Optional.empty();
        }
        return Optional.of(new Event.Retained(
                table.dataset().name(),
                firstKept.toString(),
                rows,
                before.whole().size(),
                bytes));
    }
}
