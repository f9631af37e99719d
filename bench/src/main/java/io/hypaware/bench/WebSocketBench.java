package io.hypaware.bench;

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
        boolean held;
        try (Child provider = Child.java(WebSocketBench.class);
                Child gateway = Child.gateway(root, home, provider.port())) {
            held = new WebSocketBench(seconds).compare(root, home, provider, gateway);
        }
        System.out.println(held ? "all held" : "NOT ALL HELD");
        System.exit(held ? 0 : 1);
    }

    private boolean compare(Path root, Path home, Child provider, Child gateway) throws Exception {
        Times before = run(provider.port(), Math.max(5, seconds / 4));
        Times through = run(gateway.port(), seconds);
        double peak = gateway.peakMb();
        Times after = run(provider.port(), Math.max(5, seconds / 4));
        double direct = (before.millis(0.5) + after.millis(0.5)) / 2;
        // There and back is two frames.
        double added = (through.millis(0.5) - direct) / 2;
        double added99 = (through.millis(0.99) - (before.millis(0.99) + after.millis(0.99)) / 2) / 2;
        System.out.printf(
                "%d sockets, %d turns: a frame takes p50 %.2f ms directly, %.2f ms more through the gateway (p99 %.2f ms more); peak RSS %.0f MB%n",
                SOCKETS, through.answered(), direct / 2, added, added99, peak);
        long rows = turns(root, home);
        System.out.printf("%d turns sent, %d answered, %d exchanges%n", through.sent(), through.answered(), rows);
        return through.sent() == through.answered() && rows == through.sent() && peak <= 220 && added <= 0.3;
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
