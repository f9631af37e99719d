package io.hypaware.project.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Row;
import io.hypaware.project.PayloadSink;
import io.hypaware.project.conversation.MessagePrint;
import io.hypaware.project.message.WireFormat;
import java.util.List;
import java.util.Optional;

/// Prompts as the older Completions API says them: texts.
final class CompletionsFormat implements WireFormat {

    static final CompletionsFormat INSTANCE = new CompletionsFormat();

    @Override
    public String messagesField() {
        return "prompt";
    }

    @Override
    public String role(JsonNode message) {
        return message.path("role").asText("user");
    }

    @Override
    public List<JsonNode> blocks(JsonNode message) {
        if (message.isTextual()) {
            return List.of(message);
        }
        return message.isObject() ? List.of(message.path("content")) : List.of();
    }

    @Override
    public Optional<String> print(JsonNode block) {
        return block.isTextual() ? MessagePrint.ofText(block.textValue()) : Optional.empty();
    }

    @Override
    public void fill(JsonNode block, PayloadSink payloads, Row.Builder row) {
        ItemColumns.fill(block, payloads, row);
    }

    @Override
    public List<String> system(JsonNode fields) {
        return List.of();
    }

    private CompletionsFormat() {}
}
