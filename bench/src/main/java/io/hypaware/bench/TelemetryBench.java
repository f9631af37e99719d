package io.hypaware.bench;

import com.google.protobuf.ByteString;
import io.hypaware.bench.report.Figures;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import org.HdrHistogram.Histogram;

/// 100,000 spans a minute beside calls: whether each that was acknowledged is a row, what gateway and worker take, and
/// what calls wait longer than without.
public final class TelemetryBench {

    private static final int SPANS_A_MINUTE = 100_000;

    /// As the SDK's batch processor sends them.
    private static final int BATCH = 512;

    private static final int CALLS_A_ROUND = 20;
    private static final int CALL_BYTES = 64 * 1024;

    private final Path root;
    private final Path home;
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile double gatewayMb;
    private volatile double workerMb;

    private TelemetryBench(Path root, Path home) {
        this.root = root;
        this.home = home;
    }

    public static void main(String[] arguments) throws Exception {
        Path root = Path.of(arguments[0]);
        int seconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 300;
        Path home = Files.createTempDirectory("telemetry");
        int telemetry = Child.freePort();
        Figures figures = Figures.open();
        try (Child provider = Child.java(Provider.class);
                Child gateway = Child.receivingGateway(root, home, provider.port(), telemetry)) {
            new TelemetryBench(root, home).compare(figures, provider, gateway, telemetry, seconds);
        }
        System.exit(figures.exitCode());
    }

    private void compare(Figures figures, Child provider, Child gateway, int telemetry, int seconds) throws Exception {
        Thread watch = Thread.ofPlatform().daemon().start(() -> watch(gateway));
        // So that the compilers are done with the calls.
        calls(provider, gateway, 10);
        Added without = calls(provider, gateway, Math.max(15, seconds / 5));
        figures.say("a worker, peak RSS before telemetry came", workerMb, "MB");
        Thread exporter = Thread.ofPlatform().start(() -> export(telemetry, seconds));
        Added with = calls(provider, gateway, seconds);
        exporter.join();
        long rows = rows();
        // A query does not wait for a worker that is at it.
        for (int i = 0; i < 30 && rows < acknowledged.get(); i++) {
            Thread.sleep(1_000);
            rows = rows();
        }
        over.set(true);
        watch.join();
        figures.count("spans sent in %d s, 100,000 a minute".formatted(seconds), sent.get());
        figures.atLeast("of them acknowledged", 99, 100.0 * acknowledged.get() / sent.get(), "%");
        figures.exactly("of the acknowledged ones rows", acknowledged.get(), rows);
        figures.atMost("gateway, peak RSS", 220, gatewayMb, "MB");
        figures.atMost("a worker, peak RSS", 384, workerMb, "MB");
        figures.say("added to a call, without telemetry beside it, p50", without.p50(), "ms");
        figures.say("added to a call, without telemetry beside it, p99", without.p99(), "ms");
        figures.say("added to a call, with it, p50", with.p50(), "ms");
        figures.say("added to a call, with it, p99", with.p99(), "ms");
    }

    /// What the gateway adds to a call, in milliseconds.
    private record Added(double p50, double p99) {}

    /// Calls for a while, some of them directly, so that both meet the same machine.
    private static Added calls(Child provider, Child gateway, int seconds) throws InterruptedException {
        Histogram direct = new Histogram(60_000_000L, 3);
        Histogram through = new Histogram(60_000_000L, 3);
        Load toProvider = new Load(provider.port(), "events=12", CALL_BYTES);
        Load toGateway = new Load(gateway.port(), "events=12", CALL_BYTES);
        long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        while (System.nanoTime() < end) {
            direct.add(toProvider.run(1, CALLS_A_ROUND).micros());
            through.add(toGateway.run(1, CALLS_A_ROUND).micros());
            Thread.sleep(300);
        }
        return new Added(
                (through.getValueAtPercentile(50) - direct.getValueAtPercentile(50)) / 1_000.0,
                (through.getValueAtPercentile(99) - direct.getValueAtPercentile(99)) / 1_000.0);
    }

    private void export(int port, int seconds) {
        long pauseNanos = 60_000_000_000L * BATCH / SPANS_A_MINUTE;
        long next = System.nanoTime();
        long end = next + Duration.ofSeconds(seconds).toNanos();
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            while (next < end) {
                send(client, port);
                next += pauseNanos;
                long wait = next - System.nanoTime();
                if (wait > 0) {
                    Thread.sleep(Duration.ofNanos(wait));
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void send(HttpClient client, int port) throws IOException, InterruptedException {
        long first = sent.getAndAdd(BATCH);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            batch(first).writeTo(out);
        }
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/traces"))
                .header("content-type", "application/x-protobuf")
                .header("content-encoding", "gzip")
                .POST(BodyPublishers.ofByteArray(packed.toByteArray()))
                .build();
        if (client.send(request, BodyHandlers.discarding()).statusCode() == 200) {
            acknowledged.addAndGet(BATCH);
        }
    }

    private static ExportTraceServiceRequest batch(long first) {
        ScopeSpans.Builder spans = ScopeSpans.newBuilder();
        long now = Instant.now().toEpochMilli() * 1_000_000;
        for (long number = first; number < first + BATCH; number++) {
            spans.addSpans(Span.newBuilder()
                    .setTraceId(ByteString.copyFrom(ByteBuffer.allocate(16)
                            .putLong(number / 20 + 1)
                            .putLong(7)
                            .array()))
                    .setSpanId(ByteString.copyFrom(
                            ByteBuffer.allocate(8).putLong(number + 1).array()))
                    .setName("chat " + number % 50)
                    .setKind(Span.SpanKind.SPAN_KIND_CLIENT)
                    .setStartTimeUnixNano(now)
                    .setEndTimeUnixNano(now + 1_000_000 + number % 1_000)
                    .addAttributes(text("gen_ai.operation.name", "chat"))
                    .addAttributes(text("gen_ai.request.model", "model-" + number % 5))
                    .addAttributes(text("gen_ai.conversation.id", "conversation-" + number / 100))
                    .addAttributes(text("server.address", "api.example.com"))
                    .addAttributes(text(
                            "note",
                            Long.toHexString(number * 0x9e3779b97f4a7c15L).repeat(4))));
        }
        return ExportTraceServiceRequest.newBuilder()
                .addResourceSpans(ResourceSpans.newBuilder()
                        .setResource(Resource.newBuilder().addAttributes(text("service.name", "bench")))
                        .addScopeSpans(spans))
                .build();
    }

    private static KeyValue text(String key, String value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setStringValue(value))
                .build();
    }

    /// Notes what the gateway and its workers take at most.
    private void watch(Child gateway) {
        ProcessHandle handle = ProcessHandle.of(gateway.process().pid()).orElseThrow();
        while (!over.get()) {
            gatewayMb = Math.max(gatewayMb, gateway.rssMb());
            handle.descendants().forEach(worker -> workerMb = Math.max(workerMb, Child.residentMb(worker.pid())));
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /// How many different spans are rows.
    private long rows() throws IOException, InterruptedException {
        ProcessBuilder query = new ProcessBuilder(
                root.resolve("hyp").toString(),
                "query",
                "sql",
                "select count(distinct \"spanId\") from traces where \"serviceName\" = 'bench'",
                "--format",
                "jsonl");
        query.environment().put("HYP_HOME", home.toString());
        Process process = query.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return Long.parseLong(
                said.replaceAll(".*:\\s*\"?(\\d+)\"?\\s*}\\s*", "$1").strip());
    }
}
