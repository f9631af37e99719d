package io.hypaware.maintain;

import io.hypaware.config.CacheConfig;
import io.hypaware.config.MaintenanceConfig;
import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import io.hypaware.home.ProcessLock;
import io.hypaware.home.Progress;
import io.hypaware.journal.Journal;
import io.hypaware.journal.Problem;
import io.hypaware.lake.Rewrite;
import io.hypaware.legacy.AdoptionStep;
import io.hypaware.legacy.OlderPartition;
import io.hypaware.secret.Secrets;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// One tick: settle, flush, adopt, expire, compact, retain, collect, sweep. What fails is written down
/// with its partition, and the walk goes on.
public final class Maintenance {

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

        public boolean whole() {
            return !compactOnly && !expireOnly;
        }

        public boolean wants(String name) {
            return dataset.isEmpty() || dataset.get().equals(name);
        }
    }

    /// Where and with what it works.
    ///
    /// @param watched how secrets are looked for in what is new; nothing if they are not
    /// @param adoptionSteps told of each step of an adoption
    /// @param steps told of each step of the rest
    record Environment(
            Cache cache,
            CacheConfig config,
            Clock clock,
            Progress progress,
            Optional<Secrets> watched,
            Consumer<AdoptionStep> adoptionSteps,
            Consumer<MaintenanceStep> steps) {}

    private final Environment environment;
    private final Cache cache;

    private final Writing writing;
    private final Clock clock;

    public Maintenance(Cache cache, CacheConfig config, Writing writing, Clock clock, Progress progress) {
        this(writing, new Environment(cache, config, clock, progress, Optional.empty(), _ -> {}, _ -> {}));
    }

    /// In the background, where nobody waits.
    static Maintenance unseen(
            Cache cache, CacheConfig config, Writing writing, Clock clock, Optional<Secrets> watched) {
        return new Maintenance(
                writing, new Environment(cache, config, clock, Progress.NONE, watched, _ -> {}, _ -> {}));
    }

    Maintenance(Writing writing, Environment environment) {
        this.environment = environment;
        this.cache = environment.cache();
        this.writing = writing;
        this.clock = environment.clock();
    }

    /// What any rewrite of maintenance may take.
    public static Rewrite.Limits limits(MaintenanceConfig config, Cache cache) {
        return new Rewrite.Limits(config.memoryBytes(), config.compactBatchBytes(), cache.spill());
    }

    /// Every dataset that there is something of, here or in an older cache.
    public static Set<String> datasets(Cache cache) throws IOException {
        Set<String> names = new java.util.TreeSet<>();
        Datasets.all().forEach(d -> names.add(d.name()));
        OlderPartition.all(cache).forEach(p -> names.add(p.dataset()));
        return names;
    }

    /// Runs one tick, if no other maintainer is at work within `patience`.
    ///
    /// @throws IllegalStateException if one is; the message says who
    public Report run(Options options, Duration patience) throws InterruptedException, SQLException, IOException {
        return run(options, patience, _ -> {});
    }

    /// The same, told of on its way.
    ///
    /// @param soFar gets the report before each task
    public Report run(Options options, Duration patience, Consumer<Report> soFar)
            throws InterruptedException, SQLException, IOException {
        Report report = new Report(options.dryRun(), clock.instant());
        if (options.whole() && !options.dryRun() && cache.hasJournal()) {
            report.add(new Event.Settled(new Settle(cache, writing, clock).run()));
        }
        try (ProcessLock _ = ProcessLock.take(cache.maintenanceLock(), "maintenance", patience);
                Journal journal = Journal.open(cache.journal())) {
            Thread hook = Thread.ofPlatform().unstarted(this::forgive);
            Runtime.getRuntime().addShutdownHook(hook);
            try {
                new Tick(environment, options, report, journal).run(Tasks.all(), () -> soFar.accept(report));
            } finally {
                forget(hook);
            }
        }
        if (options.whole() && !options.dryRun()) {
            try (Journal journal = Journal.open(cache.journal())) {
                if (options.dataset().isEmpty() && options.budget().isEmpty()) {
                    journal.problems().mended(Problem.MAINTENANCE, report.failedPlaces());
                }
                journal.pruning().shrink();
            }
        }
        report.end(clock.instant());
        return report;
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // It is running: the process is told to end.
        }
    }

    /// Ctrl-C, or a gateway that stops: what was under way is no reason to set anything aside.
    private void forgive() {
        try (Journal journal = Journal.open(cache.journal())) {
            journal.attempts().interrupted();
        }
    }
}
