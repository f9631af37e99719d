package io.hypaware.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.hypaware.cli.Hyp;
import io.hypaware.home.HypHome;
import io.hypaware.testing.Processes;
import io.hypaware.testing.TestGateway;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole gateway process, killed and replaced while exporters send: what it has acknowledged is rows.
class ReceiverProcessTest {

    private static final int EXPORTERS = 4;

    @TempDir
    private Path root;

    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final AtomicInteger number = new AtomicInteger();
    private final AtomicBoolean over = new AtomicBoolean();

    @Test
    void killedItHasLostNothingOfWhatItAcknowledged() throws Exception {
        int port = configure();
        for (int i = 0; i < 3; i++) {
            Process gateway = Processes.java(Hyp.class, root, "daemon", "run", "--foreground");
            int before = acknowledged.size();
            List<Thread> exporters = exporters(port);
            TestGateway.await(() -> acknowledged.size() > before + 100);
            gateway.destroyForcibly();
            assertThat(gateway.waitFor(10, TimeUnit.SECONDS)).isTrue();
            end(exporters);
        }
        assertKept();
    }

    @Tag("slow")
    @Test
    void replacedItHasLostNothingAndRefusesForAMomentOnly() throws Exception {
        int port = configure();
        Up up = new Up(new HypHome(root), _ -> {});
        GatewayFiles files = new GatewayFiles(new HypHome(root));
        try {
            up.start();
            List<Thread> exporters = exporters(port);
            TestGateway.await(() -> acknowledged.size() > 50);
            for (int i = 0; i < 2; i++) {
                int before = acknowledged.size();
                up.restart();
                TestGateway.await(() -> acknowledged.size() > before + 50);
            }
            // What was acknowledged last may have been by the one before.
            TestGateway.await(
                    () -> status(files).at("/telemetry/signals/logs/requests").asInt() > 0);
            end(exporters);
            assertThat(status(files).at("/telemetry/http/listening").asBoolean())
                    .isTrue();
        } finally {
            if (up.find().presence() instanceof Presence.Answering answering) {
                assertThat(up.stop(answering.address(), true, Duration.ofSeconds(10)))
                        .isTrue();
            }
        }
        assertKept();
    }

    private static JsonNode status(GatewayFiles files) {
        return Presence.of(files) instanceof Presence.Answering answering
                ? answering.status()
                : MissingNode.getInstance();
    }

    private int configure() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Files.writeString(root.resolve("hypaware-config.json"), """
                {"version": 2, "plugins": [{"name": "@hypaware/ai-gateway", "config": {"port": 0}},
                  {"name": "@hypaware/otel", "config": {"listen_port": %d, "grpc_port": 0}}]}""".formatted(port));
        return port;
    }

    /// Each sends one log record after another, as long as the test goes on, whatever becomes of one.
    private List<Thread> exporters(int port) {
        over.set(false);
        List<Thread> exporters = new ArrayList<>();
        for (int i = 0; i < EXPORTERS; i++) {
            exporters.add(Thread.ofPlatform().start(() -> {
                try (HttpClient client = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .build()) {
                    while (!over.get()) {
                        send(client, port, "r" + number.incrementAndGet());
                    }
                }
            }));
        }
        return exporters;
    }

    private void send(HttpClient client, int port, String name) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/logs"))
                .header("content-type", "application/json")
                .timeout(Duration.ofSeconds(5))
                .POST(BodyPublishers.ofString("""
                        {"resourceLogs":[{"scopeLogs":[{"logRecords":[
                          {"timeUnixNano":"%d","eventName":"%s"}]}]}]}""".formatted(Instant.now().toEpochMilli() * 1_000_000, name)))
                .build();
        try {
            if (client.send(request, BodyHandlers.ofString()).statusCode() == 200) {
                acknowledged.add(name);
            }
        } catch (IOException e) {
            // There is no gateway just now; nothing was acknowledged.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void end(List<Thread> exporters) throws InterruptedException {
        over.set(true);
        for (Thread exporter : exporters) {
            exporter.join();
        }
    }

    private void assertKept() throws IOException {
        String rows =
                Processes.output(Hyp.class, root, "query", "sql", "select event_name from logs", "--format", "jsonl");
        List<String> kept = rows.lines()
                .filter(line -> line.contains("event_name"))
                .map(line -> line.replaceAll(".*\"(r\\d+)\".*", "$1"))
                .toList();
        assertThat(kept).containsAll(acknowledged);
    }
}
