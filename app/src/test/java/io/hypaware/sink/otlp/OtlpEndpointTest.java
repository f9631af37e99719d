package io.hypaware.sink.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.hypaware.journal.SinkState.Refused;
import io.hypaware.sink.SinkException;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What becomes of spans by what an endpoint answers, a hostile one too.
class OtlpEndpointTest {

    /// Answers one request.
    private interface Answer {
        void to(HttpExchange exchange, ExportTraceServiceRequest request) throws IOException;
    }

    private final Deque<Answer> answers = new ArrayDeque<>();
    private final Traces taken = new Traces();
    private final List<Duration> waits = new ArrayList<>();
    private final List<String> agents = new ArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private HttpServer server;
    private OtlpEndpoint endpoint;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            ExportTraceServiceRequest request =
                    ExportTraceServiceRequest.parseFrom(new GZIPInputStream(exchange.getRequestBody()));
            agents.add(exchange.getRequestHeaders().getFirst("user-agent") + " "
                    + exchange.getRequestHeaders().getFirst("x-key"));
            Answer next = answers.size() > 1 ? answers.poll() : answers.peek();
            (next == null ? status(200) : next).to(exchange, request);
            exchange.close();
        });
        server.start();
        endpoint = new OtlpEndpoint(
                new OtlpEndpoint.Settings(
                        URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1/traces"),
                        Map.of("x-key", "k"),
                        true,
                        Duration.ofMillis(700)),
                Clock.fixed(Instant.parse("2026-03-01T10:00:00Z"), ZoneOffset.UTC),
                waits::add);
    }

    @AfterEach
    void stop() {
        over.countDown();
        endpoint.close();
        server.stop(0);
    }

    private Answer status(int status, String... headers) {
        return (exchange, request) -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
            }
            if (status == 200) {
                taken.add(request);
            }
            exchange.sendResponseHeaders(status, -1);
        };
    }

    private static ExportTraceServiceRequest spans(int count) {
        ScopeSpans.Builder scope = ScopeSpans.newBuilder();
        for (int i = 0; i < count; i++) {
            scope.addSpans(Span.newBuilder()
                    .setName("n" + i)
                    .setTraceId(ByteString.copyFromUtf8("0123456789abcdef"))
                    .setSpanId(SpanIds.bytes(i + 1)));
        }
        ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
        request.addResourceSpansBuilder().addScopeSpans(scope);
        return request.build();
    }

    @Test
    void itSaysWhoseTheSpansAreAndBringsItsKey() throws Exception {
        assertThat(endpoint.deliver(spans(3))).isEqualTo(Refused.NONE);
        assertThat(taken.spans).hasSize(3);
        assertThat(agents).containsExactly("hypaware k");
    }

    @Test
    void whoIsBusyIsAskedAgain() throws Exception {
        answers.addAll(List.of(status(429, "retry-after", "3"), status(503), status(502), status(200)));
        assertThat(endpoint.deliver(spans(2))).isEqualTo(Refused.NONE);
        assertThat(taken.spans).hasSize(2);
        assertThat(waits).hasSize(3).first().isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void whoWantsToBeLeftAloneIs() {
        answers.add(status(503, "retry-after", "Sun, 01 Mar 2026 10:10:00 GMT"));
        assertThatThrownBy(() -> endpoint.deliver(spans(2)))
                .isInstanceOfSatisfying(
                        SinkException.class, e -> assertThat(e.notBefore()).contains(Duration.ofMinutes(10)));
        assertThat(waits).isEmpty();
        assertThat(agents).hasSize(1);
    }

    @Test
    void whoWantsToBeLeftAloneForAYearIsNotAskedAtOnce() {
        answers.add(status(429, "retry-after", "31536000"));
        assertThatThrownBy(() -> endpoint.deliver(spans(2))).isInstanceOf(SinkException.class);
        assertThat(agents).hasSize(1);
    }

    @Test
    void whatIsRefusedInPartIsNotSentAgain() throws Exception {
        answers.add((exchange, _) -> {
            ExportTraceServiceResponse.Builder response = ExportTraceServiceResponse.newBuilder();
            response.getPartialSuccessBuilder().setRejectedSpans(2).setErrorMessage("too old");
            byte[] body = response.build().toByteArray();
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        });
        assertThat(endpoint.deliver(spans(5))).isEqualTo(new Refused(2, "too old"));
        assertThat(agents).hasSize(1);
    }

    @Test
    void oneThatIsRefusedCostsTheOthersNothing() throws Exception {
        answers.add((exchange, request) -> {
            List<Span> spans = request.getResourceSpans(0).getScopeSpans(0).getSpansList();
            boolean isBad = spans.stream().anyMatch(span -> span.getName().equals("n5"));
            status(isBad ? 400 : 200).to(exchange, request);
        });
        assertThat(endpoint.deliver(spans(16)).count()).isEqualTo(1);
        assertThat(taken.spans).hasSize(15);
    }

    @Test
    void anEndpointThatTakesNothingIsNotAskedForEver() {
        answers.add(status(400));
        assertThatThrownBy(() -> endpoint.deliver(spans(512)))
                .isInstanceOf(SinkException.class)
                .hasMessageContaining("it takes no span");
        assertThat(agents.size()).isLessThan(80);
    }

    @Test
    void itIsNotLedElsewhere() {
        answers.add(status(307, "location", "http://127.0.0.1:1/v1/traces"));
        assertThatThrownBy(() -> endpoint.deliver(spans(1)))
                .isInstanceOf(SinkException.class)
                .hasMessageContaining("not followed");
        assertThat(agents).hasSize(1);
    }

    @Test
    void aReceiverOfOursThatKeepsNothingIsNoDelivery() {
        answers.add(status(200, "x-hypaware-telemetry", "not-recorded"));
        assertThatThrownBy(() -> endpoint.deliver(spans(1)))
                .isInstanceOf(SinkException.class)
                .hasMessageContaining("/v1/traces is a receiver of HypAware");
        assertThat(agents).hasSize(1);
    }

    @Test
    void noKeyIsInWhatIsSaidOfAnAnswer() {
        answers.add((exchange, _) -> {
            byte[] body = "unknown key sec-ret-key, asked with token=in-the-query".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(401, body.length);
            exchange.getResponseBody().write(body);
        });
        try (OtlpEndpoint other = new OtlpEndpoint(
                new OtlpEndpoint.Settings(
                        URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/t?token=in-the-query"),
                        Map.of("authorization", "Bearer sec-ret-key"),
                        true,
                        Duration.ofSeconds(5)),
                Clock.systemUTC(),
                waits::add)) {
            assertThatThrownBy(() -> other.deliver(spans(1)))
                    .hasMessageContaining("answers 401: unknown key …")
                    .hasMessageContaining("Its key stands in headers")
                    .hasMessageNotContainingAny("sec-ret-key", "in-the-query");
        }
    }

    @Test
    void aHandshakeThatFailsIsSaidToBeOne() throws Exception {
        try (ServerSocket plain = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                OtlpEndpoint other = new OtlpEndpoint(
                        new OtlpEndpoint.Settings(
                                URI.create("https://127.0.0.1:" + plain.getLocalPort() + "/v1/traces"),
                                Map.of(),
                                true,
                                Duration.ofSeconds(5)),
                        Clock.systemUTC(),
                        waits::add)) {
            Thread answering = Thread.startVirtualThread(() -> {
                for (int i = 0; i < 4; i++) {
                    try (Socket socket = plain.accept()) {
                        // As servers do, which answer what they have read: earlier, the client may miss why it fails.
                        socket.getInputStream().read();
                        socket.getOutputStream().write("HTTP/1.1 400 no\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                        socket.getInputStream().readAllBytes();
                    } catch (IOException e) {
                        // It hangs up, too.
                    }
                }
            });
            assertThatThrownBy(() -> other.deliver(spans(1)))
                    .isInstanceOf(SinkException.class)
                    .hasMessageContaining("TLS failed");
            answering.join(Duration.ofSeconds(10));
        }
    }

    /// A status of success says that the spans were taken, whatever becomes of the rest of the answer.
    @Test
    void anAnswerIsReadUpToALength() throws Exception {
        answers.add((exchange, request) -> {
            taken.add(request);
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                byte[] piece = new byte[1 << 16];
                for (int i = 0; i < 10_000; i++) {
                    out.write(piece);
                }
            }
        });
        assertThat(endpoint.deliver(spans(512))).isEqualTo(Refused.NONE);
        assertThat(taken.spans).hasSize(512);
        assertThat(waits).isEmpty();
    }

    @Test
    void anAnswerThatNeverEndsIsGivenUp() throws Exception {
        answers.add(neverEnding(200));
        assertThat(endpoint.deliver(spans(3))).isEqualTo(Refused.NONE);
        assertThat(agents).hasSize(1);
    }

    @Test
    void anAnswerThatDripsIsGivenUp() throws Exception {
        answers.add((exchange, _) -> {
            exchange.sendResponseHeaders(200, 0);
            try {
                while (!over.await(50, TimeUnit.MILLISECONDS)) {
                    exchange.getResponseBody().write(1);
                    exchange.getResponseBody().flush();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThat(endpoint.deliver(spans(3))).isEqualTo(Refused.NONE);
        assertThat(agents).hasSize(1);
    }

    @Test
    void anAnswerThatIsCutIsOneOfItsStatus() throws Exception {
        answers.add((exchange, _) -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
            throw new IOException("hangs up");
        });
        assertThat(endpoint.deliver(spans(3))).isEqualTo(Refused.NONE);
        assertThat(agents).hasSize(1);
    }

    @Test
    void aFailureThatNeverEndsIsOneOfItsStatus() {
        answers.add(neverEnding(404));
        assertThatThrownBy(() -> endpoint.deliver(spans(1)))
                .isInstanceOf(SinkException.class)
                .hasMessageContaining("answers 404");
        assertThat(agents).hasSize(1);
    }

    private Answer neverEnding(int status) {
        return (exchange, _) -> {
            exchange.sendResponseHeaders(status, 0);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }

    @Test
    void whoSaysNothingIsGivenUp() {
        answers.add((_, _) -> {
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThatThrownBy(() -> endpoint.deliver(spans(1)))
                .isInstanceOf(SinkException.class)
                .hasMessageContaining("in time");
        assertThat(waits).hasSize(3);
    }

    /// Such as the page of a proxy, or of a network that wants its visitors to sign in.
    @Test
    void aPageIsNoDelivery() {
        for (String type : List.of("text/html; charset=utf-8", "Application/XHTML+xml", "")) {
            answers.clear();
            answers.add((exchange, _) -> {
                if (!type.isEmpty()) {
                    exchange.getResponseHeaders().add("content-type", type);
                }
                byte[] body = "\n<!doctype html><title>Sign in</title>".getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            });
            assertThatThrownBy(() -> endpoint.deliver(spans(1)))
                    .isInstanceOf(SinkException.class)
                    .hasMessageContaining("answers with a page");
        }
        assertThat(agents).hasSize(3);
    }

    @Test
    void anAnswerInAnotherFormIsOne() throws Exception {
        answers.add((exchange, _) -> {
            exchange.getResponseHeaders().add("content-type", "application/json");
            exchange.sendResponseHeaders(202, 2);
            exchange.getResponseBody().write("{}".getBytes(StandardCharsets.UTF_8));
        });
        assertThat(endpoint.deliver(spans(1))).isEqualTo(Refused.NONE);
    }

    @Test
    void whoIsNotThereIsNamed() {
        server.stop(0);
        assertThatThrownBy(() -> endpoint.deliver(spans(1)))
                .isInstanceOf(SinkException.class)
                .hasMessageContaining("cannot be reached: nothing takes connections there");
    }
}
