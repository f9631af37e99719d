package io.hypaware.maintain;

import static io.hypaware.testing.SentTelemetry.attribute;
import static io.hypaware.testing.SentTelemetry.id;
import static io.hypaware.testing.SentTelemetry.log;
import static io.hypaware.testing.SentTelemetry.logs;
import static io.hypaware.testing.SentTelemetry.metrics;
import static io.hypaware.testing.SentTelemetry.spans;
import static io.hypaware.testing.SentTelemetry.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.hypaware.journal.TelemetryRequest.Signal;
import io.hypaware.testing.SentTelemetry;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.metrics.v1.Summary;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an exporter sent is what a query sees.
class TelemetryRowsTest {

    private static final String TRACE = "5b8efff798038103d269b633813fc60c";
    private static final String SPAN = "eee19b7ec3c1b174";
    private static final String PARENT = "eee19b7ec3c1b173";

    private static final long TIME = 1_760_000_000_123_456_789L;

    @TempDir
    private Path home;

    private SentTelemetry sent;

    @BeforeEach
    void cache() {
        sent = new SentTelemetry(home.resolve("hypaware/cache"));
    }

    private String row(String columns, String dataset) throws Exception {
        return String.join("\n", sent.values("select (" + columns + ")::VARCHAR from " + dataset));
    }

    @Test
    void aLogRecordIsARow() throws Exception {
        sent.send(logs(log("said")
                .setObservedTimeUnixNano(TIME + 1_000)
                .setSeverityNumber(SeverityNumber.SEVERITY_NUMBER_WARN)
                .setSeverityText("WARN")
                .setTraceId(id(TRACE))
                .setSpanId(id(SPAN))
                .setFlags(1)
                .setDroppedAttributesCount(2)
                .setEventName("shop.sold")
                .addAttributes(text("item", "cup"))
                .addAttributes(text("session.id", "s-1"))));

        assertThat(row(
                        "serviceName, timestamp, observedTimestamp, severityNumber, severityText, body, traceId, spanId, flags,"
                                + " droppedAttributesCount, event_name, time_unix_nano, observed_time_unix_nano",
                        "logs"))
                .isEqualTo(
                        "(shop, '2025-10-09 08:53:20.123456+00', '2025-10-09 08:53:20.123457+00', 13, WARN, '\"said\"', "
                                + TRACE + ", " + SPAN + ", 1, 2, shop.sold, " + TIME + ", " + (TIME + 1_000) + ")");
        assertThat(row("session_id, scope_name, scope_version, resource, attributes", "logs"))
                .isEqualTo(
                        "(s-1, tests, 1, '{\"service.name\":\"shop\"}', '{\"item\":\"cup\",\"session.id\":\"s-1\"}')");
        assertThat(sent.left()).isEqualTo("0 pending, 0 failed");
    }

    @Test
    void everyTypeOfValueIsKept() throws Exception {
        AnyValue.Builder list = AnyValue.newBuilder()
                .setArrayValue(ArrayValue.newBuilder()
                        .addValues(AnyValue.newBuilder().setIntValue(Long.MIN_VALUE))
                        .addValues(AnyValue.newBuilder().setStringValue("two"))
                        .addValues(AnyValue.getDefaultInstance()));
        AnyValue.Builder map = AnyValue.newBuilder()
                .setKvlistValue(
                        KeyValueList.newBuilder().addValues(text("a", "b")).addValues(attribute("c", list)));
        sent.send(logs(log("").addAttributes(
                        attribute("text", AnyValue.newBuilder().setStringValue("a\u0000\"b\n")))
                .addAttributes(attribute("yes", AnyValue.newBuilder().setBoolValue(true)))
                .addAttributes(attribute("int", AnyValue.newBuilder().setIntValue(Long.MAX_VALUE)))
                .addAttributes(attribute("double", AnyValue.newBuilder().setDoubleValue(0.1)))
                .addAttributes(attribute("nan", AnyValue.newBuilder().setDoubleValue(Double.NaN)))
                .addAttributes(attribute("inf", AnyValue.newBuilder().setDoubleValue(Double.NEGATIVE_INFINITY)))
                .addAttributes(attribute(
                        "bytes", AnyValue.newBuilder().setBytesValue(ByteString.copyFrom(new byte[] {0, -1, 2}))))
                .addAttributes(attribute("map", map))
                .addAttributes(attribute("empty", AnyValue.newBuilder()))
                .addAttributes(attribute("twice", AnyValue.newBuilder().setIntValue(1)))
                .addAttributes(attribute("twice", AnyValue.newBuilder().setIntValue(2)))
                .addAttributes(attribute("", AnyValue.newBuilder().setIntValue(3)))));

        assertThat(row("attributes", "logs"))
                .isEqualTo(
                        "{\"text\":\"a\\u0000\\\"b\\n\",\"yes\":true,\"int\":9223372036854775807,\"double\":0.1,"
                                + "\"nan\":\"NaN\",\"inf\":\"-Infinity\",\"bytes\":\"AP8C\","
                                + "\"map\":{\"a\":\"b\",\"c\":[-9223372036854775808,\"two\",null]},\"empty\":null,\"twice\":2,\"\":3}");
    }

    @Test
    void aLargeValueIsAPayloadAndShown() throws Exception {
        String large = "0123456789".repeat(100_000);
        sent.send(logs(log(large), log(large)));
        assertThat(sent.values("select length(body ->> '$') from logs")).containsExactly("1000000", "1000000");
        assertThat(sent.values("select size from payloads")).containsExactly("1000002");
    }

    @Test
    void aSpanIsARowWithItsEventsAndLinks() throws Exception {
        sent.send(spans(
                Span.newBuilder()
                        .setTraceId(id(TRACE))
                        .setSpanId(id(SPAN))
                        .setParentSpanId(id(PARENT))
                        .setTraceState("a=b")
                        .setName("sell\u0000it")
                        .setKind(Span.SpanKind.SPAN_KIND_CLIENT)
                        .setStartTimeUnixNano(TIME)
                        .setEndTimeUnixNano(TIME + 1_500_000)
                        .setFlags(0x101)
                        .setDroppedAttributesCount(1)
                        .setDroppedEventsCount(2)
                        .setDroppedLinksCount(-1)
                        .setStatus(Status.newBuilder()
                                .setCode(Status.StatusCode.STATUS_CODE_ERROR)
                                .setMessage("sold out"))
                        .addAttributes(text("item", "cup"))
                        .addEvents(Span.Event.newBuilder()
                                .setName("asked")
                                .setTimeUnixNano(TIME + 1)
                                .addAttributes(text("by", "us")))
                        .addLinks(Span.Link.newBuilder()
                                .setTraceId(id(TRACE))
                                .setSpanId(id(PARENT))
                                .setFlags(1)),
                // What says no times and no ids is a row, too.
                Span.newBuilder().setName("bare")));

        assertThat(row(
                        "traceId, spanId, parentSpanId, traceState, kind, startTimestamp, endTimestamp, durationMs, flags,"
                                + " droppedAttributesCount, droppedEventsCount, droppedLinksCount, status",
                        "traces where name <> 'bare'"))
                .isEqualTo("(" + TRACE + ", " + SPAN + ", " + PARENT
                        + ", 'a=b', 3, '2025-10-09 08:53:20.123456+00', '2025-10-09 08:53:20.124956+00', 1.5, 257, 1, 2, 4294967295,"
                        + " '{\"code\":2,\"message\":\"sold out\"}')");
        assertThat(row("events", "traces where name <> 'bare'"))
                .isEqualTo(
                        "[{\"name\":\"asked\",\"timeUnixNano\":" + (TIME + 1)
                                + ",\"droppedAttributesCount\":0,\"timestamp\":\"2025-10-09T08:53:20.123456790Z\",\"attributes\":{\"by\":\"us\"}}]");
        assertThat(row("links", "traces where name <> 'bare'"))
                .isEqualTo("[{\"traceId\":\"" + TRACE + "\",\"spanId\":\"" + PARENT
                        + "\",\"traceState\":null,\"flags\":1,\"droppedAttributesCount\":0,\"attributes\":{}}]");
        assertThat(row(
                        "traceId, spanId, startTimestamp, start_time_unix_nano, durationMs",
                        "traces where name = 'bare'"))
                .isEqualTo("(NULL, NULL, NULL, NULL, NULL)");
        assertThat(sent.values("select length(name) from traces order by 1")).containsExactly("4", "7");
    }

    @Test
    void everyKindOfMetricIsARowForEachPoint() throws Exception {
        Exemplar exemplar = Exemplar.newBuilder()
                .setAsDouble(0.5)
                .setTimeUnixNano(TIME)
                .setTraceId(id(TRACE))
                .setSpanId(id(SPAN))
                .addFilteredAttributes(text("f", "g"))
                .build();
        sent.send(metrics(
                Metric.newBuilder()
                        .setName("gauge")
                        .setUnit("By")
                        .setDescription("how much")
                        .addMetadata(text("m", "n"))
                        .setGauge(Gauge.newBuilder()
                                .addDataPoints(NumberDataPoint.newBuilder()
                                        .setTimeUnixNano(TIME)
                                        .setAsDouble(Double.NaN)
                                        .addAttributes(text("p", "1")))
                                .addDataPoints(NumberDataPoint.newBuilder().setFlags(1))),
                Metric.newBuilder()
                        .setName("sum")
                        .setSum(Sum.newBuilder()
                                .setIsMonotonic(true)
                                .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
                                .addDataPoints(NumberDataPoint.newBuilder()
                                        .setStartTimeUnixNano(TIME - 1_000)
                                        .setTimeUnixNano(TIME)
                                        .setAsInt(Long.MIN_VALUE)
                                        .addExemplars(exemplar))),
                Metric.newBuilder()
                        .setName("histogram")
                        .setHistogram(Histogram.newBuilder()
                                .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA)
                                .addDataPoints(HistogramDataPoint.newBuilder()
                                        .setCount(-1)
                                        .setSum(Double.POSITIVE_INFINITY)
                                        .setMin(0)
                                        .setMax(2)
                                        .addBucketCounts(1)
                                        .addBucketCounts(2)
                                        .addExplicitBounds(1.5))),
                Metric.newBuilder()
                        .setName("exponential")
                        .setExponentialHistogram(ExponentialHistogram.newBuilder()
                                .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA)
                                .addDataPoints(ExponentialHistogramDataPoint.newBuilder()
                                        .setCount(3)
                                        .setScale(-2)
                                        .setZeroCount(1)
                                        .setZeroThreshold(0.01)
                                        .setPositive(ExponentialHistogramDataPoint.Buckets.newBuilder()
                                                .setOffset(-5)
                                                .addBucketCounts(2)))),
                Metric.newBuilder()
                        .setName("summary")
                        .setSummary(Summary.newBuilder()
                                .addDataPoints(SummaryDataPoint.newBuilder()
                                        .setCount(4)
                                        .setSum(10)
                                        .addQuantileValues(SummaryDataPoint.ValueAtQuantile.newBuilder()
                                                .setQuantile(0.99)
                                                .setValue(7)))),
                Metric.newBuilder().setName("nothing")));

        assertThat(sent.values(
                        "select (metricName, metricType, unit, description, metadata, value, valueInt, valueType, flags, timestamp,"
                                + " attributes)::VARCHAR from metrics where metricType = 'gauge' order by flags"))
                .containsExactly(
                        "(gauge, gauge, By, how much, '{\"m\":\"n\"}', nan, NULL, double, 0, '2025-10-09 08:53:20.123456+00',"
                                + " '{\"p\":\"1\"}')",
                        "(gauge, gauge, By, how much, '{\"m\":\"n\"}', NULL, NULL, NULL, 1, NULL, NULL)");
        assertThat(row(
                        "aggregationTemporality, isMonotonic, valueInt, valueType, start_time_unix_nano, time_unix_nano, exemplars",
                        "metrics where metricName = 'sum'"))
                .isEqualTo("(2, true, -9223372036854775808, int, " + (TIME - 1_000) + ", " + TIME
                        + ", '[{\"timestamp\":\"2025-10-09T08:53:20.123456789Z\",\"timeUnixNano\":" + TIME
                        + ",\"valueType\":\"double\",\"value\":0.5,\"traceId\":\"" + TRACE + "\",\"spanId\":\"" + SPAN
                        + "\",\"filteredAttributes\":{\"f\":\"g\"}}]')");
        assertThat(row(
                        "metricType, aggregationTemporality, count, sum, min, max, bucketCounts, explicitBounds",
                        "metrics where metricName = 'histogram'"))
                .isEqualTo("(histogram, 1, 9223372036854775807, inf, 0.0, 2.0, '[1,2]', '[1.5]')");
        assertThat(row(
                        "metricType, count, sum, scale, zeroCount, zeroThreshold, positive, negative",
                        "metrics where metricName = 'exponential'"))
                .isEqualTo(
                        "(exponentialHistogram, 3, NULL, -2, 1, 0.01, '{\"offset\":-5,\"bucketCounts\":[2]}', NULL)");
        assertThat(row("metricType, count, sum, quantileValues", "metrics where metricName = 'summary'"))
                .isEqualTo("(summary, 4, 10.0, '[{\"quantile\":0.99,\"value\":7.0}]')");
        assertThat(sent.values("select count(*) from metrics")).isEqualTo(List.of("6"));
        assertThat(sent.values("select _row_id from metrics")).doesNotHaveDuplicates();
    }

    @Test
    void jsonIsReadAsTheProtocolWritesIt() throws Exception {
        sent.sendJson(Signal.TRACES, """
                {"unknown": [{"a": 1}], "resourceSpans": [{"schemaUrl": "https://s/1", "scopeSpans": [{"spans": [
                  {"traceId": "5B8EFFF798038103D269B633813FC60C", "spanId": "eee19b7ec3c1b174", "name": "sell", "kind": 3,
                   "startTimeUnixNano": "1760000000123456789", "endTimeUnixNano": 1760000000123456790, "new": {"field": []},
                   "flags": 4294967295, "status": {"code": "STATUS_CODE_OK"}, "parentSpanId": "", "traceState": null,
                   "attributes": [{"key": "i", "value": {"intValue": "-9"}}, {"key": "d", "value": {"doubleValue": "NaN"}},
                     {"key": "b", "value": {"bytesValue": "AP8C"}}, {"key": "n"},
                     {"key": "a", "value": {"arrayValue": {"values": [{"boolValue": true}]}}}]}]}],
                  "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "late"}}]}}]}
                """);
        assertThat(row(
                        "serviceName, traceId, spanId, parentSpanId, kind, start_time_unix_nano, end_time_unix_nano, flags, status,"
                                + " resource_schema_url, attributes",
                        "traces"))
                .isEqualTo("(late, " + TRACE + ", " + SPAN + ", NULL, 3, " + TIME + ", " + (TIME + 1)
                        + ", 4294967295, '{\"code\":1,\"message\":null}', 'https://s/1',"
                        + " '{\"i\":-9,\"d\":\"NaN\",\"b\":\"AP8C\",\"n\":null,\"a\":[true]}')");
    }

    @Test
    void genAiAttributesHaveColumns() throws Exception {
        sent.send(spans(Span.newBuilder()
                .setName("chat")
                .addAttributes(text("gen_ai.operation.name", "chat"))
                .addAttributes(text("gen_ai.system", "anthropic"))
                .addAttributes(text("gen_ai.request.model", "m-1"))
                .addAttributes(text("gen_ai.response.model", "m-1-2026"))
                .addAttributes(text("gen_ai.conversation.id", "c-7"))
                .addAttributes(text("gen_ai.tool.name", "read"))
                .addAttributes(attribute(
                        "gen_ai.usage.input_tokens", AnyValue.newBuilder().setIntValue(12)))
                .addAttributes(attribute(
                        "gen_ai.usage.output_tokens", AnyValue.newBuilder().setStringValue("x")))));
        assertThat(row(
                        "gen_ai_operation_name, gen_ai_provider_name, gen_ai_request_model, gen_ai_response_model,"
                                + " gen_ai_conversation_id, gen_ai_tool_name, gen_ai_input_tokens, gen_ai_output_tokens, session_id",
                        "traces"))
                .isEqualTo("(chat, anthropic, m-1, m-1-2026, c-7, read, 12, NULL, c-7)");
    }
}
