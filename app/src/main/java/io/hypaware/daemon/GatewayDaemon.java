package io.hypaware.daemon;

import io.hypaware.config.GatewayConfig;
import io.hypaware.config.HypConfig;
import io.hypaware.gateway.Gateway;
import io.hypaware.gateway.GatewayStats;
import io.hypaware.gateway.Listener;
import io.hypaware.gateway.SelfReport;
import io.hypaware.home.Cache;
import io.hypaware.home.HypHome;
import io.hypaware.home.ProcessLock;
import io.hypaware.journal.JournalWriter;
import io.hypaware.journal.Recorder;
import io.hypaware.journal.Recording;
import io.hypaware.receiver.Receiver;
import java.nio.channels.ServerSocketChannel;
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

    /// How long calls may go on after another gateway took over. The longest that providers let a connection live is an
    /// hour.
    private static final Duration HAND_OVER_PATIENCE = Duration.ofHours(2);

    /// How long what exporters have begun to send may take to be on disk.
    private static final Duration RECEIVER_PATIENCE = Duration.ofSeconds(10);

    /// How long exporters that keep their connection may take to be told that there is another gateway: they ask each
    /// minute.
    private static final Duration EXPORTERS_PATIENCE = Duration.ofSeconds(70);

    private static final Logger LOG = Logger.getLogger(GatewayDaemon.class.getName());

    private final HypHome home;
    private final HypConfig config;
    private final GatewayFiles files;
    private final Clock clock;
    private final Instant startedAt;
    private final long configModifiedMillis;
    private final CountDownLatch stop = new CountDownLatch(1);

    public GatewayDaemon(HypHome home, HypConfig config, Clock clock) {
        this.home = home;
        this.config = config;
        this.files = new GatewayFiles(home);
        this.clock = clock;
        this.startedAt = clock.instant();
        this.configModifiedMillis = home.configFile().toFile().lastModified();
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
        Optional<ProcessHandle> predecessor = predecessor();
        GatewayConfig settings = config.gateway();
        try (Turn turn = predecessor.isPresent() ? new Turn(files) : Turn.taken(files);
                JournalWriter journal = JournalWriter.open(
                        cache.journal(),
                        settings.queueBytes(),
                        settings.maxBodyBytes(),
                        home.run(),
                        settings.spillBytes())) {
            AtomicReference<Gateway> running = new AtomicReference<>();
            AtomicReference<Receiver> receiving = new AtomicReference<>();
            Recorder recorder = config.recording() ? journal : _ -> Recording.NONE;
            StatusLine line = new StatusLine(home, config.recording(), clock);
            line.reload();
            SelfReport self = new SelfReport() {
                @Override
                public String status() {
                    return GatewayStatus.json(
                            facts(),
                            stats(running.get()),
                            journal.stats(),
                            Optional.ofNullable(receiving.get()).map(Receiver::stats));
                }

                @Override
                public String line(String session) {
                    return line.text(session, stats(running.get()), journal.stats());
                }
            };
            Gateway gateway = Gateway.start(
                    settings,
                    listener(settings),
                    new Gateway.Parts(
                            files.redactionKey(),
                            recorder,
                            self,
                            new IgnoredSessions(cache.privacyList(), clock),
                            clock));
            running.set(gateway);
            Optional<Receiver> receiver = config.receiving()
                    ? Optional.of(new Receiver(config.receiver(), journal, clock))
                    : Optional.empty();
            receiver.ifPresent(receiving::set);
            WorkerScheduler workers = new WorkerScheduler(home, config, line, clock);
            @Nullable Watchdog watchdog = null;
            try {
                listenForSignals();
                if (predecessor.isPresent()) {
                    turn.takeFrom(predecessor.get());
                }
                files.writeAddress(settings.host(), gateway.port());
                receiver.ifPresent(Receiver::listen);
                watchdog = new Watchdog(files.address().orElseThrow());
                watchdog.start();
                workers.start();
                LOG.info("listening on " + settings.host() + ":" + gateway.port());
                stop.await();
                watchdog.close();
                boolean drained = end(gateway, receiver, workers, turn);
                LOG.info(drained ? "all calls ended" : "calls were still open; ended them");
            } finally {
                if (watchdog != null) {
                    watchdog.close();
                }
                workers.close();
                gateway.close();
                receiver.ifPresent(Receiver::close);
                files.removeAddress();
            }
        }
    }

    /// Lets open calls end, for as long as it may take; false if some did not.
    private boolean end(Gateway gateway, Optional<Receiver> receiver, WorkerScheduler workers, Turn turn)
            throws InterruptedException {
        Optional<ProcessHandle> successor = files.successor();
        // Its ports are free before the next one is told that it is its turn.
        receiver.ifPresent(Receiver::stopListening);
        if (successor.isEmpty()) {
            LOG.info("stopping; open calls: " + gateway.stats().openCalls());
            boolean drained = gateway.drain(Duration.ofSeconds(config.gateway().drainSeconds()));
            return drained && (receiver.isEmpty() || receiver.get().await(false, RECEIVER_PATIENCE));
        }
        LOG.info("handing over to " + successor.get().pid() + "; open calls: "
                + gateway.stats().openCalls());
        workers.close();
        turn.close();
        boolean ended = gateway.handOver(HAND_OVER_PATIENCE);
        return ended && (receiver.isEmpty() || receiver.get().await(true, EXPORTERS_PATIENCE));
    }

    /// The gateway that runs and that the supervisor wants this one to take over from. One that has let go already is
    /// only waiting for its last calls.
    private Optional<ProcessHandle> predecessor() {
        String named = System.getenv().getOrDefault("HYP_PREDECESSOR", "");
        return files.address()
                .filter(address -> GatewayFiles.supervisor() != 0 && named.equals(Long.toString(address.pid())))
                .flatMap(GatewayFiles.Address::process)
                .filter(_ -> ProcessLock.isTaken(files.lockFile()));
    }

    /// The socket that the supervisor holds, or one of its own.
    private static Listener listener(GatewayConfig settings) {
        Optional<ServerSocketChannel> inherited =
                GatewayFiles.supervisor() == 0 ? Optional.empty() : SharedSocket.inherited();
        return inherited.isPresent() ? Listener.of(inherited.get(), settings) : Listener.open(settings);
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

    private static GatewayStats stats(@Nullable Gateway gateway) {
        return gateway == null ? GatewayStats.NONE : gateway.stats();
    }

    private GatewayStatus.Facts facts() {
        return new GatewayStatus.Facts(
                home.root().toString(),
                Duration.between(startedAt, clock.instant()),
                configModifiedMillis,
                config.recording(),
                config.asksForTelemetry());
    }
}
