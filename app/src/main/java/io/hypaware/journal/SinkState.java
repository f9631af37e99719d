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
/// @param lately those since it last took all that a run sent
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
        long refused,
        Refused lately) {

    /// A walk over the sessions of which something changed, in the order of their ids.
    ///
    /// @param to the position that it reaches to
    /// @param session the last one that is done; empty for none
    public record Pass(long to, String session) {}

    /// What a receiver does not want, for good.
    ///
    /// @param why in its words; empty if it gave none
    public record Refused(long count, String why) {

        public static final Refused NONE = new Refused(0, "");

        /// Both; why is that of the last one.
        public Refused and(Refused other) {
            return new Refused(count + other.count, other.why.isEmpty() ? why : other.why);
        }
    }

    /// As it was before the run that goes on now; why the ones before it failed is forgotten by then.
    SinkState beforeRun() {
        int before = failures - 1;
        return new SinkState(
                name,
                position,
                adopted,
                pass,
                next,
                before,
                before == 0 ? "" : "it runs now; the runs before it failed",
                run,
                done,
                sent,
                refused,
                lately);
    }

    /// Of one that has never run.
    public static SinkState fresh(String name) {
        return new SinkState(
                name,
                0,
                0,
                Optional.empty(),
                Optional.empty(),
                0,
                "",
                Optional.empty(),
                Optional.empty(),
                0,
                0,
                Refused.NONE);
    }
}
