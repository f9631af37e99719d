package io.hypaware.lake;

import java.time.Duration;
import java.time.Instant;

/// What is known of a generation, a file or a leftover, and what may be done about it.
public sealed interface Liveness {

    /// How long a retired generation stays.
    Duration RETIRED_GRACE = Duration.ofHours(24);

    /// How long nothing must have been written to what nothing refers to.
    Duration ORPHAN_GRACE = Duration.ofHours(1);

    /// The copy that readers are sent to.
    record Live() implements Liveness {}

    /// Was live until then.
    record Retired(Instant since) implements Liveness {}

    /// Nothing refers to it.
    record Orphan(Instant lastWrite) implements Liveness {}

    /// A process that lives needs it.
    record Leased(String owner) implements Liveness {}

    /// Half deleted by a sweep that died.
    record Leftover() implements Liveness {}

    /// What it is cannot be told.
    record Unknown(String why) implements Liveness {}

    /// What a sweep does.
    sealed interface Verdict {
        record Keep() implements Verdict {}

        record KeepAndReport(String why) implements Verdict {}

        record Wait(String rule, Instant until) implements Verdict {}

        record Reclaim(String rule) implements Verdict {}
    }

    /// The rule. A time in the future is not old.
    default Verdict at(Instant now) {
        return switch (this) {
            case Live _, Leased _ -> new Verdict.Keep();
            case Unknown(String why) -> new Verdict.KeepAndReport(why);
            case Leftover _ -> new Verdict.Reclaim("half deleted by a sweep that died");
            case Retired(Instant since) -> graced("retired for 24 h", since.plus(RETIRED_GRACE), now);
            case Orphan(Instant written) ->
                graced("nothing refers to it, unwritten for 1 h", written.plus(ORPHAN_GRACE), now);
        };
    }

    private static Verdict graced(String rule, Instant until, Instant now) {
        return until.isAfter(now) ? new Verdict.Wait(rule, until) : new Verdict.Reclaim(rule);
    }
}
