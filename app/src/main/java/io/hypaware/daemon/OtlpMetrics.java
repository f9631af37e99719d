package io.hypaware.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;

/// What the status counts, as a request of OTLP/HTTP in JSON (opentelemetry.proto.collector.metrics.v1). Numbers alone:
/// no text of a prompt, no address, no key.
public final class OtlpMetrics {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CUMULATIVE = 2;

    /// A number of the status.
    ///
    /// @param at its place
    /// @param counter whether it only grows while the gateway runs
    private record Metric(String name, String unit, String at, boolean counter) {}

    private static final List<Metric> METRICS = List.of(
            new Metric("hypaware.gateway.calls", "{call}", "/gateway/calls", true),
            new Metric("hypaware.gateway.refused", "{call}", "/gateway/refused", true),
            new Metric("hypaware.gateway.recorded", "{call}", "/gateway/recorded", true),
            new Metric("hypaware.gateway.dropped", "{call}", "/gateway/dropped", true),
            new Metric("hypaware.gateway.dropped_bytes", "By", "/gateway/dropped_bytes", true),
            new Metric("hypaware.gateway.open_calls", "{call}", "/gateway/open_calls", false),
            new Metric("hypaware.gateway.queued_bytes", "By", "/gateway/queued_bytes", false),
            new Metric("hypaware.gateway.uptime", "s", "/gateway/uptime_seconds", false),
            new Metric("hypaware.journal.pending", "{call}", "/journal/pending", false),
            new Metric("hypaware.journal.pending_bytes", "By", "/journal/pending_bytes", false),
            new Metric("hypaware.journal.failed", "{call}", "/journal/failed", false));

    private static final List<String> OF_DATASETS =
            List.of("rows_hot", "bytes_hot", "rows_lake", "bytes_lake", "files");

    /// @param status as [Status] collects it
    public static ObjectNode of(JsonNode status, Instant now) {
        ObjectNode request = JSON.createObjectNode();
        ObjectNode resource = request.putArray("resourceMetrics").addObject();
        attribute(resource.putObject("resource").putArray("attributes"), "service.name", "hypaware");
        ObjectNode scope = resource.putArray("scopeMetrics").addObject();
        scope.putObject("scope").put("name", "io.hypaware");
        ArrayNode metrics = scope.putArray("metrics");
        long started = status.at("/gateway/started_ms").asLong();
        for (Metric metric : METRICS) {
            JsonNode value = status.at(metric.at());
            if (value.isIntegralNumber()) {
                ObjectNode node = metrics.addObject().put("name", metric.name()).put("unit", metric.unit());
                ObjectNode kind = node.putObject(metric.counter() ? "sum" : "gauge");
                if (metric.counter()) {
                    kind.put("aggregationTemporality", CUMULATIVE).put("isMonotonic", true);
                }
                point(kind.putArray("dataPoints"), value.asLong(), now)
                        .put("startTimeUnixNano", Long.toString(started * 1_000_000));
            }
        }
        for (String field : OF_DATASETS) {
            ArrayNode points = metrics.addObject()
                    .put("name", "hypaware.dataset." + field)
                    .put("unit", field.startsWith("bytes") ? "By" : field.equals("files") ? "{file}" : "{row}")
                    .putObject("gauge")
                    .putArray("dataPoints");
            for (var dataset : status.path("datasets").properties()) {
                if (dataset.getValue().path(field).isIntegralNumber()) {
                    ObjectNode point =
                            point(points, dataset.getValue().path(field).asLong(), now);
                    attribute(point.putArray("attributes"), "dataset", dataset.getKey());
                }
            }
        }
        return request;
    }

    private static ObjectNode point(ArrayNode points, long value, Instant now) {
        return points.addObject()
                .put("timeUnixNano", Long.toString(now.toEpochMilli() * 1_000_000))
                .put("asInt", Long.toString(value));
    }

    private static void attribute(ArrayNode attributes, String key, String value) {
        attributes.addObject().put("key", key).putObject("value").put("stringValue", value);
    }

    private OtlpMetrics() {}
}
