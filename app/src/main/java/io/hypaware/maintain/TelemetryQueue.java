package io.hypaware.maintain;

import io.hypaware.dataset.Row;
import io.hypaware.journal.Journal;
import io.hypaware.journal.JournalException;
import io.hypaware.journal.Problem;
import io.hypaware.journal.ProjectionBatch;
import io.hypaware.journal.TelemetryRequests;
import io.hypaware.project.otel.LogEvent;
import io.hypaware.project.otel.LogsReader;
import io.hypaware.project.otel.TelemetryReading;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Projects what OpenTelemetry exporters sent, in the order in which it came. Small requests are written some together;
/// a large one in several transactions, each with how far it is.
///
/// An exporter whose answer was lost sends the same bytes again: a request is known by its content, whatever it was
/// packed with. One whose records say no time may be meant twice.
final class TelemetryQueue {

    private static final Logger LOG = Logger.getLogger(TelemetryQueue.class.getName());

    private static final int MOST_SESSIONS = 10_000;

    /// Decides what becomes of a row that names a session, or none.
    @FunctionalInterface
    interface Gate {
        PrivacyGate.Decision decide(Optional<String> session, String service, Instant receivedAt);
    }

    /// What becomes of a row.
    record Rules(Gate gate, StoredRedaction stored) {}

    private final Journal journal;
    private final ProjectionBatch batch;
    private final Rules rules;
    private final LogsReader reader;
    private final Consumer<SettleStep> steps;

    /// Rows of records at which the reader failed: they are not shown again.
    private final Set<String> unshown = new HashSet<>();

    private boolean isAlone;
    private boolean isAnyGathered;
    private long projected;

    /// @param reader who is shown log records
    TelemetryQueue(Journal journal, ProjectionBatch batch, Rules rules, LogsReader reader, Consumer<SettleStep> steps) {
        this.journal = journal;
        this.batch = batch;
        this.rules = rules;
        this.reader = reader;
        this.steps = steps;
    }

    /// A reader failed at a record.
    private static final class ReaderFailed extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final String rowId;

        private ReaderFailed(String rowId, Throwable cause) {
            super(cause);
            this.rowId = rowId;
        }
    }

    /// Projects all that is pending and need not wait; returns how many requests that was.
    long projectAll() {
        long at = 0;
        Optional<TelemetryRequests.Pending> next = journal.telemetry().next(at);
        while (next.isPresent()) {
            TelemetryRequests.Pending pending = next.get();
            at = pending.seq();
            try {
                project(pending);
                if (isAlone) {
                    write();
                }
            } catch (ReaderFailed e) {
                LOG.log(Level.INFO, "a log record could not be shown", e);
                report(pending, "more could not be made of a log record: " + e.getCause());
                unshown.add(e.rowId);
                startAgain();
                at = 0;
            } catch (JournalException e) {
                startAgain();
                if (e.isOfTheDisk()) {
                    throw e;
                }
                LOG.log(Level.WARNING, "telemetry could not be written", e);
                if (isAlone) {
                    setAside(pending, e);
                } else {
                    // One of several is to blame: each is then written alone.
                    isAlone = true;
                    at = 0;
                }
            }
            next = journal.telemetry().next(at);
        }
        if (isAnyGathered) {
            write();
        }
        return projected;
    }

    private void startAgain() {
        batch.discardAll();
        reader.discarded();
    }

    private void write() {
        batch.writeAll();
        isAnyGathered = false;
        reader.committed();
        steps.accept(SettleStep.TELEMETRY_WRITTEN);
    }

    private void writeIfMuch() {
        if (batch.isMuch()) {
            write();
        }
    }

    private void project(TelemetryRequests.Pending pending) {
        Sink sink = new Sink(pending);
        try {
            sink.reading = Optional.of(new TelemetryReading(pending.request()));
            TelemetryReading reading = sink.reading.get();
            boolean isAgain = pending.recordsRead() == 0 && batch.isSeen(reading.dataset(), reading.key());
            if (isAgain || reading.read(pending.recordsRead(), sink)) {
                sink.end(reading);
            }
        } catch (JournalException | ReaderFailed e) {
            throw e;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            // What is read of it is done with; the rest stays as it was sent.
            LOG.log(Level.INFO, "telemetry request " + pending.seq() + " could not be projected", e);
            sink.keepRefused();
            write();
            setAside(pending, e);
        }
    }

    private void setAside(TelemetryRequests.Pending pending, Throwable cause) {
        journal.telemetry().setAside(pending.seq());
        report(
                pending,
                "could not be projected: "
                        + String.valueOf(cause.getMessage()).lines().findFirst().orElse("")
                        + ". Its bytes are kept; hyp query refresh --retry tries again");
    }

    private void report(TelemetryRequests.Pending pending, String why) {
        String place = Problem.TELEMETRY + pending.seq() + " of "
                + pending.request().signal().dataset();
        journal.report(new Problem(pending.request().receivedAt(), place, why));
    }

    /// Takes the rows of one request.
    private final class Sink implements TelemetryReading.Sink {

        private final TelemetryRequests.Pending pending;
        private final Map<String, PrivacyGate.Decision> decided = new HashMap<>();
        private final SharedValues shared;
        private Optional<TelemetryReading> reading = Optional.empty();
        private boolean isAnyDropped;

        private Sink(TelemetryRequests.Pending pending) {
            this.pending = pending;
            this.shared = new SharedValues(
                    bytes -> batch.addPayload(bytes, pending.request().receivedAt()));
        }

        @Override
        public TelemetryReading.Decision decide(Optional<String> session, String service) {
            if (decided.size() > MOST_SESSIONS) {
                decided.clear();
            }
            PrivacyGate.Decision decision = decided.computeIfAbsent(
                    session.orElse("") + "\n" + service,
                    _ -> rules.gate().decide(session, service, pending.request().receivedAt()));
            return switch (decision) {
                case RECORD -> TelemetryReading.Decision.ADD;
                case WAIT -> TelemetryReading.Decision.WAIT;
                case DROP -> {
                    isAnyDropped = true;
                    yield TelemetryReading.Decision.DROP;
                }
            };
        }

        @Override
        public void add(Row row) {
            // Its id is of this request alone.
            batch.addNew(shared.keep(rules.stored().of(row)), pending.request().receivedAt());
        }

        @Override
        public void show(LogEvent event) {
            if (unshown.contains(event.rowId())) {
                return;
            }
            try {
                reader.read(event, batch);
            } catch (JournalException e) {
                throw e;
            } catch (RuntimeException e) {
                throw new ReaderFailed(event.rowId(), e);
            }
        }

        @Override
        public void ignored(LogEvent event) {
            reader.ignored(event);
        }

        @Override
        public void done(long records) {
            batch.telemetry().read(pending.seq(), records);
            isAnyGathered = true;
            if (batch.isMuch()
                    || reading.filter(TelemetryReading::isMuchRefused).isPresent()) {
                keepRefused();
                write();
            }
        }

        private void keepRefused() {
            try {
                Optional<TelemetryReading.Part> part =
                        reading.isPresent() ? reading.get().takeRefused() : Optional.empty();
                part.ifPresent(refused -> {
                    batch.telemetry().keep(refused.request());
                    report(
                            pending,
                            refused.records() + " of its records could not be read (" + refused.why()
                                    + "). They are kept; hyp query refresh --retry tries again");
                });
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        /// All of the request is done with.
        private void end(TelemetryReading whole) {
            keepRefused();
            if (whole.isTimed()) {
                batch.markSeen(whole.dataset(), whole.key(), pending.request().receivedAt());
            }
            projected++;
            isAnyGathered = true;
            if (isAnyDropped || rules.stored().isOn()) {
                // Not one byte stays of what is not to be kept.
                write();
                journal.pruning().overwriting(() -> {
                    batch.telemetry().projected(pending.seq());
                    write();
                });
                steps.accept(SettleStep.ERASED);
            } else {
                batch.telemetry().projected(pending.seq());
                writeIfMuch();
            }
        }
    }
}
