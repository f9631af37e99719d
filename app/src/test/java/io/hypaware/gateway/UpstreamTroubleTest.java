package io.hypaware.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.dataset.Row;
import io.hypaware.project.ExchangeRow;
import io.hypaware.testing.FakeProvider;
import io.hypaware.testing.RawClient;
import io.hypaware.testing.TestGateway;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What providers and the way to them do, and what a caller sees of it.
class UpstreamTroubleTest {

    private static final String POST = "POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n{}";

    @TempDir
    private Path folder;

    @Test
    void anIdleConnectionThatDiesAsTheNextRequestIsWrittenIsNotTheCallersTrouble() throws Exception {
        AtomicInteger connections = new AtomicInteger();
        try (FakeProvider provider = new FakeProvider((_, out) -> {
                    // Keeps each connection for one answer, and says nothing of it.
                    if (out.number() == 1) {
                        connections.incrementAndGet();
                        out.respond(200, "application/json", "{}");
                    } else {
                        out.reset();
                    }
                });
                TestGateway gateway = new TestGateway(folder, provider.url());
                RawClient client = new RawClient(gateway.port())) {
            for (int i = 0; i < 6; i++) {
                client.write(POST);
                assertThat(client.readUntil("{}")).startsWith("HTTP/1.1 200 ");
            }
            assertThat(connections.get()).isGreaterThan(2);
        }
    }

    @Test
    void aRequestIsNotSentTwiceWhereTheProviderMayHaveSeenIt() throws Exception {
        try (FakeProvider provider = new FakeProvider((_, out) -> out.reset());
                TestGateway gateway = new TestGateway(folder, provider.url());
                RawClient client = new RawClient(gateway.port())) {
            client.write(POST);
            assertThat(client.readUntil("\r\n")).startsWith("HTTP/1.1 502 ");
            assertThat(provider.requests()).hasSize(1);
        }
    }

    @Test
    void anUpstreamOfIpv6IsReached() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getByName("::1"))) {
            Thread.ofVirtual().start(() -> {
                try (Socket socket = server.accept()) {
                    socket.getInputStream().read(new byte[4_096]);
                    socket.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
                                    .getBytes(StandardCharsets.US_ASCII));
                    socket.getInputStream().read();
                } catch (java.io.IOException e) {
                    // the test sees it at the other end
                }
            });
            try (TestGateway gateway = new TestGateway(folder, "http://[::1]:" + server.getLocalPort());
                    RawClient client = new RawClient(gateway.port())) {
                client.write("GET /anthropic/x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
                assertThat(client.readUntil("ok")).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    @Test
    void anAnswerBeforeTheUploadsEndLeavesTheUploadToItsEnd() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try (Socket socket = server.accept()) {
                    socket.getInputStream().read(new byte[4_096]);
                    socket.getOutputStream()
                            .write("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno"
                                    .getBytes(StandardCharsets.US_ASCII));
                    socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
                } catch (java.io.IOException e) {
                    // the test sees it at the other end
                }
            });
            try (TestGateway gateway = new TestGateway(folder, "http://127.0.0.1:" + server.getLocalPort());
                    RawClient client = new RawClient(gateway.port())) {
                client.write("POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 300000\r\n\r\n");
                client.write("x".repeat(100_000));
                assertThat(client.readUntil("no")).startsWith("HTTP/1.1 413 ");
                client.write("x".repeat(200_000));
                Row row = gateway.rows(ExchangeRow.DATASET, 1).getFirst();
                assertThat(row.value("request_bytes")).contains(300_000L);
                assertThat(row.value("outcome")).contains("completed");
                // The connection goes on, and the provider's has ended.
                client.write("HEAD /v1/unknown HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
                client.readUntil("HTTP/1.1 ");
            }
        }
    }

    /// Who gives up on a provider that has failed already is not all there is to say.
    @Test
    void theProvidersFailureIsToldThoughTheClientGoesFirst() throws Exception {
        try (ServerSocket provider = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try (Socket connection = provider.accept()) {
                    connection.getInputStream().read();
                    connection.setSoLinger(true, 0);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            try (TestGateway gateway = new TestGateway(folder, "http://127.0.0.1:" + provider.getLocalPort())) {
                try (Socket client = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
                    client.getOutputStream()
                            .write(("POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 3000000\r\n\r\n"
                                            + "x".repeat(1_000))
                                    .getBytes(StandardCharsets.UTF_8));
                    client.getOutputStream().flush();
                    Thread.sleep(500);
                }
                Row exchange = gateway.rows(ExchangeRow.DATASET, 1).getFirst();
                assertThat(exchange.value("outcome")).contains("client_aborted");
                assertThat(exchange.value("error").orElseThrow().toString())
                        .contains("closed the connection before it answered", "then the client went away");
            }
        }
    }

    @Test
    void aProxyOfTheNetworkIsUsedWhenTheConfigNamesOne() throws Exception {
        try (FakeProvider proxy = new FakeProvider((_, out) -> out.respond(200, "text/plain", "by proxy"));
                TestGateway gateway = new TestGateway(
                        folder,
                        TestGateway.config(
                                "anthropic",
                                "http://provider.example:8080",
                                ", \"upstream_proxy\": \"" + proxy.url() + "\""));
                RawClient client = new RawClient(gateway.port())) {
            client.write("GET /anthropic/x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
            assertThat(client.readUntil("by proxy")).startsWith("HTTP/1.1 200 ");
            assertThat(proxy.requests().getFirst().line()).isEqualTo("GET http://provider.example:8080/x HTTP/1.1");
        }
    }
}
