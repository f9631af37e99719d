package io.hypaware.payload;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/// Where the elements of a body are: each tool definition, each system block, each content block or, where a
/// block holds a long text, that text. What an agent sends again stands in the same elements then, whatever it
/// puts between them.
///
/// @param elements in order, none inside another; what is between them belongs to no element
public record Cuts(List<Element> elements) {

    /// A range of bytes.
    ///
    /// @param end one past the last; of a string, where the next token begins, which is not told apart from what
    /// separates them until the bytes are seen
    public record Element(long start, long end, boolean string) {}

    /// A shorter text stays in its block.
    static final int LONG_STRING_BYTES = 512;

    /// Arrays in arrays below this are left whole: messages, and their content blocks.
    private static final int DEEPEST_ARRAY = 2;

    /// Values in objects below this are left whole: a body may be made of brackets alone, the stack may not.
    private static final int DEEPEST_OBJECT = 200;

    private static final String TOOLS = "tools";

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(10_000)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    public Cuts {
        elements = List.copyOf(elements);
    }

    /// No elements: a body that is stored in blocks.
    public static Cuts none() {
        return new Cuts(List.of());
    }

    /// Finds the elements of a JSON body, in constant memory but for their places. What is no JSON, or breaks off,
    /// has the elements that were found until then.
    public static Cuts ofJson(InputStream body) throws IOException {
        return of(JSON.createParser(body));
    }

    /// The same of a body that is at hand.
    public static Cuts ofJson(byte[] body) throws IOException {
        return of(JSON.createParser(body));
    }

    private static Cuts of(JsonParser parser) throws IOException {
        Walk walk = new Walk();
        try (JsonParser json = parser) {
            if (json.nextToken() == JsonToken.START_OBJECT) {
                walk.object(json, 0);
            } else if (json.currentToken() == JsonToken.START_ARRAY) {
                walk.wholeElements(json);
            }
        } catch (JacksonException | CharConversionException e) {
            // Not JSON, or not to its end. The bytes are kept all the same.
        }
        return new Cuts(walk.found);
    }

    private static final class Walk {

        private final List<Element> found = new ArrayList<>();
        private int depth;

        /// Leaves the parser at the token after the object.
        private void object(JsonParser json, int arrays) throws IOException {
            json.nextToken();
            while (json.currentToken() == JsonToken.FIELD_NAME) {
                boolean tools = arrays == 0 && json.currentName().equals(TOOLS);
                JsonToken token = json.nextToken();
                if (tools && token == JsonToken.START_ARRAY) {
                    wholeElements(json);
                } else {
                    value(json, arrays);
                }
            }
            json.nextToken();
        }

        /// The same for any value; text that is long becomes an element.
        private void value(JsonParser json, int arrays) throws IOException {
            JsonToken token = json.currentToken();
            if (token == JsonToken.START_OBJECT && depth < DEEPEST_OBJECT) {
                depth++;
                object(json, arrays);
                depth--;
            } else if (token == JsonToken.START_ARRAY && arrays < DEEPEST_ARRAY) {
                array(json, arrays + 1);
            } else if (token == JsonToken.VALUE_STRING) {
                string(json);
            } else {
                json.skipChildren();
                json.nextToken();
            }
        }

        private void array(JsonParser json, int arrays) throws IOException {
            json.nextToken();
            while (json.currentToken() != null && json.currentToken() != JsonToken.END_ARRAY) {
                int before = found.size();
                boolean object = json.currentToken() == JsonToken.START_OBJECT;
                long start = start(json);
                if (object) {
                    // The end of the object is known while the parser stands on it, not after.
                    objectInArray(json, arrays, start, before);
                } else {
                    value(json, arrays);
                }
            }
            json.nextToken();
        }

        private void objectInArray(JsonParser json, int arrays, long start, int before) throws IOException {
            json.nextToken();
            while (json.currentToken() == JsonToken.FIELD_NAME) {
                json.nextToken();
                value(json, arrays);
            }
            if (found.size() == before) {
                add(start, json.currentLocation().getByteOffset(), false);
            }
            json.nextToken();
        }

        private void wholeElements(JsonParser json) throws IOException {
            while (json.nextToken() == JsonToken.START_OBJECT) {
                long start = start(json);
                json.skipChildren();
                add(start, json.currentLocation().getByteOffset(), false);
            }
            // Anything else in such an array is no element; its brackets are still to be balanced.
            while (json.currentToken() != null && json.currentToken() != JsonToken.END_ARRAY) {
                json.skipChildren();
                json.nextToken();
            }
            json.nextToken();
        }

        private void string(JsonParser json) throws IOException {
            long start = start(json);
            // The parser skips a text that is not asked for, without holding it.
            json.nextToken();
            long next = json.currentToken() == null ? json.currentLocation().getByteOffset() : start(json);
            if (next - start >= LONG_STRING_BYTES) {
                add(start, next, true);
            }
        }

        private void add(long start, long end, boolean string) {
            if (start >= 0 && end > start) {
                found.add(new Element(start, end, string));
            }
        }

        /// Where the current token begins; -1 if the body is in another encoding than UTF-8.
        private static long start(JsonParser json) {
            return json.currentTokenLocation().getByteOffset();
        }
    }
}
