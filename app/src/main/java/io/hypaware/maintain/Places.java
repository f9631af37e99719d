package io.hypaware.maintain;

import io.hypaware.config.CacheConfig;
import io.hypaware.engine.Engine;
import io.hypaware.journal.Attempts;
import io.hypaware.journal.Journal;
import io.hypaware.journal.Problem;
import io.hypaware.lake.LakeException;
import io.hypaware.legacy.UnreadableCacheException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Does work at places, which are tables of the lake, days of them, and partitions of an older cache: what fails is
/// written down with its place, and the walk goes on; what killed a process is known to the next one.
final class Places {

    private static final Logger LOG = Logger.getLogger(Places.class.getName());

    private final CacheConfig config;
    private final Clock clock;
    private final Maintenance.Options options;
    private final Report report;
    private final Journal journal;
    private final Attempts attempts;
    private final Set<String> setAside;

    Places(Maintenance.Environment environment, Maintenance.Options options, Report report, Journal journal) {
        this.config = environment.config();
        this.clock = environment.clock();
        this.options = options;
        this.report = report;
        this.journal = journal;
        this.attempts = journal.attempts();
        for (String place : attempts.countDeaths()) {
            LOG.warning("an earlier worker died at " + place);
        }
        this.setAside = new HashSet<>(options.force() ? List.of() : attempts.setAside());
    }

    /// Does one piece of work at a place of its own: should this process die of it, the next one knows.
    void at(String what, Task.Job job) {
        String dataset = job.dataset();
        String partition = job.partition();
        String place = what + " of " + Event.place(dataset, partition);
        if (setAside.contains(place)) {
            fail(
                    dataset,
                    partition,
                    place + " is set aside after " + Attempts.MOST_DEATHS
                            + " workers died at it; hyp query maintain --force tries again");
            return;
        }
        if (options.dryRun()) {
            guarded(dataset, partition, job.work());
            return;
        }
        attempts.begin(place);
        guarded(dataset, partition, job.work());
        attempts.end(place);
    }

    /// Does one piece of work; what it throws is a failure of its place, said once.
    void guarded(String dataset, String partition, Task.Work work) {
        try {
            work.run();
        } catch (UnreadableCacheException | LakeException e) {
            fail(dataset, partition, String.valueOf(e.getMessage()));
        } catch (SQLException | IOException | RuntimeException | OutOfMemoryError e) {
            LOG.log(Level.WARNING, "maintenance failed at " + Event.place(dataset, partition), e);
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
        boolean isNew = report.add(new Event.Failed(dataset, partition, why));
        if (isNew && !options.dryRun()) {
            journal.report(new Problem(clock.instant(), Problem.MAINTENANCE + Event.place(dataset, partition), why));
        }
    }
}
