package io.hypaware.project.opencode;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Row;
import io.hypaware.project.ContentText;
import io.hypaware.project.Json;
import io.hypaware.project.PayloadSink;
import io.hypaware.project.message.RawFrame;
import io.hypaware.project.message.WireFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Parts as OpenCode keeps them. An element is one part with the role of who says it; a call of a tool and its result
/// are one part there, and two elements here.
final class OpenCodeFormat implements WireFormat {

    static final OpenCodeFormat INSTANCE = new OpenCodeFormat();

    /// The kinds of elements that [#element] makes of a tool's part.
    static final String CALL = "call";

    static final String RESULT = "result";

    /// @param role `user`, `assistant` or `tool`
    /// @param kind of element: the part's own type, or what it is of a tool's part
    /// @param provider whose words for calls and results the row has
    static JsonNode element(String role, String kind, JsonNode part, String provider) {
        return Json.object()
                .put("role", role)
                .put("kind", kind)
                .put("provider", provider)
                .set("part", part);
    }

    @Override
    public String messagesField() {
        return "parts";
    }

    @Override
    public String role(JsonNode element) {
        return element.path("role").asText("user");
    }

    @Override
    public List<JsonNode> blocks(JsonNode element) {
        return List.of(element);
    }

    /// It is asked for of requests alone, and none is in this form.
    @Override
    public Optional<String> print(JsonNode element) {
        return Optional.empty();
    }

    @Override
    public List<String> system(JsonNode fields) {
        return List.of();
    }

    @Override
    public void fill(JsonNode element, PayloadSink payloads, Row.Builder row) {
        JsonNode part = element.path("part");
        String kind = element.path("kind").asText("");
        String provider = element.path("provider").asText("");
        switch (kind) {
            case "text" -> {
                String said = part.path("text").asText("");
                String text = ContentText.of(said, payloads);
                row.set("part_type", "text").set("content_text", text);
                if (!text.equals(said)) {
                    row.set("raw_frame", RawFrame.of(part, payloads));
                }
            }
            case "reasoning" -> thinking(part, provider, payloads, row);
            case CALL -> call(part, provider, payloads, row);
            case RESULT -> result(part, provider, payloads, row);
            default -> file(part, payloads, row);
        }
    }

    private static void thinking(JsonNode part, String provider, PayloadSink payloads, Row.Builder row) {
        JsonNode metadata = part.path("metadata");
        row.set("part_type", "thinking")
                .set("provider_type", provider.equals("openai") ? "reasoning" : null)
                .set(
                        "content_text",
                        Json.textAt(part, "text")
                                .filter(text -> !text.isEmpty())
                                .map(text -> ContentText.of(text, payloads))
                                .orElse(null));
        Json.textAt(metadata.path("anthropic"), "signature")
                .or(() -> Json.textAt(metadata.path("openai"), "reasoningEncryptedContent")
                        .map(text -> ContentText.shortOrKept(text, payloads)))
                .ifPresent(text -> row.set("thinking_signature", text));
    }

    /// A call of a tool that there is not is kept as one of a tool `invalid`, without what was asked of it.
    private static void call(JsonNode part, String provider, PayloadSink payloads, Row.Builder row) {
        JsonNode input = part.path("state").path("input");
        Optional<String> name = Json.textAt(part, "tool");
        boolean invalid = name.equals(Optional.of("invalid"));
        row.set("part_type", "tool_call")
                .set(
                        "provider_type",
                        switch (provider) {
                            case "anthropic" -> "tool_use";
                            case "google" -> "functionCall";
                            default -> "function_call";
                        })
                .set("tool_name", (invalid ? Json.textAt(input, "tool").or(() -> name) : name).orElse(null))
                .set("tool_call_id", Json.textAt(part, "callID").orElse(null))
                .set("tool_args", input.isObject() && !invalid ? RawFrame.of(input, payloads) : null);
    }

    private static void result(JsonNode part, String provider, PayloadSink payloads, Row.Builder row) {
        JsonNode state = part.path("state");
        boolean failed = state.path("status").asText("").equals("error");
        List<String> lines = new ArrayList<>();
        Json.textAt(state, failed ? "error" : "output")
                .map(text -> ContentText.of(text, payloads))
                .ifPresent(lines::add);
        for (JsonNode file : state.path("attachments")) {
            lines.add(ContentText.marker(Json.textAt(file, "mime").orElse("application/octet-stream")));
        }
        row.set("part_type", "tool_result")
                .set(
                        "provider_type",
                        switch (provider) {
                            case "anthropic" -> "tool_result";
                            case "google" -> "functionResponse";
                            default -> "function_call_output";
                        })
                .set("tool_result_for", Json.textAt(part, "callID").orElse(null))
                .set("is_error", failed)
                .set("content_text", lines.isEmpty() ? null : String.join("\n", lines));
        if (state.path("attachments").size() > 0) {
            row.set("raw_frame", RawFrame.of(state.path("attachments"), payloads));
        }
    }

    private static void file(JsonNode part, PayloadSink payloads, Row.Builder row) {
        String type = Json.textAt(part, "mime").orElse("application/octet-stream");
        String kind = type.startsWith("image/") ? "image" : type.startsWith("audio/") ? "audio" : "document";
        row.set("part_type", kind)
                .set("attachment_type", type)
                .set(
                        "content_text",
                        Json.textAt(part, "url")
                                .filter(url -> !url.startsWith("data:"))
                                .orElse(ContentText.marker(type)))
                .set("raw_frame", RawFrame.of(part, payloads));
    }

    private OpenCodeFormat() {}
}
