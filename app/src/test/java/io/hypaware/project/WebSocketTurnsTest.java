package io.hypaware.project;

import static io.hypaware.testing.ResponsesCalls.functionCall;
import static io.hypaware.testing.ResponsesCalls.functionOutput;
import static io.hypaware.testing.ResponsesCalls.response;
import static io.hypaware.testing.ResponsesCalls.said;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Row;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.ResponsesCalls;
import io.hypaware.testing.TestGateway;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A WebSocket of the Responses API, between a client and a server that may compress what they say: each turn is an
/// exchange, as soon as its end is known.
class WebSocketTurnsTest {

    @TempDir
    private Path folder;

    private static final int MOST_BYTES = 8 << 20;

    private final Vertx vertx = Vertx.vertx();
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private BiConsumer<JsonNode, ServerWebSocket> answerer = (_, _) -> {};
    private int port;

    // Held, because their connections go with them.
    private HttpServer server;
    private WebSocketClient client;

    @BeforeEach
    void serve() {
        server = vertx.createHttpServer(new HttpServerOptions()
                .setPerMessageWebSocketCompressionSupported(true)
                .setMaxWebSocketFrameSize(MOST_BYTES)
                .setMaxWebSocketMessageSize(MOST_BYTES)
                .setWebSocketAllowServerNoContext(true));
        server.webSocketHandler(socket -> socket.textMessageHandler(text -> answerer.accept(json(text), socket)));
        port = await(server.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture())
                .actualPort();
    }

    @AfterEach
    void stop() {
        await(vertx.close().toCompletionStage().toCompletableFuture());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void eachTurnIsAnExchangeBeforeTheConnectionEnds(boolean compressed) throws Exception {
        answerer = (asked, socket) -> {
            String id = "resp_" + asked.path("input").size();
            ObjectNode item = id.equals("resp_1") && asked.has("previous_response_id")
                    ? said("assistant", "done")
                    : functionCall("c1", "look");
            socket.writeTextMessage(event("response.created").toString());
            socket.writeTextMessage(event("response.output_item.done")
                    .put("output_index", 0)
                    .set("item", item)
                    .toString());
            socket.writeTextMessage(event("response.completed")
                    .set("response", response(id, "completed"))
                    .toString());
        };
        try (TestGateway gateway = gateway()) {
            WebSocket socket = connect(gateway, compressed);
            ask(socket, create(said("user", "hello"), said("user", "a long text ".repeat(500))));
            hear("response.completed");
            assertThat(lines(gateway, 3)).hasSize(3).last().isEqualTo("assistant: call look c1");

            ask(socket, create(functionOutput("c1", "found")).put("previous_response_id", "resp_2"));
            hear("response.completed");
            ask(socket, ResponsesCalls.object("response.processed"));

            assertThat(lines(gateway, 5)).hasSize(5).last().isEqualTo("assistant: done");
            await(socket.close().toCompletionStage().toCompletableFuture());

            List<Row> exchanges = gateway.rows(ExchangeRow.DATASET, 1);
            assertThat(exchanges)
                    .extracting(row -> RecordedCalls.text(row, "method"))
                    .containsExactly("WEBSOCKET", "WEBSOCKET", "GET");
            assertThat(exchanges)
                    .extracting(row -> RecordedCalls.text(row, "outcome"))
                    .containsOnly("completed");
            assertThat(RecordedCalls.text(exchanges.getFirst(), "connection_id"))
                    .isEqualTo(RecordedCalls.text(exchanges.getLast(), "exchange_id"));
            assertThat(RecordedCalls.text(exchanges.getLast(), "status")).isEqualTo("101");
            assertThat(bytes(exchanges.getLast(), "request_body")).isEqualTo("{\"type\":\"response.processed\"}\n");
            assertThat(bytes(exchanges.get(1), "request_body")).startsWith("{\"type\":\"response.create\"");
            assertThat(gateway.rows(Messages.DATASET, 1)).hasSize(5);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anErrorEndsItsTurnAndACutIsOne(boolean compressed) throws Exception {
        answerer = (asked, socket) -> {
            if (asked.has("previous_response_id")) {
                socket.writeTextMessage(event("response.output_text.delta")
                        .put("output_index", 0)
                        .put("item_id", "m")
                        .put("delta", "half")
                        .toString());
                socket.close();
                return;
            }
            ObjectNode error = event("error").put("status", 429);
            error.putObject("error").put("type", "rate_limit").put("message", "slow down");
            socket.writeTextMessage(error.toString());
        };
        try (TestGateway gateway = gateway()) {
            WebSocket socket = connect(gateway, compressed);
            CompletableFuture<Void> closed = new CompletableFuture<>();
            socket.closeHandler(_ -> closed.complete(null));
            ask(socket, create(said("user", "hello")));
            hear("error");
            ask(socket, create(said("user", "once more")).put("previous_response_id", "resp_0"));
            await(closed);

            List<Row> exchanges = gateway.rows(ExchangeRow.DATASET, 1);
            assertThat(exchanges)
                    .extracting(row -> RecordedCalls.text(row, "status") + " " + RecordedCalls.text(row, "outcome"))
                    .containsExactly("429 completed", "200 upstream_cut", "101 completed");
            assertThat(RecordedCalls.text(exchanges.getFirst(), "error")).isEqualTo("slow down");
            assertThat(lines(gateway, 4))
                    .containsExactly("user: hello", "assistant: error slow down", "user: once more", "assistant: half");
        }
    }

    private static ObjectNode event(String type) {
        return ResponsesCalls.object(type);
    }

    private static ObjectNode create(ObjectNode... input) {
        ObjectNode create = ResponsesCalls.object("response.create").put("model", "gpt-5");
        List.of(input).forEach(create.withArray("input")::add);
        return create;
    }

    private TestGateway gateway() {
        return new TestGateway(folder, TestGateway.config("openai", "http://127.0.0.1:" + port, ""));
    }

    private WebSocket connect(TestGateway gateway, boolean compressed) {
        client = vertx.createWebSocketClient(new WebSocketClientOptions()
                .setTryUsePerMessageCompression(compressed)
                .setMaxFrameSize(MOST_BYTES)
                .setMaxMessageSize(MOST_BYTES));
        WebSocket socket = await(client.connect(new WebSocketConnectOptions()
                        .setHost("127.0.0.1")
                        .setPort(gateway.port())
                        .setURI("/v1/responses")
                        .addHeader("session-id", "s"))
                .toCompletionStage()
                .toCompletableFuture());
        socket.textMessageHandler(heard::add);
        return socket;
    }

    private static void ask(WebSocket socket, JsonNode message) {
        await(socket.writeTextMessage(message.toString()).toCompletionStage().toCompletableFuture());
    }

    private void hear(String type) throws InterruptedException {
        for (String text = heard.poll(10, TimeUnit.SECONDS); text != null; text = heard.poll(10, TimeUnit.SECONDS)) {
            if (json(text).path("type").asText().equals(type)) {
                return;
            }
        }
        throw new AssertionError("no " + type + " came");
    }

    /// What has been said so far, on a connection that goes on.
    private static List<String> lines(TestGateway gateway, int atLeast) {
        TestGateway.await(() -> gateway.rowsNow(Messages.DATASET).size() >= atLeast);
        return gateway.rowsNow(Messages.DATASET).stream()
                .map(RecordedCalls::line)
                .toList();
    }

    private static String bytes(Row row, String column) {
        return new String((byte[]) row.value(column).orElseThrow(), java.nio.charset.StandardCharsets.UTF_8);
    }

    private static JsonNode json(String text) {
        try {
            return RecordedCalls.JSON.readTree(text);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static <T> T await(CompletableFuture<T> future) {
        return future.orTimeout(10, TimeUnit.SECONDS).join();
    }
}
