package io.hypaware.daemon;

import io.hypaware.config.HypConfig;
import io.hypaware.config.MaintenanceConfig;
import io.hypaware.config.TeamLakeConfig;
import io.hypaware.home.HypHome;
import io.hypaware.journal.Journal;
import io.hypaware.journal.JournalStats;
import io.hypaware.journal.SinkLedger;
import io.hypaware.journal.TeamLedger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Starts a worker, a process of its own, when there is enough to do. A worker that fails is tried again later, and
/// later each time.
final class WorkerScheduler implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(WorkerScheduler.class.getName());

    private static final Duration LOOK_EVERY = Duration.ofSeconds(15);
    private static final Duration FIGURES_EVERY = Duration.ofMinutes(1);
    private static final Duration LONGEST_BACK_OFF = Duration.ofHours(1);

    /// How many bytes of rows come of a byte of telemetry: packed spans 18, others 4.
    private static final int TELEMETRY_GROWS = 8;

    private final HypHome home;
    private final HypConfig config;
    private final StatusLine line;
    private final Clock clock;
    private final Thread thread;
    private @Nullable Process worker;
    private Instant notBefore = Instant.EPOCH;
    private Instant lastRun;
    private Instant lastFigures = Instant.EPOCH;
    private Duration backOff = Duration.ofMinutes(1);

    /// @param line which is told when there are new figures
    WorkerScheduler(HypHome home, HypConfig config, StatusLine line, Clock clock) {
        this.home = home;
        this.config = config;
        this.line = line;
        this.clock = clock;
        this.lastRun = clock.instant();
        this.thread = Thread.ofPlatform().name("worker-scheduler").daemon().unstarted(this::loop);
    }

    void start() {
        if (config.query().cache().maintenance().enabled()) {
            thread.start();
        }
    }

    /// Stops a worker that is under way; what it had not committed is done again later.
    @Override
    public void close() {
        thread.interrupt();
        Process running = worker;
        if (running != null) {
            running.destroy();
        }
    }

    private void loop() {
        try {
            while (true) {
                Thread.sleep(LOOK_EVERY);
                try {
                    if (!clock.instant().isBefore(notBefore)) {
                        run(due());
                    }
                } catch (IOException | RuntimeException e) {
                    LOG.log(Level.WARNING, "the worker could not be scheduled", e);
                    later();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// What a worker is to do now.
    enum Round {
        NOTHING,
        /// Only what the status line says of calls that ended.
        FIGURES,
        /// Only what is to leave the machine by now.
        SINKS,
        WHOLE
    }

    private Round due() {
        Optional<Journal> journal = Journal.openExisting(home.cache(config).journal());
        if (journal.isEmpty()) {
            return Round.NOTHING;
        }
        try (Journal open = journal.get()) {
            Instant now = clock.instant();
            JournalStats stats = open.stats();
            if (isDue(
                            stats,
                            Duration.between(lastRun, now),
                            config.query().cache().maintenance())
                    || isToldToForget(open)) {
                return Round.WHOLE;
            }
            if (areSinksDue(stats.pending() > 0, now)) {
                return Round.SINKS;
            }
            return areFiguresDue(stats, Duration.between(lastFigures, now), line) ? Round.FIGURES : Round.NOTHING;
        }
    }

    private boolean areSinksDue(boolean isPending, Instant now) {
        Path journal = home.cache(config).journal();
        List<String> built = new ArrayList<>(config.sinks().entrySet().stream()
                .filter(sink -> sink.getValue().isBuilt())
                .map(Map.Entry::getKey)
                .toList());
        config.lake()
                .team()
                .map(TeamLakeConfig::ledgerName)
                .filter(name -> isAgreed(journal, name))
                .ifPresent(built::add);
        Optional<SinkLedger> opened = built.isEmpty() ? Optional.empty() : SinkLedger.openExisting(journal);
        if (opened.isEmpty()) {
            return false;
        }
        try (SinkLedger ledger = opened.get()) {
            return built.stream().anyMatch(name -> ledger.isDue(name, now, isPending));
        }
    }

    /// Nothing goes to a team's lake before the user agreed.
    private static boolean isAgreed(Path journal, String lake) {
        return TeamLedger.openExisting(journal, lake)
                .flatMap(opened -> {
                    try (TeamLedger ledger = opened) {
                        return ledger.consent();
                    }
                })
                .isPresent();
    }

    /// What was recorded is to go, or something was said of what is recorded: the user does not wait for a round.
    private boolean isToldToForget(Journal journal) {
        if (!journal.purges().open().isEmpty()) {
            return true;
        }
        try {
            Path list = home.cache(config).privacyList();
            return Files.exists(list)
                    && Files.getLastModifiedTime(list).toInstant().isAfter(lastRun);
        } catch (IOException e) {
            return false;
        }
    }

    /// Somebody looks at them, and they are no longer true.
    static boolean areFiguresDue(JournalStats stats, Duration sinceLast, StatusLine line) {
        return line.isWatched() && (stats.pending() > 0 || line.lacksDay()) && sinceLast.compareTo(FIGURES_EVERY) >= 0;
    }

    /// Enough bytes wait, or something waits for long enough, or it is time for a round in any case.
    static boolean isDue(JournalStats stats, Duration sinceLast, MaintenanceConfig maintenance) {
        boolean waits = stats.pending() > 0
                || stats.connections() > 0
                || stats.telemetry().pending() > 0
                || stats.hotBytes() > 0;
        return stats.pendingBytes() + TELEMETRY_GROWS * stats.telemetry().pendingBytes() >= maintenance.flushBytes()
                || stats.hotBytes() >= maintenance.flushBytes()
                || (waits && sinceLast.toMinutes() >= maintenance.flushMinutes())
                || sinceLast.toMinutes() >= maintenance.intervalMinutes();
    }

    private void run(Round round) throws IOException, InterruptedException {
        if (round == Round.NOTHING) {
            return;
        }
        boolean whole = round == Round.WHOLE;
        List<String> options = new ArrayList<>();
        switch (round) {
            case FIGURES -> options.add("--settle");
            case SINKS -> options.add("--sinks");
            case WHOLE, NOTHING -> {}
        }
        // Who has no status line does not pay for it.
        if (line.isWatched()) {
            options.add("--figures");
        }
        Path log = HypHome.privateFolder(home.logs()).resolve("worker.log");
        Process process =
                HypProcess.worker(home, options).redirectOutput(log.toFile()).start();
        worker = process;
        lastFigures = clock.instant();
        if (whole) {
            lastRun = lastFigures;
        }
        int code = process.waitFor();
        worker = null;
        line.reload();
        if (code == 0) {
            backOff = Duration.ofMinutes(1);
        } else {
            LOG.warning("the worker ended with " + code + "; see " + log);
            later();
        }
    }

    private void later() {
        notBefore = clock.instant().plus(backOff);
        Duration doubled = backOff.multipliedBy(2);
        backOff = doubled.compareTo(LONGEST_BACK_OFF) > 0 ? LONGEST_BACK_OFF : doubled;
    }
}
