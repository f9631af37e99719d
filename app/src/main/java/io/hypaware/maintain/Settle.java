package io.hypaware.maintain;

import io.hypaware.home.Cache;
import io.hypaware.home.ProcessLock;
import io.hypaware.journal.CapturedExchange;
import io.hypaware.journal.Direction;
import io.hypaware.journal.Journal;
import io.hypaware.journal.JournalException;
import io.hypaware.journal.Problem;
import io.hypaware.journal.ProjectionBatch;
import io.hypaware.maintain.reported.ClaudeEvents;
import io.hypaware.maintain.reported.ReportedCalls;
import io.hypaware.payload.ValueBuilder;
import io.hypaware.project.AnswerEnd;
import io.hypaware.project.Beginning;
import io.hypaware.project.Body;
import io.hypaware.project.Exchange;
import io.hypaware.project.ExchangeRow;
import io.hypaware.project.Limits;
import io.hypaware.project.Projection;
import io.hypaware.project.Projector;
import io.hypaware.project.Projectors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Projects the exchanges that are closed and pending, some of them in one transaction. One process at a time does it,
/// because a call is placed by what the calls before it said.
public final class Settle {

    private static final Logger LOG = Logger.getLogger(Settle.class.getName());

    private static final int BATCH = 100;

    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private Projectors projectors = new Projectors();
    private final EarlierRows earlier;
    private SessionHooks hooks = SessionHooks.NONE;
    private Admission admission = Admission.OF_ALL;

    private final Cache cache;
    private final Writing writing;
    private final StoredRedaction stored;
    private final Clock clock;
    private final Consumer<SettleStep> steps;

    public Settle(Cache cache, Writing writing, Clock clock) {
        this(cache, writing, clock, _ -> {});
    }

    /// @param steps told of each step that is done
    Settle(Cache cache, Writing writing, Clock clock, Consumer<SettleStep> steps) {
        this.steps = steps;
        this.cache = cache;
        this.writing = writing;
        this.stored = new StoredRedaction(writing.redactor());
        this.clock = clock;
        this.earlier = new EarlierRows(cache);
    }

    /// Projects all that is pending; returns how many exchanges that was. One that fails is set aside and
    /// reported.
    public int run() throws InterruptedException {
        try (ProcessLock _ = ProcessLock.take(cache.projectionLock(), "projection", PATIENCE);
                Journal journal = Journal.open(cache.journal())) {
            earlier.forget();
            int settled = 0;
            ReportedCalls reported = new ReportedCalls(cache, journal, writing.redactor()::text);
            boolean isWork = !journal.pending(1).isEmpty()
                    || !journal.connections().isEmpty()
                    || journal.telemetry().isAnyPending()
                    || reported.isAny();
            // Each command that looks comes here, and the hooks' file may be long.
            hooks = isWork || !journal.sessionClasses().withoutFolder().isEmpty()
                    ? SessionHooks.of(cache)
                    : SessionHooks.NONE;
            PrivacyGate gate = new PrivacyGate(cache, journal, hooks, clock.instant());
            gate.lookAgain();
            admission = new Admission(gate::of, () -> steps.accept(SettleStep.ERASED));
            if (isWork) {
                Positions.continueAfterLake(cache, journal);
                reported.keepOneOfEach();
            }
            try (ProjectionBatch batch = journal.projectionBatch(() -> steps.accept(SettleStep.WRITTEN));
                    ConnectionQueue connections = new ConnectionQueue(
                            journal, batch, projectors, connections(journal, batch), clock.instant())) {
                settled += settlePending(journal, batch, connections);
                connections.projectAll();
                batch.write();
                deleteFrames(journal, connections.ended());
                admission.erase(journal);
                settled += connections.projected();
                telemetry(journal, batch, gate);
                if (reported.isAny()) {
                    record(journal, reported);
                    settled += settlePending(journal, batch, connections);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return settled;
        }
    }

    /// What exporters sent.
    private void telemetry(Journal journal, ProjectionBatch batch, PrivacyGate gate) {
        if (journal.telemetry().isAnyPending()) {
            TelemetryQueue.Rules rules = new TelemetryQueue.Rules(gate::of, stored);
            new TelemetryQueue(journal, batch, rules, new ClaudeEvents(cache, hooks, stored::of), steps).projectAll();
        }
    }

    /// Makes exchanges of the calls that clients report.
    private void record(Journal journal, ReportedCalls reported) {
        Runnable record = () -> {
            try {
                reported.record(clock.instant());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
        if (stored.isOn()) {
            journal.pruning().overwriting(record);
        } else {
            record.run();
        }
    }

    private int settlePending(Journal journal, ProjectionBatch batch, ConnectionQueue connections) {
        int settled = 0;
        List<Long> pending = admission.next(journal, BATCH);
        while (!pending.isEmpty()) {
            settled += settleAll(journal, batch, pending, connections);
            pending = admission.next(journal, BATCH);
        }
        // A later call may have said what these had to wait for.
        return settled + settleAll(journal, batch, admission.waited(), connections);
    }

    /// @return how many exchanges were recorded, or set aside
    private int settleAll(Journal journal, ProjectionBatch batch, List<Long> seqs, ConnectionQueue connections) {
        if (seqs.isEmpty()) {
            return 0;
        }
        settle(journal, batch, seqs, connections);
        int settled = admission.recorded(seqs);
        deleteFrames(journal, seqs);
        steps.accept(SettleStep.FRAMES_DELETED);
        admission.erase(journal);
        return settled;
    }

    /// What is in rows goes from here; where no secret is to be stored, its bytes are overwritten.
    private void deleteFrames(Journal journal, List<Long> seqs) {
        if (stored.isOn()) {
            journal.pruning().eraseFramesOfProjected(seqs);
        } else {
            journal.pruning().deleteFramesOfProjected(seqs);
        }
    }

    private ConnectionQueue.ExchangeProjection connections(Journal journal, ProjectionBatch batch) {
        return new ConnectionQueue.ExchangeProjection() {
            @Override
            public void project(Exchange turn, Runnable done) {
                settle(journal, batch, turn, done);
            }

            @Override
            public void keep(Exchange recorded, Runnable done) throws IOException {
                Exchange connection = stored.of(recorded);
                CapturedExchange captured = connection.captured();
                if (admission.isRecorded(captured, Projector.Whence.of(captured), done)) {
                    writeExchange(batch, connection, ExchangeRow.Details.of(captured), KeptBodies::keep);
                    done.run();
                }
            }

            @Override
            public void keepUnread(CapturedExchange connection, Throwable cause) {
                if (stored.isOn()) {
                    // Its bytes are masked and packed: what they say is not known.
                    Settle.this.setAside(journal, connection, cause);
                    return;
                }
                Settle.this.keepUnread(
                        journal, batch, exchange(journal, connection), () -> batch.projected(connection.seq()), cause);
            }

            @Override
            public void setAside(CapturedExchange connection, Throwable cause) {
                Settle.this.setAside(journal, connection, cause);
            }
        };
    }

    /// Several exchanges are written at once. If that fails, it may be due to one of them: each is then written alone.
    ///
    /// @param connections whose turns stand between the exchanges
    private void settle(Journal journal, ProjectionBatch batch, List<Long> seqs, ConnectionQueue connections) {
        try {
            for (long seq : seqs) {
                CapturedExchange captured = journal.exchange(seq);
                connections.projectBefore(captured.startedAt());
                settle(journal, batch, captured);
            }
            batch.write();
        } catch (JournalException e) {
            if (e.isOfTheDisk()) {
                // It would fail with every exchange, and none is to blame: they wait as they are.
                throw e;
            }
            LOG.log(Level.WARNING, "exchanges could not be written together", e);
            batch.discardAll();
            earlier.forget();
            for (long seq : journal.stillPending(seqs)) {
                settleAlone(journal, batch, journal.exchange(seq));
            }
        }
    }

    private void settle(Journal journal, ProjectionBatch batch, CapturedExchange captured) {
        Runnable done = () -> {
            batch.projected(captured.seq());
            steps.accept(SettleStep.PROJECTED);
        };
        settle(journal, batch, exchange(journal, captured), done);
    }

    /// @param done to be told when it is written
    private void settle(Journal journal, ProjectionBatch batch, Exchange recorded, Runnable done) {
        Optional<Exchange> redacted = redacted(journal, recorded, done);
        if (redacted.isEmpty()) {
            return;
        }
        Exchange exchange = redacted.get();
        try {
            project(journal, batch, exchange, done);
        } catch (JournalException e) {
            throw e;
        } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
            // What one body does says nothing of the next: the exchange becomes a row with its bodies, the others go
            // on. This is for the log of a worker; a person is told by the problem that is kept.
            LOG.log(Level.INFO, "exchange " + exchange.captured().id() + " could not be projected", e);
            batch.discard();
            earlier.forget();
            if (!(e instanceof OutOfMemoryError) || !projectedWithMoreRoom(journal, batch, exchange, done)) {
                keepUnread(journal, batch, exchange, done, e);
            }
        }
    }

    /// The exchange as it is stored; nothing where secrets cannot be told from the rest: none of it is a row then.
    private Optional<Exchange> redacted(Journal journal, Exchange recorded, Runnable done) {
        try {
            return Optional.of(stored.of(recorded));
        } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
            LOG.log(Level.INFO, "exchange " + recorded.captured().id() + " could not be looked through", e);
            leave(journal, recorded.captured(), done, e);
            return Optional.empty();
        }
    }

    /// Once more, without what is remembered of other exchanges.
    private boolean projectedWithMoreRoom(Journal journal, ProjectionBatch batch, Exchange exchange, Runnable done) {
        projectors = new Projectors();
        batch.write();
        batch.forgetHashes();
        try {
            project(journal, batch, exchange, done);
            return true;
        } catch (JournalException e) {
            throw e;
        } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
            LOG.log(Level.FINE, "nor with more room", e);
            batch.discard();
            earlier.forget();
            return false;
        }
    }

    private void settleAlone(Journal journal, ProjectionBatch batch, CapturedExchange captured) {
        try {
            settle(journal, batch, captured);
            batch.write();
        } catch (JournalException e) {
            if (e.isOfTheDisk()) {
                throw e;
            }
            batch.discardAll();
            setAside(journal, captured, e);
        }
    }

    private void project(Journal journal, ProjectionBatch batch, Exchange recorded, Runnable done) throws IOException {
        Exchange exchange = new Exchange(
                AnswerEnd.settled(recorded.captured(), recorded.response()), recorded.request(), recorded.response());
        CapturedExchange captured = exchange.captured();
        Optional<Projector> projector =
                captured.requestBytes() + captured.responseBytes() == 0 ? Optional.empty() : projectors.of(captured);
        if (projector.isEmpty()) {
            if (admission.isRecorded(captured, Beginning.of(exchange), done)) {
                writeExchange(batch, exchange, ExchangeRow.Details.of(captured), KeptBodies::keep);
                done.run();
            }
            return;
        }
        Projector.Reading reading = projector.get().read(exchange);
        if (!admission.isRecorded(captured, reading.whence(), done)) {
            return;
        }
        reading.write(new Projection(batch, writing.gatewayId(), captured.startedAt(), earlier, hooks));
        writeExchange(batch, exchange, reading.details(), KeptBodies::keep);
        done.run();
        reading.problem()
                .ifPresent(why -> journal.report(new Problem(clock.instant(), Problem.EXCHANGE + captured.id(), why)));
    }

    private static Exchange exchange(Journal journal, CapturedExchange captured) {
        return new Exchange(
                captured,
                new Body(() -> journal.body(captured.seq(), Direction.REQUEST)),
                new Body(() -> journal.body(captured.seq(), Direction.RESPONSE)));
    }

    /// How bodies are kept.
    @FunctionalInterface
    private interface Keeping {
        ExchangeRow.Kept keep(Exchange exchange, ValueBuilder.Store store) throws IOException;
    }

    private void writeExchange(ProjectionBatch batch, Exchange exchange, ExchangeRow.Details details, Keeping keeping)
            throws IOException {
        CapturedExchange captured = exchange.captured();
        ExchangeRow.Kept kept = keeping.keep(exchange, batch.payloads(captured.startedAt()));
        steps.accept(SettleStep.BODIES_KEPT);
        batch.add(ExchangeRow.of(captured, details, kept), captured.startedAt());
        Limits.rows(exchange).forEach((name, row) -> batch.addLatest(name, row, captured.startedAt()));
    }

    /// An exchange whose bodies cannot be read: it is a row with them, byte for byte. Where not even that can be
    /// written, it is set aside with its frames.
    private void keepUnread(Journal journal, ProjectionBatch batch, Exchange exchange, Runnable done, Throwable cause) {
        CapturedExchange captured = exchange.captured();
        if (!admission.isRecorded(captured, Beginning.of(exchange), done)) {
            return;
        }
        String why = cause instanceof OutOfMemoryError
                ? "its bodies are larger than the worker can read; they are kept byte for byte"
                : "could not be projected: " + inOneLine(cause) + "; its bodies are kept byte for byte";
        try {
            ExchangeRow.Details details = ExchangeRow.Details.of(captured);
            writeExchange(
                    batch,
                    exchange,
                    details.withError(why),
                    cause instanceof OutOfMemoryError ? KeptBodies::inBlocks : KeptBodies::keep);
            done.run();
            journal.report(new Problem(clock.instant(), Problem.EXCHANGE + captured.id(), why));
        } catch (JournalException e) {
            throw e;
        } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
            LOG.log(Level.INFO, "nor can its bodies be kept", e);
            batch.discard();
            leave(journal, captured, done, cause);
        }
    }

    /// Leaves an exchange of which nothing can be written.
    private void leave(Journal journal, CapturedExchange captured, Runnable done, Throwable cause) {
        if (captured.method().equals(Projector.WEBSOCKET)) {
            // Its bytes are the connection's, which goes on.
            journal.report(new Problem(
                    clock.instant(), Problem.EXCHANGE + captured.id(), "could not be projected: " + inOneLine(cause)));
            done.run();
        } else {
            setAside(journal, captured, cause);
        }
    }

    private void setAside(Journal journal, CapturedExchange captured, Throwable cause) {
        String message = "could not be projected: " + inOneLine(cause)
                + ". Its bytes are kept; hyp query refresh --retry tries again";
        journal.markFailed(captured.seq(), new Problem(clock.instant(), Problem.EXCHANGE + captured.id(), message));
    }

    private static String inOneLine(Throwable cause) {
        String message = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        return cause instanceof RuntimeException ? cause.getClass().getSimpleName() + ": " + message : message;
    }
}
