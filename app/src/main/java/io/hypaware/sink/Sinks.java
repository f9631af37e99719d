package io.hypaware.sink;

import io.hypaware.config.HypConfig;
import io.hypaware.config.OtlpSinkConfig;
import io.hypaware.config.S3Config;
import io.hypaware.config.SinkConfig;
import io.hypaware.home.ProcessLock;
import io.hypaware.journal.SinkLedger;
import io.hypaware.journal.SinkState;
import io.hypaware.project.Messages;
import io.hypaware.query.QueryException;
import io.hypaware.sink.otlp.OtlpSink;
import io.hypaware.store.StoreException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;

/// The sinks of the config: runs those whose time has come, one after the other. What fails is written down with its
/// sink, tried again later, and later each time, and the others run.
public final class Sinks {

    private static final Logger LOG = Logger.getLogger(Sinks.class.getName());

    /// Longer than that no endpoint is left alone, whatever it asks for.
    private static final Duration LONGEST_ASKED = Duration.ofDays(1);

    private final HypConfig config;
    private final OtlpSink.Environment environment;
    private final Clock clock;

    public Sinks(HypConfig config, OtlpSink.Environment environment) {
        this.config = config;
        this.environment = environment;
        this.clock = environment.clock();
    }

    /// What a run did.
    ///
    /// @param error empty if it did what there was
    public record Ran(String name, Optional<Sink.Outcome> outcome, String error) {}

    /// A sink of the config, and how it stands.
    ///
    /// @param target where it sends to, for people
    public record Listed(String name, String target, SinkState state) {}

    /// All that this version has.
    public List<Listed> list() {
        List<Listed> all = new ArrayList<>();
        Optional<SinkLedger> opened =
                SinkLedger.openExisting(environment.cache().journal());
        try {
            built().forEach((name, sink) -> all.add(new Listed(
                    name,
                    config.target(sink),
                    opened.map(ledger -> ledger.shown(name, environment.cache().sinkLock()))
                            .orElseGet(() -> SinkState.fresh(name)))));
        } finally {
            opened.ifPresent(SinkLedger::close);
        }
        return all;
    }

    private Map<String, SinkConfig> built() {
        Map<String, SinkConfig> built = new TreeMap<>(config.sinks());
        built.values().removeIf(sink -> !sink.isBuilt());
        return built;
    }

    /// Runs those that are due, each within the time of a tick.
    public List<Ran> runDue() throws InterruptedException {
        return run(Optional.empty(), false);
    }

    /// Runs all, or one, whenever it was to.
    public List<Ran> force(Optional<String> name) throws InterruptedException {
        return run(name, true);
    }

    private List<Ran> run(Optional<String> only, boolean force) throws InterruptedException {
        List<Ran> ran = new ArrayList<>();
        Map<String, SinkConfig> wanted = built();
        wanted.keySet().removeIf(name -> only.filter(one -> !one.equals(name)).isPresent());
        Optional<SinkLedger> opened = wanted.isEmpty()
                ? Optional.empty()
                : SinkLedger.openExisting(environment.cache().journal());
        if (opened.isEmpty()) {
            return ran;
        }
        try (SinkLedger ledger = opened.get()) {
            Optional<ProcessLock> lock = ProcessLock.tryTake(environment.cache().sinkLock(), "sinks");
            if (lock.isEmpty()) {
                if (force) {
                    throw new IllegalStateException("another process is sending; try again in a minute");
                }
                return ran;
            }
            try (ProcessLock _ = lock.get()) {
                forget(ledger);
                for (Map.Entry<String, SinkConfig> sink : wanted.entrySet()) {
                    if (force || ledger.isDue(sink.getKey(), clock.instant(), false)) {
                        ran.add(run(sink.getKey(), sink.getValue(), ledger, force));
                    }
                }
            }
        }
        return ran;
    }

    /// What became of the maintenance of what a sink has written.
    ///
    /// @param text for people
    /// @param error empty if it was done
    public record Maintained(String name, String text, String error) {}

    /// Keeps small what sinks of files have written, of all or of one. Each for itself: what fails stops no other.
    ///
    /// @param dryRun say what there is to do, and do nothing
    public List<Maintained> maintain(Optional<String> only, boolean dryRun) throws InterruptedException {
        List<Maintained> done = new ArrayList<>();
        Optional<SinkLedger> opened =
                SinkLedger.openExisting(environment.cache().journal());
        if (opened.isEmpty()) {
            return done;
        }
        try (SinkLedger ledger = opened.get();
                ProcessLock _ = ProcessLock.tryTake(environment.cache().sinkLock(), "sinks")
                        .orElseThrow(
                                () -> new IllegalStateException("another process is sending; try again in a minute"))) {
            built().forEach((name, sink) -> {
                if (sink.isFiles() && only.filter(one -> !one.equals(name)).isEmpty()) {
                    done.add(maintain(new FileSink(environment, name, sink, bucket(sink), ledger), name, dryRun));
                }
            });
        }
        return done;
    }

    private static Maintained maintain(FileSink sink, String name, boolean dryRun) {
        try {
            return new Maintained(name, sink.maintain(dryRun), "");
        } catch (SQLException | IOException | RuntimeException | OutOfMemoryError e) {
            LOG.log(Level.INFO, "what sink " + name + " has written cannot be maintained", e);
            return new Maintained(name, "", e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }

    private Ran run(String name, SinkConfig sink, SinkLedger ledger, boolean force) {
        Instant now = clock.instant();
        Instant later = now.plus(RetryTimes.backOff(ledger.state(name).failures()));
        ledger.begin(name, now, later);
        environment.steps().accept(SinkStep.BEGUN);
        try {
            Sink.Outcome outcome = sink(name, sink, ledger)
                    .send(
                            force
                                    ? Optional.empty()
                                    : Optional.of(Duration.ofMillis(
                                            config.query().cache().maintenance().maxTickMs())));
            // What there was no time for is not to wait.
            Instant next = outcome.isWhole()
                    ? sink.schedule().flatMap(times -> times.after(now)).orElse(now.plus(RetryTimes.NEVER))
                    : now;
            ledger.done(name, clock.instant(), next);
            environment.steps().accept(SinkStep.DONE);
            LOG.log(Level.INFO, "sink {0}: {1}", new Object[] {name, outcome.text()});
            return new Ran(name, Optional.of(outcome), "");
        } catch (QueryException | SQLException | IOException | RuntimeException | OutOfMemoryError e) {
            String why = e.getMessage() == null ? e.toString() : e.getMessage();
            if (e instanceof SinkException || e instanceof StoreException) {
                LOG.log(Level.INFO, "sink {0} failed: {1}", new Object[] {name, why});
            } else {
                LOG.log(Level.WARNING, "sink " + name + " failed", e);
            }
            Optional<Instant> asked = notBefore(e).map(Sinks::bounded).map(clock.instant()::plus);
            ledger.failed(name, why, asked.filter(later::isBefore).orElse(later));
            return new Ran(name, Optional.empty(), why);
        }
    }

    private Sink sink(String name, SinkConfig sink, SinkLedger ledger) {
        return sink.isFiles()
                ? new FileSink(environment, name, sink, bucket(sink), ledger)
                : time -> spans(name, sink.otlp(), ledger, time);
    }

    private Optional<S3Config> bucket(SinkConfig sink) {
        return sink.isToBucket() ? Optional.of(config.bucket(sink)) : Optional.empty();
    }

    private Sink.Outcome spans(String name, OtlpSinkConfig sink, SinkLedger ledger, Optional<Duration> time)
            throws QueryException, SQLException, IOException {
        OtlpSink.Outcome outcome = new OtlpSink(
                        environment, new OtlpSink.Telling(sink.content(), Duration.ofMinutes(sink.quietMinutes())))
                .send(sink, new OtlpSink.Wanted.Changed(), name, ledger, time);
        if (outcome.refused() == 0 && (outcome.sent() > 0 || time.isEmpty())) {
            ledger.tookAll(name);
        }
        return outcome;
    }

    private static Optional<Duration> notBefore(Throwable e) {
        return switch (e) {
            case SinkException refused -> refused.notBefore();
            case StoreException refused -> refused.notBefore();
            default -> Optional.empty();
        };
    }

    private static Duration bounded(Duration asked) {
        return asked.compareTo(LONGEST_ASKED) > 0 ? LONGEST_ASKED : asked;
    }

    /// Of what is not kept any more, nothing can be sent again.
    private void forget(SinkLedger ledger) {
        int days = config.query()
                .cache()
                .retention()
                .datasets()
                .getOrDefault(
                        Messages.DATASET.name(),
                        config.query().cache().retention().defaultDays());
        if (days > 0) {
            ledger.forgetBefore(clock.instant().minus(Duration.ofDays(days + 1L)));
        }
    }
}
