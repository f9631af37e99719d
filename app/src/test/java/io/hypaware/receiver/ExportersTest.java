package io.hypaware.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.MessageLite;
import io.hypaware.journal.TelemetryRecorder;
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
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.CollectionRegistration;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.metrics.export.MetricReader;
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
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the OpenTelemetry SDK's own exporters send arrives as they say it, and they hear that it did.
class ExportersTest {

    @TempDir
    private Path folder;

    private final List<SpanData> spans = new ArrayList<>();
    private final List<LogRecordData> logs = new ArrayList<>();
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
    void whatIsRefusedForNowIsSentAgain() throws Exception {
        record();
        AtomicInteger asked = new AtomicInteger();
        TelemetryRecorder recorder = _ -> asked.incrementAndGet() % 2 == 1
                ? CompletableFuture.failedFuture(new IllegalStateException("not now"))
                : CompletableFuture.completedFuture(null);
        try (TestReceiver receiver = new TestReceiver(recorder, folder, "");
                SpanExporter http = OtlpHttpSpanExporter.builder()
                        .setEndpoint("http://127.0.0.1:" + receiver.port() + "/v1/traces")
                        .build();
                SpanExporter grpc = OtlpGrpcSpanExporter.builder()
                        .setEndpoint("http://127.0.0.1:" + receiver.grpcPort())
                        .build()) {
            assertSent(http.export(spans));
            assertThat(asked.get()).isEqualTo(2);
            assertSent(grpc.export(spans));
            assertThat(asked.get()).isEqualTo(4);
            assertThat(receiver.receiver().stats().failed()).isEqualTo(2);
        }
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

    /// Something of each signal.
    private void record() {
        try (SdkTracerProvider tracers = SdkTracerProvider.builder()
                        .addSpanProcessor(SimpleSpanProcessor.create(keeping(spans)))
                        .build();
                SdkLoggerProvider loggers = SdkLoggerProvider.builder()
                        .addLogRecordProcessor(SimpleLogRecordProcessor.create(keepingLogs()))
                        .build()) {
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
                    .setBody("a word, é and \u2713")
                    .setAttribute(AttributeKey.stringKey("k"), "v")
                    .emit();
        }
        Reader reader = new Reader();
        try (SdkMeterProvider meters =
                SdkMeterProvider.builder().registerMetricReader(reader).build()) {
            meters.get("test").counterBuilder("calls").build().add(3);
            meters.get("test").histogramBuilder("took").build().record(2.5);
            metrics = reader.collect();
        }
    }

    private static final class Reader implements MetricReader {
        private CollectionRegistration registration = CollectionRegistration.noop();

        Collection<MetricData> collect() {
            return List.copyOf(registration.collectAllMetrics());
        }

        @Override
        public void register(CollectionRegistration given) {
            registration = given;
        }

        @Override
        public CompletableResultCode forceFlush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public AggregationTemporality getAggregationTemporality(InstrumentType type) {
            return AggregationTemporality.CUMULATIVE;
        }
    }

    private static SpanExporter keeping(List<SpanData> spans) {
        return new SpanExporter() {
            @Override
            public CompletableResultCode export(Collection<SpanData> ended) {
                spans.addAll(ended);
                return CompletableResultCode.ofSuccess();
            }

            @Override
            public CompletableResultCode flush() {
                return CompletableResultCode.ofSuccess();
            }

            @Override
            public CompletableResultCode shutdown() {
                return CompletableResultCode.ofSuccess();
            }
        };
    }

    private LogRecordExporter keepingLogs() {
        return new LogRecordExporter() {
            @Override
            public CompletableResultCode export(Collection<LogRecordData> emitted) {
                logs.addAll(emitted);
                return CompletableResultCode.ofSuccess();
            }

            @Override
            public CompletableResultCode flush() {
                return CompletableResultCode.ofSuccess();
            }

            @Override
            public CompletableResultCode shutdown() {
                return CompletableResultCode.ofSuccess();
            }
        };
    }
}
