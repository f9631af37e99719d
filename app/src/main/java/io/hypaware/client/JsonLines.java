package io.hypaware.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import java.util.stream.Collectors;

/// Writes values as the lines around them are written.
final class JsonLines {

    private static final ObjectMapper JSON = new ObjectMapper();

    /// A value of several lines, all but the first of which begin with an indentation.
    static String of(JsonNode value, String indent, String unit, String newline) {
        if (value.isEmpty()) {
            return compact(value);
        }
        String inner = indent + unit;
        if (value.isObject()) {
            return value.properties().stream()
                    .map(field -> inner + quoted(field.getKey()) + ": " + of(field.getValue(), inner, unit, newline))
                    .collect(Collectors.joining("," + newline, "{" + newline, newline + indent + "}"));
        }
        return value.valueStream()
                .map(element -> inner + of(element, inner, unit, newline))
                .collect(Collectors.joining("," + newline, "[" + newline, newline + indent + "]"));
    }

    /// A value in one line.
    static String compact(JsonNode value) {
        if (value.isObject() && !value.isEmpty()) {
            return value.properties().stream()
                    .map(field -> quoted(field.getKey()) + ": " + compact(field.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        if (value.isArray() && !value.isEmpty()) {
            return value.valueStream().map(JsonLines::compact).collect(Collectors.joining(", ", "[", "]"));
        }
        return written(value);
    }

    static String quoted(String text) {
        return written(JSON.getNodeFactory().textNode(text));
    }

    private static String written(JsonNode value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonLines() {}
}
