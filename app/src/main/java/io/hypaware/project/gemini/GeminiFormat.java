package io.hypaware.project.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Hashes;
import io.hypaware.dataset.Row;
import io.hypaware.project.Json;
import io.hypaware.project.PayloadSink;
import io.hypaware.project.conversation.MessagePrint;
import io.hypaware.project.message.WireFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/// Contents as the Gemini API says them.
final class GeminiFormat implements WireFormat {

    static final GeminiFormat INSTANCE = new GeminiFormat();

    @Override
    public String messagesField() {
        return "contents";
    }

    @Override
    public String role(JsonNode content) {
        return switch (content.path("role").asText("user")) {
            case "model" -> "assistant";
            case "function" -> "tool";
            case String role -> role;
        };
    }

    @Override
    public List<JsonNode> blocks(JsonNode content) {
        JsonNode parts = content.isTextual() ? content : content.path("parts");
        if (parts.isArray()) {
            return StreamSupport.stream(parts.spliterator(), false).toList();
        }
        return parts.isMissingNode() ? List.of() : List.of(parts);
    }

    /// Thoughts have none: clients leave them out of older turns. A call's id is not always there.
    @Override
    public Optional<String> print(JsonNode part) {
        if (part.isTextual()) {
            return MessagePrint.ofText(part.textValue());
        }
        if (isThought(part)) {
            return Optional.empty();
        }
        if (part.path("text").isTextual()) {
            return MessagePrint.ofText(part.get("text").textValue());
        }
        JsonNode call = part.path("functionCall");
        JsonNode result = part.path("functionResponse");
        if (call.isObject()) {
            return Optional.of(
                    Json.textAt(call, "id").map(id -> "functionCall:" + id).orElseGet(() -> hash(call)));
        }
        if (result.isObject()) {
            return Optional.of(Json.textAt(result, "id")
                    .map(id -> MessagePrint.ofResult("functionResponse:" + id, hash(result.path("response"))))
                    .orElseGet(() -> hash(result)));
        }
        return Optional.of(hash(part));
    }

    static boolean isThought(JsonNode part) {
        return part.path("thought").asBoolean(false);
    }

    private static String hash(JsonNode node) {
        return Hashes.shortHash(out -> Json.canonical(node, out));
    }

    @Override
    public void fill(JsonNode part, PayloadSink payloads, Row.Builder row) {
        GeminiColumns.fill(part, payloads, row);
    }

    @Override
    public List<String> system(JsonNode fields) {
        JsonNode system =
                fields.has("systemInstruction") ? fields.path("systemInstruction") : fields.path("system_instruction");
        return blocks(system).stream()
                .map(part ->
                        part.isTextual() ? part.textValue() : part.path("text").asText(""))
                .toList();
    }

    @Override
    public String toolName(JsonNode tool) {
        JsonNode declared = tool.has("functionDeclarations")
                ? tool.path("functionDeclarations")
                : tool.path("function_declarations");
        if (!declared.isArray()) {
            return String.join(
                    " ", tool.properties().stream().map(Map.Entry::getKey).toList());
        }
        return StreamSupport.stream(declared.spliterator(), false)
                .map(function -> function.path("name").asText(""))
                .collect(Collectors.joining(" "));
    }

    private GeminiFormat() {}
}
