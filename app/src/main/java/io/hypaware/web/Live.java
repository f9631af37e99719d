package io.hypaware.web;

import io.hypaware.query.QueryException;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Tells pages of a running session that there is more of it, by server-sent events. What is new they ask for.
final class Live implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Live.class.getName());
    private static final Duration PAUSE = Duration.ofMillis(700);
    private static final int MOST_WATCHERS = 16;

    /// Lines that say nothing keep the connection.
    private static final int BEATS_OF_SILENCE = 20;

    private final Vertx vertx;
    private final Fresh fresh;
    private final SessionView.Reader reader;
    private final Runnable used;
    private final Map<HttpServerResponse, Watched> watchers = new ConcurrentHashMap<>();
    private final long timer;
    private volatile boolean busy;
    private int beats;

    private static final class Watched {

        private final String session;

        /// Of the session as its page knows it; read and written by whoever looks.
        private long size;

        private Watched(String session, long size) {
            this.session = session;
            this.size = size;
        }
    }

    Live(Vertx vertx, Site site, Fresh fresh, Runnable used) {
        this.vertx = vertx;
        this.fresh = fresh;
        this.reader = new SessionView.Reader(site, fresh);
        this.used = used;
        this.timer = vertx.setPeriodic(PAUSE.toMillis(), _ -> beat());
    }

    /// On the event loop.
    void handle(RoutingContext context) throws QueryException {
        HttpServerResponse response = context.response();
        String session = context.request().getParam("id", "");
        long size = Pages.number(context, "size", 0, 0, Integer.MAX_VALUE);
        if (watchers.size() >= MOST_WATCHERS) {
            response.setStatusCode(503).end("Too many pages are open.\n");
            return;
        }
        response.setChunked(true)
                .putHeader("content-type", "text/event-stream")
                .putHeader("content-encoding", "identity");
        response.write(": here\n\n");
        watchers.put(response, new Watched(session, size));
        response.closeHandler(_ -> watchers.remove(response));
        response.exceptionHandler(_ -> watchers.remove(response));
    }

    /// On the event loop; the reading is not.
    private void beat() {
        if (watchers.isEmpty() || busy) {
            return;
        }
        busy = true;
        vertx.executeBlocking(() -> {
                    look();
                    return true;
                })
                .onComplete(result -> {
                    busy = false;
                    if (result.failed()) {
                        LOG.log(Level.FINE, "a session could not be looked at", result.cause());
                    }
                });
        if (++beats % BEATS_OF_SILENCE == 0) {
            watchers.keySet().forEach(response -> response.write(": still here\n\n"));
        }
    }

    private void look() throws Exception {
        fresh.settle();
        watchers.forEach(this::look);
    }

    private void look(HttpServerResponse response, Watched watched) {
        try {
            long size = reader.known(watched.session).size();
            if (size != watched.size) {
                used.run();
                vertx.runOnContext(_ -> response.write("event: more\ndata: " + size + "\n\n"));
            }
            watched.size = size;
        } catch (Exception e) {
            // It has gone, or cannot be read; the others are looked at all the same.
            LOG.log(Level.FINE, "a session could not be looked at", e);
            watchers.remove(response);
            vertx.runOnContext(_ -> response.end());
        }
    }

    @Override
    public void close() {
        vertx.cancelTimer(timer);
        watchers.keySet().forEach(HttpServerResponse::end);
        watchers.clear();
    }
}
