package io.hypaware.maintain;

import io.hypaware.config.CacheConfig;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.legacy.Adoption;
import io.hypaware.legacy.AdoptionRecord;
import io.hypaware.legacy.OlderPartition;
import io.hypaware.legacy.UnreadableCacheException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One run of maintenance: its parts, in their order.
final class Tick {

    private static final String NO_TIME = "no time left; the next tick goes on here";

    private final Maintenance.Setting setting;
    private final Cache cache;
    private final CacheConfig config;
    private final Clock clock;
    private final Maintenance.Options options;
    private final Report report;
    private final Journal journal;
    private final Places places;
    private final Optional<Instant> deadline;
    private boolean begun;

    Tick(Maintenance.Setting setting, Maintenance.Options options, Report report, Journal journal) {
        this.setting = setting;
        this.cache = setting.cache();
        this.config = setting.config();
        this.clock = setting.clock();
        this.options = options;
        this.report = report;
        this.journal = journal;
        this.places = new Places(setting, options, report, journal);
        this.deadline = options.budget().map(clock.instant()::plus);
    }

    void run() {
        // Each part opens the lake for itself: one that cannot be opened is a failure like any other.
        if (options.whole()) {
            places.at("flush", "", "lake", this::flush);
            places.forEachOlder("adoption", this::adopt);
            places.at("flush", "", "lake", this::flush);
        }
        if (!options.compactOnly()) {
            places.forEachTable(places.at("expiry"), this::expire);
        }
        if (!options.expireOnly()) {
            compact();
        }
        if (options.whole()) {
            places.forEachTable(places.at("retention"), this::retain);
            if (options.wants(Datasets.PAYLOADS.name())) {
                places.at("collection", Datasets.PAYLOADS.name(), "", this::collect);
            }
            places.forEachOlder("sweep", (partition, table) -> sweep().older(partition, table));
            places.forEachTable(places.at("sweep"), (lake, table) -> sweep().lake(lake, table.dataset()));
            places.at("sweep", "", "datasets", () -> sweep().olderLeftovers());
            places.at("sweep", "", "spill", () -> sweep().spill());
        }
    }

    private Sweep sweep() {
        return new Sweep(cache, report, clock.instant(), options.dryRun(), setting.steps());
    }

    private void flush() throws SQLException {
        if (!options.dryRun()) {
            report.flushed(new Flush(cache, config.maintenance(), _ -> {}).runLocked());
        }
    }

    private void adopt(OlderPartition partition, Optional<LakeTable> table)
            throws SQLException, IOException, UnreadableCacheException {
        Optional<Dataset> dataset = Datasets.named(partition.dataset());
        if (dataset.isEmpty()) {
            report.add(new Report.Skipped(
                    partition.dataset(), partition.name(), "this version has no such dataset; left alone"));
            return;
        }
        if (table.flatMap(t -> AdoptionRecord.of(t, partition))
                .filter(r -> r.state().equals(AdoptionRecord.RESTORED) && !options.force())
                .isPresent()) {
            report.add(new Report.Skipped(
                    partition.dataset(), partition.name(), "restored by hand; --force adopts it again"));
            return;
        }
        if (!Adoption.isDue(partition, table, options.force())) {
            return;
        }
        if (isTimeOver()) {
            report.add(new Report.Skipped(partition.dataset(), partition.name(), NO_TIME));
            return;
        }
        if (options.dryRun()) {
            report.add(new Report.Adopted(partition.id(), 0, 0, 0, 0, 0, 0, List.of("would be adopted")));
            return;
        }
        try (Lake lake = Lake.open(cache)) {
            Adoption.Result result = Adoption.run(
                    partition,
                    dataset.get(),
                    cache,
                    lake,
                    config.maintenance().memoryBytes(),
                    config.maintenance().compactBatchBytes(),
                    clock,
                    setting.progress(),
                    () -> !isTimeOver(),
                    setting.adoptionSteps());
            report.add(new Report.Adopted(
                    partition.id(),
                    result.rows(),
                    result.duplicates(),
                    result.files(),
                    result.bytes(),
                    result.filesAfter(),
                    result.bytesAfter(),
                    result.notes()));
        }
    }

    private void expire(Lake lake, LakeTable table) {
        Instant before =
                clock.instant().minus(Duration.ofHours(config.maintenance().maxSnapshotAgeHours()));
        int keep = config.maintenance().minSnapshotsToKeep();
        if (!options.dryRun()) {
            Map<String, String> others = Compaction.rewrittenByOthers(table);
            if (!others.isEmpty()) {
                table.updateProperties(others, List.of());
            }
        }
        int snapshots = table.expirable(before, keep);
        if (snapshots == 0) {
            return;
        }
        long[] gone = new long[2];
        if (!options.dryRun()) {
            setting.steps().accept(MaintenanceStep.EXPIRY_BEGUN);
            table.expire(before, keep, file -> {
                gone[0]++;
                gone[1] += file.toFile().length();
                setting.steps().accept(MaintenanceStep.EXPIRY_FILE_DELETED);
            });
            setting.steps().accept(MaintenanceStep.EXPIRY_DONE);
        }
        report.add(new Report.Expired(table.dataset().name(), snapshots, gone[0], gone[1]));
    }

    /// A day of a table that is to be compacted.
    private record DueDay(Dataset dataset, Compaction.Day day) {}

    /// The day with the most files first, whatever its table; at least one, however little time there is.
    private void compact() {
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        List<DueDay> due = new ArrayList<>();
        places.forEachTable(
                places::guarded,
                (_, table) -> Compaction.due(table, config.maintenance(), today, options.force())
                        .forEach(day -> due.add(new DueDay(table.dataset(), day))));
        due.sort(Comparator.comparingInt((DueDay d) -> d.day().fileCount()).reversed());
        for (DueDay next : due) {
            compact(next.dataset(), next.day());
        }
    }

    private void compact(Dataset dataset, Compaction.Day day) {
        if (isTimeOver()) {
            report.add(new Report.Skipped(dataset.name(), day.name(), NO_TIME));
        } else if (options.dryRun()) {
            report.add(new Report.Compacted(
                    dataset.name(),
                    day.name(),
                    day.fileCount(),
                    day.bytes(),
                    day.plan().bins().size(),
                    0,
                    0,
                    0));
        } else {
            places.at("compaction", dataset.name(), day.name(), () -> {
                try (Lake lake = Lake.open(cache)) {
                    LakeTable table = lake.table(dataset).orElseThrow();
                    report.add(new Compaction(lake, cache, config.maintenance(), setting.steps())
                            .run(table, day, setting.progress(), () -> !isTimeOver()));
                }
            });
        }
    }

    private void retain(Lake lake, LakeTable table) throws SQLException {
        Instant now = clock.instant();
        Optional<LocalDate> firstKept = Retention.firstKept(table.dataset(), config.retention(), now);
        if (firstKept.isEmpty()) {
            return;
        }
        // What was adopted can be given back for a day; it has to be there for that.
        Optional<Instant> restorable = AdoptionRecord.newest(table).map(at -> at.plus(Adoption.RESTORE_FOR));
        if (restorable.isPresent() && restorable.get().isAfter(now)) {
            report.add(new Report.Skipped(
                    table.dataset().name(),
                    "",
                    "nothing is dropped before " + restorable.get() + ", while an adopted partition can be restored"));
            return;
        }
        new Retention(lake, Compaction.limits(config.maintenance(), cache), setting.steps())
                .run(table, firstKept.get(), options.dryRun())
                .ifPresent(report::add);
    }

    private void collect() throws SQLException {
        Optional<Lake> opened = Lake.openExisting(cache);
        if (opened.isEmpty()) {
            return;
        }
        try (Lake lake = opened.get()) {
            if (isTimeOver()) {
                report.add(new Report.Skipped(Datasets.PAYLOADS.name(), "", NO_TIME));
                return;
            }
            new PayloadCollection(cache, config, lake, journal, clock.instant(), setting.steps())
                    .run(options.force(), options.dryRun())
                    .ifPresent(report::add);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isTimeOver() {
        boolean over = begun && deadline.isPresent() && clock.instant().isAfter(deadline.get());
        begun = true;
        return over;
    }
}
