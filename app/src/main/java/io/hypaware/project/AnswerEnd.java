package io.hypaware.project;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.journal.CapturedExchange;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;

/// Decides how an exchange ended by what its protocol says, not by who closed the connection first: an agent that has
/// the last event closes at once, and has its whole answer all the same.
public final class AnswerEnd {

    /// Events after which nothing comes: Messages API, Responses API.
    private static final Set<String> LAST_EVENTS = Set.of(
            "message_stop", "response.completed", "response.failed", "response.incomplete", "response.cancelled");

    /// After the last chunk of the Chat Completions API.
    private static final String DONE = "[DONE]";

    /// The exchange with its outcome settled. Who closed stays as it was.
    public static CapturedExchange settled(CapturedExchange exchange, Body response) throws IOException {
        boolean cut = switch (exchange.outcome()) {
            case CLIENT_ABORTED, UPSTREAM_CUT, GATEWAY_ERROR -> true;
            case COMPLETED, UPSTREAM_ERROR, CAPTURE_TRUNCATED, CAPTURE_DROPPED -> false;
        };
        return cut && exchange.status().isPresent() && isWhole(exchange, response) ? exchange.completed() : exchange;
    }

    private static boolean isWhole(CapturedExchange exchange, Body response) throws IOException {
        boolean wholeLength = exchange.responseHeader("content-length")
                .filter(length -> length.strip().equals(Long.toString(exchange.responseBytes())))
                .isPresent();
        if (wholeLength) {
            return true;
        }
        try (InputStream body = ContentCodings.decoded(
                response.open(), exchange.responseHeader("content-encoding").orElse(""))) {
            SseReader events = new SseReader(body);
            String last = "";
            for (String data = events.next(); data != null; data = events.next()) {
                last = data;
            }
            return isLast(last);
        }
    }

    private static boolean isLast(String data) {
        if (data.strip().equals(DONE)) {
            return true;
        }
        try {
            JsonNode event = Json.MAPPER.readTree(data);
            return event != null
                    && (LAST_EVENTS.contains(event.path("type").asText(""))
                            // Gemini's last response says why it is the last.
                            || event.path("candidates").path(0).hasNonNull("finishReason"));
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    private AnswerEnd() {}
}
