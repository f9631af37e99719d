package io.hypaware.maintain;

import io.hypaware.config.CacheConfig;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.engine.Engine;
import io.hypaware.home.ProcessLock;
import io.hypaware.home.Progress;
import io.hypaware.journal.Attempts;
import io.hypaware.journal.Journal;
import io.hypaware.journal.Problem;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeException;
import io.hypaware.lake.LakeTable;
import io.hypaware.legacy.Adoption;
import io.hypaware.legacy.AdoptionRecord;
import io.hypaware.legacy.AdoptionStep;
import io.hypaware.legacy.OlderPartition;
import io.hypaware.legacy.UnreadableCacheException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/// One tick: settle, flush, adopt, expire, compact, retain, sweep. What fails is written down with its partition,
/// and the walk goes on.
public final class Maintenance {

    private static final Logger LOG = Logger.getLogger(Maintenance.class.getName());

    private static final String NO_TIME = "no time left; the next tick goes on here";

    /// What is asked of a tick.
    ///
    /// @param dataset only this one, by name; a dataset of the lake or of an older cache
    /// @param force compact and try again whatever was achieved or died before
    /// @param budget after which no new piece of work is begun; at least one always is
    public record Options(
            Optional<String> dataset,
            boolean dryRun,
            boolean force,
            boolean compactOnly,
            boolean expireOnly,
            Optional<Duration> budget) {

        public static Options background(Duration budget) {
            return new Options(Optional.empty(), false, false, false, false, Optional.of(budget));
        }

        boolean whole() {
            return !compactOnly && !expireOnly;
        }

        boolean wants(String name) {
            return dataset.isEmpty() || dataset.get().equals(name);
        }
    }

    private final Path cache;
    private final CacheConfig config;
    private final String gatewayId;
    private final Clock clock;
    private final Progress progress;
    private final Consumer<AdoptionStep> adoptionSteps;
    private final Consumer<MaintenanceStep> steps;

    public Maintenance(Path cache, CacheConfig config, String gatewayId, Clock clock, Progress progress) {
        this(cache, config, gatewayId, clock, progress, _ -> {}, _ -> {});
    }

    /// @param adoptionSteps told of each step of an adoption
    /// @param steps told of each step of the rest
    Maintenance(
            Path cache,
            CacheConfig config,
            String gatewayId,
            Clock clock,
            Progress progress,
            Consumer<AdoptionStep> adoptionSteps,
            Consumer<MaintenanceStep> steps) {
        this.cache = cache;
        this.config = config;
        this.gatewayId = gatewayId;
        this.clock = clock;
        this.progress = progress;
        this.adoptionSteps = adoptionSteps;
        this.steps = steps;
    }

    /// Every dataset that there is something of, here or in an older cache.
    public static Set<String> datasets(Path cache) throws IOException {
        Set<String> names = new java.util.TreeSet<>();
        Datasets.ALL.forEach(d -> names.add(d.name()));
        OlderPartition.all(cache).forEach(p -> names.add(p.dataset()));
        return names;
    }

    /// Runs one tick, if no other maintainer is at work within `patience`.
    ///
    /// @throws IllegalStateException if one is; the message says who
    public Report run(Options options, Duration patience) throws InterruptedException, SQLException, IOException {
        Report report = new Report(options.dryRun(), clock.instant());
        if (options.whole() && !options.dryRun() && Files.exists(cache.resolve("journal.db"))) {
            report.settled(new Settle(cache, gatewayId, clock).run());
        }
        try (ProcessLock _ = ProcessLock.take(Flush.lockFile(cache), "maintenance", patience);
                Journal journal = Journal.open(cache.resolve("journal.db"))) {
            Thread hook = Thread.ofPlatform().unstarted(this::forgive);
            Runtime.getRuntime().addShutdownHook(hook);
            new Tick(options, report, journal).run();
            Runtime.getRuntime().removeShutdownHook(hook);
        }
        if (options.whole() && !options.dryRun()) {
            try (Journal journal = Journal.open(cache.resolve("journal.db"))) {
                journal.shrink();
            }
        }
        report.end(clock.instant());
        return report;
    }

    /// Ctrl-C, or a gateway that stops: what was under way is no reason to set anything aside.
    private void forgive() {
        try (Journal journal = Journal.open(cache.resolve("journal.db"))) {
            journal.attempts().interrupted();
        }
    }

    /// A piece of work at one place.
    @FunctionalInterface
    private interface Work {
        void run() throws SQLException, IOException, UnreadableCacheException;
    }

    /// The state of one run.
    private final class Tick {

        private final Options options;
        private final Report report;
        private final Journal journal;
        private final Attempts attempts;
        private final Set<String> setAside;
        private final Optional<Instant> deadline;
        private boolean begun;

        private Tick(Options options, Report report, Journal journal) {
            this.options = options;
            this.report = report;
            this.journal = journal;
            this.attempts = journal.attempts();
            this.deadline = options.budget().map(clock.instant()::plus);
            for (String place : attempts.countDeaths()) {
                LOG.warning("an earlier worker died at " + place);
            }
            this.setAside = new HashSet<>(options.force() ? List.of() : attempts.setAside());
        }

        private void run() {
            // Each part opens the lake for itself: one that cannot be opened is a failure like any other.
            if (options.whole()) {
                guarded("", "lake", this::flush);
                forEachOlder(this::adopt);
                guarded("", "lake", this::flush);
            }
            if (!options.compactOnly()) {
                forEachTable(this::at, this::expire);
            }
            if (!options.expireOnly()) {
                compact();
            }
            if (options.whole()) {
                forEachTable(this::at, this::retain);
                if (options.wants(Datasets.PAYLOADS.name())) {
                    at(Datasets.PAYLOADS.name(), "", this::collect);
                }
                forEachOlder((partition, table) -> sweep().older(partition, table));
                forEachTable(this::at, (lake, table) -> sweep().lake(lake, table.dataset()));
                guarded("", "datasets", () -> sweep().olderLeftovers());
                guarded("", "spill", () -> sweep().spill());
            }
        }

        private Sweep sweep() {
            return new Sweep(cache, report, clock.instant(), options.dryRun(), steps);
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
                        progress,
                        () -> !isTimeOver(),
                        adoptionSteps);
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
                steps.accept(MaintenanceStep.EXPIRY_BEGUN);
                table.expire(before, keep, file -> {
                    gone[0]++;
                    gone[1] += file.toFile().length();
                    steps.accept(MaintenanceStep.EXPIRY_FILE_DELETED);
                });
                steps.accept(MaintenanceStep.EXPIRY_DONE);
            }
            report.add(new Report.Expired(table.dataset().name(), snapshots, gone[0], gone[1]));
        }

        /// A day of a table that is to be compacted.
        private record DueDay(Dataset dataset, Compaction.Day day) {}

        /// The day with the most files first, whatever its table; at least one, however little time there is.
        private void compact() {
            LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
            List<DueDay> due = new ArrayList<>();
            forEachTable(
                    this::guarded,
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
                at(dataset.name(), day.name(), () -> {
                    try (Lake lake = Lake.open(cache)) {
                        LakeTable table = lake.table(dataset).orElseThrow();
                        report.add(new Compaction(lake, cache, config.maintenance(), steps)
                                .run(table, day, progress, () -> !isTimeOver()));
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
                        "nothing is dropped before " + restorable.get()
                                + ", while an adopted partition can be restored"));
                return;
            }
            new Retention(
                            cache,
                            lake,
                            config.maintenance().memoryBytes(),
                            config.maintenance().compactBatchBytes(),
                            steps)
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
                new PayloadCollection(cache, config, lake, journal, clock.instant(), steps)
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

        /// A way to run work at a place, [#at] or [#guarded].
        @FunctionalInterface
        private interface Place {
            void run(String dataset, String partition, Work work);
        }

        /// Work with a table of the lake.
        @FunctionalInterface
        private interface TableWork {
            void run(Lake lake, LakeTable table) throws SQLException, IOException;
        }

        private void forEachTable(Place place, TableWork work) {
            for (Dataset dataset : Datasets.ALL) {
                if (options.wants(dataset.name())) {
                    place.run(dataset.name(), "", () -> {
                        Optional<Lake> opened = Lake.openExisting(cache);
                        if (opened.isEmpty()) {
                            return;
                        }
                        try (Lake lake = opened.get()) {
                            Optional<LakeTable> table = lake.table(dataset);
                            if (table.isPresent()) {
                                work.run(lake, table.get());
                            }
                        }
                    });
                }
            }
        }

        /// Work with a partition of an older cache.
        @FunctionalInterface
        private interface OlderWork {
            void run(OlderPartition partition, Optional<LakeTable> table)
                    throws SQLException, IOException, UnreadableCacheException;
        }

        private void forEachOlder(OlderWork work) {
            guarded("", "datasets", () -> {
                for (OlderPartition partition : OlderPartition.all(cache)) {
                    if (options.wants(partition.dataset())) {
                        at(partition.dataset(), partition.name(), () -> {
                            work.run(partition, tableFor(partition));
                        });
                    }
                }
            });
        }

        /// The table that a partition's rows go to, as far as there is one.
        private Optional<LakeTable> tableFor(OlderPartition partition) {
            Optional<Lake> opened = Lake.openExisting(cache);
            if (opened.isEmpty()) {
                return Optional.empty();
            }
            try (Lake lake = opened.get()) {
                return Datasets.named(partition.dataset()).flatMap(lake::table);
            }
        }

        /// Does one piece of work at a place of its own: should this process die of it, the next one knows.
        private void at(String dataset, String partition, Work work) {
            String place = dataset.isEmpty() || partition.isEmpty() ? dataset + partition : dataset + "/" + partition;
            if (setAside.contains(place)) {
                fail(
                        dataset,
                        partition,
                        place + " is set aside after " + Attempts.MOST_DEATHS
                                + " workers died at it; hyp query maintain --force tries again");
                return;
            }
            if (options.dryRun()) {
                guarded(dataset, partition, work);
                return;
            }
            attempts.begin(place);
            guarded(dataset, partition, work);
            attempts.end(place);
        }

        /// Does one piece of work; what it throws is a failure of its place, said once.
        private void guarded(String dataset, String partition, Work work) {
            try {
                work.run();
            } catch (UnreadableCacheException | LakeException e) {
                fail(dataset, partition, String.valueOf(e.getMessage()));
            } catch (SQLException | IOException | RuntimeException | OutOfMemoryError e) {
                LOG.log(Level.WARNING, "maintenance failed at " + dataset + "/" + partition, e);
                fail(dataset, partition, why(e));
            }
        }

        private String why(Throwable e) {
            if (Engine.isOutOfMemory(e)) {
                return "its rows are so large that %,d bytes of memory are too few; nothing was changed. Raise %s"
                        .formatted(
                                config.maintenance().memoryBytes(),
                                "query.cache.maintenance.memory_bytes in the config and run hyp query maintain");
            }
            return e.getMessage() == null ? e.toString() : e.getMessage();
        }

        private void fail(String dataset, String partition, String why) {
            boolean isNew = report.add(new Report.Failed(dataset, partition, why));
            if (isNew && !options.dryRun()) {
                journal.report(new Problem(clock.instant(), "maintenance of " + dataset + "/" + partition, why));
            }
        }
    }
}
