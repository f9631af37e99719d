package io.hypaware.project.otel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The protocol's values as columns hold them.
final class Values {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final int MOST_NAME = 1_024;
    private static final String CUT = "...";
    private static final long NANOS_PER_MICRO = TimeUnit.MICROSECONDS.toNanos(1);
    private static final double NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    /// Attributes as one object; of several of one name the last counts.
    static ObjectNode attributes(List<KeyValue> attributes) {
        ObjectNode object = NODES.objectNode();
        for (KeyValue attribute : attributes) {
            object.set(attribute.getKey(), json(attribute.getValue()));
        }
        return object;
    }

    /// A value as JSON: bytes as base64, what is no number as a text.
    static JsonNode json(AnyValue value) {
        return switch (value.getValueCase()) {
            case STRING_VALUE -> NODES.textNode(value.getStringValue());
            case BOOL_VALUE -> NODES.booleanNode(value.getBoolValue());
            case INT_VALUE -> NODES.numberNode(value.getIntValue());
            case DOUBLE_VALUE -> number(value.getDoubleValue());
            case BYTES_VALUE ->
                NODES.textNode(
                        Base64.getEncoder().encodeToString(value.getBytesValue().toByteArray()));
            case ARRAY_VALUE -> {
                ArrayNode array = NODES.arrayNode();
                value.getArrayValue().getValuesList().forEach(element -> array.add(json(element)));
                yield array;
            }
            case KVLIST_VALUE -> attributes(value.getKvlistValue().getValuesList());
            // An index of a table that only profiles have.
            case STRING_VALUE_STRINDEX, VALUE_NOT_SET -> NODES.nullNode();
        };
    }

    static JsonNode number(double value) {
        return Double.isFinite(value) ? NODES.numberNode(value) : NODES.textNode(Double.toString(value));
    }

    /// The text of an object; nothing where it is empty.
    static @Nullable String text(JsonNode object) {
        return object.isEmpty() ? null : object.toString();
    }

    static @Nullable String text(String text) {
        return text.isEmpty() ? null : text;
    }

    /// A name that stands in each of many rows, though it was sent once: a long one is cut.
    static @Nullable String name(String name) {
        if (name.length() <= MOST_NAME) {
            return text(name);
        }
        return name.substring(0, name.offsetByCodePoints(0, MOST_NAME / 2)) + CUT;
    }

    /// An id as it is written, in hex; nothing where there is none.
    static @Nullable String hex(ByteString id) {
        return id.isEmpty() ? null : HexFormat.of().formatHex(id.toByteArray());
    }

    /// Nanoseconds without a sign as the column holds them: the largest there is where they are more. Nothing where a
    /// time is not known, which the protocol says by zero.
    static @Nullable Long nanos(long unsigned) {
        return unsigned == 0 ? null : (Long) count(unsigned);
    }

    /// The same in microseconds.
    static @Nullable Long micros(long unsignedNanos) {
        return unsignedNanos == 0 ? null : (Long) Long.divideUnsigned(unsignedNanos, NANOS_PER_MICRO);
    }

    /// A time as texts have it.
    static JsonNode instant(long unsignedNanos) {
        if (unsignedNanos == 0) {
            return NODES.nullNode();
        }
        long seconds = Long.divideUnsigned(unsignedNanos, TimeUnit.SECONDS.toNanos(1));
        long rest = Long.remainderUnsigned(unsignedNanos, TimeUnit.SECONDS.toNanos(1));
        return NODES.textNode(java.time.Instant.ofEpochSecond(seconds, rest).toString());
    }

    /// Between two times; nothing where one is not known or they are the wrong way round.
    static @Nullable Double durationMillis(long start, long end) {
        return start == 0 || end == 0 || Long.compareUnsigned(end, start) < 0
                ? null
                : (Double) ((end - start) / NANOS_PER_MILLI);
    }

    /// A number without a sign; the largest that the column holds where it is more.
    static long count(long unsigned) {
        return unsigned < 0 ? Long.MAX_VALUE : unsigned;
    }

    /// The same of one of 32 bits; nothing where it is zero, as most are.
    static @Nullable Long count(int unsigned) {
        return unsigned == 0 ? null : (Long) Integer.toUnsignedLong(unsigned);
    }

    private Values() {}
}
