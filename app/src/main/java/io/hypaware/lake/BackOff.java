package io.hypaware.lake;

import java.time.Duration;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// Waits before an attempt is made again: anything up to a bound that doubles, so that those who collided do not
/// collide again.
final class BackOff {

    private static final Duration FIRST = Duration.ofMillis(100);
    private static final int MOST_DOUBLINGS = 6;

    private final RandomGenerator random = RandomGenerator.getDefault();

    /// Makes attempts until one succeeds, or fails for good.
    ///
    /// @param most how many
    /// @param failed what is said of the last one before why it failed
    <T> T until(int most, String failed, Supplier<T> attempt) throws InterruptedException {
        for (int number = 1; ; number++) {
            try {
                return attempt.get();
            } catch (RuntimeException e) {
                if (number == most || Failures.isTerminal(e)) {
                    throw new LakeException(failed + ": " + Failures.told(e), e);
                }
            }
            pause(number);
        }
    }

    /// @param attempt the one that failed, from 1
    void pause(int attempt) throws InterruptedException {
        long bound = FIRST.toMillis() << Math.min(attempt - 1, MOST_DOUBLINGS);
        Thread.sleep(Duration.ofMillis(random.nextLong(bound)));
    }
}
