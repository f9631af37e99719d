package io.hypaware.bench;

import com.google.protobuf.ByteString;
import com.sun.management.OperatingSystemMXBean;
import io.hypaware.bench.report.Figures;
import io.hypaware.config.ConfigFile;
import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import io.hypaware.journal.TelemetryRequest;
import io.hypaware.maintain.Flush;
import io.hypaware.maintain.Settle;
import io.hypaware.maintain.Writing;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/// What the projection of telemetry costs, in a process like the worker's: many requests as an SDK sends them, and few
/// large ones. Beside it somebody asks for the journal's write lock all the time, as the gateway does.
public final class SpansBench {

    private static final int BATCH = 512;
    private static final int LARGE = 100_000;
    private static final String[] OPERATIONS = {"chat", "execute_tool", "invoke_agent", "embeddings"};

    private final Random random = new Random(18);

    /// @param arguments the folder of the program, then how many spans
    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("settle")) {
            settle(new Cache(Path.of(arguments[1])), Integer.parseInt(arguments[2]), arguments[3]);
            return;
        }
        int spans = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 500_000;
        for (int batch : List.of(BATCH, LARGE)) {
            Path cache = Files.createTempDirectory("hyp-bench");
            long bytes = new SpansBench().record(cache, spans, batch);
            String what = String.format(Locale.ROOT, "requests of %,d spans", batch);
            Figures.open().say(what + ": a span as sent", (double) bytes / spans, "bytes");
            Child.worker(SpansBench.class, "settle", cache.toString(), Integer.toString(spans), what);
        }
    }

    private static void settle(Cache cache, int spans, String what) throws Exception {
        Logger.getLogger("").setLevel(Level.WARNING);
        Figures figures = Figures.open();
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        try (LockProbe probe = LockProbe.of(cache.journal())) {
            long began = System.nanoTime();
            long processor = system.getProcessCpuTime();
            new Settle(cache, Writing.whole("bench"), Clock.systemUTC()).run();
            double micros = (system.getProcessCpuTime() - processor - probe.processorNanos()) / 1e3;
            figures.say(what + ": projection of a span, processor", micros / spans, "µs");
            figures.say(what + ": by the clock", (System.nanoTime() - began) / 1e3 / spans, "µs");
            figures.atMost(what + ": longest wait for the write lock", 50, probe.longestMillis(), "ms");
            figures.say(what + ": the journal", Files.size(cache.journal()) / 1e6, "MB");
        }
        long began = System.nanoTime();
        new Flush(
                        cache,
                        ConfigFile.read(cache.folder().resolve("none"))
                                .config()
                                .query()
                                .cache()
                                .maintenance(),
                        _ -> {})
                .run();
        long bytes;
        try (Stream<Path> files = Files.walk(cache.tables())) {
            bytes = files.filter(file -> file.toString().endsWith(".parquet"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
        figures.say(what + ": flush of a span", (System.nanoTime() - began) / 1e3 / spans, "µs");
        figures.say(what + ": a span in the lake", (double) bytes / spans, "bytes");
        figures.atMost(
                what + ": peak RSS", 384, Child.peakMb(ProcessHandle.current().pid()), "MB");
    }

    private long record(Path cache, int spans, int batch) throws IOException {
        long bytes = 0;
        long nanos = Instant.now().minusSeconds(600).getEpochSecond() * 1_000_000_000L;
        try (Journal journal = Journal.open(new Cache(cache).journal())) {
            for (int i = 0; i < spans; i += batch) {
                ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
                var resource = request.addResourceSpansBuilder()
                        .setResource(Resource.newBuilder()
                                .addAttributes(text("service.name", "shop-" + i % 3))
                                .addAttributes(text("service.version", "1.4.2"))
                                .addAttributes(text("telemetry.sdk.language", "java"))
                                .addAttributes(text("telemetry.sdk.name", "opentelemetry"))
                                .addAttributes(text("host.name", "workstation"))
                                .addAttributes(text("process.pid", "4711")));
                var scope = resource.addScopeSpansBuilder()
                        .setScope(InstrumentationScope.newBuilder().setName("io.shop.agent"));
                for (int s = 0; s < Math.min(batch, spans - i); s++) {
                    scope.addSpans(span(nanos += 600_000));
                }
                byte[] body = gzip(request.build().toByteArray());
                bytes += body.length;
                journal.telemetry()
                        .add(new TelemetryRequest(
                                TelemetryRequest.Signal.TRACES,
                                "application/x-protobuf",
                                "gzip",
                                Instant.ofEpochSecond(0, nanos),
                                body));
            }
        }
        return bytes;
    }

    private Span span(long nanos) {
        byte[] trace = new byte[16];
        byte[] id = new byte[8];
        random.nextBytes(trace);
        random.nextBytes(id);
        String operation = OPERATIONS[random.nextInt(OPERATIONS.length)];
        return Span.newBuilder()
                .setTraceId(ByteString.copyFrom(trace))
                .setSpanId(ByteString.copyFrom(id))
                .setParentSpanId(ByteString.copyFrom(id).substring(0, 8))
                .setName(operation + " of the shop")
                .setKind(Span.SpanKind.SPAN_KIND_CLIENT)
                .setStartTimeUnixNano(nanos)
                .setEndTimeUnixNano(nanos + random.nextInt(50_000_000))
                .addAttributes(text("gen_ai.operation.name", operation))
                .addAttributes(text("gen_ai.provider.name", "anthropic"))
                .addAttributes(text("gen_ai.request.model", "model-" + random.nextInt(4)))
                .addAttributes(text("session.id", "session-" + random.nextInt(50)))
                .addAttributes(number("gen_ai.usage.input_tokens", random.nextInt(100_000)))
                .addAttributes(number("gen_ai.usage.output_tokens", random.nextInt(4_000)))
                .addAttributes(text("http.url", "https://shop.example/items/" + random.nextInt(10_000)))
                .build();
    }

    private static KeyValue text(String key, String value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setStringValue(value))
                .build();
    }

    private static KeyValue number(String key, long value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setIntValue(value))
                .build();
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private SpansBench() {}
}
