package io.hypaware.web;

import io.hypaware.query.QuerySession;
import java.time.Duration;

/// Stops a query that takes too long.
final class Deadline implements AutoCloseable {

    private final Thread watch;
    private volatile boolean over;

    Deadline(QuerySession session, Duration longest) {
        this.watch = Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(longest);
                over = true;
                session.cancel();
            } catch (InterruptedException e) {
                // It ended in time.
            }
        });
    }

    boolean isOver() {
        return over;
    }

    @Override
    public void close() {
        watch.interrupt();
    }
}
