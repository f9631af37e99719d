package io.hypaware.bench;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/// A provider on loopback, a process of its own. What it answers is in the path's query: `events=<n>` streamed events,
/// or `bytes=<n>` of a plain body.
final class Provider {

    private static final String EVENT =
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"word \"}}\n\n";

    public static void main(String[] arguments) {
        int port = Integer.parseInt(arguments[0]);
        Vertx vertx = Vertx.vertx();
        vertx.deployVerticle(() -> new Loop(port), new DeploymentOptions().setInstances(2))
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        System.out.println("ready");
    }

    /// One of the event loops that share the port.
    private static final class Loop extends AbstractVerticle {
        private final int port;

        private Loop(int port) {
            this.port = port;
        }

        @Override
        public void start() {
            vertx.createHttpServer(new HttpServerOptions().setMaxHeaderSize(1 << 20))
                    .requestHandler(Loop::answer)
                    .listen(port, "127.0.0.1");
        }

        private static void answer(HttpServerRequest request) {
            request.handler(_ -> {});
            request.endHandler(_ -> {
                int events = Integer.parseInt(request.getParam("events", "0"));
                HttpServerResponse response = request.response();
                if (events > 0) {
                    response.putHeader("content-type", "text/event-stream").setChunked(true);
                    stream(response, events);
                } else {
                    response.putHeader("content-type", "application/json")
                            .end(Buffer.buffer(new byte[Integer.parseInt(request.getParam("bytes", "2"))]));
                }
            });
        }

        /// Writes as long as the other side takes it; goes on when it does again.
        private static void stream(HttpServerResponse response, int left) {
            int events = left;
            while (events > 0) {
                response.write(EVENT);
                events--;
                if (response.writeQueueFull() && events > 0) {
                    int rest = events;
                    response.drainHandler(_ -> stream(response, rest));
                    return;
                }
            }
            response.end();
        }
    }

    private Provider() {}
}
