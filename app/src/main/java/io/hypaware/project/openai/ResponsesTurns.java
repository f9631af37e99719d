package io.hypaware.project.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.project.Json;
import io.hypaware.project.websocket.Turns;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// The Responses API over a WebSocket: a call is a message of the type `response.create`, and its answer are the events
/// that it would be as a stream.
final class ResponsesTurns implements Turns {

    private static final Set<String> LAST =
            Set.of("response.completed", "response.failed", "response.incomplete", "response.cancelled", "error");

    @Override
    public boolean begins(byte[] message) {
        return type(message).equals("response.create");
    }

    @Override
    public boolean opens(byte[] message) {
        return type(message).equals("response.created");
    }

    @Override
    public boolean ends(byte[] message) {
        return LAST.contains(type(message));
    }

    @Override
    public Optional<Integer> status(byte[] message) {
        if (!type(message).equals("error")) {
            return Optional.empty();
        }
        try {
            JsonNode error = Json.MAPPER.readTree(message);
            return Json.longAt(error, "status")
                    .or(() -> Json.longAt(error, "status_code"))
                    .filter(status -> status >= 400 && status < 600)
                    .map(Math::toIntExact)
                    .or(() -> Optional.of(500));
        } catch (IOException e) {
            return Optional.of(500);
        }
    }

    /// What a message says it is; empty if it does not.
    private static String type(byte[] message) {
        try (JsonParser json = Json.MAPPER.getFactory().createParser(message)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return "";
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                boolean found = json.currentName().equals("type");
                json.nextToken();
                if (found) {
                    return Objects.requireNonNullElse(json.getText(), "");
                }
                json.skipChildren();
            }
            return "";
        } catch (IOException e) {
            return "";
        }
    }
}
