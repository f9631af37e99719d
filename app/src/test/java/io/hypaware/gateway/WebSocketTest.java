package io.hypaware.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.journal.CapturedExchange;
import io.hypaware.journal.Direction;
import io.hypaware.journal.Outcome;
import io.hypaware.testing.FakeProvider;
import io.hypaware.testing.RawClient;
import io.hypaware.testing.TestGateway;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A WebSocket through the gateway is one without it, byte for byte, and what passed stands in the journal.
class WebSocketTest {

    private static final String ASK = """
            GET /v1/responses HTTP/1.1\r
            Host: 127.0.0.1\r
            Connection: keep-alive, Upgrade\r
            Upgrade: websocket\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Protocol: one, two\r
            Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r
            Authorization: Bearer sk-test\r
            X-Odd-Case: kept\r
            \r
            """;

    private static final String AGREED = "HTTP/1.1 101 Switching Protocols\r\n" + "Upgrade: websocket\r\n"
            + "Connection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
            + "Sec-WebSocket-Protocol: two\r\n"
            + "X-Provider: yes\r\n\r\n";

    @TempDir
    private Path folder;

    @Test
    void framesPassAsTheyAreAndStandInTheJournal() throws Exception {
        byte[] hello = {(byte) 0x81, (byte) 0x85, 1, 2, 3, 4, 'h' ^ 1, 'e' ^ 2, 'l' ^ 3, 'l' ^ 4, 'o' ^ 1};
        byte[] answer = {(byte) 0x81, 2, 'h', 'i'};
        CountDownLatch done = new CountDownLatch(1);
        byte[][] heard = new byte[1][];
        try (FakeProvider provider = new FakeProvider((request, connection) -> {
                    connection.write(AGREED);
                    heard[0] = connection.read(hello.length);
                    connection.write(answer);
                    done.await(10, TimeUnit.SECONDS);
                    connection.close();
                });
                TestGateway gateway = new TestGateway(folder, TestGateway.config("openai", provider.url(), ""));
                RawClient client = new RawClient(gateway.port())) {
            client.write(ASK);
            String head = client.readUntil("\r\n\r\n");
            client.write(hello);
            String said = client.readUntil("hi");
            done.countDown();
            String rest = client.readAll();

            assertThat(head).isEqualTo(AGREED);
            assertThat(said.getBytes(StandardCharsets.ISO_8859_1)).isEqualTo(answer);
            assertThat(rest).isEmpty();
            assertThat(heard[0]).isEqualTo(hello);
            FakeProvider.Request asked = provider.requests().getFirst();
            assertThat(asked.line()).isEqualTo("GET /v1/responses HTTP/1.1");
            assertThat(asked.headerLines())
                    .contains(
                            "Connection: Upgrade",
                            "Upgrade: websocket",
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                            "Sec-WebSocket-Protocol: one, two",
                            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
                            "Authorization: Bearer sk-test",
                            "X-Odd-Case: kept");
            CapturedExchange captured = gateway.closed().getFirst();
            assertThat(captured.status()).contains(101);
            assertThat(captured.outcome()).isEqualTo(Outcome.COMPLETED);
            assertThat(captured.closedBy()).isEqualTo("upstream");
            assertThat(captured.requestBytes()).isEqualTo(hello.length);
            assertThat(captured.requestHeader("authorization").orElseThrow()).doesNotContain("sk-test");
            assertThat(recorded(gateway, captured, Direction.REQUEST)).isEqualTo(hello);
            assertThat(recorded(gateway, captured, Direction.RESPONSE)).isEqualTo(answer);
            assertThat(gateway.gateway().stats().openCalls()).isZero();
        }
    }

    @Test
    void aConnectionThatCarriesMuchGoesOnInAFurtherRecording() throws Exception {
        byte[] message = new byte[14 + (5 << 20)];
        ByteBuffer.wrap(message).put((byte) 0x82).put((byte) 0xff).putLong(5 << 20);
        byte[] pong = {(byte) 0x8a, (byte) 0x80, 0, 0, 0, 0};
        byte[] answer = {(byte) 0x81, 2, 'h', 'i'};
        try (FakeProvider provider = new FakeProvider((_, connection) -> {
                    connection.write(AGREED);
                    for (int i = 0; i < 4; i++) {
                        connection.read(message.length + (i == 3 ? 0 : pong.length));
                        connection.write(answer);
                    }
                    connection.awaitClose();
                });
                TestGateway gateway = new TestGateway(folder, TestGateway.config("openai", provider.url(), ""))) {
            try (RawClient client = new RawClient(gateway.port())) {
                client.write(ASK);
                client.readUntil("\r\n\r\n");
                for (int i = 0; i < 4; i++) {
                    client.write(message);
                    if (i < 3) {
                        client.write(pong);
                    }
                    client.readUntil("hi");
                }
            }
            List<CapturedExchange> recordings = gateway.closed(2);
            // A frame of control begins none: an answer may be on its way.
            assertThat(recordings).hasSize(2).allMatch(CapturedExchange::isWebSocket);
            assertThat(recordings.getLast().connection())
                    .contains(recordings.getFirst().id());
            assertThat(recordings.getFirst().requestBytes()).isEqualTo(2L * (message.length + pong.length));
            assertThat(recordings.stream()
                            .mapToLong(CapturedExchange::responseBytes)
                            .sum())
                    .isEqualTo(4L * answer.length);
        }
    }

    @Test
    void anAnswerThatDoesNotAgreePassesAsAnyOther() throws Exception {
        try (FakeProvider provider = new FakeProvider(
                        (_, connection) -> connection.respond(401, "application/json", "{\"error\":\"no\"}"));
                TestGateway gateway = new TestGateway(folder, TestGateway.config("openai", provider.url(), ""));
                RawClient client = new RawClient(gateway.port())) {
            client.write(ASK);
            assertThat(client.readUntil("{\"error\":\"no\"}")).startsWith("HTTP/1.1 401 ");
            // The connection is of use for the next call.
            client.write("GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer sk-test\r\n\r\n");
            assertThat(client.readUntil("{\"error\":\"no\"}")).startsWith("HTTP/1.1 401 ");
            assertThat(gateway.closed(2).getFirst().status()).contains(401);
        }
    }

    @Test
    void whatAClientSaidBeforeItWentReachesASlowProvider() throws Exception {
        int size = 3 << 20;
        byte[] message = new byte[14 + size];
        ByteBuffer.wrap(message).put((byte) 0x82).put((byte) 0xff).putLong(size);
        CountDownLatch gone = new CountDownLatch(1);
        int[] heard = new int[1];
        try (FakeProvider provider = new FakeProvider((_, connection) -> {
                    connection.write(AGREED);
                    gone.await(10, TimeUnit.SECONDS);
                    heard[0] = connection.read(message.length).length;
                    connection.awaitClose();
                });
                TestGateway gateway = new TestGateway(folder, TestGateway.config("openai", provider.url(), ""))) {
            try (RawClient client = new RawClient(gateway.port())) {
                client.write(ASK);
                client.readUntil("\r\n\r\n");
                Thread writer = Thread.ofPlatform().start(() -> {
                    try {
                        client.write(message);
                        client.endOutput();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
                gone.countDown();
                writer.join();
                client.readAll();
            }
            CapturedExchange captured = gateway.closed().getFirst();
            assertThat(heard[0]).isEqualTo(message.length);
            assertThat(captured.requestBytes()).isEqualTo(message.length);
            assertThat(captured.closedBy()).isEqualTo("client");
        }
    }

    @Test
    void framesBeforeTheAnswerAreRefused() throws Exception {
        try (FakeProvider provider = new FakeProvider((_, connection) -> {
                    connection.write(AGREED);
                    connection.awaitClose();
                });
                TestGateway gateway = new TestGateway(folder, TestGateway.config("openai", provider.url(), ""));
                RawClient client = new RawClient(gateway.port())) {
            client.write(ASK + "early");
            assertThat(client.readUntil("}"))
                    .startsWith("HTTP/1.1 400 ")
                    .contains("frames were sent before the answer");
        }
    }

    @Test
    void aProviderOutOfReachIsAnError() throws Exception {
        try (TestGateway gateway = new TestGateway(folder, TestGateway.config("openai", "http://127.0.0.1:1", ""));
                RawClient client = new RawClient(gateway.port())) {
            client.write(ASK);
            assertThat(client.readUntil("}")).startsWith("HTTP/1.1 502 ");
        }
    }

    @Test
    void whoGoesFirstIsToldToTheOtherAndWrittenDown() throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        try (FakeProvider provider = new FakeProvider((_, connection) -> {
                    connection.write(AGREED);
                    connection.awaitClose();
                    gone.countDown();
                });
                TestGateway gateway = new TestGateway(folder, TestGateway.config("openai", provider.url(), ""))) {
            try (RawClient client = new RawClient(gateway.port())) {
                client.write(ASK);
                client.readUntil("\r\n\r\n");
            }
            assertThat(gone.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(gateway.closed().getFirst().closedBy()).isEqualTo("client");
        }
    }

    @Test
    void aFrameThatIsCutIsACut() throws Exception {
        try (FakeProvider provider = new FakeProvider((_, connection) -> {
                    connection.write(AGREED);
                    connection.write(new byte[] {(byte) 0x81, 100, 'h', 'a', 'l', 'f'});
                    connection.reset();
                });
                TestGateway gateway = new TestGateway(folder, TestGateway.config("openai", provider.url(), ""));
                RawClient client = new RawClient(gateway.port())) {
            client.write(ASK);
            client.readAll();
            assertThat(gateway.closed().getFirst().outcome()).isEqualTo(Outcome.UPSTREAM_CUT);
        }
    }

    @Test
    void aSlowReaderHoldsTheOtherSide() throws Exception {
        int size = 40 << 20;
        try (FakeProvider provider = new FakeProvider((_, connection) -> {
                    connection.write(AGREED);
                    byte[] head = {(byte) 0x82, 127, 0, 0, 0, 0, 0, 0, 0, 0};
                    head[6] = (byte) (size >> 24);
                    head[7] = (byte) (size >> 16);
                    head[8] = (byte) (size >> 8);
                    head[9] = (byte) size;
                    connection.write(head);
                    byte[] piece = new byte[1 << 20];
                    for (int i = 0; i < size; i += piece.length) {
                        connection.write(piece);
                    }
                    connection.close();
                });
                TestGateway gateway = new TestGateway(folder, TestGateway.config("openai", provider.url(), ""));
                RawClient client = new RawClient(gateway.port())) {
            client.write(ASK);
            client.readUntil("\r\n\r\n");
            Thread.sleep(500);
            assertThat(gateway.journal().stats().queuedBytes()).isLessThan(16 << 20);
            assertThat(client.countAll()).isEqualTo(10 + size);
        }
    }

    /// What was recorded of one side, without the times.
    private static byte[] recorded(TestGateway gateway, CapturedExchange captured, Direction direction)
            throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(gateway.body(captured, direction)));
        long last = 0;
        while (in.available() > 0) {
            long micros = in.readLong();
            assertThat(micros).isGreaterThan(last);
            last = micros;
            bytes.write(in.readNBytes(in.readInt()));
        }
        return bytes.toByteArray();
    }
}
