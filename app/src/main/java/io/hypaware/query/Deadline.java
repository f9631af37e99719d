package io.hypaware.query;

import java.time.Duration;
import java.util.Optional;

/// The time by which an answer has to be there, for all of its queries together; what still runs then is stopped.
public final class Deadline {

    /// For those who may take as long as they need.
    public static final Deadline NONE = new Deadline(Optional.empty());

    /// How soon an interrupted query is stopped.
    private static final long GLANCE_MILLIS = 200;

    private final Optional<Duration> given;
    private final long began = System.nanoTime();

    private Deadline(Optional<Duration> given) {
        this.given = given;
    }

    public static Deadline in(Duration time) {
        return new Deadline(Optional.of(time));
    }

    public boolean isOver() {
        return given.isPresent() && left().isNegative();
    }

    private Duration left() {
        return given.orElseThrow().minusNanos(System.nanoTime() - began);
    }

    /// Stops a session when the time is over, or the calling thread is interrupted, until the watch is closed.
    public Watch watch(QuerySession session) {
        if (given.isEmpty()) {
            return new Watch(Optional.empty());
        }
        Thread caller = Thread.currentThread();
        return new Watch(Optional.of(Thread.ofVirtual().start(() -> {
            try {
                while (!isOver() && !caller.isInterrupted()) {
                    Thread.sleep(Math.clamp(left().toMillis() + 1, 1, GLANCE_MILLIS));
                }
                session.cancel();
            } catch (InterruptedException e) {
                // It has ended in time.
            }
        })));
    }

    /// The same failure, or what to do about it if it is due to the time.
    public QueryException explained(QueryException e) {
        return isOver() ? missed() : e;
    }

    public QueryException missed() {
        return new QueryException(
                "stopped after the %d s that were given. Narrow it (a shorter time, fewer columns, one session), or give more time"
                        .formatted(given.orElse(Duration.ZERO).toSeconds()));
    }

    /// Watches one session.
    public record Watch(Optional<Thread> thread) implements AutoCloseable {
        @Override
        public void close() {
            thread.ifPresent(Thread::interrupt);
        }
    }
}
