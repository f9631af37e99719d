package io.hypaware.maintain.task;

import io.hypaware.dataset.Datasets;
import io.hypaware.engine.Engine;
import io.hypaware.home.ProcessLock;
import io.hypaware.journal.Journal;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.LocalFiles;
import io.hypaware.lake.Rewrite;
import io.hypaware.lake.Scan;
import io.hypaware.maintain.Event;
import io.hypaware.maintain.MaintenanceStep;
import io.hypaware.maintain.Tick;
import io.hypaware.query.References;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Drops payloads that no row refers to any more, directly or as part of another one.
///
/// First they are forgotten in the journal, in one transaction and while nothing is projected: who needs one of them
/// from then on stores it again. Only then do their rows leave the lake, a file and a commit at a time. Whatever it
/// dies at, no reference is without its payload, and the next one goes on.
final class PayloadCollection {

    /// The day on which it was last looked for, a property of the table.
    private static final String LOOKED = "hyp.collected";

    /// A file is rewritten when at least this share of its rows goes; when forced, for any.
    private static final double WORTH_IT = 0.1;

    /// Most rows that are dropped at a time; they are held.
    private static final int MOST_AT_A_TIME = 100_000;

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Lake lake;
    private final Tick tick;
    private final Journal journal;

    PayloadCollection(Lake lake, Tick tick) {
        this.lake = lake;
        this.tick = tick;
        this.journal = tick.journal();
    }

    /// Drops what can be dropped; empty if that is nothing. Forced, it looks at younger payloads, too, and at once.
    Optional<Event.Collected> run() throws SQLException, InterruptedException {
        if (!tick.isDryRun()) {
            // What an earlier one had begun.
            drop();
        }
        Optional<LakeTable> table = lake.table(Datasets.PAYLOADS);
        List<LiveFile> suspects = table.map(this::suspects).orElse(List.of());
        if (suspects.isEmpty()) {
            return Optional.empty();
        }
        long upTo = journal.lastAssignedSeq();
        Event.Collected found;
        try (Engine engine = engine()) {
            References references = new References(engine);
            references.addLake(lake);
            Scan scan = new Scan(engine, "suspects", suspects, new LocalFiles());
            engine.execute("CREATE VIEW suspect AS SELECT hash, size, file FROM (SELECT *, filename AS file FROM "
                    + scan.fromWithPlaces(suspects.stream().map(LiveFile::path).toList(), false) + ")");
            try (ProcessLock _ = ProcessLock.take(tick.cache().projectionLock(), "collection", PATIENCE)) {
                references.addHot(journal);
                references.followParts();
                engine.execute("CREATE TABLE doomed AS SELECT hash, size, file FROM suspect"
                        + " WHERE hash NOT IN (SELECT hash FROM reference) AND file IN (SELECT file FROM suspect GROUP BY file"
                        + " HAVING count(*) FILTER (WHERE hash NOT IN (SELECT hash FROM reference)) >= "
                        + (tick.options().force() ? 0 : WORTH_IT)
                        + " * count(*)) LIMIT " + MOST_AT_A_TIME);
                found = new Event.Collected(
                        number(engine, "count(*)"),
                        number(engine, "coalesce(sum(size), 0)::BIGINT"),
                        Math.toIntExact(number(engine, "count(DISTINCT file)")));
                if (!tick.isDryRun()) {
                    journal.pruning().collect(engine.strings("SELECT hash FROM doomed"), upTo);
                }
            }
        }
        if (!tick.isDryRun()) {
            tick.step(MaintenanceStep.COLLECTION_MARKED);
            drop();
            lake.table(Datasets.PAYLOADS)
                    .orElseThrow()
                    .updateProperties(Map.of(LOOKED, tick.today().toString()), List.of());
        }
        return found.payloads() == 0 ? Optional.empty() : Optional.of(found);
    }

    /// Files of days from which rows have been dropped since they came, or all.
    private List<LiveFile> suspects(LakeTable table) {
        if (tick.options().force()) {
            return table.files();
        }
        Optional<LocalDate> horizon = Datasets.all().stream()
                .flatMap(d -> Retention.firstKept(d, tick.config().retention(), tick.now()).stream())
                .max(LocalDate::compareTo);
        boolean looked =
                table.property(LOOKED).filter(tick.today().toString()::equals).isPresent();
        if (looked || horizon.isEmpty()) {
            return List.of();
        }
        return table.files().stream()
                .filter(f -> f.day().filter(day -> day.isBefore(horizon.get())).isPresent())
                .toList();
    }

    /// Takes the rows of payloads that were forgotten out of the lake.
    private void drop() throws SQLException {
        Map<String, Long> collected = journal.pruning().collected();
        Optional<LakeTable> table = lake.table(Datasets.PAYLOADS);
        if (collected.isEmpty() || table.isEmpty()) {
            return;
        }
        // No payload leaves the lake that the journal, after a power cut, would take for one that is there.
        journal.sync();
        Rewrite rewrite = new Rewrite(lake, tick.limits(), this::at);
        for (LiveFile file : table.get().files()) {
            rewrite.without(Datasets.PAYLOADS, file, engine -> isCollected(engine, collected));
        }
        journal.pruning().clearCollected();
        tick.step(MaintenanceStep.COLLECTION_DONE);
    }

    private static String isCollected(Engine engine, Map<String, Long> collected) throws SQLException {
        engine.execute("CREATE TABLE collected (hash VARCHAR, up_to BIGINT)");
        try (var rows = engine.connection().createAppender("collected")) {
            for (Map.Entry<String, Long> entry : collected.entrySet()) {
                rows.beginRow();
                rows.append(entry.getKey());
                rows.append((long) entry.getValue());
                rows.endRow();
            }
        }
        return "EXISTS (FROM collected c WHERE c.hash = f.hash AND f._seq <= c.up_to)";
    }

    private void at(Rewrite.Step step) {
        switch (step) {
            case WRITTEN -> {}
            case SYNCED -> tick.step(MaintenanceStep.COLLECTION_FILE_SYNCED);
            case COMMITTED -> tick.step(MaintenanceStep.COLLECTION_COMMITTED);
        }
    }

    private Engine engine() throws SQLException {
        return Engine.forMaintenance(
                tick.config().maintenance().memoryBytes(), tick.cache().spill());
    }

    private static long number(Engine engine, String what) throws SQLException {
        return Long.parseLong(engine.strings("SELECT " + what + " FROM doomed").getFirst());
    }
}
