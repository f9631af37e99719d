package io.hypaware.project.anthropic;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Hashes;
import io.hypaware.project.Json;
import io.hypaware.project.MessagePrint;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/// A request read once, one message in memory at a time: everything but the messages' content, of which only the
/// fingerprints stay.
record RequestOutline(
        Optional<String> model,
        Optional<String> systemText,
        Optional<String> tools,
        Optional<String> userId,
        Optional<Long> maxTokens,
        boolean stream,
        String setup,
        boolean summary,
        List<MessagePrint> messages) {

    private static final String SUMMARY_START = "This session is being continued from a previous conversation";

    /// Takes one message of a request.
    interface MessageReader {
        void read(int index, JsonNode message);
    }

    /// @throws IOException if the body is no JSON object, or breaks off
    static RequestOutline read(InputStream body) throws IOException {
        List<MessagePrint> messages = new ArrayList<>();
        boolean[] summary = new boolean[1];
        JsonNode fields = walk(body, (index, message) -> {
            JsonNode content = message.path("content");
            messages.add(BlockPrints.of(role(message), content));
            summary[0] |= index < 2 && isSummary(content);
        });
        JsonNode tools = fields.path("tools");
        Optional<String> system = systemText(fields.path("system"));
        return new RequestOutline(
                Json.textAt(fields, "model"),
                system,
                tools.isArray() && !tools.isEmpty() ? Optional.of(Json.text(tools)) : Optional.empty(),
                Json.textAt(fields.path("metadata"), "user_id"),
                Json.longAt(fields, "max_tokens"),
                fields.path("stream").asBoolean(false),
                setup(tools, system),
                summary[0],
                messages);
    }

    /// Reads the messages of a request one by one; returns all other fields.
    static JsonNode walk(InputStream body, MessageReader reader) throws IOException {
        var fields = Json.object();
        try (JsonParser json = Json.MAPPER.getFactory().createParser(body)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("the request body is no JSON object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                if (name.equals("messages") && json.currentToken() == JsonToken.START_ARRAY) {
                    for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
                        reader.read(i, json.<JsonNode>readValueAsTree());
                    }
                } else {
                    fields.set(name, json.<JsonNode>readValueAsTree());
                }
            }
        }
        return fields;
    }

    static String role(JsonNode message) {
        return message.path("role").asText("user");
    }

    private static boolean isSummary(JsonNode content) {
        if (content.isTextual()) {
            return content.textValue().stripLeading().startsWith(SUMMARY_START);
        }
        for (JsonNode block : content) {
            if (block.path("text").asText("").stripLeading().startsWith(SUMMARY_START)) {
                return true;
            }
        }
        return false;
    }

    private static Optional<String> systemText(JsonNode system) {
        if (system.isTextual()) {
            return Optional.of(system.textValue());
        }
        String joined = StreamSupport.stream(system.spliterator(), false)
                .map(block -> block.path("text").asText(""))
                .collect(Collectors.joining("\n\n"));
        return joined.isEmpty() ? Optional.empty() : Optional.of(joined);
    }

    /// Who is at work: the tools by name, or without tools the system text. Descriptions and dates in it vary by
    /// call.
    private static String setup(JsonNode tools, Optional<String> system) {
        String names = StreamSupport.stream(tools.spliterator(), false)
                .map(tool -> tool.path("name").asText(""))
                .sorted()
                .collect(Collectors.joining(","));
        return Hashes.shortHash(names.isEmpty() ? "system:" + system.orElse("") : "tools:" + names);
    }
}
