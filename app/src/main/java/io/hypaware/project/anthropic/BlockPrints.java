package io.hypaware.project.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Hashes;
import io.hypaware.project.Json;
import io.hypaware.project.MessagePrint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Fingerprints of messages in Anthropic's format.
final class BlockPrints {

    /// @param content a text, or a list of blocks
    static MessagePrint of(String role, JsonNode content) {
        List<String> prints = new ArrayList<>();
        if (content.isTextual()) {
            text(content.textValue()).ifPresent(prints::add);
        } else {
            for (JsonNode block : content) {
                of(block).ifPresent(prints::add);
            }
        }
        return new MessagePrint(role, prints);
    }

    /// Empty for what does not count: thinking, and text that holds nothing.
    static Optional<String> of(JsonNode block) {
        String type = block.path("type").asText("");
        if (type.equals("thinking") || type.equals("redacted_thinking")) {
            return Optional.empty();
        }
        if (type.equals("text")) {
            return text(block.path("text").asText(""));
        }
        Optional<String> call =
                type.endsWith("tool_use") ? Json.textAt(block, "id") : Json.textAt(block, "tool_use_id");
        return Optional.of(
                call.map(id -> type + ":" + id).orElseGet(() -> Hashes.shortHash(out -> Json.canonical(block, out))));
    }

    /// Clients trim what they send back, so that white space at either end tells nothing.
    static Optional<String> text(String text) {
        String stripped = text.strip();
        return stripped.isEmpty() ? Optional.empty() : Optional.of(Hashes.shortHash(stripped));
    }

    private BlockPrints() {}
}
