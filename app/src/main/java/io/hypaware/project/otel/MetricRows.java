package io.hypaware.project.otel;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Row;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The data points of a metric as rows.
final class MetricRows {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /// Takes the points one by one.
    @FunctionalInterface
    interface Points {
        /// @param timeUnixNano of the point, 0 if it says none
        void take(Row.Builder row, ObjectNode attributes, long timeUnixNano);
    }

    private final Points points;
    private final Row.Builder metric;

    private MetricRows(Origin origin, Metric metric, Points points) {
        this.points = points;
        this.metric = origin.row()
                .set("metricName", Values.name(metric.getName()))
                .set("description", Values.name(metric.getDescription()))
                .set("unit", Values.name(metric.getUnit()))
                .set("metadata", Values.text(Values.attributes(metric.getMetadataList())));
    }

    static void read(Origin origin, Metric metric, Points points) {
        new MetricRows(origin, metric, points).read(metric);
    }

    private void read(Metric of) {
        switch (of.getDataCase()) {
            case GAUGE -> {
                metric.set("metricType", "gauge");
                of.getGauge().getDataPointsList().forEach(this::number);
            }
            case SUM -> {
                metric.set("metricType", "sum")
                        .set("aggregationTemporality", of.getSum().getAggregationTemporalityValue())
                        .set("isMonotonic", of.getSum().getIsMonotonic());
                of.getSum().getDataPointsList().forEach(this::number);
            }
            case HISTOGRAM -> {
                metric.set("metricType", "histogram")
                        .set("aggregationTemporality", of.getHistogram().getAggregationTemporalityValue());
                of.getHistogram().getDataPointsList().forEach(this::histogram);
            }
            case EXPONENTIAL_HISTOGRAM -> {
                metric.set("metricType", "exponentialHistogram")
                        .set(
                                "aggregationTemporality",
                                of.getExponentialHistogram().getAggregationTemporalityValue());
                of.getExponentialHistogram().getDataPointsList().forEach(this::exponentialHistogram);
            }
            case SUMMARY -> {
                metric.set("metricType", "summary");
                of.getSummary().getDataPointsList().forEach(this::summary);
            }
            case DATA_NOT_SET -> {}
        }
    }

    private void number(NumberDataPoint point) {
        Row.Builder row = point(point.getFlags(), point.getStartTimeUnixNano(), point.getTimeUnixNano())
                .set("exemplars", exemplars(point.getExemplarsList()));
        switch (point.getValueCase()) {
            case AS_DOUBLE -> row.set("value", point.getAsDouble()).set("valueType", "double");
            case AS_INT -> row.set("valueInt", point.getAsInt()).set("valueType", "int");
            case VALUE_NOT_SET -> {}
        }
        take(row, point.getAttributesList(), point.getTimeUnixNano());
    }

    private void histogram(HistogramDataPoint point) {
        Row.Builder row = point(point.getFlags(), point.getStartTimeUnixNano(), point.getTimeUnixNano())
                .set("count", Values.count(point.getCount()))
                .set("sum", point.hasSum() ? point.getSum() : null)
                .set("min", point.hasMin() ? point.getMin() : null)
                .set("max", point.hasMax() ? point.getMax() : null)
                .set("bucketCounts", Values.text(counts(point.getBucketCountsList())))
                .set("explicitBounds", Values.text(numbers(point.getExplicitBoundsList())))
                .set("exemplars", exemplars(point.getExemplarsList()));
        take(row, point.getAttributesList(), point.getTimeUnixNano());
    }

    private void exponentialHistogram(ExponentialHistogramDataPoint point) {
        Row.Builder row = point(point.getFlags(), point.getStartTimeUnixNano(), point.getTimeUnixNano())
                .set("count", Values.count(point.getCount()))
                .set("sum", point.hasSum() ? point.getSum() : null)
                .set("min", point.hasMin() ? point.getMin() : null)
                .set("max", point.hasMax() ? point.getMax() : null)
                .set("scale", point.getScale())
                .set("zeroCount", Values.count(point.getZeroCount()))
                .set("zeroThreshold", point.getZeroThreshold())
                .set("positive", point.hasPositive() ? buckets(point.getPositive()) : null)
                .set("negative", point.hasNegative() ? buckets(point.getNegative()) : null)
                .set("exemplars", exemplars(point.getExemplarsList()));
        take(row, point.getAttributesList(), point.getTimeUnixNano());
    }

    private void summary(SummaryDataPoint point) {
        ArrayNode quantiles = NODES.arrayNode();
        for (SummaryDataPoint.ValueAtQuantile quantile : point.getQuantileValuesList()) {
            ObjectNode value = quantiles.addObject();
            value.set("quantile", Values.number(quantile.getQuantile()));
            value.set("value", Values.number(quantile.getValue()));
        }
        Row.Builder row = point(point.getFlags(), point.getStartTimeUnixNano(), point.getTimeUnixNano())
                .set("count", Values.count(point.getCount()))
                .set("sum", point.getSum())
                .set("quantileValues", Values.text(quantiles));
        take(row, point.getAttributesList(), point.getTimeUnixNano());
    }

    private Row.Builder point(int flags, long start, long time) {
        return metric.copy()
                .set("flags", Integer.toUnsignedLong(flags))
                .set("startTimestamp", Values.micros(start))
                .set("timestamp", Values.micros(time))
                .set("start_time_unix_nano", Values.nanos(start))
                .set("time_unix_nano", Values.nanos(time));
    }

    private void take(Row.Builder row, List<KeyValue> list, long time) {
        ObjectNode attributes = Values.attributes(list);
        row.set("attributes", Values.text(attributes))
                .set(
                        "gen_ai_token_type",
                        Values.text(attributes.path("gen_ai.token.type").asText("")));
        points.take(row, attributes, time);
    }

    private static String buckets(ExponentialHistogramDataPoint.Buckets buckets) {
        return NODES.objectNode()
                .put("offset", buckets.getOffset())
                .set("bucketCounts", counts(buckets.getBucketCountsList()))
                .toString();
    }

    private static ArrayNode counts(List<Long> counts) {
        ArrayNode array = NODES.arrayNode();
        counts.forEach(count -> array.add(Values.count(count)));
        return array;
    }

    private static ArrayNode numbers(List<Double> numbers) {
        ArrayNode array = NODES.arrayNode();
        numbers.forEach(number -> array.add(Values.number(number)));
        return array;
    }

    private static @Nullable String exemplars(List<Exemplar> exemplars) {
        ArrayNode array = NODES.arrayNode();
        for (Exemplar exemplar : exemplars) {
            ObjectNode object = array.addObject();
            object.set("timestamp", Values.instant(exemplar.getTimeUnixNano()));
            object.put("timeUnixNano", Values.nanos(exemplar.getTimeUnixNano()));
            switch (exemplar.getValueCase()) {
                case AS_DOUBLE -> object.put("valueType", "double").set("value", Values.number(exemplar.getAsDouble()));
                case AS_INT -> object.put("valueType", "int").put("value", exemplar.getAsInt());
                case VALUE_NOT_SET -> {}
            }
            object.put("traceId", Values.hex(exemplar.getTraceId()))
                    .put("spanId", Values.hex(exemplar.getSpanId()))
                    .set("filteredAttributes", Values.attributes(exemplar.getFilteredAttributesList()));
        }
        return Values.text(array);
    }
}
