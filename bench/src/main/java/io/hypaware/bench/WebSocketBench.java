package io.hypaware.bench;

import io.hypaware.bench.report.Figures;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// Many WebSockets with a turn each second: what the gateway adds to the way of a frame, what it takes,
/// and whether all of it stands in the rows.
public final class WebSocketBench {

    private static final int SOCKETS = 200;
    private static final int EVENTS = 12;
    private static final String LAST = "{\"type\":\"response.completed\"";

    private final int seconds;
    private final Vertx vertx = Vertx.vertx();

    private WebSocketBench(int seconds) {
        this.seconds = seconds;
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 1 && arguments[0].chars().allMatch(Character::isDigit)) {
            serve(Integer.parseInt(arguments[0]));
            return;
        }
        Path root = Path.of(arguments[0]);
        int seconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 60;
        Path home = Files.createTempDirectory("websocket");
        Figures figures = Figures.open();
        try (Child provider = Child.java(WebSocketBench.class);
                Child gateway = Child.gateway(root, home, provider.port())) {
            new WebSocketBench(seconds).compare(figures, root, home, provider, gateway);
        }
        System.exit(figures.exitCode());
    }

    private void compare(Figures figures, Path root, Path home, Child provider, Child gateway) throws Exception {
        Times before = run(provider.port(), Math.max(5, seconds / 4));
        Times through = run(gateway.port(), seconds);
        double peak = gateway.peakMb();
        Times after = run(provider.port(), Math.max(5, seconds / 4));
        double direct = (before.millis(0.5) + after.millis(0.5)) / 2;
        // There and back is two frames.
        double added = (through.millis(0.5) - direct) / 2;
        double added99 = (through.millis(0.99) - (before.millis(0.99) + after.millis(0.99)) / 2) / 2;
        figures.count("turns sent on %d sockets in %d s".formatted(SOCKETS, seconds), through.sent());
        figures.exactly("answered", through.sent(), through.answered());
        figures.exactly("rows", through.sent(), turns(root, home));
        figures.say("a frame directly, p50", direct / 2, "ms");
        figures.atMost("added to a frame, p50", 0.3, added, "ms");
        figures.say("added to a frame, p99", added99, "ms");
        figures.atMost("gateway, peak RSS", 220, peak, "MB");
    }

    /// @param nanos from sending a turn to its first event
    private record Times(long sent, long answered, long[] nanos) {
        double millis(double share) {
            return nanos.length == 0 ? 0 : nanos[(int) (share * (nanos.length - 1))] / 1e6;
        }
    }

    private Times run(int port, int duration) throws Exception {
        WebSocketClient client = vertx.createWebSocketClient(new WebSocketClientOptions().setMaxConnections(SOCKETS));
        Queue<Long> nanos = new ConcurrentLinkedQueue<>();
        AtomicLong sent = new AtomicLong();
        AtomicLong answered = new AtomicLong();
        List<WebSocket> sockets = new ArrayList<>();
        for (int i = 0; i < SOCKETS; i++) {
            WebSocket socket = client.connect(new WebSocketConnectOptions()
                            .setHost("127.0.0.1")
                            .setPort(port)
                            .setURI("/v1/responses")
                            .addHeader("session-id", "session-" + i))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);
            sockets.add(socket);
            begin(socket, i, duration, nanos, sent, answered);
        }
        Thread.sleep(duration * 1_000L + 3_000);
        for (WebSocket socket : sockets) {
            socket.close();
        }
        Thread.sleep(1_000);
        client.close();
        long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        return new Times(sent.get(), answered.get(), sorted);
    }

    private void begin(
            WebSocket socket, int number, int turns, Queue<Long> nanos, AtomicLong sent, AtomicLong answered) {
        String[] previous = {""};
        long[] began = {0};
        int[] left = {turns};
        socket.textMessageHandler(text -> {
            if (began[0] != 0) {
                nanos.add(System.nanoTime() - began[0]);
                began[0] = 0;
            }
            if (text.startsWith(LAST)) {
                answered.incrementAndGet();
                int at = text.indexOf("\"id\":\"") + 6;
                previous[0] = text.substring(at, text.indexOf('"', at));
            }
        });
        // Spread over the second, as people are.
        vertx.setTimer(
                1 + number * 5L,
                _ -> vertx.setPeriodic(1_000, timer -> {
                    if (left[0]-- == 0) {
                        vertx.cancelTimer(timer);
                        return;
                    }
                    sent.incrementAndGet();
                    began[0] = System.nanoTime();
                    socket.writeTextMessage(create(number, left[0], previous[0]));
                }));
    }

    private static String create(int socket, int turn, String previous) {
        return "{\"type\":\"response.create\",\"model\":\"m\","
                + (previous.isEmpty() ? "" : "\"previous_response_id\":\"" + previous + "\",")
                + "\"input\":[{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"turn "
                + turn + " of " + socket + " " + "word ".repeat(800) + "\"}]}]}";
    }

    private static long turns(Path root, Path home) throws Exception {
        ProcessBuilder query = new ProcessBuilder(
                root.resolve("hyp").toString(),
                "query",
                "sql",
                "select count(*) from exchanges where method = 'WEBSOCKET' and outcome = 'completed'",
                "--format",
                "csv");
        query.environment().put("HYP_HOME", home.toString());
        Process process = query.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return Arrays.stream(out.split("\\R"))
                .map(String::strip)
                .filter(line -> line.matches("\\d+"))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElse(-1);
    }

    /// The provider: answers each message with some events.
    private static void serve(int port) throws Exception {
        AtomicLong number = new AtomicLong();
        Vertx vertx = Vertx.vertx();
        vertx.createHttpServer(new HttpServerOptions())
                .webSocketHandler(socket -> socket.textMessageHandler(_ -> {
                    String id = "resp_" + number.incrementAndGet();
                    for (int i = 0; i < EVENTS; i++) {
                        socket.writeTextMessage(
                                "{\"type\":\"response.output_text.delta\",\"output_index\":0,\"item_id\":\"m\",\"delta\":\"some words \"}");
                    }
                    socket.writeTextMessage(
                            LAST + ",\"response\":{\"id\":\"" + id
                                    + "\",\"status\":\"completed\",\"output\":[],\"usage\":{\"input_tokens\":9,\"output_tokens\":3}}}");
                }))
                .listen(port, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }
}
