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

    /// A data point as a row.
    ///
    /// @param timeUnixNano of the point, 0 if it says none
    record Point(Row.Builder row, ObjectNode attributes, long timeUnixNano) {}

    private final Metric of;
    private final Row.Builder metric;

    MetricRows(Origin origin, Metric of) {
        this.of = of;
        this.metric = origin.row()
                .set("metricName", Values.name(of.getName()))
                .set("description", Values.name(of.getDescription()))
                .set("unit", Values.name(of.getUnit()))
                .set("metadata", Values.text(Values.attributes(of.getMetadataList())));
        switch (of.getDataCase()) {
            case GAUGE -> metric.set("metricType", "gauge");
            case SUM ->
                metric.set("metricType", "sum")
                        .set("aggregationTemporality", of.getSum().getAggregationTemporalityValue())
                        .set("isMonotonic", of.getSum().getIsMonotonic());
            case HISTOGRAM ->
                metric.set("metricType", "histogram")
                        .set("aggregationTemporality", of.getHistogram().getAggregationTemporalityValue());
            case EXPONENTIAL_HISTOGRAM ->
                metric.set("metricType", "exponentialHistogram")
                        .set(
                                "aggregationTemporality",
                                of.getExponentialHistogram().getAggregationTemporalityValue());
            case SUMMARY -> metric.set("metricType", "summary");
            case DATA_NOT_SET -> {}
        }
    }

    /// How many points there are.
    int size() {
        return switch (of.getDataCase()) {
            case GAUGE -> of.getGauge().getDataPointsCount();
            case SUM -> of.getSum().getDataPointsCount();
            case HISTOGRAM -> of.getHistogram().getDataPointsCount();
            case EXPONENTIAL_HISTOGRAM -> of.getExponentialHistogram().getDataPointsCount();
            case SUMMARY -> of.getSummary().getDataPointsCount();
            case DATA_NOT_SET -> 0;
        };
    }

    /// One of them, from 0.
    Point point(int index) {
        return switch (of.getDataCase()) {
            case GAUGE -> number(of.getGauge().getDataPoints(index));
            case SUM -> number(of.getSum().getDataPoints(index));
            case HISTOGRAM -> histogram(of.getHistogram().getDataPoints(index));
            case EXPONENTIAL_HISTOGRAM ->
                exponentialHistogram(of.getExponentialHistogram().getDataPoints(index));
            case SUMMARY -> summary(of.getSummary().getDataPoints(index));
            case DATA_NOT_SET -> throw new IndexOutOfBoundsException(index);
        };
    }

    private Point number(NumberDataPoint point) {
        Row.Builder row = times(point.getFlags(), point.getStartTimeUnixNano(), point.getTimeUnixNano())
                .set("exemplars", exemplars(point.getExemplarsList()));
        switch (point.getValueCase()) {
            case AS_DOUBLE -> row.set("value", point.getAsDouble()).set("valueType", "double");
            case AS_INT -> row.set("valueInt", point.getAsInt()).set("valueType", "int");
            case VALUE_NOT_SET -> {}
        }
        return of(row, point.getAttributesList(), point.getTimeUnixNano());
    }

    private Point histogram(HistogramDataPoint point) {
        Row.Builder row = times(point.getFlags(), point.getStartTimeUnixNano(), point.getTimeUnixNano())
                .set("count", Values.count(point.getCount()))
                .set("sum", point.hasSum() ? point.getSum() : null)
                .set("min", point.hasMin() ? point.getMin() : null)
                .set("max", point.hasMax() ? point.getMax() : null)
                .set("bucketCounts", Values.text(counts(point.getBucketCountsList())))
                .set("explicitBounds", Values.text(numbers(point.getExplicitBoundsList())))
                .set("exemplars", exemplars(point.getExemplarsList()));
        return of(row, point.getAttributesList(), point.getTimeUnixNano());
    }

    private Point exponentialHistogram(ExponentialHistogramDataPoint point) {
        Row.Builder row = times(point.getFlags(), point.getStartTimeUnixNano(), point.getTimeUnixNano())
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
        return of(row, point.getAttributesList(), point.getTimeUnixNano());
    }

    private Point summary(SummaryDataPoint point) {
        ArrayNode quantiles = NODES.arrayNode();
        for (SummaryDataPoint.ValueAtQuantile quantile : point.getQuantileValuesList()) {
            ObjectNode value = quantiles.addObject();
            value.set("quantile", Values.number(quantile.getQuantile()));
            value.set("value", Values.number(quantile.getValue()));
        }
        Row.Builder row = times(point.getFlags(), point.getStartTimeUnixNano(), point.getTimeUnixNano())
                .set("count", Values.count(point.getCount()))
                .set("sum", point.getSum())
                .set("quantileValues", Values.text(quantiles));
        return of(row, point.getAttributesList(), point.getTimeUnixNano());
    }

    private Row.Builder times(int flags, long start, long time) {
        return metric.copy()
                .set("flags", Integer.toUnsignedLong(flags))
                .set("startTimestamp", Values.micros(start))
                .set("timestamp", Values.micros(time))
                .set("start_time_unix_nano", Values.nanos(start))
                .set("time_unix_nano", Values.nanos(time));
    }

    private static Point of(Row.Builder row, List<KeyValue> list, long time) {
        ObjectNode attributes = Values.attributes(list);
        row.set("attributes", Values.text(attributes))
                .set(
                        "gen_ai_token_type",
                        Values.text(attributes.path("gen_ai.token.type").asText("")));
        return new Point(row, attributes, time);
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
