package io.hypaware.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.config.ReceiverConfig;
import io.hypaware.journal.TelemetryRecorder;
import io.hypaware.journal.TelemetryRequest;
import io.hypaware.testing.RawClient;
import io.hypaware.testing.TestGateway;
import io.hypaware.testing.TestReceiver;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What exporters can make the receiver hold, and what becomes of what cannot be written.
class ReceiverLimitsTest {

    private static final String HEAD =
            "POST /v1/logs HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-protobuf\r\n";

    @TempDir
    private Path folder;

    /// A disk that writes when the test says so.
    private static final class SlowDisk implements TelemetryRecorder {
        private final Queue<CompletableFuture<Void>> waiting = new ConcurrentLinkedQueue<>();

        @Override
        public CompletableFuture<Void> record(TelemetryRequest request) {
            CompletableFuture<Void> written = new CompletableFuture<>();
            waiting.add(written);
            return written;
        }
    }

    @Test
    void nothingIsAcknowledgedBeforeItIsOnDisk() throws Exception {
        SlowDisk disk = new SlowDisk();
        try (TestReceiver receiver = new TestReceiver(disk, folder, "");
                RawClient first = new RawClient(receiver.port());
                RawClient second = new RawClient(receiver.port())) {
            first.write(HEAD + "content-length: 3\r\n\r\nabc");
            second.write(HEAD + "content-length: 3\r\n\r\nabc");
            TestGateway.await(() -> disk.waiting.size() == 2);
            assertThat(receiver.receiver().stats().signals()).isEmpty();
            disk.waiting.remove().complete(null);
            disk.waiting.remove().completeExceptionally(new IllegalStateException("the disk is full"));
            List<String> answers = new ArrayList<>();
            for (RawClient client : List.of(first, second)) {
                answers.add(client.readUntil("\r\n\r\n"));
            }
            assertThat(answers).anyMatch(answer -> answer.startsWith("HTTP/1.1 200 "));
            // An exporter tries for ten seconds: told of a later time, it gives up and keeps no one waiting.
            assertThat(answers)
                    .anyMatch(answer -> answer.startsWith("HTTP/1.1 503 ") && answer.contains("retry-after: 30\r\n"));
            assertThat(receiver.receiver().stats().failed()).isEqualTo(1);
            assertThat(receiver.receiver().stats().signals().get("logs").requests())
                    .isEqualTo(1);
        }
    }

    @Test
    void overItsBudgetExportersAreToldToComeAgain() throws Exception {
        SlowDisk disk = new SlowDisk();
        String limits = ", \"queue_bytes\": 1048576, \"max_request_bytes\": 1048576";
        try (TestReceiver receiver = new TestReceiver(disk, folder, limits);
                RawClient holds = new RawClient(receiver.port());
                RawClient comes = new RawClient(receiver.port())) {
            holds.write(HEAD + "content-length: 1048576\r\n\r\n");
            holds.write(new byte[1 << 20]);
            TestGateway.await(() -> disk.waiting.size() == 1);
            comes.write(HEAD + "content-length: 3\r\n\r\nabc");
            assertThat(comes.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 429 ").contains("retry-after: 1");
            disk.waiting.remove().complete(null);
            assertThat(holds.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 200 ");
            try (RawClient again = new RawClient(receiver.port())) {
                again.write(HEAD + "content-length: 3\r\n\r\nabc");
                TestGateway.await(() -> disk.waiting.size() == 1);
                disk.waiting.remove().complete(null);
                assertThat(again.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    @Test
    void whoHangsUpGivesBackWhatItHeld() throws Exception {
        SlowDisk disk = new SlowDisk();
        String limits = ", \"queue_bytes\": 1048576, \"max_request_bytes\": 1048576";
        try (TestReceiver receiver = new TestReceiver(disk, folder, limits)) {
            for (int i = 0; i < 4; i++) {
                try (RawClient client = new RawClient(receiver.port())) {
                    client.write(HEAD + "content-length: 1048576\r\n\r\n");
                    client.write(new byte[1_000_000]);
                }
            }
            TestGateway.await(() -> {
                try (RawClient client = new RawClient(receiver.port())) {
                    client.write(HEAD + "content-length: 1000000\r\n\r\n");
                    client.write(new byte[1_000_000]);
                    for (int i = 0; i < 100 && disk.waiting.isEmpty(); i++) {
                        Thread.onSpinWait();
                        Thread.sleep(2);
                    }
                    return !disk.waiting.isEmpty();
                } catch (IOException | InterruptedException e) {
                    return false;
                }
            });
        }
    }

    @Test
    void whoHangsUpBeforeItsAnswerCostsNoOneElse() throws Exception {
        SlowDisk disk = new SlowDisk();
        try (TestReceiver receiver = new TestReceiver(disk, folder, "")) {
            try (RawClient client = new RawClient(receiver.port())) {
                client.write(HEAD + "content-length: 3\r\n\r\nabc");
                TestGateway.await(() -> disk.waiting.size() == 1);
            }
            disk.waiting.remove().complete(null);
            // It is on disk, whoever hears of it.
            TestGateway.await(() -> receiver.receiver().stats().signals().containsKey("logs"));
            assertThat(receiver.receiver().await(true, Duration.ofSeconds(10))).isTrue();
            assertThat(receiver.receiver().budget().bytes()).isZero();
            assertThat(receiver.receiver().budget().isIdle()).isTrue();
        }
    }

    /// As a client offers HTTP/2 that does not know whether it is spoken.
    @Test
    void aConnectionThatIsUpgradedHasTheSameLimits() throws Exception {
        try (TestReceiver receiver = new TestReceiver(folder, ", \"max_request_bytes\": 1024");
                RawClient client = new RawClient(receiver.grpcPort())) {
            client.write("POST /v1/logs HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
                    + "connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAEAAEAA\r\n"
                    + "content-length: 4000000\r\n\r\n");
            client.write(new byte[4_000_000]);
            TestGateway.await(() -> receiver.receiver().stats().refused() > 0);
            assertThat(receiver.receiver().budget().bytes()).isZero();
            try (RawClient other = new RawClient(receiver.grpcPort())) {
                other.write(HEAD + "content-length: 3\r\n\r\nabc");
                assertThat(other.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 200 ");
            }
            assertThat(receiver.kept()).hasSize(1);
        }
    }

    @Test
    void overTheNumberOfConnectionsTheLongestIdleIsClosed() throws Exception {
        List<RawClient> clients = new ArrayList<>();
        try (TestReceiver receiver = new TestReceiver(folder, ", \"max_connections\": 4")) {
            for (int i = 0; i < 12; i++) {
                RawClient client = new RawClient(receiver.port());
                clients.add(client);
            }
            RawClient last = clients.getLast();
            last.write(HEAD + "content-length: 3\r\n\r\nabc");
            assertThat(last.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 200 ");
            assertThat(clients.getFirst().readAll()).isIn("", "<reset>");
            assertThat(receiver.receiver().stats().refused()).isEqualTo(8);
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    /// One that sends a byte now and then keeps its place only for so long.
    @Test
    void whatArrivesTooSlowlyIsClosed() {
        Tally tally = new Tally();
        ExporterConnections connections = new ExporterConnections(4, tally);
        EmbeddedChannel slow = new EmbeddedChannel(new ExporterConnection(connections));
        EmbeddedChannel quiet = new EmbeddedChannel(new ExporterConnection(connections));
        slow.writeInbound(Unpooled.wrappedBuffer(new byte[] {'P'}));
        slow.writeInbound(Unpooled.wrappedBuffer(new byte[] {'O'}));
        connections.round(System.nanoTime() + Duration.ofSeconds(29).toNanos());
        assertThat(slow.isOpen()).isTrue();
        connections.round(System.nanoTime() + Duration.ofSeconds(31).toNanos());
        assertThat(slow.isOpen()).isFalse();
        assertThat(quiet.isOpen()).isTrue();
        connections.round(System.nanoTime() + Duration.ofMinutes(6).toNanos());
        assertThat(quiet.isOpen()).isFalse();
    }

    @Test
    void aPortInUseIsTriedAgainUntilItIsFree() throws Exception {
        ServerSocket held = new ServerSocket();
        held.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
        Receiver receiver = new Receiver(
                new ReceiverConfig("127.0.0.1", held.getLocalPort(), 0, false, List.of(), 1024, 1 << 20, 4, 1 << 30),
                new SlowDisk(),
                Clock.systemUTC());
        try (receiver) {
            receiver.listen();
            TestGateway.await(() -> receiver.stats().grpc().listening()
                    && receiver.stats().http().error().orElse("").contains("held by pid"));
            assertThat(receiver.stats().http().listening()).isFalse();
            held.close();
            TestGateway.await(() -> receiver.stats().http().listening());
            assertThat(receiver.stats().http().error()).isEmpty();
        }
    }

    /// What is asked on a connection that is here is answered, and the answer says that it is the last.
    @Test
    void handingOverItLetsGoOfItsPortsFirst() throws Exception {
        try (TestReceiver receiver = new TestReceiver(folder);
                RawClient client = new RawClient(receiver.port())) {
            client.write(HEAD + "content-length: 3\r\n\r\nabc");
            assertThat(client.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 200 ");
            int port = receiver.port();
            receiver.receiver().stopListening();
            try (ServerSocket _ = boundSoon(port)) {
                client.write(HEAD + "content-length: 3\r\n\r\nabc");
                assertThat(client.readAll()).startsWith("HTTP/1.1 200 ").contains("connection: close");
                assertThat(receiver.receiver().await(true, Duration.ofSeconds(10)))
                        .isTrue();
            }
            assertThat(receiver.kept()).hasSize(2);
        }
    }

    /// As the next gateway does it, which tries until the port is let go of.
    private static ServerSocket boundSoon(int port) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port);
        ServerSocket next = new ServerSocket();
        next.setReuseAddress(true);
        TestGateway.await(() -> isBound(next, address));
        return next;
    }

    private static boolean isBound(ServerSocket socket, InetSocketAddress address) {
        try {
            socket.bind(address);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
