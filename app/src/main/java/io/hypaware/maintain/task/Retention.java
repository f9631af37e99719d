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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Drops the days that are older than the config keeps them: whole files by metadata, and of a file that holds
/// younger rows too, which another engine may have written, only the old rows.
final class Retention {

    /// For which day and how many sessions it was last looked, a property of the table.
    private static final String LOOKED = "hyp.local-retained";

    private static final String SESSION = "session_id";

    private final Lake lake;
    private final Rewrite rewrite;
    private final Tick tick;

    Retention(Lake lake, Tick tick) {
        this.rewrite = new Rewrite(lake, tick.limits(), step -> {
            if (step == Rewrite.Step.COMMITTED) {
                tick.step(MaintenanceStep.RETENTION_COMMITTED);
            }
        });
        this.lake = lake;
        this.tick = tick;
    }

    /// The first day that is kept; empty if a dataset is kept for ever. Payloads stay as long as a row may
    /// refer to them.
    static Optional<LocalDate> firstKept(Dataset dataset, RetentionConfig config, Instant now) {
        // Facts stay as long as the rows that they are about.
        String name = Datasets.aboutOf(dataset).map(Dataset::name).orElse(dataset.name());
        int days = config.days(name);
        if (days == 0 || dataset.equals(Datasets.PAYLOADS)) {
            return Optional.empty();
        }
        return Optional.of(LocalDate.ofInstant(now, ZoneOffset.UTC).minusDays(days));
    }

    /// The first day of which rows of sessions are kept that stay on the machine; empty if they are kept like the
    /// others.
    static Optional<LocalDate> firstKeptOfLocal(Dataset dataset, RetentionConfig config, Instant now) {
        boolean isOfSessions = dataset.column(SESSION).isPresent();
        return isOfSessions && config.localOnlyDays() > 0
                ? Optional.of(LocalDate.ofInstant(now, ZoneOffset.UTC).minusDays(config.localOnlyDays()))
                : Optional.empty();
    }

    /// Drops what is older of some sessions, once a day; empty if that is nothing.
    Optional<Event.Retained> run(LakeTable table, LocalDate firstKept, List<String> sessions) throws SQLException {
        String looked = firstKept + " " + sessions.size();
        if (sessions.isEmpty() || table.property(LOOKED).equals(Optional.of(looked))) {
            return Optional.empty();
        }
        long micros = micros(firstKept);
        String old = "epoch_us(f." + Engine.identifier(table.dataset().primaryTime()) + ") < " + micros + " AND f."
                + SESSION + " IN (SELECT session FROM local)";
        Rewrite.Condition goes = engine -> {
            engine.execute("CREATE TABLE local (session VARCHAR)");
            try (var rows = engine.connection().createAppender("local")) {
                for (String session : sessions) {
                    rows.beginRow();
                    rows.append(session);
                    rows.endRow();
                }
            }
            return old;
        };
        LakeTable.Before before = table.before(micros);
        long dropped = 0;
        int files = 0;
        for (LiveFile file : Stream.concat(before.whole().stream(), before.straddling().stream())
                .toList()) {
            long rows = tick.isDryRun()
                    ? rewrite.matching(table.dataset(), file, goes)
                    : rewrite.without(table.dataset(), file, goes);
            dropped += rows;
            files += rows > 0 ? 1 : 0;
        }
        if (!tick.isDryRun()) {
            lake.table(table.dataset()).orElseThrow().updateProperties(Map.of(LOOKED, looked), List.of());
        }
        return dropped == 0
                ? Optional.empty()
                : Optional.of(new Event.Retained(table.dataset().name(), firstKept.toString(), dropped, files, 0));
    }

    private static long micros(LocalDate day) {
        return Duration.between(Instant.EPOCH, day.atStartOfDay(ZoneOffset.UTC).toInstant())
                        .toNanos()
                / 1_000;
    }

    /// Drops what is older; empty if that is nothing.
    Optional<Event.Retained> run(LakeTable table, LocalDate firstKept) throws SQLException {
        long micros = micros(firstKept);
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
