package io.hypaware.project.otel;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Row;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import org.jspecify.annotations.Nullable;

/// A span as a row.
final class SpanRows {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    static Row.Builder of(Origin origin, Span span, ObjectNode attributes) {
        return origin.row()
                .set("traceId", Values.hex(span.getTraceId()))
                .set("spanId", Values.hex(span.getSpanId()))
                .set("parentSpanId", Values.hex(span.getParentSpanId()))
                .set("name", Values.text(span.getName()))
                .set("kind", span.getKindValue())
                .set("traceState", Values.text(span.getTraceState()))
                .set("startTimestamp", Values.micros(span.getStartTimeUnixNano()))
                .set("endTimestamp", Values.micros(span.getEndTimeUnixNano()))
                .set("durationMs", Values.durationMillis(span.getStartTimeUnixNano(), span.getEndTimeUnixNano()))
                .set("flags", Integer.toUnsignedLong(span.getFlags()))
                .set("droppedAttributesCount", Integer.toUnsignedLong(span.getDroppedAttributesCount()))
                .set("droppedEventsCount", Integer.toUnsignedLong(span.getDroppedEventsCount()))
                .set("droppedLinksCount", Integer.toUnsignedLong(span.getDroppedLinksCount()))
                .set("status", span.hasStatus() ? status(span.getStatus()) : null)
                .set("attributes", Values.text(attributes))
                .set("events", events(span))
                .set("links", links(span))
                .set("start_time_unix_nano", Values.nanos(span.getStartTimeUnixNano()))
                .set("end_time_unix_nano", Values.nanos(span.getEndTimeUnixNano()));
    }

    private static String status(Status status) {
        return NODES.objectNode()
                .put("code", status.getCodeValue())
                .put("message", Values.text(status.getMessage()))
                .toString();
    }

    private static @Nullable String events(Span span) {
        ArrayNode events = NODES.arrayNode();
        for (Span.Event event : span.getEventsList()) {
            events.addObject()
                    .put("name", Values.text(event.getName()))
                    .put("timeUnixNano", Values.nanos(event.getTimeUnixNano()))
                    .put("droppedAttributesCount", Integer.toUnsignedLong(event.getDroppedAttributesCount()))
                    .<ObjectNode>set("timestamp", Values.instant(event.getTimeUnixNano()))
                    .set("attributes", Values.attributes(event.getAttributesList()));
        }
        return Values.text(events);
    }

    private static @Nullable String links(Span span) {
        ArrayNode links = NODES.arrayNode();
        for (Span.Link link : span.getLinksList()) {
            links.addObject()
                    .put("traceId", Values.hex(link.getTraceId()))
                    .put("spanId", Values.hex(link.getSpanId()))
                    .put("traceState", Values.text(link.getTraceState()))
                    .put("flags", Integer.toUnsignedLong(link.getFlags()))
                    .put("droppedAttributesCount", Integer.toUnsignedLong(link.getDroppedAttributesCount()))
                    .set("attributes", Values.attributes(link.getAttributesList()));
        }
        return Values.text(links);
    }

    private SpanRows() {}
}
