package io.hypaware.web;

import io.vertx.core.http.HttpConnection;
import java.util.concurrent.atomic.AtomicInteger;

/// Bounds how many connections there are.
final class Crowd {

    private final int most;
    private final AtomicInteger open = new AtomicInteger();

    Crowd(int most) {
        this.most = most;
    }

    void enter(HttpConnection connection) {
        connection.closeHandler(_ -> open.decrementAndGet());
        if (open.incrementAndGet() > most) {
            connection.close();
        }
    }
}
