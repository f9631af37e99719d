package io.hypaware.project;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.journal.CapturedExchange;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Set;

/// Decides how an exchange ended by what its protocol says, not by who closed the connection first: an agent that has
/// the last event closes at once, and has its whole answer all the same; and a stream that ends without it is cut,
/// however politely.
public final class AnswerEnd {

    /// What the first event of a stream is that has a last one: Messages API, Responses API, Chat Completions API.
    private static final Set<String> FIRST_EVENTS =
            Set.of("message_start", "response.created", "chat.completion.chunk");

    /// Events after which nothing is said, and a field of what else is the last.
    private static final Set<String> LAST_EVENTS = Set.of(
            "message_stop",
            "response.completed",
            "response.failed",
            "response.incomplete",
            "response.cancelled",
            "error",
            "finish_reason");

    /// After the last chunk of the Chat Completions API, and by habit of others.
    private static final String DONE = "[DONE]";

    /// The exchange with its outcome settled. Who closed stays as it was.
    public static CapturedExchange settled(CapturedExchange exchange, Body response) throws IOException {
        if (exchange.status().isEmpty()) {
            return exchange;
        }
        return switch (exchange.outcome()) {
            case CLIENT_ABORTED, UPSTREAM_CUT, GATEWAY_ERROR ->
                isWhole(exchange, response) ? exchange.completed() : exchange;
            case COMPLETED -> breaksOff(exchange, response) ? exchange.cutByUpstream() : exchange;
            case UPSTREAM_ERROR, CAPTURE_TRUNCATED, CAPTURE_DROPPED -> exchange;
        };
    }

    private static boolean isWhole(CapturedExchange exchange, Body response) throws IOException {
        boolean wholeLength = exchange.responseHeader("content-length")
                .filter(length -> length.strip().equals(Long.toString(exchange.responseBytes())))
                .isPresent();
        if (wholeLength) {
            return true;
        }
        try (InputStream body = decoded(exchange, response)) {
            return Events.of(new SseReader(body)).ended();
        }
    }

    private static boolean breaksOff(CapturedExchange exchange, Body response) {
        boolean isStream = exchange.responseHeader("content-type")
                .filter(type -> type.toLowerCase(Locale.ROOT).startsWith("text/event-stream"))
                .isPresent();
        if (!isStream) {
            return false;
        }
        try (InputStream body = decoded(exchange, response)) {
            Events events = Events.of(new SseReader(body));
            return events.began() && !events.ended();
        } catch (IOException e) {
            // What cannot be read has ended as its connection did; who reads it for its rows says why it cannot.
            return false;
        }
    }

    /// What a stream is: whether it began as one that has a last event, and whether that came. What follows it, such as
    /// a sign of life, changes nothing.
    private record Events(boolean began, boolean ended) {

        static Events of(SseReader events) throws IOException {
            boolean began = false;
            boolean ended = false;
            String last = "";
            for (String data = events.next(); data != null; data = events.next()) {
                // Most are pieces of text, and are not parsed: what begins or ends a stream says so.
                began = began || (names(data, FIRST_EVENTS) && isFirst(parsed(data)));
                ended = ended || (names(data, LAST_EVENTS) && isLast(parsed(data)));
                last = data;
            }
            return new Events(began, ended || (!began && (last.strip().equals(DONE) || isLast(parsed(last)))));
        }

        private static boolean names(String data, Set<String> types) {
            return types.stream().anyMatch(data::contains);
        }
    }

    private static InputStream decoded(CapturedExchange exchange, Body response) throws IOException {
        return ContentCodings.decoded(
                response.open(), exchange.responseHeader("content-encoding").orElse(""));
    }

    private static boolean isFirst(JsonNode event) {
        return FIRST_EVENTS.contains(event.path("type").asText(""))
                || FIRST_EVENTS.contains(event.path("object").asText(""));
    }

    private static boolean isLast(JsonNode event) {
        String type = event.path("type").asText("");
        return LAST_EVENTS.contains(type)
                // Chat's and Gemini's last one says why it is the last.
                || event.path("choices").path(0).hasNonNull("finish_reason")
                || event.path("candidates").path(0).hasNonNull("finishReason")
                || (type.isEmpty() && event.hasNonNull("error"));
    }

    private static JsonNode parsed(String data) {
        try {
            JsonNode event = Json.MAPPER.readTree(data);
            return event == null ? Json.object() : event;
        } catch (JsonProcessingException e) {
            return Json.object();
        }
    }

    private AnswerEnd() {}
}
