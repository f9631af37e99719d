package io.hypaware.maintain;

import io.hypaware.config.HypConfig;
import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import io.hypaware.journal.Problem;
import io.hypaware.journal.TelemetryRequest;
import io.hypaware.maintain.reported.BodySpool;
import io.hypaware.secret.Secrets;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/// One round of the worker: a tick of maintenance, then raw frames whose time is over are pruned.
public final class Worker {

    private static final Logger LOG = Logger.getLogger(Worker.class.getName());

    /// Another maintainer, a manual one perhaps, may be at work; there is always a next round.
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Cache cache;
    private final HypConfig config;
    private final Writing writing;
    private final Clock clock;
    private final Optional<Secrets> watched;

    public Worker(Cache cache, HypConfig config, Writing writing, Clock clock) {
        this(cache, config, writing, clock, Optional.empty());
    }

    /// @param watched how secrets are looked for in what is new; nothing if they are not
    public Worker(Cache cache, HypConfig config, Writing writing, Clock clock, Optional<Secrets> watched) {
        this.watched = watched;
        this.cache = cache;
        this.config = config;
        this.writing = writing;
        this.clock = clock;
    }

    /// Settles, then runs one tick within its time budget, then prunes.
    public Report run() throws SQLException, InterruptedException, IOException {
        Duration budget = Duration.ofMillis(config.query().cache().maintenance().maxTickMs());
        Report report = Maintenance.unseen(cache, config.query().cache(), writing, clock, watched)
                .run(Maintenance.Options.background(budget), PATIENCE);
        LOG.log(
                Level.INFO,
                "tick: {0} exchanges projected, {1} rows flushed; {2} partitions adopted, {3} compacted; {4} reclaimed; {5} failed",
                new Object[] {
                    report.settled(),
                    report.flushed(),
                    report.of(Event.Adopted.class).size(),
                    report.of(Event.Compacted.class).size(),
                    report.of(Event.Reclaimed.class).size(),
                    report.failed().size()
                });
        report.failed().forEach(f -> LOG.warning(Event.place(f.dataset(), f.partition()) + ": " + f.why()));
        Duration kept = Duration.ofHours(config.query().cache().retention().keepRawHours());
        Instant before = clock.instant().minus(kept);
        long mostSpooled = config.receiver().spoolMaxBytes();
        int erased = new BodySpool(cache.claudeBodies()).keepTo(mostSpooled);
        try (Journal journal = Journal.open(cache.journal())) {
            if (erased > 0) {
                journal.report(new Problem(
                        clock.instant(),
                        "bodies of Claude Code",
                        erased + " files were deleted unread: there were more than the " + mostSpooled
                                + " bytes that spool_max_bytes of @hypaware/otel allows"));
            }
            journal.pruning().pruneRaw(before);
            journal.pruning().pruneKnown(before);
            pruneTelemetry(journal);
        }
        return report;
    }

    /// What of telemetry was set aside stays as long as its rows would.
    private void pruneTelemetry(Journal journal) {
        for (TelemetryRequest.Signal signal : TelemetryRequest.Signal.values()) {
            int days = config.query().cache().retention().days(signal.dataset());
            if (days > 0) {
                journal.telemetry().prune(signal, clock.instant().minus(Duration.ofDays(days)));
            }
        }
    }
}
