package io.hypaware.project.message;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.project.Body;
import io.hypaware.project.Json;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Goes over a request once, from its first byte to where it breaks off. Messages are handed over one by one, all
/// other fields are gathered.
final class RequestWalk {

    /// Takes one element of the array of messages.
    @FunctionalInterface
    interface ElementReader {
        void read(int index, JsonNode element);

        /// Whether the element is known by its bytes; it is not read then.
        default boolean isKnown(int index, byte[] body, RequestOutline.Span span) {
            return false;
        }
    }

    private final WireFormat format;
    private final ElementReader reader;
    private final ObjectNode fields = Json.object();
    private final List<RequestOutline.Span> elements = new ArrayList<>();
    private final List<RequestOutline.Span> tools = new ArrayList<>();
    private final List<String> system = new ArrayList<>();
    private int count;

    /// Whether a message was there that is no system text.
    private boolean begun;

    RequestWalk(WireFormat format, ElementReader reader) {
        this.format = format;
        this.reader = reader;
    }

    /// All fields but the messages.
    ObjectNode fields() {
        return fields;
    }

    /// Where the elements stand; fewer than there are if that cannot be told.
    List<RequestOutline.Span> elements() {
        return elements;
    }

    /// Where the definitions of tools stand.
    List<RequestOutline.Span> tools() {
        return tools;
    }

    /// The system text that stands before the messages.
    List<String> system() {
        return system;
    }

    /// Reads the body up to where it breaks off.
    ///
    /// @param repair whether bytes that are no UTF-8 are replaced
    /// @return why not all of it could be read
    Optional<String> over(Body body, boolean repair) throws IOException {
        Optional<byte[]> held = repair ? Optional.empty() : body.bytes();
        try (JsonParser json =
                held.isPresent() ? Json.MAPPER.getFactory().createParser(held.get()) : parser(body.open(), repair)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return Optional.of("it is no JSON object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                field(name, json.nextToken(), json, held);
            }
            return Optional.empty();
        } catch (StreamConstraintsException e) {
            return Optional.of("it has more levels, or a longer name or number, than are read");
        } catch (JsonProcessingException | CharConversionException e) {
            // The place only: the library's own words quote the body.
            long at = e instanceof JsonProcessingException json && json.getLocation() != null
                    ? Math.max(
                            json.getLocation().getByteOffset(),
                            json.getLocation().getCharOffset())
                    : -1;
            return Optional.of(at < 0 ? "it is no JSON" : "it is no JSON from byte " + at + " on");
        }
    }

    private void field(String name, JsonToken token, JsonParser json, Optional<byte[]> held) throws IOException {
        boolean isMessages = name.equals(format.messagesField());
        if (isMessages && token == JsonToken.START_ARRAY) {
            while (json.nextToken() != JsonToken.END_ARRAY) {
                element(json, held);
            }
        } else if (isMessages && token == JsonToken.VALUE_STRING) {
            isMessage(json.readValueAsTree());
        } else if (name.equals("tools") && token == JsonToken.START_ARRAY) {
            tools.clear();
            ArrayNode definitions = Json.MAPPER.createArrayNode();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                definitions.add(tool(json));
            }
            fields.set(name, definitions);
        } else {
            fields.set(name, json.<JsonNode>readValueAsTree());
        }
    }

    private static JsonParser parser(InputStream body, boolean repair) throws IOException {
        return repair
                ? Json.MAPPER.getFactory().createParser(new InputStreamReader(body, StandardCharsets.UTF_8))
                : Json.MAPPER.getFactory().createParser(body);
    }

    private void element(JsonParser json, Optional<byte[]> held) throws IOException {
        long start = json.currentTokenLocation().getByteOffset();
        if (held.isEmpty() || start < 0 || json.currentToken() != JsonToken.START_OBJECT) {
            boolean object = json.currentToken() == JsonToken.START_OBJECT;
            JsonNode element = json.readValueAsTree();
            if (isMessage(element) && object && start >= 0) {
                elements.add(
                        new RequestOutline.Span(start, json.currentLocation().getByteOffset()));
            }
            return;
        }
        json.skipChildren();
        RequestOutline.Span span =
                new RequestOutline.Span(start, json.currentLocation().getByteOffset());
        if (begun && reader.isKnown(count, held.get(), span)) {
            count++;
            elements.add(span);
        } else if (isMessage(parsed(json, held.get(), span))) {
            elements.add(span);
        }
    }

    /// Hands the element over, unless it is system text and no more than that.
    private boolean isMessage(JsonNode element) {
        if (!begun) {
            Optional<String> text = format.systemText(element);
            text.ifPresent(system::add);
            begun = text.isEmpty();
            if (text.isPresent() && !format.keepsSystemMessages()) {
                return false;
            }
        }
        reader.read(count++, element);
        return true;
    }

    private static JsonNode parsed(JsonParser json, byte[] body, RequestOutline.Span span) throws IOException {
        int length = Math.toIntExact(span.end() - span.start());
        try {
            return Json.MAPPER.readTree(body, Math.toIntExact(span.start()), length);
        } catch (JsonProcessingException e) {
            long at = span.start()
                    + (e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getByteOffset()));
            throw new JsonParseException(json, e.getOriginalMessage(), new JsonLocation(null, at, -1, 0, 0), e);
        }
    }

    /// Reads a definition, and where it stands if it is an object. Bytes are counted in UTF-8 only.
    private JsonNode tool(JsonParser json) throws IOException {
        boolean object = json.currentToken() == JsonToken.START_OBJECT;
        long start = json.currentTokenLocation().getByteOffset();
        JsonNode element = json.readValueAsTree();
        if (object && start >= 0) {
            tools.add(new RequestOutline.Span(start, json.currentLocation().getByteOffset()));
        }
        return element;
    }
}
