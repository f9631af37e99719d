package io.hypaware.maintain;

import io.hypaware.journal.CapturedExchange;
import io.hypaware.journal.Connections;
import io.hypaware.journal.Direction;
import io.hypaware.journal.Journal;
import io.hypaware.journal.Micros;
import io.hypaware.project.Exchange;
import io.hypaware.project.websocket.ConnectionReader;
import io.hypaware.project.websocket.Turn;
import io.hypaware.project.websocket.TurnExchange;
import io.hypaware.project.websocket.Turns;
import java.io.IOException;
import java.util.Optional;

/// The turns of one connection that are not projected yet, one after the other. One thread's.
final class ConnectionTurns implements AutoCloseable {

    /// A larger one is read again when its time comes: those of many connections wait at once.
    private static final long MOST_WAITING_BYTES = 256 * 1024;

    /// How a recording ends.
    enum Ending {
        /// It does not, yet.
        OPEN,

        /// With the connection: what is not answered by now never is.
        HERE,

        /// Another one goes on: what is not answered is left to that.
        GOES_ON
    }

    /// The turn that comes next.
    ///
    /// @param micros when it began
    /// @param turn nothing, if it is too large to be held
    private record Next(long micros, int number, Optional<Exchange> turn) {}

    private final Journal journal;
    private final Optional<Turns> format;
    private final Connections known;
    private final CapturedExchange connection;
    private final Ending ends;
    /// How much of it was written at the beginning; nothing, if it is whole.
    private final Optional<Connections.Extent> extent;
    private Optional<ConnectionReader> reader = Optional.empty();
    private Optional<Next> next = Optional.empty();
    private int projected;

    /// @param ends what becomes of a call that is not answered when the recording ends
    ConnectionTurns(
            Journal journal, Optional<Turns> format, Connections known, CapturedExchange connection, Ending ends)
            throws IOException {
        this.journal = journal;
        this.format = format;
        this.known = known;
        this.connection = connection;
        this.ends = ends;
        this.extent = isOpen() ? Optional.of(known.extent(connection.seq())) : Optional.empty();
        this.projected = known.turns(connection.seq());
        advance();
    }

    CapturedExchange connection() {
        return connection;
    }

    boolean isOpen() {
        return ends == Ending.OPEN;
    }

    /// All that was there of an open connection is written; it is read again when there is more.
    void markRead() {
        known.markRead(connection.seq(), extent.orElseThrow());
    }

    /// When the next turn began; nothing, if there is none whose end is known.
    Optional<Long> nextMicros() {
        return next.map(Next::micros);
    }

    /// How many turns of the connection will have been projected with the next one.
    int nextNumber() {
        return projected + 1;
    }

    /// The next turn.
    Exchange turn() throws IOException {
        Next due = next.orElseThrow();
        return due.turn().isPresent() ? due.turn().get() : find(due.number()).orElseThrow();
    }

    /// The next turn is projected, or set aside.
    void advance() throws IOException {
        projected = next.map(turn -> turn.number() + 1).orElse(projected);
        next = find(projected).map(turn -> {
            CapturedExchange captured = turn.captured();
            boolean small = captured.requestBytes() + captured.responseBytes() <= MOST_WAITING_BYTES;
            return new Next(Micros.of(captured.startedAt()), projected, small ? Optional.of(turn) : Optional.empty());
        });
        if (next.isEmpty() || next.get().turn().isEmpty()) {
            close();
        }
    }

    private Optional<Exchange> find(int number) throws IOException {
        if (reader.isEmpty()) {
            reader = Optional.of(reader(false));
        }
        for (Optional<Turn> turn = reader.get().next();
                turn.isPresent();
                turn = reader.get().next()) {
            if (turn.get().number() == number) {
                return Optional.of(TurnExchange.of(connection, turn.get(), false));
            }
        }
        if (ends != Ending.HERE) {
            return Optional.empty();
        }
        Optional<Turn> left = reader.get().unfinished();
        while (left.isPresent() && left.get().number() != number) {
            left = reader.get().unfinished();
        }
        return left.map(turn -> TurnExchange.of(connection, turn, true));
    }

    /// Gives back what it holds until its time comes; it is read again then.
    void sleep() throws IOException {
        next = next.map(turn -> new Next(turn.micros(), turn.number(), Optional.empty()));
        close();
    }

    /// What the connection is beside its turns, when it has ended.
    ConnectionReader.Rest rest() throws IOException {
        try (ConnectionReader whole = reader(true)) {
            while (whole.next().isPresent()) {
                // turns are exchanges of their own
            }
            return ends == Ending.GOES_ON ? whole.rest() : whole.rest().answered();
        }
    }

    private ConnectionReader reader(boolean keepsRest) throws IOException {
        return new ConnectionReader(
                journal.body(
                        connection.seq(),
                        Direction.REQUEST,
                        extent.map(Connections.Extent::request).orElse(Long.MAX_VALUE)),
                journal.body(
                        connection.seq(),
                        Direction.RESPONSE,
                        extent.map(Connections.Extent::response).orElse(Long.MAX_VALUE)),
                connection.connection().map(known::carried).orElse(Connections.Carried.NOTHING),
                format,
                keepsRest);
    }

    @Override
    public void close() throws IOException {
        if (reader.isPresent()) {
            reader.get().close();
            reader = Optional.empty();
        }
    }
}
