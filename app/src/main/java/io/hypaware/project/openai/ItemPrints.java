package io.hypaware.project.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Hashes;
import io.hypaware.project.Json;
import io.hypaware.project.conversation.MessagePrint;
import java.util.Optional;
import java.util.Set;

/// Fingerprints of items and their parts. An answer's item and the one that a client sends back differ in `id` and
/// `status`; calls are known by their call's id, texts by what they say.
final class ItemPrints {

    private static final Set<String> IN_PASSING = Set.of("id", "status");

    /// @param block an item, a part of one, or the text that stands for one; empty for thoughts and what says nothing
    static Optional<String> of(JsonNode block) {
        if (block.isTextual()) {
            return MessagePrint.ofText(block.textValue());
        }
        String type = block.path("type").asText("");
        return switch (type) {
            case "reasoning" -> Optional.empty();
            // Of a thought there is nothing to be known by; its name says that it is one.
            case "item_reference" ->
                block.path("id").asText("").startsWith("rs_") ? Optional.empty() : Optional.of(MessagePrint.REFERENCE);
            case "input_text", "output_text", "text", "summary_text" ->
                MessagePrint.ofText(block.path("text").asText(""));
            case "refusal" -> MessagePrint.ofText(block.path("refusal").asText(""));
            default -> Optional.of(item(type, block));
        };
    }

    private static String item(String type, JsonNode item) {
        Optional<String> call = Json.textAt(item, "call_id").or(() -> Json.textAt(item, "approval_request_id"));
        if (type.endsWith("_output") || type.endsWith("_approval_response")) {
            return call.or(() -> Json.textAt(item, "id"))
                    .map(id -> MessagePrint.ofResult(type + ":" + id, said(item)))
                    .orElseGet(() -> hash(item));
        }
        if (type.endsWith("_call") || type.endsWith("_request") || type.startsWith("compaction")) {
            return call.or(() -> Json.textAt(item, "id"))
                    .map(id -> type + ":" + id)
                    .orElseGet(() -> hash(item));
        }
        return hash(item);
    }

    /// A hash of a result, which may be a text or the same in parts.
    private static String said(JsonNode item) {
        JsonNode output = item.path("output");
        if (output.isTextual()) {
            return Hashes.shortHash(output.textValue().strip());
        }
        StringBuilder texts = new StringBuilder();
        for (JsonNode part : output) {
            Optional<String> text = Json.textAt(part, "text");
            if (text.isEmpty()) {
                return hash(item);
            }
            texts.append(texts.isEmpty() ? "" : "\n").append(text.get());
        }
        return output.isArray() ? Hashes.shortHash(texts.toString().strip()) : hash(item);
    }

    private static String hash(JsonNode item) {
        ObjectNode copy = item.isObject() ? ((ObjectNode) item).deepCopy() : Json.object();
        copy.remove(IN_PASSING);
        return Hashes.shortHash(out -> Json.canonical(copy, out));
    }

    private ItemPrints() {}
}
