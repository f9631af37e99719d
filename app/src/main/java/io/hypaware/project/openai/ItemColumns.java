package io.hypaware.project.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Row;
import io.hypaware.project.ContentText;
import io.hypaware.project.Json;
import io.hypaware.project.PayloadSink;
import io.hypaware.project.message.RawFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Fills the columns of one part from an item, or from a part of a message.
final class ItemColumns {

    /// Where calls hold what the tool is to do.
    private static final List<String> ARGUMENTS =
            List.of("arguments", "input", "action", "operation", "code", "queries");

    private final JsonNode block;
    private final PayloadSink payloads;
    private final Row.Builder row;

    private ItemColumns(JsonNode block, PayloadSink payloads, Row.Builder row) {
        this.block = block;
        this.payloads = payloads;
        this.row = row;
    }

    /// @param block an item, a part of one, or the text that stands for one
    static void fill(JsonNode block, PayloadSink payloads, Row.Builder row) {
        new ItemColumns(block, payloads, row).fill();
    }

    private void fill() {
        if (block.isTextual()) {
            text(block.textValue());
            return;
        }
        String type = block.path("type").asText("unknown");
        switch (type) {
            case "input_text", "output_text", "text" -> {
                text(block.path("text").asText(""));
                if (!block.path("annotations").isEmpty()
                        || !block.path("logprobs").isEmpty()) {
                    row.set("raw_frame", raw());
                }
            }
            case "refusal" ->
                row.set("part_type", "refusal")
                        .set("content_text", clean(block.path("refusal").asText("")));
            case "reasoning" -> reasoning();
            case "input_image", "image_url", "input_file", "file", "input_audio", "output_audio", "audio" ->
                media(type);
            case ResponsesFormat.ADDITIONAL_TOOLS -> {
                item(type);
                row.set("content_text", ResponsesFormat.toolNames(block));
            }
            default -> item(type);
        }
    }

    private void text(String said) {
        String text = clean(said);
        row.set("part_type", "text").set("content_text", text);
        // A frame says where the bytes are that the text has lost.
        if (!text.equals(said)) {
            row.set("raw_frame", raw());
        }
    }

    /// What the model thought, as far as the provider shows it: the summary, or the thoughts themselves.
    private void reasoning() {
        List<String> texts = new ArrayList<>();
        for (JsonNode part : block.path("summary")) {
            Json.textAt(part, "text").ifPresent(texts::add);
        }
        for (JsonNode part : block.path("content")) {
            Json.textAt(part, "text").ifPresent(texts::add);
        }
        row.set("part_type", "thinking")
                .set("provider_type", "reasoning")
                .set("content_text", texts.isEmpty() ? null : clean(String.join("\n", texts)));
        Json.textAt(block, "encrypted_content")
                .ifPresent(text -> row.set("thinking_signature", ContentText.shortOrKept(text, payloads)));
    }

    private void media(String type) {
        JsonNode inner = block.path(type).isObject() ? block.path(type) : block;
        String kind = type.contains("image") ? "image" : type.contains("audio") ? "audio" : "file";
        row.set("part_type", kind).set("provider_type", type).set("raw_frame", raw());
        if (kind.equals("audio")) {
            String format = "audio/" + inner.path("format").asText("wav");
            row.set("attachment_type", format)
                    .set(
                            "content_text",
                            Json.textAt(inner, "transcript")
                                    .map(this::clean)
                                    .orElseGet(() -> ContentText.marker(format)));
            return;
        }
        Optional<String> at = Json.textAt(inner, "image_url")
                .or(() -> Json.textAt(inner, "url"))
                .or(() -> Json.textAt(inner, "file_data"))
                .or(() -> Json.textAt(inner, "file_url"));
        row.set("attachment_type", at.flatMap(ContentText::mediaType).orElse(null));
        row.set(
                "content_text",
                at.map(url -> RawFrame.isEncoded(url) ? ContentText.marker("application/octet-stream") : clean(url))
                        .or(() -> Json.textAt(inner, "filename"))
                        .or(() -> Json.textAt(inner, "file_id"))
                        .orElse(null));
    }

    private void item(String type) {
        if (type.endsWith("_output")) {
            result(type, block.path("output"));
        } else if (type.endsWith("_call")) {
            call(type);
        } else {
            row.set("part_type", type)
                    .set("provider_type", type)
                    .set(
                            "content_text",
                            Json.textAt(block, "text")
                                    .or(this::texts)
                                    .map(this::clean)
                                    .orElse(null))
                    .set("tool_name", textAt("name"))
                    .set("raw_frame", raw());
        }
    }

    /// What an item says in parts, as one agent does to another.
    private Optional<String> texts() {
        List<String> texts = new ArrayList<>();
        for (JsonNode part : block.path("content")) {
            Json.textAt(part, "text").ifPresent(texts::add);
        }
        return texts.isEmpty() ? Optional.empty() : Optional.of(String.join("\n", texts));
    }

    private void result(String type, JsonNode output) {
        // An older form has the text and whether it went well inside.
        JsonNode said = output.isObject() && output.has("content") ? output.path("content") : output;
        boolean failed =
                output.path("success").isBoolean() && !output.path("success").booleanValue();
        row.set("part_type", "tool_result")
                .set("provider_type", type)
                .set(
                        "tool_result_for",
                        Json.textAt(block, "call_id")
                                .or(() -> Json.textAt(block, "id"))
                                .orElse(null))
                .set("is_error", failed || isFailed())
                .set("content_text", outputText(said));
        if (!said.isTextual()) {
            row.set("raw_frame", raw());
        }
    }

    private void call(String type) {
        Optional<String> arguments =
                ARGUMENTS.stream().filter(block::hasNonNull).findFirst().map(field -> arguments(block.get(field)));
        row.set("part_type", "tool_call")
                .set("provider_type", type)
                .set("tool_name", toolName(type))
                .set(
                        "tool_call_id",
                        Json.textAt(block, "call_id")
                                .or(() -> Json.textAt(block, "id"))
                                .orElse(null))
                .set("tool_args", arguments.orElse(null))
                .set("caller_type", textAt("server_label"));
        if (type.equals("function_call") || type.equals("custom_tool_call")) {
            return;
        }
        // What the provider's own tools do has its result in the same item.
        String text = Stream.of("output", "outputs", "results", "result")
                .map(field -> outputText(block.path(field)))
                .filter(Objects::nonNull)
                .collect(Collectors.joining("\n"));
        row.set("content_text", text.isEmpty() ? null : text)
                .set("is_error", isFailed())
                .set("raw_frame", raw());
    }

    /// With the namespace that it stands in, if any; the provider's own tools are named by their kind.
    private String toolName(String type) {
        String name = Json.textAt(block, "name").orElseGet(() -> type.substring(0, type.length() - "_call".length()));
        return Json.textAt(block, "namespace").map(space -> space + "." + name).orElse(name);
    }

    private boolean isFailed() {
        String status = block.path("status").asText("");
        return status.equals("failed") || block.hasNonNull("error");
    }

    /// Arguments are JSON in a text; some that are cut off or made up are no JSON.
    private String arguments(JsonNode value) {
        if (value.isTextual()) {
            Optional<JsonNode> parsed = Json.parsed(value.textValue()).filter(JsonNode::isContainerNode);
            return RawFrame.of(parsed.orElse(value), payloads);
        }
        return RawFrame.of(value, payloads);
    }

    /// The text of a result: itself, or its parts one under the other, media as their markers.
    private @Nullable String outputText(JsonNode output) {
        if (output.isTextual()) {
            return RawFrame.isEncoded(output.textValue())
                    ? ContentText.marker("application/octet-stream")
                    : clean(output.textValue());
        }
        List<String> lines = new ArrayList<>();
        for (JsonNode part : output.isObject() ? List.of(output) : output) {
            for (String field : List.of("text", "logs", "stdout", "stderr", "title", "url", "image_url", "filename")) {
                Json.textAt(part, field)
                        .filter(t -> !t.isEmpty())
                        .map(this::clean)
                        .ifPresent(lines::add);
            }
        }
        return lines.isEmpty() ? null : String.join("\n", lines);
    }

    private String raw() {
        return RawFrame.of(block, payloads);
    }

    private @Nullable String textAt(String field) {
        return Json.textAt(block, field).orElse(null);
    }

    private String clean(String text) {
        return ContentText.of(text, payloads);
    }
}
