package io.hypaware.project.otel;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Row;
import io.opentelemetry.proto.logs.v1.LogRecord;

/// A log record as a row.
final class LogRows {

    static Row.Builder of(Origin origin, LogRecord log, ObjectNode attributes) {
        String event =
                log.getEventName().isEmpty() ? attributes.path("event.name").asText("") : log.getEventName();
        return origin.row()
                .set("timestamp", Values.micros(log.getTimeUnixNano()))
                .set("observedTimestamp", Values.micros(log.getObservedTimeUnixNano()))
                .set(
                        "severityNumber",
                        log.getSeverityNumberValue() == 0 ? null : (Integer) log.getSeverityNumberValue())
                .set("severityText", Values.text(log.getSeverityText()))
                .set("body", log.hasBody() ? Values.json(log.getBody()).toString() : null)
                .set("traceId", Values.hex(log.getTraceId()))
                .set("spanId", Values.hex(log.getSpanId()))
                .set("flags", Integer.toUnsignedLong(log.getFlags()))
                .set("droppedAttributesCount", Integer.toUnsignedLong(log.getDroppedAttributesCount()))
                .set("attributes", Values.text(attributes))
                .set("event_name", Values.text(event))
                .set("time_unix_nano", Values.nanos(log.getTimeUnixNano()))
                .set("observed_time_unix_nano", Values.nanos(log.getObservedTimeUnixNano()));
    }

    private LogRows() {}
}
