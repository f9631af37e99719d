package io.hypaware.project.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.project.Json;
import io.hypaware.project.message.Answer;
import io.hypaware.project.message.AnswerBody;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads an answer, streamed or not, whatever its header claims. A stream is not trusted to be regular: blocks
/// are kept in the order in which they came, whether or not they have a number of their own, a start or an end.
/// One that ends early gives the blocks as far as they came.
final class AnswerReader {

    /// In the order in which they began.
    private final List<Block> blocks = new ArrayList<>();

    /// The one that deltas of an index belong to.
    private final Map<Integer, Block> open = new HashMap<>();

    private final ObjectNode usage = Json.object();
    private Optional<String> id = Optional.empty();
    private Optional<String> model = Optional.empty();
    private Optional<String> stopReason = Optional.empty();
    private Optional<String> stopSequence = Optional.empty();
    private Optional<JsonNode> error = Optional.empty();
    private Optional<String> unread = Optional.empty();

    /// Reads an answer that comes as events of another kind than server-sent ones.
    static Answer read(AnswerBody.EventSource events) throws IOException {
        AnswerReader reader = new AnswerReader();
        reader.unread = AnswerBody.forEach(events, reader::accept);
        return reader.answer();
    }

    /// @param status of the answer; from 400 on, what is no message is the error
    static Answer read(InputStream body, int status) throws IOException {
        AnswerReader reader = new AnswerReader();
        switch (AnswerBody.of(body, status)) {
            case AnswerBody.Document(JsonNode message) -> reader.document(message, status);
            case AnswerBody.Broken(String why) -> reader.unread = Optional.of(why);
            case AnswerBody.Failure(JsonNode error) -> reader.error = Optional.of(error);
            case AnswerBody.Events(AnswerBody.EventSource events) ->
                reader.unread = AnswerBody.forEach(events, reader::accept);
        }
        return reader.answer();
    }

    private void document(JsonNode message, int status) {
        error = AnswerBody.error(message, status, message.has("content"));
        if (error.isEmpty()) {
            head(message);
            stop(message);
        }
    }

    private void accept(JsonNode event) {
        switch (event.path("type").asText("")) {
            case "message_start" -> head(event.path("message"));
            case "content_block_start" -> begin(event, event.path("content_block"));
            case "content_block_delta" -> block(event).add(event.path("delta"));
            case "content_block_stop" -> open.remove(index(event));
            case "message_delta" -> {
                stop(event.path("delta"));
                merge(event.path("usage"), usage);
            }
            default -> {
                if (event.hasNonNull("error")) {
                    error = Optional.of(AnswerBody.failure(event.get("error")));
                }
            }
        }
    }

    private void begin(JsonNode event, JsonNode content) {
        Block block = new Block(content);
        blocks.add(block);
        open.put(index(event), block);
    }

    /// The block that a delta belongs to: the one of its index, else the last that began, else a new one.
    private Block block(JsonNode event) {
        Block block = open.get(index(event));
        if (block == null && !event.has("index") && !blocks.isEmpty()) {
            block = blocks.getLast();
        }
        if (block == null) {
            begin(event, Json.object().put("type", Block.typeOf(event.path("delta"))));
            block = blocks.getLast();
        }
        return block;
    }

    private static int index(JsonNode event) {
        return event.path("index").asInt(-1);
    }

    private void head(JsonNode message) {
        id = Json.textAt(message, "id").or(() -> id);
        model = Json.textAt(message, "model").or(() -> model);
        merge(message.path("usage"), usage);
        JsonNode content = message.path("content");
        if (content.isTextual()) {
            blocks.add(new Block(content));
        } else {
            content.forEach(block -> blocks.add(new Block(block)));
        }
    }

    private void stop(JsonNode delta) {
        stopReason = Json.textAt(delta, "stop_reason").or(() -> stopReason);
        stopSequence = Json.textAt(delta, "stop_sequence").or(() -> stopSequence);
    }

    /// Later counts replace earlier ones, but for a zero: some providers end with zeros for what they said at
    /// the start.
    private static void merge(JsonNode counts, ObjectNode into) {
        counts.properties().forEach(count -> {
            JsonNode value = count.getValue();
            JsonNode known = into.path(count.getKey());
            if (value.isObject() && known.isObject()) {
                merge(value, (ObjectNode) known);
            } else if (!value.isNull() && !(isZero(value) && known.isNumber())) {
                into.set(count.getKey(), value.deepCopy());
            }
        });
    }

    private static boolean isZero(JsonNode value) {
        return value.isNumber() && value.decimalValue().signum() == 0;
    }

    private Answer answer() {
        ObjectNode message = Json.object().put("role", "assistant");
        ArrayNode content = message.putArray("content");
        for (Block block : blocks) {
            content.add(block.whole());
        }
        return new Answer(
                id,
                model,
                content.isEmpty() ? List.of() : List.of(message),
                new Answer.Stop(stopReason, stopSequence),
                usage(usage),
                error,
                unread);
    }

    /// Counts as the provider gives them, in columns' terms.
    static Answer.Usage usage(JsonNode counts) {
        return new Answer.Usage(
                Json.longAt(counts, "input_tokens"),
                Json.longAt(counts, "output_tokens"),
                Json.longAt(counts, "cache_read_input_tokens"),
                Json.longAt(counts, "cache_creation_input_tokens"),
                counts.isObject() ? counts : Json.object());
    }

    /// A content block that grows by deltas.
    private static final class Block {

        private final ObjectNode start;
        private final StringBuilder text = new StringBuilder();
        private final StringBuilder thinking = new StringBuilder();
        private final StringBuilder signature = new StringBuilder();
        private final StringBuilder input = new StringBuilder();

        private Block(JsonNode start) {
            this.start = start.isObject()
                    ? start.<ObjectNode>deepCopy()
                    : Json.object().put("type", "text").put("text", start.asText(""));
        }

        /// The kind of block that a delta without a start grows.
        private static String typeOf(JsonNode delta) {
            return switch (delta.path("type").asText("")) {
                case "input_json_delta" -> "tool_use";
                case "thinking_delta", "signature_delta" -> "thinking";
                default -> "text";
            };
        }

        private void add(JsonNode delta) {
            switch (delta.path("type").asText("")) {
                case "text_delta" -> text.append(delta.path("text").asText(""));
                case "input_json_delta" ->
                    input.append(delta.path("partial_json").asText(""));
                case "thinking_delta" -> thinking.append(delta.path("thinking").asText(""));
                case "signature_delta" ->
                    signature.append(delta.path("signature").asText(""));
                case "citations_delta" -> list("citations").add(delta.path("citation"));
                // Kinds not known yet are kept as they are.
                default -> list("deltas").add(delta);
            }
        }

        private ArrayNode list(String field) {
            return start.path(field).isArray() ? (ArrayNode) start.get(field) : start.putArray(field);
        }

        private JsonNode whole() {
            append("text", text);
            append("thinking", thinking);
            append("signature", signature);
            if (!input.isEmpty()) {
                input();
            }
            return start;
        }

        /// The arguments, which some providers begin with an empty object before the real one.
        private void input() {
            JsonNode last = Json.object();
            try (MappingIterator<JsonNode> values =
                    Json.MAPPER.readerFor(JsonNode.class).readValues(input.toString())) {
                while (values.hasNextValue()) {
                    JsonNode value = values.nextValue();
                    last = value.isEmpty() && !last.isEmpty() ? last : value;
                }
                start.set("input", last);
            } catch (IOException e) {
                // The stream broke off inside the arguments.
                start.put("input", input.toString());
            }
        }

        private void append(String field, StringBuilder more) {
            if (!more.isEmpty()) {
                start.put(field, start.path(field).asText("") + more);
            }
        }
    }
}
