package io.hypaware.project.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Row;
import io.hypaware.project.ContentText;
import io.hypaware.project.Json;
import io.hypaware.project.PayloadSink;
import io.hypaware.project.message.RawFrame;
import java.util.Map;
import java.util.stream.Stream;

/// Fills the columns of one part.
final class GeminiColumns {

    private final JsonNode part;
    private final PayloadSink payloads;
    private final Row.Builder row;

    private GeminiColumns(JsonNode part, PayloadSink payloads, Row.Builder row) {
        this.part = part;
        this.payloads = payloads;
        this.row = row;
    }

    static void fill(JsonNode part, PayloadSink payloads, Row.Builder row) {
        new GeminiColumns(part, payloads, row).fill();
    }

    private void fill() {
        Json.textAt(part, "thoughtSignature")
                .ifPresent(signature -> row.set("thinking_signature", ContentText.shortOrKept(signature, payloads)));
        if (part.isTextual() || part.path("text").isTextual()) {
            String said = part.isTextual() ? part.textValue() : part.get("text").textValue();
            String text = ContentText.of(said, payloads);
            row.set("part_type", GeminiFormat.isThought(part) ? "thinking" : "text")
                    .set("content_text", text);
            if (!text.equals(said)) {
                row.set("raw_frame", raw());
            }
        } else if (part.path("functionCall").isObject()) {
            call(part.get("functionCall"));
        } else if (part.path("functionResponse").isObject()) {
            result(part.get("functionResponse"));
        } else if (part.path("inlineData").isObject() || part.path("fileData").isObject()) {
            media(part.path("inlineData").isObject() ? part.get("inlineData") : part.get("fileData"));
        } else if (part.path("executableCode").isObject()) {
            row.set("part_type", "tool_call")
                    .set("provider_type", "executableCode")
                    .set("tool_name", "code_execution")
                    .set("tool_args", RawFrame.of(part.get("executableCode"), payloads));
        } else if (part.path("codeExecutionResult").isObject()) {
            JsonNode result = part.get("codeExecutionResult");
            row.set("part_type", "tool_result")
                    .set("provider_type", "codeExecutionResult")
                    .set("content_text", Json.textAt(result, "output").orElse(null))
                    .set(
                            "is_error",
                            !result.path("outcome").asText("OUTCOME_OK").equals("OUTCOME_OK"));
        } else {
            // Kinds not known here keep their name and their frame.
            String kind = part.properties().stream()
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElse("unknown");
            row.set("part_type", kind).set("provider_type", kind).set("raw_frame", raw());
        }
    }

    private void call(JsonNode call) {
        row.set("part_type", "tool_call")
                .set("provider_type", "functionCall")
                .set("tool_name", Json.textAt(call, "name").orElse(null))
                .set("tool_call_id", Json.textAt(call, "id").orElse(null))
                .set("tool_args", call.has("args") ? RawFrame.of(call.get("args"), payloads) : null);
    }

    private void result(JsonNode result) {
        JsonNode response = result.path("response");
        boolean failed = response.hasNonNull("error");
        JsonNode said = Stream.of("output", "result", "error", "content")
                .map(response::path)
                .filter(JsonNode::isTextual)
                .findFirst()
                .orElse(response);
        row.set("part_type", "tool_result")
                .set("provider_type", "functionResponse")
                .set("tool_name", Json.textAt(result, "name").orElse(null))
                .set(
                        "tool_result_for",
                        Json.textAt(result, "id")
                                .or(() -> Json.textAt(result, "name"))
                                .orElse(null))
                .set("is_error", failed)
                .set(
                        "content_text",
                        said.isTextual() ? ContentText.of(said.textValue(), payloads) : RawFrame.of(said, payloads));
        if (!said.isTextual() || response.size() > 1) {
            row.set("raw_frame", raw());
        }
    }

    private void media(JsonNode media) {
        String type = Json.textAt(media, "mimeType").orElse("application/octet-stream");
        String kind = type.startsWith("image/") ? "image" : type.startsWith("audio/") ? "audio" : "file";
        row.set("part_type", kind)
                .set("attachment_type", type)
                .set("content_text", Json.textAt(media, "fileUri").orElseGet(() -> ContentText.marker(type)))
                .set("raw_frame", raw());
    }

    private String raw() {
        return RawFrame.of(part, payloads);
    }
}
