package io.hypaware.project.message;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.project.Json;
import io.hypaware.project.SseReader;
import java.io.BufferedInputStream;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What an answer's body is, whatever its header claims: a document, a stream of events, or an error in words.
public sealed interface AnswerBody {

    int MOST_ERROR_CHARS = 4_000;
    int SNIFFED = 512;

    /// One JSON value.
    record Document(JsonNode value) implements AnswerBody {}

    /// A document that cannot be read.
    record Broken(String why) implements AnswerBody {}

    /// An error answer that is no JSON.
    record Failure(JsonNode error) implements AnswerBody {}

    /// Events, each of them JSON if the stream is sound.
    record Events(EventSource source) implements AnswerBody {}

    /// Hands over the data of events in their order.
    @FunctionalInterface
    interface EventSource {

        /// The next event's data, or null at the end.
        @Nullable
        String next() throws IOException;
    }

    /// @param status of the answer; from 400 on, what is neither document nor stream is the error
    static AnswerBody of(InputStream body, int status) throws IOException {
        BufferedInputStream in = new BufferedInputStream(body);
        in.mark(SNIFFED);
        String start = new String(in.readNBytes(SNIFFED), StandardCharsets.UTF_8)
                .replace("\uFEFF", "")
                .stripLeading();
        in.reset();
        if (start.startsWith("[")) {
            return new Events(elements(in));
        }
        if (start.startsWith("{") || start.startsWith("\"")) {
            try {
                return new Document(Json.MAPPER.readTree(in));
            } catch (JsonProcessingException e) {
                return new Broken(e.getOriginalMessage());
            } catch (CharConversionException e) {
                return new Broken("it is no JSON");
            }
        }
        if (status >= 400 && !isStream(start)) {
            String text = new String(in.readNBytes(MOST_ERROR_CHARS), StandardCharsets.UTF_8);
            return text.isBlank() ? new Document(Json.object()) : new Failure(failure(text));
        }
        return new Events(new SseReader(in)::next);
    }

    /// The elements of an array, as far as they can be read, one after the other.
    private static EventSource elements(InputStream in) throws IOException {
        JsonParser json = Json.MAPPER.getFactory().createParser(in);
        return () -> {
            try {
                JsonToken token = json.nextToken();
                if (token == JsonToken.START_ARRAY
                        && json.getParsingContext().getParent().inRoot()) {
                    token = json.nextToken();
                }
                return token == null || token == JsonToken.END_ARRAY ? null : Json.text(json.readValueAsTree());
            } catch (JsonProcessingException | CharConversionException e) {
                return null;
            }
        };
    }

    private static boolean isStream(String start) {
        return start.startsWith("event:")
                || start.startsWith("data:")
                || start.startsWith(":")
                || start.startsWith("id:")
                || start.startsWith("retry:");
    }

    /// The events that can be read, in their order; some are of no format ("[DONE]", a proxy's
    /// keep-alive), and the last one may be cut off.
    ///
    /// @return why one in the midst of them could not be read
    static Optional<String> forEach(EventSource events, Consumer<JsonNode> reader) throws IOException {
        Optional<String> unread = Optional.empty();
        Optional<String> broken = Optional.empty();
        for (String data = events.next(); data != null; data = events.next()) {
            JsonNode event;
            try {
                event = Json.MAPPER.readTree(data);
            } catch (JsonProcessingException e) {
                broken = data.startsWith("{") ? Optional.of(e.getOriginalMessage()) : broken;
                continue;
            }
            unread = unread.isPresent() ? unread : broken;
            reader.accept(event);
        }
        return unread;
    }

    /// The error that a document is or holds, if it does.
    ///
    /// @param isAnswer whether the document holds an answer
    static Optional<JsonNode> error(JsonNode document, int status, boolean isAnswer) {
        if (document.hasNonNull("error")) {
            return Optional.of(failure(document.get("error")));
        }
        if (status < 400 || isAnswer || (document.isEmpty() && document.isObject())) {
            return Optional.empty();
        }
        return Optional.of(failure(document.hasNonNull("detail") ? document.get("detail") : document));
    }

    /// An error as an object with a message, in whichever form a provider says it.
    static JsonNode failure(JsonNode said) {
        if (said.isObject() && said.path("message").isTextual()) {
            return said;
        }
        if (said.isTextual()) {
            return failure(said.textValue());
        }
        return Json.object().put("message", shortened(Json.text(said)));
    }

    private static JsonNode failure(String text) {
        return Json.object().put("message", shortened(text.strip()));
    }

    private static String shortened(String text) {
        return text.length() > MOST_ERROR_CHARS ? text.substring(0, MOST_ERROR_CHARS) : text;
    }
}
