package io.hypaware.project.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Row;
import io.hypaware.project.ContentText;
import io.hypaware.project.Json;
import io.hypaware.project.PayloadSink;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Fills the columns of one part from one content block.
final class BlockColumns {

    /// What stands in place of a thought where its client leaves it out.
    private static final String UNTOLD = "<REDACTED>";

    private final JsonNode block;
    private final PayloadSink payloads;
    private final Row.Builder row;

    private BlockColumns(JsonNode block, PayloadSink payloads, Row.Builder row) {
        this.block = block;
        this.payloads = payloads;
        this.row = row;
    }

    /// @param block a content block, or the text that stands for one
    static void fill(JsonNode block, PayloadSink payloads, Row.Builder row) {
        new BlockColumns(block, payloads, row).fill();
    }

    private void fill() {
        if (block.isTextual()) {
            String text = clean(block.textValue());
            row.set("part_type", "text").set("content_text", text);
            // A frame says where the bytes are that the text has lost.
            if (!text.equals(block.textValue())) {
                row.set("raw_frame", raw());
            }
            return;
        }
        String type = block.path("type").asText("unknown");
        switch (type) {
            case "text" -> text();
            case "thinking" ->
                row.set("part_type", "thinking")
                        .set("content_text", thought())
                        .set("thinking_signature", textAt("signature"));
            case "tool_use", "server_tool_use", "mcp_tool_use" -> toolCall(type);
            case "tool_result" -> toolResult(type);
            case "image", "document" -> media(type);
            default -> other(type);
        }
    }

    /// What was thought; Claude Code does not write it down where it reports its calls.
    private @Nullable String thought() {
        String thought = textAt("thinking");
        return UNTOLD.equals(thought) ? null : thought;
    }

    private void text() {
        String text = clean(block.path("text").asText(""));
        row.set("part_type", "text").set("content_text", text);
        if (!text.equals(block.path("text").asText(""))) {
            row.set("raw_frame", raw());
        }
        if (block.path("citations").isArray() && !block.path("citations").isEmpty()) {
            row.set("raw_frame", raw());
        }
    }

    private void toolCall(String type) {
        row.set("part_type", "tool_call")
                .set("provider_type", type)
                .set("tool_name", textAt("name"))
                .set("tool_call_id", textAt("id"))
                .set("tool_args", block.has("input") ? Json.text(stripped(block.get("input"))) : null)
                .set("caller_type", Json.textAt(block.path("caller"), "type").orElse(null));
        if (!type.equals("tool_use")) {
            row.set("raw_frame", raw());
        }
    }

    private void toolResult(String type) {
        row.set("part_type", "tool_result")
                .set("provider_type", type)
                .set("tool_result_for", textAt("tool_use_id"))
                .set("is_error", block.path("is_error").asBoolean(false))
                .set("content_text", contentText(block.path("content")));
        if (hasMore(block.path("content")) || block.path("content").toString().contains(";base64,")) {
            row.set("raw_frame", raw());
        }
    }

    private void media(String type) {
        JsonNode source = block.path("source");
        row.set("part_type", type)
                .set("provider_type", Json.textAt(source, "type").orElse(null))
                .set("attachment_type", Json.textAt(source, "media_type").orElse(null))
                .set("content_text", mediaText(block))
                .set("raw_frame", raw());
    }

    /// Kinds not known here keep their type and their frame; results of a provider's own tools keep their call, too.
    private void other(String type) {
        boolean result = type.endsWith("_tool_result");
        JsonNode content = block.path("content");
        row.set("part_type", result ? "tool_result" : type)
                .set("provider_type", type)
                .set("tool_result_for", textAt("tool_use_id"))
                .set("content_text", result ? providerText(content) : textAt("text"))
                .set("raw_frame", raw());
        if (result) {
            boolean failed = block.path("is_error").asBoolean(false)
                    || content.path("type").asText("").endsWith("_error")
                    || content.path("return_code").asInt(0) != 0;
            row.set("is_error", failed);
        }
    }

    /// The text of a result of a provider's own tool: its output, what it found, or why it failed.
    private @Nullable String providerText(JsonNode content) {
        if (!content.isObject() && !content.isArray()) {
            return contentText(content);
        }
        List<String> lines = new ArrayList<>();
        for (JsonNode part :
                content.isArray() ? content : Json.MAPPER.createArrayNode().add(content)) {
            for (String field : List.of("text", "title", "url", "stdout", "stderr", "error_code", "error_message")) {
                Json.textAt(part, field)
                        .filter(t -> !t.isEmpty())
                        .map(this::clean)
                        .ifPresent(lines::add);
            }
            if (part.path("content").isArray() || part.path("content").isTextual()) {
                Optional.ofNullable(contentText(part.path("content"))).ifPresent(lines::add);
            }
            Optional.ofNullable(mediaText(part)).ifPresent(lines::add);
        }
        return lines.isEmpty() ? null : String.join("\n", lines);
    }

    /// The text of a tool result: a string, or its blocks one under the other, media as their markers.
    private @Nullable String contentText(JsonNode content) {
        if (content.isTextual()) {
            return clean(content.textValue());
        }
        StringBuilder out = new StringBuilder();
        for (JsonNode part : content.isArray() ? content : Json.MAPPER.createArrayNode()) {
            Optional<String> text = part.path("type").asText("").equals("text")
                    ? Json.textAt(part, "text").map(this::clean)
                    : Optional.ofNullable(mediaText(part));
            text.ifPresent(t -> out.append(out.isEmpty() ? "" : "\n").append(t));
        }
        return out.isEmpty() ? null : out.toString();
    }

    private static boolean hasMore(JsonNode content) {
        for (JsonNode part : content.isArray() ? content : Json.MAPPER.createArrayNode()) {
            if (!part.path("type").asText("").equals("text")) {
                return true;
            }
        }
        return false;
    }

    private @Nullable String mediaText(JsonNode media) {
        JsonNode source = media.path("source");
        return switch (Json.textAt(source, "type").orElse("")) {
            case "base64" ->
                ContentText.marker(Json.textAt(source, "media_type").orElse("application/octet-stream"));
            case "url" -> Json.textAt(source, "url").orElse(null);
            case "text" -> Json.textAt(source, "data").map(this::clean).orElse(null);
            case "file" -> Json.textAt(source, "file_id").orElse(null);
            default -> null;
        };
    }

    private String raw() {
        return Json.text(stripped(block));
    }

    /// The same JSON with encoded bytes replaced by a marker and the hash under which they are kept.
    private JsonNode stripped(JsonNode node) {
        if (node.isTextual()) {
            return Json.MAPPER.getNodeFactory().textNode(ContentText.withHashes(node.textValue(), payloads));
        }
        if (node.isArray()) {
            ArrayNode copy = Json.MAPPER.createArrayNode();
            node.forEach(element -> copy.add(stripped(element)));
            return copy;
        }
        if (!node.isObject()) {
            return node;
        }
        ObjectNode copy = Json.object();
        boolean encoded = node.path("type").asText("").equals("base64")
                && node.path("data").isTextual();
        node.properties().forEach(field -> {
            if (encoded && field.getKey().equals("data")) {
                copy.put("data", "<stripped>");
                copy.put("sha256", ContentText.keep(field.getValue().textValue(), payloads));
            } else {
                copy.set(field.getKey(), stripped(field.getValue()));
            }
        });
        return copy;
    }

    private @Nullable String textAt(String field) {
        return Json.textAt(block, field).orElse(null);
    }

    private String clean(String text) {
        return ContentText.of(text, payloads);
    }
}
