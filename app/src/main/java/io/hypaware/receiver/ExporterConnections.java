package io.hypaware.receiver;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The connections of exporters, of which there are no more than a number: over it the one goes on which nothing has
/// happened for longest. Used on the receiver's event loop.
final class ExporterConnections {

    /// How long a request's head may take to arrive.
    private static final Duration HEAD_PATIENCE = Duration.ofSeconds(30);

    /// Longer than exporters wait between two of their requests, which is a minute by default.
    private static final Duration IDLE_PATIENCE = Duration.ofMinutes(5);

    /// The same once another gateway has taken over: who asks again meanwhile is told to connect anew.
    private static final Duration IDLE_PATIENCE_ENDING = Duration.ofSeconds(65);

    private final int most;
    private final Tally tally;
    private final Set<ExporterConnection> open = new LinkedHashSet<>();
    private boolean ending;

    ExporterConnections(int most, Tally tally) {
        this.most = most;
        this.tally = tally;
    }

    static ExporterConnection of(HttpConnection connection) {
        return ((ConnectionBase) connection).channel().pipeline().get(ExporterConnection.class);
    }

    void admit(ExporterConnection connection) {
        open.add(connection);
        if (open.size() > most) {
            Optional<ExporterConnection> idle = open.stream()
                    .filter(other -> !other.isBusy() && other != connection)
                    .min(Comparator.comparingLong(ExporterConnection::quietSinceNanos));
            tally.refused("more than " + most + " connections");
            ExporterConnection leaving = idle.orElse(connection);
            open.remove(leaving);
            leaving.close();
        }
    }

    void closed(ExporterConnection connection) {
        open.remove(connection);
    }

    int count() {
        return open.size();
    }

    boolean isEnding() {
        return ending;
    }

    /// Another gateway takes what arrives from now on.
    void end() {
        ending = true;
        List.copyOf(open).forEach(ExporterConnection::endGracefully);
    }

    /// Closes what keeps others waiting, and what no one uses.
    void round(long nowNanos) {
        long idle = (ending ? IDLE_PATIENCE_ENDING : IDLE_PATIENCE).toNanos();
        for (ExporterConnection connection : List.copyOf(open)) {
            boolean slow = connection.headSinceNanos() != 0
                    && nowNanos - connection.headSinceNanos() > HEAD_PATIENCE.toNanos();
            if (slow) {
                tally.refused("a request's head took longer than " + HEAD_PATIENCE.toSeconds() + " s");
            }
            if (slow || (!connection.isBusy() && nowNanos - connection.quietSinceNanos() > idle)) {
                connection.close();
            }
        }
    }
}
