package io.hypaware.maintain;

import io.hypaware.journal.CapturedExchange;
import io.hypaware.journal.Connections;
import io.hypaware.journal.Journal;
import io.hypaware.journal.JournalException;
import io.hypaware.journal.Micros;
import io.hypaware.journal.ProjectionBatch;
import io.hypaware.project.Body;
import io.hypaware.project.Exchange;
import io.hypaware.project.Projectors;
import io.hypaware.project.websocket.ConnectionReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Connections of more than one call, open or ended: their turns are projected in the order in which they began,
/// whichever connection they are of; when one has ended, what else passed is kept with its own row.
final class ConnectionQueue implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(ConnectionQueue.class.getName());

    /// Connections that hold what they have read while they wait; after a long pause there may be thousands.
    private static final int MOST_AWAKE = 32;

    /// A recording that goes on is written some milliseconds before the one that follows it.
    private static final Duration SUCCESSOR_PATIENCE = Duration.ofMinutes(1);

    /// Projects exchanges.
    interface ExchangeProjection {

        /// @param done to be told when it is written, or set aside
        void project(Exchange exchange, Runnable done);

        /// Keeps the row of a connection with what was no turn of it.
        void keep(Exchange connection, Runnable done) throws IOException;

        /// Keeps a connection that cannot be read.
        void keepUnread(CapturedExchange connection, Throwable cause);

        /// Leaves a connection as it is that cannot be written.
        void setAside(CapturedExchange connection, Throwable cause);
    }

    private final Journal journal;
    private final ProjectionBatch batch;
    private final Projectors projectors;

    /// By connection, its recordings that are not taken up yet, in their order.
    private final Map<String, Deque<CapturedExchange>> recordings = new LinkedHashMap<>();

    private final ExchangeProjection projection;
    private final PriorityQueue<ConnectionTurns> waiting = new PriorityQueue<>(Comparator.comparingLong(
            (ConnectionTurns turns) -> turns.nextMicros().orElseThrow()));
    private final List<Long> ended = new ArrayList<>();
    private final Instant now;
    private int projected;

    ConnectionQueue(
            Journal journal, ProjectionBatch batch, Projectors projectors, ExchangeProjection projection, Instant now) {
        this.now = now;
        this.journal = journal;
        this.batch = batch;
        this.projectors = projectors;
        this.projection = projection;
        for (long seq : journal.connections()) {
            CapturedExchange recording = journal.exchange(seq);
            recordings
                    .computeIfAbsent(recording.beginning(), _ -> new ArrayDeque<>())
                    .add(recording);
        }
        List.copyOf(recordings.keySet()).forEach(this::open);
    }

    /// Takes up the next recording of a connection: it may refer to the last bytes of the one before.
    private void open(String connection) {
        CapturedExchange recording =
                recordings.getOrDefault(connection, new ArrayDeque<>()).poll();
        if (recording == null || isQuiet(recording)) {
            return;
        }
        guarded(recording, () -> {
            place(new ConnectionTurns(
                    journal, projectors.turns(recording), batch.connections(), recording, ending(recording)));
            return true;
        });
    }

    private ConnectionTurns.Ending ending(CapturedExchange recording) {
        if (recording.closedBy().isEmpty()) {
            return ConnectionTurns.Ending.OPEN;
        }
        if (!recording.goesOn()) {
            return ConnectionTurns.Ending.HERE;
        }
        if (!recordings.getOrDefault(recording.beginning(), new ArrayDeque<>()).isEmpty()) {
            return ConnectionTurns.Ending.GOES_ON;
        }
        // The one that follows may only not have been written yet; or it never will be.
        boolean isFresh = recording.endedAt().plus(SUCCESSOR_PATIENCE).isAfter(now);
        return isFresh ? ConnectionTurns.Ending.OPEN : ConnectionTurns.Ending.HERE;
    }

    /// Whether it goes on, and nothing has been said since it was looked at.
    private boolean isQuiet(CapturedExchange recording) {
        return recording.closedBy().isEmpty() && !batch.connections().isNews(recording.seq());
    }

    /// How many turns and connections have been projected.
    int projected() {
        return projected;
    }

    /// Connections that are done with.
    List<Long> ended() {
        return ended;
    }

    /// Projects all turns that began before a time.
    void projectBefore(Instant time) {
        long micros = Micros.of(time);
        while (!waiting.isEmpty() && waiting.peek().nextMicros().orElseThrow() < micros) {
            projectNext();
        }
    }

    void projectAll() {
        while (!waiting.isEmpty()) {
            projectNext();
        }
    }

    private void projectNext() {
        ConnectionTurns turns = waiting.remove();
        guarded(turns.connection(), () -> {
            int number = turns.nextNumber();
            projection.project(
                    turns.turn(), () -> batch.turnProjected(turns.connection().seq(), number));
            projected++;
            turns.advance();
            place(turns);
            return true;
        });
    }

    private void place(ConnectionTurns turns) throws IOException {
        if (turns.nextMicros().isPresent()) {
            if (waiting.size() >= MOST_AWAKE) {
                turns.sleep();
            }
            waiting.add(turns);
            return;
        }
        turns.close();
        if (turns.isOpen()) {
            turns.markRead();
        } else {
            end(turns);
        }
    }

    private void end(ConnectionTurns turns) throws IOException {
        CapturedExchange connection = turns.connection();
        ConnectionReader.Rest rest = turns.rest();
        // A recording that goes on may refer to this one's last bytes; where none does, they are not kept.
        Connections.Carried carried = connection.goesOn() ? rest.carried() : Connections.Carried.NOTHING;
        batch.putCarried(connection.beginning(), carried, connection.startedAt());
        // Its calls have the bytes of their own, which are not to be counted twice.
        CapturedExchange beside = connection.withBodies(rest.request().length, rest.response().length);
        projection.keep(
                new Exchange(
                        rest.problem().map(beside::withError).orElse(beside),
                        new Body(() -> new ByteArrayInputStream(rest.request())),
                        new Body(() -> new ByteArrayInputStream(rest.response()))),
                () -> batch.projected(connection.seq()));
        ended.add(connection.seq());
        projected++;
        if (!recordings.getOrDefault(connection.beginning(), new ArrayDeque<>()).isEmpty()) {
            batch.write();
            open(connection.beginning());
        }
    }

    /// A connection that cannot be read costs no other one anything. If it is open, it is read once more when it has
    /// ended.
    private void guarded(CapturedExchange connection, Callable<Boolean> step) {
        try {
            step.call();
        } catch (JournalException e) {
            if (e.isOfTheDisk()) {
                throw e;
            }
            // What was gathered with it is pending still.
            LOG.log(Level.WARNING, "connection " + connection.id() + " could not be written", e);
            batch.discardAll();
            projection.setAside(connection, e);
            open(connection.beginning());
        } catch (Exception | OutOfMemoryError e) {
            LOG.log(Level.INFO, "connection " + connection.id() + " could not be projected", e);
            batch.discard();
            if (!connection.closedBy().isEmpty()) {
                projection.keepUnread(connection, e);
                open(connection.beginning());
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (ConnectionTurns turns : waiting) {
            turns.close();
        }
    }
}
