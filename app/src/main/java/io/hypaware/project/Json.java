package io.hypaware.project;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;

/// JSON as wire formats need it: long strings allowed, numbers kept as written.
public final class Json {

    /// One body is at most as long as the journal records.
    private static final int MOST_CHARS = 256 * 1024 * 1024;

    private static final int PIECE_CHARS = 64 * 1024;

    public static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(MOST_CHARS)
                            .maxNestingDepth(1_000)
                            .build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    public static String text(JsonNode node) {
        try {
            return MAPPER.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The object at a field, made anew if something else is there.
    public static ObjectNode objectAt(ObjectNode node, String field) {
        return node.get(field) instanceof ObjectNode object ? object : node.putObject(field);
    }

    /// The list at a field, made anew if something else is there.
    public static ArrayNode arrayAt(ObjectNode node, String field) {
        return node.get(field) instanceof ArrayNode array ? array : node.putArray(field);
    }

    /// The JSON that a text is; empty if it is none.
    public static Optional<JsonNode> parsed(String text) {
        try {
            return Optional.ofNullable(MAPPER.readTree(text)).filter(node -> !node.isMissingNode());
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /// The text at a field; empty if there is none or it is no text.
    public static Optional<String> textAt(JsonNode node, String field) {
        JsonNode value = node.path(field);
        return value.isTextual() ? Optional.of(value.textValue()) : Optional.empty();
    }

    /// The whole number at a field, however it is written (`12`, `12.0`); empty if there is none that a column holds.
    public static Optional<Long> longAt(JsonNode node, String field) {
        JsonNode value = node.path(field);
        if (!value.isNumber()) {
            return Optional.empty();
        }
        try {
            return Optional.of(value.decimalValue().longValueExact());
        } catch (ArithmeticException e) {
            // A fraction, or beyond what a column holds.
            return Optional.empty();
        }
    }

    /// One form for all spellings of the same value: fields in order, nulls and `cache_control` left out. In pieces,
    /// none of them large, because it is hashed only.
    public static void canonical(JsonNode node, Consumer<CharSequence> out) {
        if (node.isObject()) {
            out.accept("{");
            TreeSet<String> names = new TreeSet<>();
            node.fieldNames().forEachRemaining(names::add);
            for (String name : names) {
                if (!name.equals("cache_control") && !node.get(name).isNull()) {
                    out.accept(name);
                    out.accept(":");
                    canonical(node.get(name), out);
                    out.accept(",");
                }
            }
            out.accept("}");
        } else if (node.isArray()) {
            out.accept("[");
            for (JsonNode element : node) {
                canonical(element, out);
                out.accept(",");
            }
            out.accept("]");
        } else if (node.isTextual() && node.textValue().length() > PIECE_CHARS) {
            quoted(node.textValue(), out);
        } else {
            out.accept(node.toString());
        }
    }

    private static void quoted(String text, Consumer<CharSequence> out) {
        out.accept("\"");
        int begin = 0;
        while (begin < text.length()) {
            int end = Math.min(text.length(), begin + PIECE_CHARS);
            if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
                end--;
            }
            String piece =
                    MAPPER.getNodeFactory().textNode(text.substring(begin, end)).toString();
            out.accept(piece.substring(1, piece.length() - 1));
            begin = end;
        }
        out.accept("\"");
    }

    private Json() {}
}
