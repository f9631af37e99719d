package io.hypaware.project.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Hashes;
import io.hypaware.project.Json;
import io.hypaware.project.conversation.MessagePrint;
import java.util.List;
import java.util.Optional;

/// Fingerprints of blocks in Anthropic's format.
final class BlockPrints {

    /// Empty for what does not count: thinking, and text that holds nothing.
    ///
    /// @param block a content block, or the text that stands for one
    static Optional<String> of(JsonNode block) {
        if (block.isTextual()) {
            return MessagePrint.ofText(block.textValue());
        }
        String type = block.path("type").asText("");
        if (type.equals("thinking") || type.equals("redacted_thinking")) {
            return Optional.empty();
        }
        if (type.equals("text")) {
            return MessagePrint.ofText(block.path("text").asText(""));
        }
        if (type.endsWith("tool_use")) {
            return Optional.of(
                    Json.textAt(block, "id").map(id -> type + ":" + id).orElseGet(() -> hash(block)));
        }
        return Optional.of(Json.textAt(block, "tool_use_id")
                .map(id -> MessagePrint.ofResult(type + ":" + id, said(block.path("content"))))
                .orElseGet(() -> hash(block)));
    }

    /// A hash of a result's content, which may be a text or the same in blocks.
    private static String said(JsonNode content) {
        StringBuilder texts = new StringBuilder();
        for (JsonNode block : content.isTextual() ? List.of(content) : content) {
            if (!block.isTextual() && !block.path("type").asText().equals("text")) {
                return hash(content);
            }
            texts.append(
                            block.isTextual()
                                    ? block.textValue()
                                    : block.path("text").asText(""))
                    .append('\n');
        }
        return Hashes.shortHash(texts.toString().strip());
    }

    private static String hash(JsonNode node) {
        return Hashes.shortHash(out -> Json.canonical(node, out));
    }

    private BlockPrints() {}
}
