package io.hypaware.sink;

import io.hypaware.query.QueryException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/// One place that things go to by themselves.
@FunctionalInterface
public interface Sink {

    /// What became of a run.
    interface Outcome {

        /// Whether there was time for all.
        boolean isWhole();

        /// For people.
        String text();
    }

    /// Sends what was not sent yet.
    ///
    /// @param time after which no more is begun; nothing for no end
    Outcome send(Optional<Duration> time) throws QueryException, SQLException, IOException;
}
