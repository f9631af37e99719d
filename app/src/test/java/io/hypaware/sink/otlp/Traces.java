package io.hypaware.sink.otlp;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Spans that arrived somewhere, in the order of their arrival.
final class Traces {

    final List<Span> spans = new ArrayList<>();

    synchronized void add(ExportTraceServiceRequest request) {
        request.getResourceSpansList()
                .forEach(resource -> resource.getScopeSpansList().forEach(scope -> spans.addAll(scope.getSpansList())));
    }

    /// By what each span is within, in order of time: a line each, deeper ones behind more spaces.
    synchronized String tree() {
        Map<ByteString, Span> once = new LinkedHashMap<>();
        spans.forEach(span -> once.put(span.getSpanId(), span));
        Map<ByteString, List<Span>> children = new HashMap<>();
        once.values().stream()
                .sorted(Comparator.comparingLong(Span::getStartTimeUnixNano))
                .forEach(span -> children.computeIfAbsent(
                                once.containsKey(span.getParentSpanId()) ? span.getParentSpanId() : ByteString.EMPTY,
                                _ -> new ArrayList<>())
                        .add(span));
        StringBuilder out = new StringBuilder();
        print(children, ByteString.EMPTY, "", out);
        return out.toString();
    }

    private static void print(
            Map<ByteString, List<Span>> children, ByteString parent, String indent, StringBuilder out) {
        for (Span span : children.getOrDefault(parent, List.of())) {
            boolean failed = span.getStatus().getCode() == Status.StatusCode.STATUS_CODE_ERROR;
            out.append(indent)
                    .append(span.getName())
                    .append(failed ? " (" + span.getStatus().getMessage() + ")" : "")
                    .append('\n');
            print(children, span.getSpanId(), indent + "  ", out);
        }
    }

    Span named(String name) {
        return spans.stream()
                .filter(span -> span.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no span " + name + " in\n" + tree()));
    }

    static Map<String, String> attributes(Span span) {
        Map<String, String> all = new LinkedHashMap<>();
        for (KeyValue attribute : span.getAttributesList()) {
            all.put(
                    attribute.getKey(),
                    switch (attribute.getValue().getValueCase()) {
                        case STRING_VALUE -> attribute.getValue().getStringValue();
                        case INT_VALUE -> Long.toString(attribute.getValue().getIntValue());
                        case DOUBLE_VALUE ->
                            Double.toString(attribute.getValue().getDoubleValue());
                        default ->
                            attribute.getValue().getArrayValue().getValues(0).getStringValue();
                    });
        }
        return all;
    }
}
