package io.hypaware.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.MessageLite;
import io.hypaware.home.Cache;
import io.hypaware.maintain.Flush;
import io.hypaware.maintain.Settle;
import io.hypaware.maintain.Writing;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Queries;
import io.hypaware.testing.TestGateway;
import io.hypaware.testing.TestReceiver;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.exporter.internal.marshal.Marshaler;
import io.opentelemetry.exporter.internal.otlp.logs.LogsRequestMarshaler;
import io.opentelemetry.exporter.internal.otlp.metrics.MetricsRequestMarshaler;
import io.opentelemetry.exporter.internal.otlp.traces.TraceRequestMarshaler;
import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.logs.OtlpGrpcLogRecordExporter;
import io.opentelemetry.exporter.otlp.metrics.OtlpGrpcMetricExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.data.LogRecordData;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import io.opentelemetry.sdk.logs.export.SimpleLogRecordProcessor;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.testing.exporter.InMemoryLogRecordExporter;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the OpenTelemetry SDK's own exporters send arrives as they say it, they hear that it did, and a query
/// reads what was made.
class ExportersTest {

    @TempDir
    private Path folder;

    private List<SpanData> spans = List.of();
    private List<LogRecordData> logs = List.of();
    private Collection<MetricData> metrics = List.of();

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip"})
    void overHttp(String compression) throws Exception {
        record();
        try (TestReceiver receiver = new TestReceiver(folder)) {
            String url = "http://127.0.0.1:" + receiver.port();
            try (SpanExporter exporter = OtlpHttpSpanExporter.builder()
                            .setEndpoint(url + "/v1/traces")
                            .setCompression(compression)
                            .build();
                    LogRecordExporter logExporter = OtlpHttpLogRecordExporter.builder()
                            .setEndpoint(url + "/v1/logs")
                            .setCompression(compression)
                            .build();
                    MetricExporter metricExporter = OtlpHttpMetricExporter.builder()
                            .setEndpoint(url + "/v1/metrics")
                            .setCompression(compression)
                            .build()) {
                export(exporter, logExporter, metricExporter);
            }
            assertThat(receiver.kept())
                    .extracting(TestReceiver.Kept::contentEncoding)
                    .containsOnly(compression.equals("none") ? "" : compression);
            assertKept(receiver);
        }
        assertRows();
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip"})
    void overGrpc(String compression) throws Exception {
        record();
        try (TestReceiver receiver = new TestReceiver(folder)) {
            String url = "http://127.0.0.1:" + receiver.grpcPort();
            try (SpanExporter exporter = OtlpGrpcSpanExporter.builder()
                            .setEndpoint(url)
                            .setCompression(compression)
                            .build();
                    LogRecordExporter logExporter = OtlpGrpcLogRecordExporter.builder()
                            .setEndpoint(url)
                            .setCompression(compression)
                            .build();
                    MetricExporter metricExporter = OtlpGrpcMetricExporter.builder()
                            .setEndpoint(url)
                            .setCompression(compression)
                            .build()) {
                export(exporter, logExporter, metricExporter);
            }
            assertThat(receiver.kept())
                    .extracting(TestReceiver.Kept::contentEncoding)
                    .containsOnly(compression.equals("none") ? "" : compression);
            assertKept(receiver);
        }
        assertRows();
    }

    /// As the SDK writes JSON, sent as the JDK's client sends it: with an offer of HTTP/2 in its head.
    @Test
    void inJson() throws Exception {
        record();
        try (TestReceiver receiver = new TestReceiver(folder);
                HttpClient client = HttpClient.newHttpClient()) {
            for (int port : List.of(receiver.port(), receiver.grpcPort())) {
                post(client, port, "traces", TraceRequestMarshaler.create(spans));
                post(client, port, "logs", LogsRequestMarshaler.create(logs));
                post(client, port, "metrics", MetricsRequestMarshaler.create(metrics));
            }
            List<TestReceiver.Kept> kept = receiver.kept();
            assertThat(kept).extracting(TestReceiver.Kept::contentType).containsOnly("application/json");
            assertThat(kept)
                    .extracting(TestReceiver.Kept::signal)
                    .containsExactly("traces", "logs", "metrics", "traces", "logs", "metrics");
            assertThat(kept.getFirst().body()).isEqualTo(json(TraceRequestMarshaler.create(spans)));
        }
    }

    /// One that is told to come again does, by itself.
    @Test
    void whatThereIsNoRoomForIsSentAgain() throws Exception {
        record();
        try (TestReceiver receiver = new TestReceiver(folder);
                SpanExporter http = OtlpHttpSpanExporter.builder()
                        .setEndpoint("http://127.0.0.1:" + receiver.port() + "/v1/traces")
                        .build();
                SpanExporter grpc = OtlpGrpcSpanExporter.builder()
                        .setEndpoint("http://127.0.0.1:" + receiver.grpcPort())
                        .build()) {
            assertSentAgain(receiver.receiver(), http);
            assertSentAgain(receiver.receiver(), grpc);
            assertThat(receiver.kept()).hasSize(2);
        }
    }

    private void assertSentAgain(Receiver receiver, SpanExporter exporter) {
        // The one before has its answer a moment before its place is free.
        TestGateway.await(() -> receiver.budget().isIdle());
        long refused = receiver.stats().refused();
        while (receiver.budget().begin()) {
            // As many requests as there may be are under way.
        }
        CompletableResultCode sent = exporter.export(spans);
        TestGateway.await(() -> receiver.stats().refused() > refused);
        for (int i = 0; i < Budget.MOST_REQUESTS; i++) {
            receiver.budget().end(0);
        }
        assertSent(sent);
    }

    private void export(SpanExporter spanExporter, LogRecordExporter logExporter, MetricExporter metricExporter) {
        assertSent(spanExporter.export(spans));
        assertSent(logExporter.export(logs));
        assertSent(metricExporter.export(metrics));
    }

    private static void assertSent(CompletableResultCode sent) {
        assertThat(sent.join(20, TimeUnit.SECONDS).isSuccess()).isTrue();
    }

    private void assertKept(TestReceiver receiver) throws IOException {
        List<TestReceiver.Kept> kept = receiver.kept();
        assertThat(kept).extracting(TestReceiver.Kept::signal).containsExactly("traces", "logs", "metrics");
        assertThat(kept).extracting(TestReceiver.Kept::contentType).containsOnly("application/x-protobuf");
        assertEqual(
                ExportTraceServiceRequest.parseFrom(plain(kept.get(0))),
                ExportTraceServiceRequest.parseFrom(binary(TraceRequestMarshaler.create(spans))));
        assertEqual(
                ExportLogsServiceRequest.parseFrom(plain(kept.get(1))),
                ExportLogsServiceRequest.parseFrom(binary(LogsRequestMarshaler.create(logs))));
        assertEqual(
                ExportMetricsServiceRequest.parseFrom(plain(kept.get(2))),
                ExportMetricsServiceRequest.parseFrom(binary(MetricsRequestMarshaler.create(metrics))));
    }

    private static void assertEqual(MessageLite found, MessageLite sent) {
        assertThat(found).isEqualTo(sent);
        assertThat(found.getSerializedSize()).isPositive();
    }

    private static byte[] plain(TestReceiver.Kept kept) throws IOException {
        return kept.contentEncoding().isEmpty()
                ? kept.body()
                : new GZIPInputStream(new ByteArrayInputStream(kept.body())).readAllBytes();
    }

    private static byte[] binary(Marshaler marshaler) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        marshaler.writeBinaryTo(out);
        return out.toByteArray();
    }

    private static byte[] json(Marshaler marshaler) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        marshaler.writeJsonTo(out);
        return out.toByteArray();
    }

    private static void post(HttpClient client, int port, String signal, Marshaler marshaler) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/" + signal))
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofByteArray(json(marshaler)))
                .build();
        HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{}");
    }

    /// A query reads what was made, once a worker has been there.
    private void assertRows() throws Exception {
        Cache cache = new Cache(folder).make();
        new Settle(cache, Writing.whole("gw"), Clock.systemUTC()).run();
        new Flush(cache, Configs.defaults().query().cache().maintenance(), _ -> {}).run();
        SpanData span = spans.getFirst();
        assertThat(
                        Queries.values(
                                folder,
                                "select (traceId, spanId, name, kind, start_time_unix_nano, end_time_unix_nano, gen_ai_provider_name,"
                                        + " events ->> '$[0].name', events ->> '$[0].timeUnixNano', links ->> '$[0].traceId', scope_name)::varchar from traces"))
                .containsExactly("(%s, %s, turn, 1, %d, %d, anthropic, began, %d, %s, test)"
                        .formatted(
                                span.getTraceId(),
                                span.getSpanId(),
                                span.getStartEpochNanos(),
                                span.getEndEpochNanos(),
                                span.getEvents().getFirst().getEpochNanos(),
                                span.getLinks().getFirst().getSpanContext().getTraceId()));
        LogRecordData log = logs.getFirst();
        assertThat(
                        Queries.values(
                                folder,
                                "select (severityNumber, body ->> '$', attributes ->> 'k', observed_time_unix_nano, scope_name)::varchar from logs"))
                .containsExactly("(13, '%s', v, %d, test)"
                        .formatted(log.getBodyValue().asString(), log.getObservedTimestampEpochNanos()));
        Map<String, Long> times = metrics.stream()
                .collect(Collectors.toMap(
                        MetricData::getName,
                        metric -> metric.getData().getPoints().iterator().next().getEpochNanos()));
        assertThat(Queries.values(
                        folder,
                        "select (metricName, metricType, isMonotonic, aggregationTemporality, valueInt, count, sum, time_unix_nano)::varchar"
                                + " from metrics order by metricName"))
                .containsExactly(
                        "(calls, sum, true, 2, 3, NULL, NULL, %d)".formatted(times.get("calls")),
                        "(took, histogram, NULL, 2, NULL, 1, 2.5, %d)".formatted(times.get("took")));
        assertThat(Queries.values(folder, "select count(*) from logs where length(serviceName) > 0"))
                .containsExactly("1");
    }

    /// Something of each signal.
    private void record() {
        InMemorySpanExporter ended = InMemorySpanExporter.create();
        InMemoryLogRecordExporter emitted = InMemoryLogRecordExporter.create();
        InMemoryMetricReader reader = InMemoryMetricReader.create();
        try (SdkTracerProvider tracers = SdkTracerProvider.builder()
                        .addSpanProcessor(SimpleSpanProcessor.create(ended))
                        .build();
                SdkLoggerProvider loggers = SdkLoggerProvider.builder()
                        .addLogRecordProcessor(SimpleLogRecordProcessor.create(emitted))
                        .build();
                SdkMeterProvider meters =
                        SdkMeterProvider.builder().registerMetricReader(reader).build()) {
            tracers.get("test")
                    .spanBuilder("turn")
                    .setAttribute("gen_ai.system", "anthropic")
                    .addLink(SpanContext.create(
                            "00000000000000000000000000000001",
                            "0000000000000002",
                            TraceFlags.getSampled(),
                            TraceState.getDefault()))
                    .startSpan()
                    .addEvent("began", Attributes.of(AttributeKey.longKey("n"), 1L))
                    .end();
            loggers.get("test")
                    .logRecordBuilder()
                    .setSeverity(Severity.WARN)
                    .setBody("a word, \u00e9 and \u2713")
                    .setAttribute(AttributeKey.stringKey("k"), "v")
                    .emit();
            meters.get("test").counterBuilder("calls").build().add(3);
            meters.get("test").histogramBuilder("took").build().record(2.5);
            spans = ended.getFinishedSpanItems();
            logs = emitted.getFinishedLogRecordItems();
            metrics = reader.collectAllMetrics();
        }
    }
}
