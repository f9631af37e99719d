package io.hypaware.bench;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A provider on loopback that answers `call <n>` with `answer <n>`, event by event and with time between them; and
/// ends the connection in the midst of it, where it is asked for `cut`.
final class SoakProvider {

    private static final Pattern CALL = Pattern.compile("call (\\d+)");
    private static final int WORDS = 12;
    private static final int PAUSE_MILLIS = 8;

    public static void main(String[] arguments) {
        int port = Integer.parseInt(arguments[0]);
        Vertx vertx = Vertx.vertx();
        vertx.deployVerticle(() -> new Loop(port), new DeploymentOptions().setInstances(2))
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    /// One of the event loops that share the port.
    private static final class Loop extends AbstractVerticle {
        private final int port;

        private Loop(int port) {
            this.port = port;
        }

        @Override
        public void start() {
            vertx.createHttpServer(new HttpServerOptions())
                    .requestHandler(this::answer)
                    .listen(port, "127.0.0.1");
        }

        private void answer(HttpServerRequest request) {
            request.body().onSuccess(body -> {
                String text = body.toString();
                Matcher call = CALL.matcher(text);
                String number = call.find() ? call.group(1) : "?";
                HttpServerResponse response = request.response();
                response.putHeader("content-type", "text/event-stream").setChunked(true);
                event(
                        response,
                        "message_start",
                        "\"message\":{\"id\":\"msg_" + number
                                + "\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":3}}");
                event(
                        response,
                        "content_block_start",
                        "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}");
                int until = text.contains("cut") ? WORDS / 2 : -1;
                word(request, number, 0, until);
            });
        }

        private void word(HttpServerRequest request, String number, int at, int until) {
            HttpServerResponse response = request.response();
            if (response.closed()) {
                return;
            }
            if (at == until) {
                request.connection().close();
                return;
            }
            if (at == WORDS) {
                event(response, "content_block_stop", "\"index\":0");
                event(
                        response,
                        "message_delta",
                        "\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":9}");
                event(response, "message_stop", "");
                response.end();
                return;
            }
            String text = at == 0 ? "answer " + number : " word";
            event(
                    response,
                    "content_block_delta",
                    "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"" + text + "\"}");
            vertx.setTimer(PAUSE_MILLIS, _ -> word(request, number, at + 1, until));
        }

        private static void event(HttpServerResponse response, String type, String rest) {
            response.write("event: " + type + "\ndata: {\"type\":\"" + type + "\"" + (rest.isEmpty() ? "" : "," + rest)
                    + "}\n\n");
        }
    }

    private SoakProvider() {}
}
