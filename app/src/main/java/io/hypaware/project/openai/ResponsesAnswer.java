package io.hypaware.project.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.project.Json;
import io.hypaware.project.message.Answer;
import io.hypaware.project.message.AnswerBody;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads an answer of the Responses API: a response, or the events that make one. Items are kept in the order of their
/// index; what an item's last event says outranks what its pieces say, and one that never ended is as far as it came.
final class ResponsesAnswer {

    /// By the index or id that its events name, in the order in which they came.
    private final Map<String, Item> items = new LinkedHashMap<>();

    private Optional<String> id = Optional.empty();
    private Optional<String> model = Optional.empty();
    private Optional<String> stop = Optional.empty();
    private JsonNode usage = Json.object();
    private Optional<JsonNode> error = Optional.empty();
    private Optional<String> unread = Optional.empty();

    static Answer read(InputStream body, int status) throws IOException {
        ResponsesAnswer reader = new ResponsesAnswer();
        switch (AnswerBody.of(body, status)) {
            case AnswerBody.Document(JsonNode response) -> reader.document(response, status);
            case AnswerBody.Broken(String why) -> reader.unread = Optional.of(why);
            case AnswerBody.Failure(JsonNode error) -> reader.error = Optional.of(error);
            case AnswerBody.Events(AnswerBody.EventSource events) ->
                reader.unread = AnswerBody.forEach(events, reader::accept);
        }
        return reader.answer();
    }

    /// Reads the events of a connection's turn, one a line.
    static Answer ofLines(InputStream body) throws IOException {
        ResponsesAnswer reader = new ResponsesAnswer();
        BufferedReader lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
        reader.unread = AnswerBody.forEach(lines::readLine, reader::accept);
        return reader.answer();
    }

    private void document(JsonNode response, int status) {
        if (response.path("type").asText("").startsWith("response.")) {
            // A stream of one event that calls itself JSON.
            accept(response);
            return;
        }
        error = AnswerBody.error(response, status, response.has("output"));
        response(response);
    }

    private void accept(JsonNode event) {
        String type = event.path("type").asText("");
        switch (type) {
            case "response.created",
                    "response.queued",
                    "response.in_progress",
                    "response.completed",
                    "response.incomplete",
                    "response.failed",
                    "response.cancelled" -> response(event.path("response"));
            case "response.output_item.added" -> item(event).begin(event.path("item"));
            case "response.output_item.done" -> item(event).end(event.path("item"));
            case "error" ->
                error = Optional.of(AnswerBody.failure(event.hasNonNull("error") ? event.get("error") : event));
            default -> {
                if (event.hasNonNull("error") && type.isEmpty()) {
                    error = Optional.of(AnswerBody.failure(event.get("error")));
                } else if (type.endsWith(".delta") || type.equals("response.content_part.added")) {
                    item(event).piece(type, event);
                }
            }
        }
    }

    private void response(JsonNode response) {
        id = Json.textAt(response, "id").or(() -> id);
        model = Json.textAt(response, "model").or(() -> model);
        if (response.path("usage").isObject()) {
            usage = response.get("usage");
        }
        if (response.hasNonNull("error")) {
            error = Optional.of(AnswerBody.failure(response.get("error")));
        }
        stop = Json.textAt(response.path("incomplete_details"), "reason")
                .or(() -> Json.textAt(response, "status"))
                .or(() -> stop);
        int index = 0;
        for (JsonNode item : response.path("output")) {
            items.computeIfAbsent(Integer.toString(index++), _ -> new Item()).end(item);
        }
    }

    /// The item that an event is about: the one of its index, else of its id, else the last.
    private Item item(JsonNode event) {
        if (event.path("output_index").isIntegralNumber()) {
            return items.computeIfAbsent(event.get("output_index").asText(), _ -> new Item());
        }
        Optional<String> named = Json.textAt(event, "item_id").or(() -> Json.textAt(event.path("item"), "id"));
        if (named.isPresent()) {
            return items.values().stream()
                    .filter(item -> item.isNamed(named.get()))
                    .findFirst()
                    .orElseGet(() -> items.computeIfAbsent(named.get(), _ -> new Item()));
        }
        return items.isEmpty()
                ? items.computeIfAbsent("0", _ -> new Item())
                : List.copyOf(items.values()).getLast();
    }

    private Answer answer() {
        List<JsonNode> messages = items.values().stream()
                .map(Item::whole)
                .flatMap(Optional::stream)
                .toList();
        return new Answer(
                id, model, messages, new Answer.Stop(stop, Optional.empty()), Usages.of(usage), error, unread);
    }

    /// An item that grows by pieces.
    private static final class Item {

        private Optional<JsonNode> end = Optional.empty();
        private ObjectNode start = Json.object();

        /// Texts by where they stand: of the message's parts, of the summary, of the arguments.
        private final Map<String, StringBuilder> pieces = new LinkedHashMap<>();

        private boolean isNamed(String id) {
            return start.path("id").asText("").equals(id)
                    || end.map(item -> item.path("id").asText("").equals(id)).orElse(false);
        }

        private void begin(JsonNode item) {
            if (item.isObject()) {
                start = item.deepCopy();
            }
        }

        private void end(JsonNode item) {
            if (item.isObject()) {
                end = Optional.of(item);
            }
        }

        private void piece(String type, JsonNode event) {
            String what = type.startsWith("response.") && type.lastIndexOf('.') > "response.".length()
                    ? type.substring("response.".length(), type.lastIndexOf('.'))
                    : type;
            int part = event.path("content_index")
                    .asInt(event.path("summary_index").asInt(0));
            String text = event.path("delta").asText("");
            pieces.computeIfAbsent(what + " " + part, _ -> new StringBuilder()).append(text);
        }

        /// The item as its end says it, else as far as it came; empty if nothing of it came.
        private Optional<JsonNode> whole() {
            if (end.isPresent()) {
                return end;
            }
            pieces.values().removeIf(StringBuilder::isEmpty);
            if (start.isEmpty() && pieces.isEmpty()) {
                return Optional.empty();
            }
            pieces.forEach((where, text) -> put(where.substring(0, where.indexOf(' ')), text.toString()));
            if (!start.has("type")) {
                start.put("type", "message").put("role", "assistant");
            }
            return Optional.of(start);
        }

        private void put(String what, String text) {
            switch (what) {
                case "output_text" -> part("content").put("type", "output_text").put("text", text);
                case "refusal" -> part("content").put("type", "refusal").put("refusal", text);
                case "reasoning_summary_text", "reasoning_summary" -> {
                    part("summary").put("type", "summary_text").put("text", text);
                    typed("reasoning");
                }
                case "reasoning_text" -> {
                    part("content").put("type", "reasoning_text").put("text", text);
                    typed("reasoning");
                }
                case "function_call_arguments" -> typed("function_call").put("arguments", text);
                case "custom_tool_call_input" -> typed("custom_tool_call").put("input", text);
                case "mcp_call_arguments" -> typed("mcp_call").put("arguments", text);
                case "code_interpreter_call_code" ->
                    typed("code_interpreter_call").put("code", text);
                // Kinds not known yet are kept as they are.
                default ->
                    Json.arrayAt(start, "deltas").addObject().put("of", what).put("text", text);
            }
        }

        private ObjectNode part(String list) {
            return Json.arrayAt(start, list).addObject();
        }

        private ObjectNode typed(String type) {
            return start.has("type") ? start : start.put("type", type);
        }
    }
}
