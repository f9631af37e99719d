package io.hypaware.journal;

import java.time.Instant;
import java.util.Optional;

/// How far an export has come, and how it stands with it.
///
/// @param position up to which all that was recorded has been looked at
/// @param adopted how many rows of older caches have been
/// @param pass what is being looked at, if that was interrupted
/// @param next when it is to run again; nothing before it has first run
/// @param failures since it last succeeded
/// @param error of the last run; empty if that succeeded
/// @param sent how many pieces the receiver has taken, ever
/// @param refused how many it has not, and would not if they were sent again
public record SinkState(
        String name,
        long position,
        long adopted,
        Optional<Pass> pass,
        Optional<Instant> next,
        int failures,
        String error,
        Optional<Instant> run,
        Optional<Instant> done,
        long sent,
        long refused) {

    /// A walk over the sessions of which something changed, in the order of their ids.
    ///
    /// @param to the position that it reaches to
    /// @param session the last one that is done; empty for none
    public record Pass(long to, String session) {}

    /// Of one that has never run.
    public static SinkState fresh(String name) {
        return new SinkState(
                name, 0, 0, Optional.empty(), Optional.empty(), 0, "", Optional.empty(), Optional.empty(), 0, 0);
    }
}
