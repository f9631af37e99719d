package io.hypaware.maintain;

import io.hypaware.config.CacheConfig;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.engine.Engine;
import io.hypaware.home.Cache;
import io.hypaware.journal.Attempts;
import io.hypaware.journal.Journal;
import io.hypaware.journal.Problem;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeException;
import io.hypaware.lake.LakeTable;
import io.hypaware.legacy.OlderPartition;
import io.hypaware.legacy.UnreadableCacheException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Does work at places, which are tables of the lake, days of them, and partitions of an older cache: what fails is
/// written down with its place, and the walk goes on; what killed a process is known to the next one.
final class Places {

    private static final Logger LOG = Logger.getLogger(Places.class.getName());

    /// A piece of work at one place.
    @FunctionalInterface
    interface Work {
        void run() throws SQLException, IOException, UnreadableCacheException;
    }

    private final Cache cache;
    private final CacheConfig config;
    private final Clock clock;
    private final Maintenance.Options options;
    private final Report report;
    private final Journal journal;
    private final Attempts attempts;
    private final Set<String> setAside;

    Places(Maintenance.Setting setting, Maintenance.Options options, Report report, Journal journal) {
        this.cache = setting.cache();
        this.config = setting.config();
        this.clock = setting.clock();
        this.options = options;
        this.report = report;
        this.journal = journal;
        this.attempts = journal.attempts();
        for (String place : attempts.countDeaths()) {
            LOG.warning("an earlier worker died at " + place);
        }
        this.setAside = new HashSet<>(options.force() ? List.of() : attempts.setAside());
    }

    /// A way to run work at a place, [#at] or [#guarded].
    @FunctionalInterface
    interface Place {
        void run(String dataset, String partition, Work work);
    }

    /// Work with a table of the lake.
    @FunctionalInterface
    interface TableWork {
        void run(Lake lake, LakeTable table) throws SQLException, IOException;
    }

    void forEachTable(Place place, TableWork work) {
        for (Dataset dataset : Datasets.all()) {
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
    interface OlderWork {
        void run(OlderPartition partition, Optional<LakeTable> table)
                throws SQLException, IOException, UnreadableCacheException;
    }

    /// @param what the kind of work, for those who count what processes died at
    void forEachOlder(String what, OlderWork work) {
        guarded("", "datasets", () -> {
            for (OlderPartition partition : OlderPartition.all(cache)) {
                if (options.wants(partition.dataset())) {
                    at(what, partition.dataset(), partition.name(), () -> {
                        partition.refuseLinks();
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

    /// A way to run work of a kind at a place, so that deaths of the one kind are not forgotten when the other
    /// succeeds.
    Place at(String what) {
        return (dataset, partition, work) -> at(what, dataset, partition, work);
    }

    /// Does one piece of work at a place of its own: should this process die of it, the next one knows.
    void at(String what, String dataset, String partition, Work work) {
        String where = dataset.isEmpty() || partition.isEmpty() ? dataset + partition : dataset + "/" + partition;
        String place = what + " of " + where;
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
    void guarded(String dataset, String partition, Work work) {
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
