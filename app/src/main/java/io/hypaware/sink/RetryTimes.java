package io.hypaware.sink;

import java.time.Duration;

/// When what leaves by itself is tried again.
public final class RetryTimes {

    /// No schedule names a time that is further away.
    public static final Duration NEVER = Duration.ofDays(3_650);

    private static final Duration FIRST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final int MOST_DOUBLINGS = 6;

    /// How long after a run that fails, later each time.
    ///
    /// @param failures before it, since a run succeeded
    public static Duration backOff(int failures) {
        Duration doubled = FIRST.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS));
        return doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
    }

    private RetryTimes() {}
}
