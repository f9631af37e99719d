package io.hypaware.lake;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// Waits before an attempt is made again: anything up to a bound that doubles, so that those who collided do not
/// collide again.
final class BackOff {

    private static final Duration FIRST = Duration.ofMillis(100);
    private static final int MOST_DOUBLINGS = 6;

    private final RandomGenerator random = RandomGenerator.getDefault();

    /// @param attempt the one that failed, from 1
    void pause(int attempt) throws InterruptedException {
        long bound = FIRST.toMillis() << Math.min(attempt - 1, MOST_DOUBLINGS);
        Thread.sleep(Duration.ofMillis(random.nextLong(bound)));
    }
}
