package io.hypaware.daemon;

import io.hypaware.config.HypConfig;
import io.hypaware.config.MaintenanceConfig;
import io.hypaware.home.HypHome;
import io.hypaware.journal.Journal;
import io.hypaware.journal.JournalStats;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Starts a worker, a process of its own, when there is enough to do. A worker that fails is tried again later, and
/// later each time.
final class WorkerScheduler implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(WorkerScheduler.class.getName());

    private static final Duration LOOK_EVERY = Duration.ofSeconds(15);
    private static final Duration LONGEST_BACK_OFF = Duration.ofHours(1);

    private final HypHome home;
    private final HypConfig config;
    private final Clock clock;
    private final Thread thread;
    private @Nullable Process worker;
    private Instant notBefore = Instant.EPOCH;
    private Instant lastRun;
    private Duration backOff = Duration.ofMinutes(1);

    WorkerScheduler(HypHome home, HypConfig config, Clock clock) {
        this.home = home;
        this.config = config;
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
                    if (!clock.instant().isBefore(notBefore) && isDue()) {
                        runWorker();
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

    private boolean isDue() {
        Optional<Journal> journal = Journal.openExisting(home.cache(config).journal());
        if (journal.isEmpty()) {
            return false;
        }
        try (Journal open = journal.get()) {
            Duration sinceLast = Duration.between(lastRun, clock.instant());
            return isDue(open.stats(), sinceLast, config.query().cache().maintenance());
        }
    }

    /// Enough bytes wait, or something waits for long enough, or it is time for a round in any case.
    static boolean isDue(JournalStats stats, Duration sinceLast, MaintenanceConfig maintenance) {
        boolean waits = stats.pending() > 0 || stats.connections() > 0 || stats.hotBytes() > 0;
        return stats.pendingBytes() >= maintenance.flushBytes()
                || stats.hotBytes() >= maintenance.flushBytes()
                || (waits && sinceLast.toMinutes() >= maintenance.flushMinutes())
                || sinceLast.toMinutes() >= maintenance.intervalMinutes();
    }

    private void runWorker() throws IOException, InterruptedException {
        Path log = HypHome.privateFolder(home.logs()).resolve("worker.log");
        Process process = HypProcess.worker(home).redirectOutput(log.toFile()).start();
        worker = process;
        lastRun = clock.instant();
        int code = process.waitFor();
        worker = null;
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
