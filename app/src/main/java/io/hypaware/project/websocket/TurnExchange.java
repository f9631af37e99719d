package io.hypaware.project.websocket;

import io.hypaware.dataset.Hashes;
import io.hypaware.journal.CapturedExchange;
import io.hypaware.journal.Micros;
import io.hypaware.journal.Outcome;
import io.hypaware.project.Body;
import io.hypaware.project.Exchange;
import io.hypaware.project.Projector;
import io.hypaware.project.Ulids;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A turn of a connection as the exchange that it is.
public final class TurnExchange {

    private static final long LONGEST_MICROS = TimeUnit.DAYS.toMicros(366);

    /// @param connection the recording that holds it
    /// @param last whether the recording ends with it, so that who ended that ended the turn
    public static Exchange of(CapturedExchange connection, Turn turn, boolean last) {
        byte[] request = turn.request().bytes();
        byte[] response = turn.answerLines();
        return new Exchange(
                captured(connection, turn, last),
                new Body(() -> new ByteArrayInputStream(request)),
                new Body(() -> new ByteArrayInputStream(response)));
    }

    private static CapturedExchange captured(CapturedExchange connection, Turn turn, boolean last) {
        long began = sound(connection, turn.request().micros());
        long ended = Math.max(began, sound(connection, turn.endMicros()));
        boolean answered = !turn.answer().isEmpty();
        String closedBy = turn.whole() || !last ? "upstream" : connection.closedBy();
        Optional<String> error = turn.whole()
                ? Optional.empty()
                : Optional.of(
                        last
                                ? "the connection ended before the answer did"
                                : "the next call began before the answer had ended");
        return new CapturedExchange(
                connection.seq(),
                id(connection, turn, began),
                Micros.toInstant(began),
                Micros.toInstant(ended),
                connection.upstream(),
                connection.provider(),
                Projector.WEBSOCKET,
                connection.path(),
                connection.requestHeaders(),
                turn.status().or(() -> answered ? Optional.of(200) : Optional.empty()),
                connection.responseHeaders(),
                answered
                        ? Optional.of(Duration.of(
                                Math.max(
                                        0,
                                        sound(
                                                        connection,
                                                        turn.answer().getFirst().micros())
                                                - began),
                                ChronoUnit.MICROS))
                        : Optional.empty(),
                outcome(turn, closedBy),
                closedBy,
                turn.request().bytes().length,
                turn.answerBytes(),
                error,
                Optional.of(connection.beginning()));
    }

    /// A time within what a connection lasts; in a damaged recording there may be any.
    private static long sound(CapturedExchange connection, long micros) {
        long began = Micros.of(connection.startedAt());
        // A call may have been made before, on the recording that this one goes on from.
        return Math.abs(micros - began) < LONGEST_MICROS ? micros : began;
    }

    private static Outcome outcome(Turn turn, String closedBy) {
        if (turn.whole()) {
            return turn.cutShort() ? Outcome.CAPTURE_TRUNCATED : Outcome.COMPLETED;
        }
        return switch (closedBy) {
            case "client" -> Outcome.CLIENT_ABORTED;
            case "gateway" -> Outcome.GATEWAY_ERROR;
            default -> Outcome.UPSTREAM_CUT;
        };
    }

    /// The same whenever the turn is looked at, and in the order of time among others.
    private static String id(CapturedExchange connection, Turn turn, long began) {
        String hash = Hashes.shortHash(connection.id() + "/" + turn.number())
                + Hashes.shortHash(turn.number() + "/" + connection.id());
        return Ulids.of(Micros.toInstant(began), hash);
    }

    private TurnExchange() {}
}
