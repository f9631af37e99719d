package io.hypaware.project.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.project.Json;
import io.hypaware.project.message.Answer;
import io.hypaware.project.message.AnswerBody;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads an answer of the Gemini API: one response, or several of which each goes on where the one
/// before ended, as events or as the elements of an array. Each candidate is a message.
final class GeminiAnswer {

    /// By index, in the order in which they came.
    private final Map<Integer, List<JsonNode>> candidates = new LinkedHashMap<>();

    private Optional<String> id = Optional.empty();
    private Optional<String> model = Optional.empty();
    private Optional<String> stop = Optional.empty();
    private JsonNode usage = Json.object();
    private Optional<JsonNode> error = Optional.empty();
    private Optional<String> unread = Optional.empty();

    static Answer read(InputStream body, int status) throws IOException {
        GeminiAnswer reader = new GeminiAnswer();
        switch (AnswerBody.of(body, status)) {
            case AnswerBody.Document(JsonNode response) -> {
                reader.error = AnswerBody.error(response, status, response.has("candidates"));
                reader.accept(response);
            }
            case AnswerBody.Broken(String why) -> reader.unread = Optional.of(why);
            case AnswerBody.Failure(JsonNode error) -> reader.error = Optional.of(error);
            case AnswerBody.Events(AnswerBody.EventSource events) ->
                reader.unread = AnswerBody.forEach(events, reader::accept);
        }
        return reader.answer();
    }

    private void accept(JsonNode response) {
        id = Json.textAt(response, "responseId").or(() -> id);
        model = Json.textAt(response, "modelVersion").or(() -> model);
        if (response.path("usageMetadata").isObject()) {
            usage = response.get("usageMetadata");
        }
        if (response.hasNonNull("error")) {
            error = Optional.of(AnswerBody.failure(response.get("error")));
        }
        stop = Json.textAt(response.path("promptFeedback"), "blockReason").or(() -> stop);
        for (JsonNode candidate : response.path("candidates")) {
            stop = Json.textAt(candidate, "finishReason").or(() -> stop);
            List<JsonNode> parts =
                    candidates.computeIfAbsent(candidate.path("index").asInt(0), _ -> new ArrayList<>());
            candidate.path("content").path("parts").forEach(part -> add(parts, part));
        }
    }

    /// A text goes on where the last one ended, unless one of them is a thought.
    private static void add(List<JsonNode> parts, JsonNode part) {
        boolean goesOn = !parts.isEmpty()
                && part.path("text").isTextual()
                && parts.getLast().path("text").isTextual()
                && GeminiFormat.isThought(part) == GeminiFormat.isThought(parts.getLast());
        if (goesOn && parts.getLast() instanceof ObjectNode last) {
            last.put("text", last.get("text").textValue() + part.get("text").textValue());
            if (part.hasNonNull("thoughtSignature")) {
                last.set("thoughtSignature", part.get("thoughtSignature"));
            }
        } else if (!part.path("text").isTextual()
                || part.size() > 1
                || !part.get("text").textValue().isEmpty()) {
            parts.add(part.deepCopy());
        }
    }

    private Answer answer() {
        List<JsonNode> messages = new ArrayList<>();
        for (List<JsonNode> parts : candidates.values()) {
            if (!parts.isEmpty()) {
                ObjectNode content = Json.object().put("role", "model");
                content.putArray("parts").addAll(parts);
                messages.add(content);
            }
        }
        return new Answer(id, model, messages, new Answer.Stop(stop, Optional.empty()), usage(), error, unread);
    }

    private Answer.Usage usage() {
        Optional<Long> cached = Json.longAt(usage, "cachedContentTokenCount");
        Optional<Long> said = Json.longAt(usage, "candidatesTokenCount");
        Optional<Long> thought = Json.longAt(usage, "thoughtsTokenCount");
        return new Answer.Usage(
                Json.longAt(usage, "promptTokenCount").map(all -> Math.max(0, all - cached.orElse(0L))),
                said.isPresent() || thought.isPresent()
                        ? Optional.of(said.orElse(0L) + thought.orElse(0L))
                        : Optional.empty(),
                cached,
                Optional.empty(),
                usage);
    }
}
