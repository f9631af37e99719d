package io.hypaware.sink.otlp;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.util.JsonFormat;
import io.hypaware.home.Cache;
import io.hypaware.journal.SinkLedger;
import io.hypaware.journal.SinkState.Refused;
import io.hypaware.sink.SinkStep;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.SinkEnvironments;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A file says what an endpoint is sent, and a spool that is full is read again.
class ExportFileTest {

    private static final Instant LONG_AFTER = Instant.parse("2026-03-02T10:00:00Z");

    @TempDir
    private Path home;

    private final List<SinkStep> steps = new ArrayList<>();
    private Cache cache;
    private RecordedCalls calls;

    @BeforeEach
    void record() {
        cache = new Cache(home.resolve("hypaware/cache"));
        calls = new RecordedCalls(cache.folder());
        for (int i = 0; i < 12; i++) {
            calls.call()
                    .session("s" + i)
                    .messages(message("user", "a \u2028 \uD83D\uDE00 \"question\" " + i))
                    .record();
        }
        calls.settle();
    }

    private OtlpSink sink() {
        return new OtlpSink(
                SinkEnvironments.at(LONG_AFTER, cache, steps::add), new OtlpSink.Telling(true, Duration.ofMinutes(30)));
    }

    @Test
    void aLineReadsAsTheRequestThatItIs() throws Exception {
        StringWriter out = new StringWriter();
        sink().write(out, new OtlpSink.Wanted.Changed());
        List<ExportTraceServiceRequest> sent = new ArrayList<>();
        sink().run(
                        request -> {
                            sent.add(request);
                            return Refused.NONE;
                        },
                        new OtlpSink.Wanted.Changed(),
                        Optional.empty(),
                        new TraceExport.Limits(Optional.empty(), 1 << 20));

        List<ExportTraceServiceRequest> read = new ArrayList<>();
        for (String line : out.toString().lines().toList()) {
            read.add(read(line));
        }
        assertThat(read).isNotEmpty().isEqualTo(sent);
        assertThat(read.getFirst().getResourceSpans(0).getResource().getAttributesList())
                .extracting(attribute -> attribute.getKey())
                .containsExactly("service.name", "service.version");
    }

    /// The protocol's JSON is that of protobuf but for its ids.
    private static ExportTraceServiceRequest read(String line) throws IOException {
        JsonNode json = RecordedCalls.JSON.readTree(line);
        for (String id : List.of("traceId", "spanId", "parentSpanId")) {
            for (JsonNode parent : json.findParents(id)) {
                byte[] bytes = HexFormat.of().parseHex(parent.path(id).asText());
                ((ObjectNode) parent).put(id, Base64.getEncoder().encodeToString(bytes));
            }
        }
        ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
        JsonFormat.parser().merge(json.toString(), request);
        return request.build();
    }

    @Test
    void whatDoesNotFitTheSpoolIsReadAgainBehindWhatWasSent() throws Exception {
        List<Span> spans = new ArrayList<>();
        try (SinkLedger ledger = SinkLedger.openExisting(calls.journal()).orElseThrow()) {
            OtlpSink.Outcome outcome = sink().run(
                            request -> {
                                spans.addAll(request.getResourceSpans(0)
                                        .getScopeSpans(0)
                                        .getSpansList());
                                return Refused.NONE;
                            },
                            new OtlpSink.Wanted.Changed(),
                            Optional.of(new SpanBatch.Book(ledger, "small")),
                            new TraceExport.Limits(Optional.empty(), 3_000));
            assertThat(outcome.isWhole()).isTrue();
        }
        assertThat(spans).extracting(Span::getSpanId).hasSize(3 * 12).doesNotHaveDuplicates();
        assertThat(steps.stream().filter(SinkStep.READ::equals)).hasSizeGreaterThan(2);
    }
}
