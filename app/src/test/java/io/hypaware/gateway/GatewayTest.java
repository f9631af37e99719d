package io.hypaware.gateway;

import static io.hypaware.testing.RecordedCalls.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.config.GatewayConfig;
import io.hypaware.dataset.Row;
import io.hypaware.project.ExchangeRow;
import io.hypaware.project.Messages;
import io.hypaware.testing.FakeProvider;
import io.hypaware.testing.RawClient;
import io.hypaware.testing.TestGateway;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What passes through: every byte, in both directions, at once; and what happens when a side fails.
class GatewayTest {

    @TempDir
    private Path folder;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    void passesMethodPathQueryHeadersAndBodyUntouched() throws Exception {
        try (FakeProvider provider = new FakeProvider((_, out) -> out.respond(
                        200,
                        List.of("Content-Type: application/JSON;x", "X-Twice: 1", "x-twice: 2", "Set-Cookie: a=b"),
                        "{\"é\": 1}".getBytes("UTF-8")));
                TestGateway gateway = new TestGateway(folder, provider.url());
                RawClient raw = new RawClient(gateway.port())) {
            raw.write(
                    "POST /v1/messages?beta=true&x=%2Fa%20b HTTP/1.1\r\nHost: 127.0.0.1:1\r\nX-Odd-CASE: Value \r\n"
                            + "X-Two: 1\r\nx-two: 2\r\nTE: trailers\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n{ }\n");
            String answer = raw.readUntil("1}");

            FakeProvider.Request seen = provider.requests().getFirst();
            assertThat(seen.line()).isEqualTo("POST /v1/messages?beta=true&x=%2Fa%20b HTTP/1.1");
            assertThat(seen.headerLines())
                    .containsSubsequence(
                            "X-Odd-CASE: Value",
                            "X-Two: 1",
                            "x-two: 2",
                            "TE: trailers",
                            "Content-Type: application/json",
                            "Content-Length: 4")
                    .anyMatch(h -> h.equalsIgnoreCase("host: " + provider.url().substring(7)))
                    .hasSize(7);
            assertThat(seen.bodyText()).isEqualTo("{ }\n");
            assertThat(answer)
                    .startsWith("HTTP/1.1 200 Status\r\n")
                    .contains("Content-Type: application/JSON;x\r\nX-Twice: 1\r\nx-twice: 2\r\nSet-Cookie: a=b\r\n")
                    .doesNotContainIgnoringCase("\r\ndate:");
        }
    }

    @Test
    void headersOfOneHopStayOnIt() throws Exception {
        try (FakeProvider provider = new FakeProvider((_, out) -> out.respond(
                        200,
                        List.of("Connection: X-Hop", "X-Hop: 1", "Keep-Alive: timeout=5"),
                        "{}".getBytes("UTF-8")));
                TestGateway gateway = new TestGateway(folder, provider.url());
                RawClient raw = new RawClient(gateway.port())) {
            raw.write("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, x-mine\r\nX-Mine: 1\r\n"
                    + "Proxy-Connection: keep-alive\r\nContent-Length: 2\r\n\r\n{}");
            String answer = raw.readUntil("{}");

            assertThat(provider.requests().getFirst().headerLines())
                    .noneMatch(h ->
                            h.toLowerCase(java.util.Locale.ROOT).matches("(connection|x-mine|proxy-connection):.*"));
            assertThat(answer).doesNotContainIgnoringCase("x-hop").doesNotContainIgnoringCase("keep-alive: timeout");
        }
    }

    @Test
    void realClientsBeginWithHead() throws Exception {
        try (FakeProvider provider = new FakeProvider(
                        (_, out) -> out.write("HTTP/1.1 200 OK\r\nContent-Length: 17\r\nx-a: b\r\n\r\n"));
                TestGateway gateway = new TestGateway(folder, provider.url());
                RawClient raw = new RawClient(gateway.port())) {
            raw.write("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(raw.readUntil("\r\n\r\n"))
                    .startsWith("HTTP/1.1 200 OK")
                    .containsIgnoringCase("content-length: 17");
            raw.write("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(raw.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 200 OK");
        }
    }

    @Test
    void aChunkedRequestStaysChunked() throws Exception {
        try (FakeProvider provider = new FakeProvider((_, out) -> out.respond(200, "application/json", "{}"));
                TestGateway gateway = new TestGateway(folder, provider.url());
                RawClient raw = new RawClient(gateway.port())) {
            raw.write(
                    "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
            raw.readUntil("{}");

            assertThat(provider.requests().getFirst().bodyText()).isEqualTo("abcde");
            assertThat(provider.requests().getFirst().header("transfer-encoding"))
                    .contains("chunked");
        }
    }

    @Test
    void expectContinueIsAskedOfTheProviderAndAnswered() throws Exception {
        try (FakeProvider provider = new FakeProvider((_, out) -> out.respond(200, "application/json", "{}"));
                TestGateway gateway = new TestGateway(folder, provider.url());
                RawClient raw = new RawClient(gateway.port())) {
            raw.write(
                    "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
            assertThat(raw.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 100 ");
            raw.write("abc");
            assertThat(raw.readUntil("{}")).contains("HTTP/1.1 200");
            assertThat(provider.requests().getFirst().bodyText()).isEqualTo("abc");
        }
    }

    @Test
    void largeHeadersPass() throws Exception {
        String large = "x".repeat(60_000);
        try (FakeProvider provider = new FakeProvider(
                        (_, out) -> out.respond(200, List.of("x-large: " + large), "{}".getBytes("UTF-8")));
                TestGateway gateway = new TestGateway(folder, provider.url())) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create(gateway.url() + "/v1/messages"))
                            .header("x-large", large)
                            .POST(BodyPublishers.ofString("{}"))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(answer.headers().firstValue("x-large")).contains(large);
            assertThat(provider.requests().getFirst().header("x-large")).contains(large);
        }
    }

    @Test
    void eachEventIsOnItsWayTheMomentItArrives() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        try (FakeProvider provider = new FakeProvider((_, out) -> {
                    out.write(
                            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
                    out.chunk("data: one\n\n");
                    assertThat(seen.await(10, TimeUnit.SECONDS)).isTrue();
                    out.chunk("data: two\n\n");
                    out.write("0\r\n\r\n");
                });
                TestGateway gateway = new TestGateway(folder, provider.url());
                RawClient raw = new RawClient(gateway.port())) {
            raw.write("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}");
            raw.readUntil("data: one\n\n");
            seen.countDown();
            raw.readUntil("0\r\n\r\n");

            Row row = gateway.rows(ExchangeRow.DATASET, 1).getFirst();
            assertThat(text(row, "outcome")).isEqualTo("completed");
            assertThat(text(row, "stream")).isEqualTo("true");
        }
    }

    @Test
    void anUpstreamCutIsACutForTheClient() throws Exception {
        for (boolean reset : new boolean[] {false, true}) {
            try (FakeProvider provider = new FakeProvider((_, out) -> {
                        out.write(
                                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
                        out.chunk("data: one\n\n");
                        if (reset) {
                            out.reset();
                        } else {
                            out.close();
                        }
                    });
                    TestGateway gateway = new TestGateway(folder.resolve("cut-" + reset), provider.url());
                    RawClient raw = new RawClient(gateway.port())) {
                raw.write("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}");
                String answer = raw.readAll();

                assertThat(answer).doesNotContain("\r\n0\r\n");
                Row row = gateway.rows(ExchangeRow.DATASET, 1).getFirst();
                assertThat(text(row, "outcome")).isEqualTo("upstream_cut");
                assertThat(text(row, "closed_by")).isEqualTo("upstream");
                assertThat(text(row, "error")).contains("cut after");
            }
        }
    }

    @Test
    void aFixedLengthAnswerThatEndsEarlyIsACutToo() throws Exception {
        try (FakeProvider provider = new FakeProvider((_, out) -> {
                    out.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc");
                    out.close();
                });
                TestGateway gateway = new TestGateway(folder, provider.url());
                RawClient raw = new RawClient(gateway.port())) {
            raw.write("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}");
            raw.readAll();
            assertThat(text(gateway.rows(ExchangeRow.DATASET, 1).getFirst(), "outcome"))
                    .isEqualTo("upstream_cut");
        }
    }

    @Test
    void whenTheClientGoesTheUpstreamCallIsCancelled() throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        try (FakeProvider provider = new FakeProvider((_, out) -> {
                    out.write(
                            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
                    out.chunk("data: one\n\n");
                    if (out.awaitClose()) {
                        gone.countDown();
                    }
                });
                TestGateway gateway = new TestGateway(folder, provider.url())) {
            try (RawClient raw = new RawClient(gateway.port())) {
                raw.write("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}");
                raw.readUntil("data: one\n\n");
            }
            assertThat(gone.await(10, TimeUnit.SECONDS)).isTrue();
            Row row = gateway.rows(ExchangeRow.DATASET, 1).getFirst();
            assertThat(text(row, "outcome")).isEqualTo("client_aborted");
            assertThat(text(row, "closed_by")).isEqualTo("client");
        }
    }

    @Test
    void anUnreachableProviderGivesA502InItsOwnShape() throws Exception {
        try (TestGateway gateway = new TestGateway(folder, "http://127.0.0.1:1")) {
            HttpResponse<String> anthropic = post(gateway.url() + "/v1/messages");
            assertThat(anthropic.statusCode()).isEqualTo(502);
            assertThat(anthropic.body())
                    .startsWith(
                            "{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"HypAware could not reach 127.0.0.1:1");
            assertThat(text(gateway.rows(ExchangeRow.DATASET, 1).getFirst(), "outcome"))
                    .isEqualTo("upstream_error");
        }
        try (TestGateway gateway =
                new TestGateway(folder.resolve("o"), TestGateway.config("openai", "http://127.0.0.1:1", ""))) {
            HttpResponse<String> openai = post(gateway.url() + "/v1/chat/completions");
            assertThat(openai.statusCode()).isEqualTo(502);
            assertThat(openai.body()).startsWith("{\"error\":{\"message\":").contains("\"type\":\"server_error\"");
        }
    }

    @Test
    void whatWasAskedOfAnUnreachableProviderIsRecorded() throws Exception {
        String body =
                "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"" + "x".repeat(2_000_000) + "\"}]}";
        try (TestGateway gateway = new TestGateway(folder, "http://127.0.0.1:1")) {
            for (int i = 0; i < 2; i++) {
                HttpResponse<String> answer = client.send(
                        HttpRequest.newBuilder(URI.create(gateway.url() + "/v1/messages"))
                                .POST(BodyPublishers.ofString(body))
                                .build(),
                        BodyHandlers.ofString());
                assertThat(answer.statusCode()).isEqualTo(502);
            }
            // Asked twice because it failed: recorded once.
            assertThat(gateway.rows(Messages.DATASET, 2)).hasSize(1);
        }
    }

    @Test
    void webPagesAreRefused() throws Exception {
        try (FakeProvider provider = new FakeProvider((_, out) -> out.respond(200, "application/json", "{}"));
                TestGateway gateway = new TestGateway(folder, provider.url())) {
            for (String header : List.of(
                    "Host: evil.example",
                    "Host: localhost\r\nOrigin: https://evil.example",
                    "Host: localhost\r\nOrigin: null",
                    "Host: localhost\r\nOrigin: http://localhost\r\nOrigin: https://evil.example",
                    "Host: localhost\r\nSec-Fetch-Site: cross-site",
                    "Host: localhost\r\nSec-Fetch-Site: Same-Site\r\nOrigin: http://localhost:3000",
                    "Host: localhost\r\nSec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site",
                    "Host: 127.0.0.1.evil.example",
                    "Host: 10.0.0.1")) {
                try (RawClient raw = new RawClient(gateway.port())) {
                    raw.write("POST /v1/messages HTTP/1.1\r\n" + header + "\r\nContent-Length: 2\r\n\r\n{}");
                    assertThat(raw.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 403");
                }
            }
            for (String header : List.of(
                    "Host: LOCALHOST:1",
                    "Host: [::1]:18521",
                    "Host: 127.0.0.1",
                    "Host: localhost\r\nSec-Fetch-Site: same-origin",
                    "Host: localhost\r\nSec-Fetch-Site: none",
                    "Host: localhost\r\nOrigin: http://localhost:3000")) {
                try (RawClient raw = new RawClient(gateway.port())) {
                    raw.write("POST /v1/messages HTTP/1.1\r\n" + header + "\r\nContent-Length: 2\r\n\r\n{}");
                    assertThat(raw.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 200");
                }
            }
            assertThat(provider.requests()).hasSize(6);
        }
    }

    @Test
    void credentialsNeverReachTheDisk() throws Exception {
        try (FakeProvider provider = new FakeProvider(
                        (_, out) -> out.respond(200, List.of("set-cookie: secret-5"), "{}".getBytes("UTF-8")));
                TestGateway gateway = new TestGateway(
                        folder, TestGateway.config("anthropic", provider.url(), ", \"redact_headers\": [\"X-Mine\"]"));
                RawClient raw = new RawClient(gateway.port())) {
            raw.write(
                    "POST /v1/messages?key=secret-6 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer secret-1\r\nX-API-Key: secret-2\r\n"
                            + "cookie: secret-3\r\nx-mine: secret-4\r\nContent-Length: 2\r\n\r\n{}");
            raw.readUntil("{}");

            assertThat(provider.requests().getFirst().header("x-api-key")).contains("secret-2");
            Row row = gateway.rows(ExchangeRow.DATASET, 1).getFirst();
            assertThat(text(row, "request_headers")).containsPattern("\\[\"X-API-Key\",\"redacted:[0-9a-f]{8}\"\\]");
            try (var files = java.nio.file.Files.list(folder)) {
                for (Path file :
                        files.filter(java.nio.file.Files::isRegularFile).toList()) {
                    assertThat(new String(
                                    java.nio.file.Files.readAllBytes(file),
                                    java.nio.charset.StandardCharsets.ISO_8859_1))
                            .doesNotContain("secret-");
                }
            }
        }
    }

    @Test
    void explicitPrefixesChooseTheUpstream() throws Exception {
        try (FakeProvider provider = new FakeProvider((_, out) -> out.respond(200, "application/json", "{}"));
                TestGateway gateway =
                        new TestGateway(folder, TestGateway.config("openai", provider.url() + "/base", ""))) {
            post(gateway.url() + "/openai/v1/responses?x=1");
            post(gateway.url() + "/v1/embeddings");
            assertThat(provider.requests().stream().map(FakeProvider.Request::line))
                    .containsExactly("POST /base/v1/responses?x=1 HTTP/1.1", "POST /base/v1/embeddings HTTP/1.1");
        }
    }

    @Test
    void aBodyOverTheCapIsForwardedWholeAndRecordedToTheCap() throws Exception {
        byte[] large = new byte[3_000_000];
        java.util.Arrays.fill(large, (byte) 'x');
        try (FakeProvider provider = new FakeProvider((_, out) -> out.respond(200, List.of(), large));
                TestGateway gateway = new TestGateway(
                        folder, TestGateway.config("anthropic", provider.url(), ", \"max_body_bytes\": 1000000"))) {
            HttpResponse<byte[]> answer = client.send(
                    HttpRequest.newBuilder(URI.create(gateway.url() + "/v1/messages/batches"))
                            .POST(BodyPublishers.ofByteArray(large))
                            .build(),
                    BodyHandlers.ofByteArray());
            assertThat(answer.body()).isEqualTo(large);
            assertThat(provider.requests().getFirst().body()).isEqualTo(large);
            Row row = gateway.rows(ExchangeRow.DATASET, 1).getFirst();
            assertThat(text(row, "outcome")).isEqualTo("capture_truncated");
            assertThat(text(row, "request_bytes")).isEqualTo("3000000");
        }
    }

    @Test
    void drainingLetsOpenCallsEnd() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (FakeProvider provider = new FakeProvider((_, out) -> {
                    out.write(
                            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
                    out.chunk("data: one\n\n");
                    begun.countDown();
                    assertThat(go.await(10, TimeUnit.SECONDS)).isTrue();
                    out.chunk("data: two\n\n");
                    out.write("0\r\n\r\n");
                });
                TestGateway gateway = new TestGateway(folder, provider.url());
                RawClient raw = new RawClient(gateway.port())) {
            raw.write("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}");
            raw.readUntil("data: one\n\n");
            Thread drain = Thread.ofVirtual().start(() -> {
                try {
                    assertThat(gateway.gateway().drain(Duration.ofSeconds(10))).isTrue();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            TestGateway.await(() -> refusesConnections(gateway.port()));
            go.countDown();
            assertThat(raw.readUntil("0\r\n\r\n")).contains("data: two");
            drain.join();
        }
    }

    @Test
    void onlyLoopbackUnlessAllowed() {
        GatewayConfig open = TestGateway.config("anthropic", "http://127.0.0.1:1", ", \"host\": \"0.0.0.0\"");
        assertThatThrownBy(() -> new TestGateway(folder, open))
                .isInstanceOf(GatewayException.class)
                .hasMessageContaining("allow_remote");
    }

    @Test
    void aBusyPortNamesWhoHoldsIt() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            GatewayConfig config = TestGateway.config("anthropic", "http://127.0.0.1:1", "");
            GatewayConfig busy = new GatewayConfig(
                    config.host(),
                    other.getLocalPort(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    false,
                    List.of(),
                    config.upstreams(),
                    List.of(),
                    config.maxBodyBytes(),
                    config.queueBytes(),
                    config.spillBytes(),
                    1);
            assertThatThrownBy(() -> new TestGateway(folder, busy))
                    .isInstanceOf(GatewayException.class)
                    .hasMessageContaining("127.0.0.1:" + other.getLocalPort())
                    .hasMessageContaining("pid " + ProcessHandle.current().pid());
        }
    }

    private static boolean refusesConnections(int port) {
        try (RawClient raw = new RawClient(port)) {
            raw.write("GET /_hypaware/status HTTP/1.1\r\nHost: localhost\r\n\r\n");
            return raw.readAll().isEmpty();
        } catch (IOException e) {
            return true;
        }
    }

    private HttpResponse<String> post(String url) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create(url))
                        .POST(BodyPublishers.ofString("{}"))
                        .build(),
                BodyHandlers.ofString());
    }
}
