package io.hypaware.project.otel;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// JSON as a message of the protocol: protobuf's own mapping, but ids are in hex and enums are numbers. Names of enums
/// are taken, too, as some senders write them.
final class JsonMessages {

    private static final Set<String> IDS = Set.of("trace_id", "span_id", "parent_span_id");

    private static final BigDecimal TWO_TO_64 = BigDecimal.TWO.pow(64);

    /// By a message's full name, its fields under both of their names.
    private static final Map<String, Map<String, FieldDescriptor>> FIELDS = new ConcurrentHashMap<>();

    /// Sets what an object says; nothing where there is none.
    ///
    /// @throws IOException if a value is not of its field's type
    static void merge(JsonNode json, Message.Builder message) throws IOException {
        if (json.isMissingNode() || json.isNull()) {
            return;
        }
        if (!json.isObject()) {
            throw new IOException("a " + message.getDescriptorForType().getName() + " is no object");
        }
        Map<String, FieldDescriptor> fields = FIELDS.computeIfAbsent(
                message.getDescriptorForType().getFullName(), _ -> fields(message.getDescriptorForType()));
        for (Map.Entry<String, JsonNode> entry : json.properties()) {
            FieldDescriptor field = fields.get(entry.getKey());
            if (field == null || entry.getValue().isNull()) {
                continue;
            }
            if (!field.isRepeated()) {
                message.setField(field, value(entry.getValue(), field, message));
            } else if (entry.getValue().isArray()) {
                for (JsonNode element : entry.getValue()) {
                    message.addRepeatedField(field, value(element, field, message));
                }
            } else {
                throw wrong(field);
            }
        }
    }

    private static Map<String, FieldDescriptor> fields(Descriptor descriptor) {
        Map<String, FieldDescriptor> fields = new HashMap<>();
        for (FieldDescriptor field : descriptor.getFields()) {
            fields.put(field.getName(), field);
            fields.put(field.getJsonName(), field);
        }
        return Map.copyOf(fields);
    }

    private static Object value(JsonNode json, FieldDescriptor field, Message.Builder message) throws IOException {
        return switch (field.getJavaType()) {
            case MESSAGE -> {
                Message.Builder inner = message.newBuilderForField(field);
                merge(json, inner);
                yield inner.build();
            }
            case STRING -> text(json, field);
            case BYTE_STRING -> bytes(text(json, field), field);
            case BOOLEAN -> {
                if (!json.isBoolean()) {
                    throw wrong(field);
                }
                yield json.booleanValue();
            }
            case DOUBLE -> number(json, field);
            case FLOAT -> (float) number(json, field);
            case INT -> (int) whole(json, field, field.getType() == FieldDescriptor.Type.INT32);
            case LONG -> whole(json, field, true);
            case ENUM -> enumValue(json, field);
        };
    }

    private static String text(JsonNode json, FieldDescriptor field) throws IOException {
        if (!json.isTextual()) {
            throw wrong(field);
        }
        return json.textValue();
    }

    private static ByteString bytes(String text, FieldDescriptor field) throws IOException {
        try {
            return ByteString.copyFrom(
                    IDS.contains(field.getName())
                            ? HexFormat.of().parseHex(text)
                            : Base64.getDecoder().decode(text.replace('-', '+').replace('_', '/')));
        } catch (IllegalArgumentException e) {
            throw new IOException(wrong(field).getMessage(), e);
        }
    }

    /// Numbers may stand in quotes, and what is none has its name.
    private static double number(JsonNode json, FieldDescriptor field) throws IOException {
        if (json.isNumber()) {
            return json.doubleValue();
        }
        try {
            return Double.parseDouble(text(json, field));
        } catch (NumberFormatException e) {
            throw new IOException(wrong(field).getMessage(), e);
        }
    }

    /// A whole number of up to 64 bits, as the bits that it takes.
    private static long whole(JsonNode json, FieldDescriptor field, boolean isLong) throws IOException {
        if (json.isIntegralNumber() && json.canConvertToLong()) {
            return inRange(json.longValue(), field, isLong);
        }
        if (!json.isNumber() && !json.isTextual()) {
            throw wrong(field);
        }
        try {
            BigDecimal number = json.isNumber() ? json.decimalValue() : new BigDecimal(json.textValue());
            // Written out, a large exponent would take what it says.
            if (number.abs().compareTo(TWO_TO_64) >= 0 || number.scale() > 400) {
                throw wrong(field);
            }
            java.math.BigInteger whole = number.toBigIntegerExact();
            return inRange(isUnsigned(field) ? whole.longValue() : whole.longValueExact(), field, isLong);
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IOException(wrong(field).getMessage(), e);
        }
    }

    private static boolean isUnsigned(FieldDescriptor field) {
        return switch (field.getType()) {
            case FIXED64, UINT64 -> true;
            default -> false;
        };
    }

    private static long inRange(long number, FieldDescriptor field, boolean isLong) throws IOException {
        boolean fits = switch (field.getJavaType()) {
            case INT -> isLong ? number == (int) number : number >= Integer.MIN_VALUE && number <= 0xffffffffL;
            default -> true;
        };
        if (!fits) {
            throw wrong(field);
        }
        return number;
    }

    private static EnumValueDescriptor enumValue(JsonNode json, FieldDescriptor field) throws IOException {
        if (json.isTextual()) {
            EnumValueDescriptor named = field.getEnumType().findValueByName(json.textValue());
            if (named == null) {
                throw wrong(field);
            }
            return named;
        }
        if (!json.canConvertToInt()) {
            throw wrong(field);
        }
        return field.getEnumType().findValueByNumberCreatingIfUnknown(json.intValue());
    }

    private static IOException wrong(FieldDescriptor field) {
        return new IOException(
                field.getContainingType().getName() + "." + field.getJsonName() + " has a value of another type");
    }

    private JsonMessages() {}
}
