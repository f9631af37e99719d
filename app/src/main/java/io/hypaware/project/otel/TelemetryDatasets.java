package io.hypaware.project.otel;

import static io.hypaware.dataset.Column.optional;
import static io.hypaware.dataset.Column.payload;
import static io.hypaware.dataset.Column.required;
import static io.hypaware.dataset.ColumnType.BOOLEAN;
import static io.hypaware.dataset.ColumnType.DOUBLE;
import static io.hypaware.dataset.ColumnType.INT;
import static io.hypaware.dataset.ColumnType.JSON;
import static io.hypaware.dataset.ColumnType.LONG;
import static io.hypaware.dataset.ColumnType.STRING;
import static io.hypaware.dataset.ColumnType.TIMESTAMP;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.DatasetProvider;
import io.hypaware.journal.TelemetryRequest;
import java.util.List;
import java.util.stream.Stream;

/// The datasets of OpenTelemetry: a row per log record, span and data point.
///
/// Their primary time is when they were received. A sender says any time it likes, and each day is a folder of files;
/// what it says stands in the columns of the protocol.
public final class TelemetryDatasets implements DatasetProvider {

    static final String RECEIVED_AT = "received_at";
    static final String SESSION_ID = "session_id";

    private static final List<Column> AROUND = List.of(
            payload("resource", JSON),
            optional("resource_schema_url", STRING),
            optional("scope_name", STRING),
            optional("scope_version", STRING),
            payload("scope_attributes", JSON),
            optional("scope_schema_url", STRING));

    public static final Dataset LOGS = new Dataset(
            "logs",
            RECEIVED_AT,
            List.of("serviceName", RECEIVED_AT),
            columns(
                    Stream.of(
                            required("serviceName", STRING),
                            optional("timestamp", TIMESTAMP),
                            optional("observedTimestamp", TIMESTAMP),
                            optional("severityNumber", INT),
                            optional("severityText", STRING),
                            payload("body", JSON),
                            optional("traceId", STRING),
                            optional("spanId", STRING),
                            optional("flags", LONG),
                            optional("droppedAttributesCount", LONG)),
                    Stream.of(
                            payload("attributes", JSON),
                            optional("event_name", STRING),
                            optional("time_unix_nano", LONG),
                            optional("observed_time_unix_nano", LONG))));

    public static final Dataset TRACES = new Dataset(
            "traces",
            RECEIVED_AT,
            List.of("traceId", RECEIVED_AT),
            columns(
                    Stream.of(
                            required("serviceName", STRING),
                            optional("traceId", STRING),
                            optional("spanId", STRING),
                            optional("parentSpanId", STRING),
                            optional("name", STRING),
                            optional("kind", INT),
                            optional("traceState", STRING),
                            optional("startTimestamp", TIMESTAMP),
                            optional("endTimestamp", TIMESTAMP),
                            optional("durationMs", DOUBLE),
                            optional("flags", LONG),
                            optional("droppedAttributesCount", LONG),
                            optional("droppedEventsCount", LONG),
                            optional("droppedLinksCount", LONG),
                            optional("status", JSON)),
                    Stream.of(
                            payload("attributes", JSON),
                            payload("events", JSON),
                            payload("links", JSON),
                            optional("start_time_unix_nano", LONG),
                            optional("end_time_unix_nano", LONG))));

    public static final Dataset METRICS = new Dataset(
            "metrics",
            RECEIVED_AT,
            List.of("metricName", RECEIVED_AT),
            columns(
                    Stream.of(
                            required("serviceName", STRING),
                            optional("metricName", STRING),
                            optional("description", STRING),
                            optional("unit", STRING),
                            optional("metricType", STRING),
                            optional("aggregationTemporality", INT),
                            optional("isMonotonic", BOOLEAN),
                            optional("startTimestamp", TIMESTAMP),
                            optional("timestamp", TIMESTAMP),
                            optional("flags", LONG),
                            optional("value", DOUBLE),
                            optional("valueInt", LONG),
                            optional("valueType", STRING),
                            optional("count", LONG),
                            optional("sum", DOUBLE),
                            optional("min", DOUBLE),
                            optional("max", DOUBLE),
                            payload("bucketCounts", JSON),
                            payload("explicitBounds", JSON),
                            optional("scale", INT),
                            optional("zeroCount", LONG),
                            optional("zeroThreshold", DOUBLE),
                            payload("positive", JSON),
                            payload("negative", JSON),
                            payload("quantileValues", JSON),
                            payload("exemplars", JSON)),
                    Stream.of(
                            payload("metadata", JSON),
                            payload("attributes", JSON),
                            optional("start_time_unix_nano", LONG),
                            optional("time_unix_nano", LONG),
                            optional("gen_ai_token_type", STRING))));

    /// Those of older caches first and in their order, then ours.
    private static List<Column> columns(Stream<Column> before, Stream<Column> after) {
        Stream<Column> ours = Stream.of(required(RECEIVED_AT, TIMESTAMP), optional(SESSION_ID, STRING));
        return Stream.of(before, AROUND.stream(), after, ours, Lifted.COLUMNS.stream())
                .flatMap(columns -> columns)
                .toList();
    }

    /// The dataset that a signal's records go to.
    public static Dataset of(TelemetryRequest.Signal signal) {
        return switch (signal) {
            case LOGS -> LOGS;
            case TRACES -> TRACES;
            case METRICS -> METRICS;
        };
    }

    @Override
    public List<Dataset> datasets() {
        return List.of(LOGS, TRACES, METRICS);
    }
}
