package io.hypaware.testing;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import io.hypaware.journal.Problem;
import io.hypaware.journal.TelemetryRequest;
import io.hypaware.journal.TelemetryRequest.Signal;
import io.hypaware.maintain.Settle;
import io.hypaware.maintain.Writing;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/// A cache into which tests put what exporters sent, as the receiver would.
public final class SentTelemetry {

    public static final String PROTOBUF = "application/x-protobuf";
    public static final String JSON = "application/json";

    private static final Resource RESOURCE =
            Resource.newBuilder().addAttributes(text("service.name", "shop")).build();
    private static final InstrumentationScope SCOPE =
            InstrumentationScope.newBuilder().setName("tests").setVersion("1").build();

    private final Path cache;
    private Instant now = Instant.parse("2026-03-01T10:00:00Z");

    public SentTelemetry(Path cache) {
        this.cache = new Cache(cache).make().folder();
    }

    public void send(MessageLite request) {
        send(signal(request), PROTOBUF, "", request.toByteArray());
    }

    public void sendJson(Signal signal, String json) {
        send(signal, JSON, "", json.getBytes(StandardCharsets.UTF_8));
    }

    public void send(Signal signal, String type, String encoding, byte[] body) {
        now = now.plusSeconds(1);
        sendAt(now, signal, type, encoding, body);
    }

    /// The same at another time.
    public void sendAt(Instant at, MessageLite request) {
        sendAt(at, signal(request), PROTOBUF, "", request.toByteArray());
    }

    private void sendAt(Instant at, Signal signal, String type, String encoding, byte[] body) {
        try (Journal journal = Journal.open(cache.resolve("journal.db"))) {
            journal.telemetry().add(new TelemetryRequest(signal, type, encoding, at, body));
        }
    }

    private static Signal signal(MessageLite request) {
        return switch (request) {
            case ExportLogsServiceRequest _ -> Signal.LOGS;
            case ExportTraceServiceRequest _ -> Signal.TRACES;
            case ExportMetricsServiceRequest _ -> Signal.METRICS;
            default -> throw new IllegalArgumentException("no request of an exporter");
        };
    }

    public void settle() {
        try {
            new Settle(new Cache(cache), Writing.whole("gw"), Clock.systemUTC()).run();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// What a query sees once all that is pending is projected.
    public List<String> values(String sql) throws Exception {
        settle();
        return Queries.values(cache, sql);
    }

    /// What could not be projected.
    public List<String> problems() {
        try (Journal journal = Journal.open(cache.resolve("journal.db"))) {
            return journal.problems().newest(100).stream().map(Problem::message).toList();
        }
    }

    /// How many requests wait, and how many are set aside.
    public String left() {
        try (Journal journal = Journal.open(cache.resolve("journal.db"))) {
            return journal.stats().telemetry().pending() + " pending, "
                    + journal.stats().telemetry().failed() + " failed";
        }
    }

    public static KeyValue text(String key, String value) {
        return attribute(key, AnyValue.newBuilder().setStringValue(value));
    }

    public static KeyValue attribute(String key, AnyValue.Builder value) {
        return KeyValue.newBuilder().setKey(key).setValue(value).build();
    }

    public static ByteString id(String hex) {
        return ByteString.copyFrom(HexFormat.of().parseHex(hex));
    }

    public static ExportLogsServiceRequest logs(LogRecord.Builder... logs) {
        ScopeLogs.Builder scope = ScopeLogs.newBuilder().setScope(SCOPE);
        for (LogRecord.Builder log : logs) {
            scope.addLogRecords(log);
        }
        return ExportLogsServiceRequest.newBuilder()
                .addResourceLogs(ResourceLogs.newBuilder().setResource(RESOURCE).addScopeLogs(scope))
                .build();
    }

    public static ExportTraceServiceRequest spans(Span.Builder... spans) {
        ScopeSpans.Builder scope = ScopeSpans.newBuilder().setScope(SCOPE);
        for (Span.Builder span : spans) {
            scope.addSpans(span);
        }
        return ExportTraceServiceRequest.newBuilder()
                .addResourceSpans(
                        ResourceSpans.newBuilder().setResource(RESOURCE).addScopeSpans(scope))
                .build();
    }

    public static ExportMetricsServiceRequest metrics(Metric.Builder... metrics) {
        ScopeMetrics.Builder scope = ScopeMetrics.newBuilder().setScope(SCOPE);
        for (Metric.Builder metric : metrics) {
            scope.addMetrics(metric);
        }
        return ExportMetricsServiceRequest.newBuilder()
                .addResourceMetrics(
                        ResourceMetrics.newBuilder().setResource(RESOURCE).addScopeMetrics(scope))
                .build();
    }

    public static LogRecord.Builder log(String body) {
        return LogRecord.newBuilder()
                .setTimeUnixNano(1_760_000_000_123_456_789L)
                .setBody(AnyValue.newBuilder().setStringValue(body));
    }

    public static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
