package io.hypaware.payload;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/// A piece of a value that is stored in parts: text that stands in the list itself, or the hash of another payload.
///
/// A list of parts is kept as a JSON array of strings, `=` before a text and `#` before a hash, so that other
/// engines can read it, too. The value is the parts one after the other.
public sealed interface Part {

    /// Text as it is.
    record Literal(String text) implements Part {}

    /// Another payload, whole or in parts itself.
    record Ref(String hash) implements Part {}

    JsonFactory JSON = new JsonFactory();

    /// As one part of a list is written.
    private String encoded() {
        return switch (this) {
            case Literal(String text) -> "=" + text;
            case Ref(String hash) -> "#" + hash;
        };
    }

    static String toJson(List<Part> parts) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartArray();
            for (Part part : parts) {
                json.writeString(part.encoded());
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString();
    }

    /// @throws UncheckedIOException if the text is no list of parts
    static List<Part> ofJson(String text) {
        List<Part> parts = new ArrayList<>();
        try (JsonParser json = JSON.createParser(text)) {
            if (json.nextToken() != JsonToken.START_ARRAY) {
                throw new IOException("not an array");
            }
            while (json.nextToken() == JsonToken.VALUE_STRING) {
                String part = json.getText();
                parts.add(part.startsWith("#") ? new Ref(part.substring(1)) : new Literal(part.substring(1)));
            }
            return parts;
        } catch (IOException e) {
            throw new UncheckedIOException("a payload's parts cannot be read", e);
        }
    }
}
