package io.hypaware.project.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Row;
import io.hypaware.project.Json;
import io.hypaware.project.PayloadSink;
import io.hypaware.project.conversation.MessagePrint;
import io.hypaware.project.message.WireFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/// Items as the Responses API says them. Each item is a message; thoughts begin the message that follows them, because
/// clients may leave them out later.
final class ResponsesFormat implements WireFormat {

    static final ResponsesFormat INSTANCE = new ResponsesFormat();

    /// How Codex begins the message that stands for what it left out.
    private static final String SUMMARY_START = "Another language model started to solve this problem";

    static final String ADDITIONAL_TOOLS = "additional_tools";

    private static final Set<String> SYSTEM_ROLES = Set.of("system", "developer");

    @Override
    public String messagesField() {
        return "input";
    }

    @Override
    public String role(JsonNode item) {
        Optional<String> role = Json.textAt(item, "role");
        if (role.isPresent()) {
            return role.get();
        }
        String type = item.path("type").asText("message");
        if (type.equals("message")) {
            return "user";
        }
        if (type.endsWith("_output") || type.endsWith("_approval_response")) {
            return "tool";
        }
        return type.endsWith("_trigger") ? "system" : "assistant";
    }

    @Override
    public List<JsonNode> blocks(JsonNode item) {
        if (!isMessage(item)) {
            return List.of(item);
        }
        JsonNode content = item.path("content");
        if (content.isArray()) {
            return StreamSupport.stream(content.spliterator(), false).toList();
        }
        return content.isTextual() ? List.of(content) : List.of();
    }

    private static boolean isMessage(JsonNode item) {
        String type = item.path("type").asText("message");
        return item.isObject() && type.equals("message");
    }

    @Override
    public Optional<String> print(JsonNode block) {
        return ItemPrints.of(block);
    }

    @Override
    public Optional<String> id(JsonNode item) {
        return Json.textAt(item, "id");
    }

    @Override
    public void fill(JsonNode block, PayloadSink payloads, Row.Builder row) {
        ItemColumns.fill(block, payloads, row);
    }

    @Override
    public List<String> system(JsonNode fields) {
        JsonNode instructions = fields.path("instructions");
        if (instructions.isTextual()) {
            return List.of(instructions.textValue());
        }
        return StreamSupport.stream(instructions.spliterator(), false)
                .map(ResponsesFormat::text)
                .toList();
    }

    @Override
    public Optional<String> systemText(JsonNode item) {
        boolean system =
                isMessage(item) && SYSTEM_ROLES.contains(item.path("role").asText(""));
        return system ? Optional.of(text(item)) : Optional.empty();
    }

    /// Codex says its tools in an item of the input.
    @Override
    public List<JsonNode> tools(JsonNode item) {
        return item.path("type").asText("").equals(ADDITIONAL_TOOLS)
                ? StreamSupport.stream(item.path("tools").spliterator(), false).toList()
                : List.of();
    }

    /// The names of the tools in an item that brings some: those in a namespace after its name.
    static String toolNames(JsonNode item) {
        List<String> names = new ArrayList<>();
        for (JsonNode tool : item.path("tools")) {
            String name = INSTANCE.toolName(tool);
            if (tool.path("tools").isEmpty()) {
                names.add(name);
            }
            for (JsonNode inner : tool.path("tools")) {
                names.add(name + "." + INSTANCE.toolName(inner));
            }
        }
        return String.join(", ", names);
    }

    private static String text(JsonNode item) {
        JsonNode content = item.path("content");
        if (content.isTextual()) {
            return content.textValue();
        }
        return StreamSupport.stream(content.spliterator(), false)
                .map(part -> part.path("text").asText(""))
                .collect(Collectors.joining("\n"));
    }

    @Override
    public boolean keepsSystemMessages() {
        return true;
    }

    @Override
    public String toolName(JsonNode tool) {
        return Json.textAt(tool, "name")
                .or(() -> Json.textAt(tool, "server_label"))
                .orElseGet(() -> tool.path("type").asText(""));
    }

    @Override
    public boolean hasPreludes() {
        return true;
    }

    @Override
    public boolean isPrelude(MessagePrint print) {
        return print.isAssistant() && print.blocks().isEmpty();
    }

    @Override
    public boolean isSummary(JsonNode itemOrBlock) {
        String text = itemOrBlock.path("text").asText("");
        return text.startsWith(SUMMARY_START);
    }

    /// How Codex asks for one of a provider that has no call for it.
    @Override
    public boolean asksForSummary(JsonNode block) {
        String text = block.isTextual() ? block.textValue() : block.path("text").asText("");
        return text.startsWith("You are performing a CONTEXT CHECKPOINT");
    }

    /// A conversation that the provider keeps.
    @Override
    public boolean goesOn(JsonNode fields) {
        return fields.hasNonNull("conversation") && !fields.hasNonNull("previous_response_id");
    }

    @Override
    public boolean isPrefill(JsonNode fields) {
        return fields.path("generate").isBoolean() && !fields.path("generate").booleanValue();
    }

    @Override
    public boolean keepsHistory() {
        return true;
    }

    private ResponsesFormat() {}
}
