package io.hypaware.project;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.journal.CapturedExchange;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;

/// Decides how an exchange ended by what its protocol says, not by who closed the connection first: an agent that has
/// the last event closes at once, and has its whole answer all the same; and a stream that ends without it is cut,
/// however politely.
public final class AnswerEnd {

    /// Events with which a stream begins that has a last one: Messages API, Responses API.
    private static final Set<String> FIRST_EVENTS = Set.of("message_start", "response.created");

    /// Events after which nothing comes.
    private static final Set<String> LAST_EVENTS = Set.of(
            "message_stop",
            "response.completed",
            "response.failed",
            "response.incomplete",
            "response.cancelled",
            "error");

    /// After the last chunk of the Chat Completions API.
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
            return isLast(last(new SseReader(body), ""));
        }
    }

    private static boolean breaksOff(CapturedExchange exchange, Body response) {
        boolean isStream = exchange.responseHeader("content-type")
                .filter(type -> type.startsWith("text/event-stream"))
                .isPresent();
        if (!isStream) {
            return false;
        }
        try (InputStream body = decoded(exchange, response)) {
            SseReader events = new SseReader(body);
            String first = events.next();
            return first != null && FIRST_EVENTS.contains(type(first)) && !isLast(last(events, first));
        } catch (IOException e) {
            // What cannot be read has ended as its connection did; who reads it for its rows says why it cannot.
            return false;
        }
    }

    private static InputStream decoded(CapturedExchange exchange, Body response) throws IOException {
        return ContentCodings.decoded(
                response.open(), exchange.responseHeader("content-encoding").orElse(""));
    }

    /// The last event from here on, or the one given if none comes.
    private static String last(SseReader events, String before) throws IOException {
        String last = before;
        for (String data = events.next(); data != null; data = events.next()) {
            last = data;
        }
        return last;
    }

    private static boolean isLast(String data) {
        if (data.strip().equals(DONE)) {
            return true;
        }
        JsonNode event = parsed(data);
        return LAST_EVENTS.contains(event.path("type").asText(""))
                // Gemini's last response says why it is the last.
                || event.path("candidates").path(0).hasNonNull("finishReason");
    }

    private static String type(String data) {
        return parsed(data).path("type").asText("");
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
