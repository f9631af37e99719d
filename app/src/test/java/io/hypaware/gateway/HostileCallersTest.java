package io.hypaware.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.config.GatewayConfig;
import io.hypaware.project.ExchangeRow;
import io.hypaware.testing.FakeProvider;
import io.hypaware.testing.RawClient;
import io.hypaware.testing.TestGateway;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// R0: whatever a caller sends, the gateway answers it or cuts it, and lives.
class HostileCallersTest {

    private static final String GET = "GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\nx-api-key: sk-ant-1\r\n";

    @TempDir
    private Path folder;

    @Test
    void aHeadThatIsTooLongIsAnswered() throws Exception {
        try (FakeProvider provider = new FakeProvider((_, out) -> out.respond(200, "text/plain", "ok"));
                TestGateway gateway = new TestGateway(folder, provider.url())) {
            try (RawClient client = new RawClient(gateway.port())) {
                client.write("GET /v1/models?" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
                assertThat(client.readAll()).startsWith("HTTP/1.1 414 ");
            }
            try (RawClient client = new RawClient(gateway.port())) {
                client.write(GET + "x-large: " + "x".repeat(70_000) + "\r\n\r\n");
                assertThat(client.readAll()).startsWith("HTTP/1.1 431 ");
            }
            try (RawClient client = new RawClient(gateway.port())) {
                client.write(GET + "a:\r\n".repeat(2_000) + "\r\n");
                assertThat(client.readAll()).startsWith("HTTP/1.1 431 ");
            }
            assertThat(provider.requests()).isEmpty();
            assertThat(gateway.gateway().stats().refused()).isGreaterThanOrEqualTo(3);
        }
    }

    @Test
    void connectionsThatSayNothingMakeRoomForThoseThatDo() throws Exception {
        try (FakeProvider provider = new FakeProvider((_, out) -> out.respond(200, "text/plain", "ok"));
                TestGateway gateway = new TestGateway(folder, provider.url())) {
            List<RawClient> silent = new ArrayList<>();
            try {
                for (int i = 0; i < 1_200; i++) {
                    silent.add(new RawClient(gateway.port()));
                }
                try (RawClient client = new RawClient(gateway.port())) {
                    client.write(GET + "\r\n");
                    assertThat(client.readUntil("ok")).startsWith("HTTP/1.1 200 ");
                }
            } finally {
                for (RawClient client : silent) {
                    client.close();
                }
            }
        }
    }

    @Test
    void unfinishedHeadsInSumAreBounded() throws Exception {
        try (FakeProvider provider = new FakeProvider((_, out) -> out.respond(200, "text/plain", "ok"));
                TestGateway gateway = new TestGateway(folder, provider.url())) {
            List<RawClient> slow = new ArrayList<>();
            try {
                for (int i = 0; i < 400; i++) {
                    RawClient client = new RawClient(gateway.port());
                    slow.add(client);
                    try {
                        client.write(GET + ("x-filler: " + "x".repeat(80) + "\r\n").repeat(500));
                    } catch (IOException e) {
                        // cut, as it should be
                    }
                }
                try (RawClient client = new RawClient(gateway.port())) {
                    client.write(GET + "\r\n");
                    assertThat(client.readUntil("ok")).startsWith("HTTP/1.1 200 ");
                }
                assertThat(gateway.gateway().stats().refused()).isPositive();
            } finally {
                for (RawClient client : slow) {
                    client.close();
                }
            }
        }
    }

    @Test
    void oneRequestAtATimeAndThenTheConnectionEnds() throws Exception {
        try (FakeProvider provider = new FakeProvider((_, out) -> out.respond(200, "text/plain", "ok"));
                TestGateway gateway = new TestGateway(folder, provider.url());
                RawClient client = new RawClient(gateway.port())) {
            client.write((GET + "\r\n").repeat(3));
            assertThat(client.readAll()).containsOnlyOnce("HTTP/1.1 200 ");
            assertThat(provider.requests()).hasSize(1);
        }
    }

    @Test
    void aChunkedBodyWhoseEndComesInPiecesLeavesItsConnectionOpen() throws Exception {
        try (FakeProvider provider = new FakeProvider((_, out) -> out.respond(200, "text/plain", "ok"));
                TestGateway gateway = new TestGateway(folder, provider.url());
                RawClient client = new RawClient(gateway.port())) {
            for (int i = 0; i < 3; i++) {
                client.write(
                        "POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r");
                TestGateway.await(() -> gateway.gateway().stats().openCalls() == 1);
                Thread.sleep(50);
                client.write("\n");
                assertThat(client.readUntil("ok")).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    @Test
    void afterARefusalNothingMoreIsServed() throws Exception {
        try (FakeProvider provider = new FakeProvider((_, out) -> out.respond(200, "text/plain", "ok"));
                TestGateway gateway = new TestGateway(folder, provider.url());
                RawClient client = new RawClient(gateway.port())) {
            client.write(
                    "POST /v1/messages HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 2\r\n\r\n{}" + GET + "\r\n");
            assertThat(client.readAll()).startsWith("HTTP/1.1 403 ").containsOnlyOnce("HTTP/1.1");
            assertThat(provider.requests()).isEmpty();
        }
    }

    @Test
    void onlyWhatAnOriginServerIsAskedIsTaken() throws Exception {
        try (FakeProvider provider = new FakeProvider((_, out) -> out.respond(200, "text/plain", "ok"));
                TestGateway gateway = new TestGateway(folder, provider.url())) {
            assertThat(answer(gateway, "CONNECT api.anthropic.com:443 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"))
                    .startsWith("HTTP/1.1 405 ");
            assertThat(answer(gateway, "TRACE /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"))
                    .startsWith("HTTP/1.1 405 ");
            assertThat(answer(gateway, "GET http://elsewhere.example/v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"))
                    .startsWith("HTTP/1.1 403 ");
            assertThat(provider.requests()).isEmpty();
            assertThat(answer(
                            gateway,
                            "GET http://127.0.0.1/v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\nx-api-key: sk-ant-1\r\n"
                                    + "Connection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 200 ");
            assertThat(provider.requests().getFirst().line()).isEqualTo("GET /v1/models HTTP/1.1");
        }
    }

    @Test
    void aClientThatClosedItsSendingSideGetsItsAnswer() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        try (FakeProvider provider = new FakeProvider((_, out) -> {
                    asked.await();
                    Thread.sleep(1_500);
                    out.respond(200, "text/plain", "late but whole");
                });
                TestGateway gateway = new TestGateway(folder, provider.url());
                RawClient client = new RawClient(gateway.port())) {
            client.write(GET + "\r\n");
            client.endOutput();
            asked.countDown();
            assertThat(client.readAll()).contains("late but whole");
            assertThat(gateway.rows(ExchangeRow.DATASET, 1))
                    .allMatch(r -> r.value("outcome").orElseThrow().equals("completed"));
        }
    }

    @Test
    void aClientThatIsGoneWithoutAWordIsNoticedThoughNothingIsWrittenToIt() throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        try (FakeProvider provider = new FakeProvider((_, out) -> {
                    if (out.awaitClose()) {
                        cancelled.countDown();
                    }
                });
                TestGateway gateway = new TestGateway(folder, provider.url())) {
            try (RawClient client = new RawClient(gateway.port())) {
                client.write(GET + "\r\n");
                TestGateway.await(() -> !provider.requests().isEmpty());
            }
            TestGateway.await(() -> cancelled.getCount() == 0);
        }
    }

    @Test
    void anHttp10ClientGetsABodyWithoutChunks() throws Exception {
        try (FakeProvider provider = new FakeProvider((_, out) -> {
                    out.write("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n");
                    out.chunk("one ");
                    out.chunk("two");
                    out.write("0\r\n\r\n");
                });
                TestGateway gateway = new TestGateway(folder, provider.url());
                RawClient client = new RawClient(gateway.port())) {
            client.write("GET /v1/models HTTP/1.0\r\nx-api-key: sk-ant-1\r\nConnection: keep-alive\r\n\r\n");
            assertThat(client.readAll()).endsWith("\r\n\r\none two").doesNotContainIgnoringCase("transfer-encoding");
        }
    }

    @Test
    void uploadsToAProviderThatStallsAndReadersThatStallAreBounded() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (FakeProvider provider = new FakeProvider((request, out) -> {
                    if (request.line().contains("/slow")) {
                        out.write("HTTP/1.1 200 OK\r\ncontent-length: 50000000\r\n\r\n");
                        byte[] piece = new byte[100_000];
                        for (int i = 0; i < 500; i++) {
                            out.write(piece);
                        }
                    } else {
                        out.respond(200, "text/plain", "ok");
                    }
                });
                TestGateway gateway = new TestGateway(folder, provider.url())) {
            List<RawClient> readers = new ArrayList<>();
            try {
                for (int i = 0; i < 100; i++) {
                    RawClient client = new RawClient(gateway.port());
                    client.write("GET /anthropic/slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
                    readers.add(client);
                }
                for (int i = 0; i < 5; i++) {
                    try (RawClient client = new RawClient(gateway.port())) {
                        client.write(GET + "\r\n");
                        assertThat(client.readUntil("ok")).startsWith("HTTP/1.1 200 ");
                    }
                }
            } finally {
                end.countDown();
                for (RawClient client : readers) {
                    client.close();
                }
            }
        }
    }

    private static String answer(TestGateway gateway, String request) throws IOException {
        try (RawClient client = new RawClient(gateway.port())) {
            client.write(request);
            return client.readAll();
        }
    }

    @Test
    void whatIsAskedOfTheGatewayItselfGoesToNoProvider() throws Exception {
        Map<String, Instant> ignored = new ConcurrentHashMap<>();
        SessionSwitch sessions = new SessionSwitch() {
            @Override
            public boolean isIgnored(String session) {
                return ignored.containsKey(session);
            }

            @Override
            public void ignore(String session, boolean is) {
                if (is) {
                    ignored.put(session, Instant.EPOCH);
                } else {
                    ignored.remove(session);
                }
            }
        };
        try (FakeProvider provider = new FakeProvider((_, out) -> out.respond(200, "text/plain", "ok"));
                TestGateway gateway = new TestGateway(folder, prefixed(provider.url()), sessions)) {
            assertThat(asked(gateway, "POST /_hypaware/session/ignore?session=s%201"))
                    .startsWith("HTTP/1.1 200 ")
                    .endsWith("{\"session\":\"s 1\",\"ignored\":true}\n");
            assertThat(ignored).containsOnlyKeys("s 1");
            assertThat(asked(gateway, "GET /_hypaware/session?session=s%201")).contains("\"ignored\":true");
            assertThat(asked(gateway, "POST /_hypaware/session/unignore?session=s%201"))
                    .contains("\"ignored\":false");
            for (String request : List.of(
                    "GET /_hypaware/session/ignore?session=s",
                    "POST /_hypaware/session/ignore",
                    "POST /_hypaware/session/ignore?session=",
                    "POST /_hypaware/session/ignore?session=a&session=b",
                    "POST /_hypaware/session/ignore?session=" + "a".repeat(600),
                    "POST /_hypaware/session/ignore?session=%0a",
                    "POST /_hypaware/session/else?session=s")) {
                assertThat(asked(gateway, request)).as(request).startsWith("HTTP/1.1 400 ");
            }
            for (String request : List.of(
                    "POST /_hypaware/ignore/session",
                    "GET /_hypaware",
                    "GET /_hypaware/",
                    "GET /%5fhypaware/v1/messages")) {
                assertThat(asked(gateway, request)).as(request).startsWith("HTTP/1.1 404 ");
            }
            assertThat(asked(gateway, "POST /_hypaware/session/ignore?session=s", "Origin: https://evil.example"))
                    .startsWith("HTTP/1.1 403 ");
            assertThat(ignored).isEmpty();
            assertThat(provider.requests()).isEmpty();
        }
    }

    /// An upstream that claims all paths.
    private static GatewayConfig prefixed(String url) {
        return TestGateway.config("anthropic", url + "\", \"path_prefix\": \"/", "");
    }

    private static String asked(TestGateway gateway, String request, String... headers) throws IOException {
        return answer(
                gateway,
                request + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n"
                        + String.join(
                                "",
                                Stream.of(headers)
                                        .map(header -> header + "\r\n")
                                        .toList())
                        + "\r\n");
    }

    @Test
    void theStatusLineIsForThisMachineAndNoPage() throws Exception {
        try (FakeProvider provider = new FakeProvider((_, out) -> out.respond(200, "text/plain", "ok"));
                TestGateway gateway = new TestGateway(folder, provider.url())) {
            for (String query : List.of("", "?session=s-1", "?session=" + "%00".repeat(1_000))) {
                try (RawClient client = new RawClient(gateway.port())) {
                    client.write("GET " + Gateway.LINE_PATH + query
                            + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
                    assertThat(client.readAll()).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\n\n");
                }
            }
            for (String header : List.of("Origin: https://evil.example", "Sec-Fetch-Site: cross-site")) {
                try (RawClient client = new RawClient(gateway.port())) {
                    client.write("GET " + Gateway.LINE_PATH + " HTTP/1.1\r\nHost: localhost\r\n" + header + "\r\n\r\n");
                    assertThat(client.readAll()).startsWith("HTTP/1.1 403 ");
                }
            }
            assertThat(provider.requests()).isEmpty();
            assertThat(gateway.gateway().stats().calls()).isZero();
        }
    }
}
