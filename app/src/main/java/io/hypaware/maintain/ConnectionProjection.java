package io.hypaware.maintain;

import io.hypaware.journal.CapturedExchange;
import io.hypaware.journal.Connections;
import io.hypaware.journal.Direction;
import io.hypaware.journal.Journal;
import io.hypaware.journal.ProjectionBatch;
import io.hypaware.project.Body;
import io.hypaware.project.Exchange;
import io.hypaware.project.Projectors;
import io.hypaware.project.websocket.ConnectionReader;
import io.hypaware.project.websocket.Turn;
import io.hypaware.project.websocket.TurnExchange;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Optional;

/// Projects a connection of more than one call: each of its turns is an exchange of its own, as soon as its end is
/// known;
/// when the connection has ended, what else passed is kept with its own row.
final class ConnectionProjection {

    /// Projects one turn.
    @FunctionalInterface
    interface TurnProjection {

        /// @param done to be told when it is written, or set aside
        void project(Exchange turn, Runnable done);
    }

    private final Journal journal;
    private final ProjectionBatch batch;
    private final Projectors projectors;
    private final TurnProjection turns;

    ConnectionProjection(Journal journal, ProjectionBatch batch, Projectors projectors, TurnProjection turns) {
        this.journal = journal;
        this.batch = batch;
        this.projectors = projectors;
        this.turns = turns;
    }

    /// Projects the turns of a connection that is open, as far as their ends are known; returns how many that were.
    int turnsOfOpen(CapturedExchange connection) throws IOException {
        try (ConnectionReader reader = reader(connection)) {
            return turns(connection, reader);
        }
    }

    /// Projects what is left of a connection that has ended.
    ///
    /// @return what is the connection's own
    Exchange ended(CapturedExchange connection) throws IOException {
        try (ConnectionReader reader = reader(connection)) {
            turns(connection, reader);
            reader.unfinished().ifPresent(turn -> project(connection, turn, true));
            ConnectionReader.Rest rest = reader.rest();
            batch.putWindows(connection.connection().orElse(connection.id()), rest.windows(), connection.startedAt());
            return new Exchange(
                    rest.problem().map(connection::withError).orElse(connection),
                    new Body(() -> new ByteArrayInputStream(rest.request())),
                    new Body(() -> new ByteArrayInputStream(rest.response())));
        }
    }

    private int turns(CapturedExchange connection, ConnectionReader reader) throws IOException {
        int written = 0;
        for (Optional<Turn> turn = reader.next(); turn.isPresent(); turn = reader.next()) {
            written += project(connection, turn.get(), false) ? 1 : 0;
        }
        return written;
    }

    private boolean project(CapturedExchange connection, Turn turn, boolean last) {
        if (turn.number() < batch.connections().turns(connection.seq())) {
            return false;
        }
        turns.project(
                TurnExchange.of(connection, turn, last),
                () -> batch.turnProjected(connection.seq(), turn.number() + 1));
        return true;
    }

    private ConnectionReader reader(CapturedExchange connection) throws IOException {
        return new ConnectionReader(
                journal.body(connection.seq(), Direction.REQUEST),
                journal.body(connection.seq(), Direction.RESPONSE),
                connection.connection().map(batch.connections()::windows).orElse(Connections.Windows.EMPTY),
                projectors.turns(connection));
    }
}
