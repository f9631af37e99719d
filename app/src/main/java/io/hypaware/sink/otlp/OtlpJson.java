package io.hypaware.sink.otlp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.io.IOException;
import java.io.Writer;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/// The protocol's own JSON, which is not that of protobuf: ids are hexadecimal, enums numbers.
final class OtlpJson {

    private static final JsonFactory JSON = new JsonFactory().disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);

    private OtlpJson() {}

    /// Writes a message as one line.
    static void line(Message message, Writer out) throws IOException {
        try (JsonGenerator json = JSON.createGenerator(out)) {
            object(message, json);
        }
        out.write('\n');
    }

    private static void object(Message message, JsonGenerator json) throws IOException {
        json.writeStartObject();
        for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
            json.writeFieldName(field.getKey().getJsonName());
            if (field.getValue() instanceof List<?> values) {
                json.writeStartArray();
                for (Object value : values) {
                    value(value, json);
                }
                json.writeEndArray();
            } else {
                value(field.getValue(), json);
            }
        }
        json.writeEndObject();
    }

    private static void value(Object value, JsonGenerator json) throws IOException {
        switch (value) {
            case Message message -> object(message, json);
            case ByteString bytes -> json.writeString(HexFormat.of().formatHex(bytes.toByteArray()));
            case EnumValueDescriptor constant -> json.writeNumber(constant.getNumber());
            // As a text, as JavaScript's numbers are too short.
            case Long number -> json.writeString(number.toString());
            case Integer number -> json.writeNumber(number);
            case Double number -> json.writeNumber(number);
            case Boolean bool -> json.writeBoolean(bool);
            default -> json.writeString(value.toString());
        }
    }
}
