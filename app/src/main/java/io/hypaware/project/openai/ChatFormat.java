package io.hypaware.project.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Row;
import io.hypaware.project.Json;
import io.hypaware.project.PayloadSink;
import io.hypaware.project.message.WireFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/// Messages as the Chat Completions API says them. What a message holds beside its content (calls, a refusal, audio,
/// thoughts) are blocks of it, too. System text before the first message is the call's system text.
final class ChatFormat implements WireFormat {

    static final ChatFormat INSTANCE = new ChatFormat();

    private static final Set<String> SYSTEM_ROLES = Set.of("system", "developer");

    /// Fields in which hosts of other models put what these thought.
    private static final List<String> THOUGHTS = List.of("reasoning_content", "reasoning");

    @Override
    public String messagesField() {
        return "messages";
    }

    @Override
    public String role(JsonNode message) {
        String role = message.path("role").asText("user");
        return role.equals("function") ? "tool" : role;
    }

    @Override
    public List<JsonNode> blocks(JsonNode message) {
        if (role(message).equals("tool")) {
            return List.of(result(message));
        }
        List<JsonNode> blocks = new ArrayList<>();
        for (String field : THOUGHTS) {
            Json.textAt(message, field)
                    .filter(text -> !text.isEmpty())
                    .ifPresent(text -> blocks.add(Json.object()
                            .put("type", "reasoning")
                            .set(
                                    "content",
                                    Json.MAPPER.createArrayNode().addObject().put("text", text))));
        }
        JsonNode content = message.path("content");
        if (content.isTextual()) {
            blocks.add(content);
        } else {
            content.forEach(blocks::add);
        }
        Json.textAt(message, "refusal")
                .ifPresent(
                        text -> blocks.add(Json.object().put("type", "refusal").put("refusal", text)));
        if (message.path("audio").isObject()) {
            blocks.add(Json.object().put("type", "audio").set("audio", message.get("audio")));
        }
        message.path("tool_calls").forEach(call -> blocks.add(call(call)));
        if (message.path("function_call").isObject()) {
            blocks.add(((ObjectNode) message.get("function_call")).deepCopy().put("type", "function_call"));
        }
        return blocks;
    }

    /// A call as the Responses API would say it.
    private static JsonNode call(JsonNode call) {
        JsonNode inner = call.path("function").isObject() ? call.path("function") : call.path("custom");
        ObjectNode item = inner.isObject() ? ((ObjectNode) inner).deepCopy() : Json.object();
        item.put("type", call.path("custom").isObject() ? "custom_tool_call" : "function_call");
        Json.textAt(call, "id").ifPresent(id -> item.put("call_id", id));
        return item;
    }

    /// A result as the Responses API would say it.
    private static JsonNode result(JsonNode message) {
        ObjectNode item = Json.object().put("type", "function_call_output");
        Json.textAt(message, "tool_call_id")
                .or(() -> Json.textAt(message, "name"))
                .ifPresent(id -> item.put("call_id", id));
        item.set("output", message.path("content"));
        return item;
    }

    @Override
    public Optional<String> print(JsonNode block) {
        return ItemPrints.of(block);
    }

    @Override
    public void fill(JsonNode block, PayloadSink payloads, Row.Builder row) {
        ItemColumns.fill(block, payloads, row);
    }

    @Override
    public List<String> system(JsonNode fields) {
        return List.of();
    }

    @Override
    public Optional<String> systemText(JsonNode message) {
        if (!SYSTEM_ROLES.contains(role(message))) {
            return Optional.empty();
        }
        JsonNode content = message.path("content");
        return Optional.of(
                content.isTextual()
                        ? content.textValue()
                        : StreamSupport.stream(content.spliterator(), false)
                                .map(part -> part.path("text").asText(""))
                                .collect(Collectors.joining("\n")));
    }

    @Override
    public String toolName(JsonNode tool) {
        return Json.textAt(tool.path("function"), "name")
                .or(() -> Json.textAt(tool.path("custom"), "name"))
                .orElseGet(() -> tool.path("type").asText(""));
    }

    private ChatFormat() {}
}
