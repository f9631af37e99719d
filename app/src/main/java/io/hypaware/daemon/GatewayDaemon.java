package io.hypaware.daemon;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.config.GatewayConfig;
import io.hypaware.config.HypConfig;
import io.hypaware.gateway.Gateway;
import io.hypaware.gateway.GatewayStats;
import io.hypaware.home.Cache;
import io.hypaware.home.HypHome;
import io.hypaware.home.ProcessLock;
import io.hypaware.journal.JournalWriter;
import io.hypaware.journal.Recorder;
import io.hypaware.journal.RecorderStats;
import io.hypaware.journal.Recording;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;

/// The gateway process: starts the gateway on its journal, schedules workers, and ends when it is told to.
///
/// The first SIGTERM or SIGINT drains; a second one ends at once.
public final class GatewayDaemon {

    /// Exit code after a thread died.
    private static final int DEAD_THREAD = 70;

    private static final Logger LOG = Logger.getLogger(GatewayDaemon.class.getName());

    private final HypHome home;
    private final HypConfig config;
    private final GatewayFiles files;
    private final Clock clock;
    private final Instant startedAt;
    private final CountDownLatch stop = new CountDownLatch(1);

    public GatewayDaemon(HypHome home, HypConfig config, Clock clock) {
        this.home = home;
        this.config = config;
        this.files = new GatewayFiles(home);
        this.clock = clock;
        this.startedAt = clock.instant();
    }

    /// Runs until it is told to stop and all calls have ended, or the time for that is over.
    ///
    /// @throws IllegalStateException if a gateway of this home runs already
    /// @throws io.hypaware.gateway.GatewayException if it cannot listen
    public void run() throws InterruptedException {
        // A thread that dies takes the process with it: without it, the gateway would hold its port and serve no one.
        Thread.setDefaultUncaughtExceptionHandler((thread, cause) -> {
            try {
                LOG.log(Level.SEVERE, "the thread " + thread.getName() + " died; the gateway ends", cause);
            } finally {
                Runtime.getRuntime().halt(DEAD_THREAD);
            }
        });
        HypHome.privateFolder(home.run());
        Cache cache = home.cache(config).make();
        Optional<ProcessLock> lock = ProcessLock.tryTake(files.lockFile(), "gateway");
        if (lock.isEmpty()) {
            throw new RunsAlreadyException("a gateway of " + home.root() + " runs already ("
                    + ProcessLock.owner(files.lockFile()) + "); stop it with hyp down");
        }
        GatewayConfig settings = config.gateway();
        try (ProcessLock _ = lock.get();
                JournalWriter journal = JournalWriter.open(
                        cache.journal(),
                        settings.queueBytes(),
                        settings.maxBodyBytes(),
                        home.run(),
                        settings.spillBytes())) {
            AtomicReference<Gateway> running = new AtomicReference<>();
            Recorder recorder = config.recording() ? journal : _ -> Recording.NONE;
            Gateway gateway = Gateway.start(
                    settings, files.redactionKey(), recorder, () -> statusJson(running.get(), journal.stats()), clock);
            running.set(gateway);
            WorkerScheduler workers = new WorkerScheduler(home, config, clock);
            @Nullable Watchdog watchdog = null;
            try {
                files.writeAddress(settings.host(), gateway.port());
                listenForSignals();
                watchdog = new Watchdog(files.address().orElseThrow());
                watchdog.start();
                workers.start();
                LOG.info("listening on " + settings.host() + ":" + gateway.port());
                stop.await();
                watchdog.close();
                LOG.info("stopping; open calls: " + gateway.stats().openCalls());
                boolean drained = gateway.drain(Duration.ofSeconds(settings.drainSeconds()));
                LOG.info(drained ? "all calls ended" : "calls were still open; ended them");
            } finally {
                if (watchdog != null) {
                    watchdog.close();
                }
                workers.close();
                gateway.close();
                files.removeAddress();
            }
        }
    }

    private void listenForSignals() {
        for (String name : new String[] {"TERM", "INT"}) {
            Signals.register(name, () -> {
                if (stop.getCount() == 0) {
                    // What is open is closed as gateway_error at the next start.
                    Runtime.getRuntime().halt(130);
                }
                stop.countDown();
            });
        }
    }

    private String statusJson(@Nullable Gateway gateway, RecorderStats recorder) {
        GatewayStats stats = gateway == null ? new GatewayStats(0, 0, 0) : gateway.stats();
        var json = new ObjectMapper().createObjectNode();
        json.put("home", home.root().toString());
        json.put("pid", ProcessHandle.current().pid());
        json.put("supervised", GatewayFiles.supervisor() != 0);
        json.put("started_ms", GatewayFiles.startedMillis(ProcessHandle.current()));
        json.put("uptime_seconds", Duration.between(startedAt, clock.instant()).toSeconds());
        json.put("recording", config.recording());
        json.put("open_calls", stats.openCalls());
        json.put("calls", stats.calls());
        json.put("refused", stats.refused());
        json.put("journal_open", recorder.open());
        json.put("recorded", recorder.recorded());
        json.put("dropped", recorder.dropped());
        json.put("dropped_bytes", recorder.droppedBytes());
        json.put("queued_bytes", recorder.queuedBytes());
        json.put("journal_error", recorder.lastError().orElse(null));
        return json.toString();
    }
}
