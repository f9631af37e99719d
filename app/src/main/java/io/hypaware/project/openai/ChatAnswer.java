package io.hypaware.project.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.project.Json;
import io.hypaware.project.message.Answer;
import io.hypaware.project.message.AnswerBody;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads an answer of the Chat Completions API, streamed or not, and of the older Completions API. Each choice is a
/// message.
final class ChatAnswer {

    /// By index, in the order in which they came.
    private final Map<Integer, Choice> choices = new LinkedHashMap<>();

    private Optional<String> id = Optional.empty();
    private Optional<String> model = Optional.empty();
    private JsonNode usage = Json.object();
    private Optional<JsonNode> error = Optional.empty();
    private Optional<String> unread = Optional.empty();

    static Answer read(InputStream body, int status) throws IOException {
        ChatAnswer reader = new ChatAnswer();
        switch (AnswerBody.of(body, status)) {
            case AnswerBody.Document(JsonNode completion) -> {
                reader.error = AnswerBody.error(completion, status, completion.has("choices"));
                reader.accept(completion);
            }
            case AnswerBody.Broken(String why) -> reader.unread = Optional.of(why);
            case AnswerBody.Failure(JsonNode error) -> reader.error = Optional.of(error);
            case AnswerBody.Events(AnswerBody.EventSource events) ->
                reader.unread = AnswerBody.forEach(events, reader::accept);
        }
        return reader.answer();
    }

    private void accept(JsonNode chunk) {
        id = Json.textAt(chunk, "id").or(() -> id);
        model = Json.textAt(chunk, "model").or(() -> model);
        if (chunk.path("usage").isObject()) {
            usage = chunk.get("usage");
        }
        if (chunk.hasNonNull("error")) {
            error = Optional.of(AnswerBody.failure(chunk.get("error")));
        }
        for (JsonNode choice : chunk.path("choices")) {
            choices.computeIfAbsent(choice.path("index").asInt(0), _ -> new Choice())
                    .accept(choice);
        }
    }

    private Answer answer() {
        List<JsonNode> messages = choices.values().stream()
                .map(Choice::message)
                .flatMap(Optional::stream)
                .toList();
        Optional<String> stop = choices.values().stream()
                .map(choice -> choice.finish)
                .flatMap(Optional::stream)
                .findFirst();
        return new Answer(
                id, model, messages, new Answer.Stop(stop, Optional.empty()), Usages.of(usage), error, unread);
    }

    /// One of the answers, growing by chunks or whole.
    private static final class Choice {

        private final ObjectNode message = Json.object();
        private final Map<String, StringBuilder> texts = new LinkedHashMap<>();

        /// Calls by index, in the order in which they came.
        private final Map<Integer, ObjectNode> calls = new LinkedHashMap<>();

        private Optional<String> finish = Optional.empty();

        private void accept(JsonNode choice) {
            finish = Json.textAt(choice, "finish_reason").or(() -> finish);
            Json.textAt(choice, "text").ifPresent(text -> text("content", text));
            grow(choice.path("delta"));
            grow(choice.path("message"));
        }

        private void grow(JsonNode delta) {
            for (String field : List.of("content", "refusal", "reasoning_content", "reasoning")) {
                Json.textAt(delta, field).ifPresent(text -> text(field, text));
            }
            for (String field : List.of("role", "annotations")) {
                if (delta.hasNonNull(field)) {
                    message.set(field, delta.get(field));
                }
            }
            if (delta.path("content").isArray()) {
                message.set("content", delta.get("content"));
            }
            if (delta.path("audio").isObject()) {
                merge(delta.get("audio"), Json.objectAt(message, "audio"));
            }
            if (delta.path("function_call").isObject()) {
                merge(delta.get("function_call"), Json.objectAt(message, "function_call"));
            }
            int position = 0;
            for (JsonNode call : delta.path("tool_calls")) {
                int index = call.path("index").asInt(position);
                merge(call, calls.computeIfAbsent(index, _ -> Json.object()));
                position++;
            }
        }

        private void text(String field, String text) {
            texts.computeIfAbsent(field, _ -> new StringBuilder()).append(text);
        }

        /// Texts that come in pieces are joined, names and ids are said once.
        private static void merge(JsonNode piece, ObjectNode into) {
            piece.properties().forEach(field -> {
                String name = field.getKey();
                JsonNode value = field.getValue();
                if (value.isObject()) {
                    merge(value, Json.objectAt(into, name));
                } else if (value.isTextual() && GROWING.contains(name)) {
                    into.put(name, into.path(name).asText("") + value.textValue());
                } else if (!value.isNull()
                        && !(value.isTextual() && value.textValue().isEmpty())) {
                    into.set(name, value);
                }
            });
        }

        private static final Set<String> GROWING = Set.of("arguments", "input", "data", "transcript");

        private Optional<JsonNode> message() {
            texts.forEach((field, text) -> {
                if (!text.isEmpty()) {
                    message.put(field, text.toString());
                }
            });
            if (!calls.isEmpty()) {
                message.putArray("tool_calls").addAll(calls.values());
            }
            boolean says = message.size() > (message.has("role") ? 1 : 0);
            message.put("role", "assistant");
            return says ? Optional.of(message) : Optional.empty();
        }
    }
}
