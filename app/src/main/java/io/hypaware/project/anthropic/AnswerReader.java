package io.hypaware.project.anthropic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.project.Json;
import io.hypaware.project.SseReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Reads an answer, streamed or not. A stream that ends early gives the blocks as far as they came.
final class AnswerReader {

    private final Map<Integer, Block> blocks = new TreeMap<>();
    private final ObjectNode usage = Json.object();
    private Optional<String> id = Optional.empty();
    private Optional<String> model = Optional.empty();
    private Optional<String> stopReason = Optional.empty();
    private Optional<String> stopSequence = Optional.empty();
    private Optional<JsonNode> error = Optional.empty();
    private boolean whole;

    /// @param contentType the answer's header
    static Answer read(InputStream body, String contentType) throws IOException {
        AnswerReader reader = new AnswerReader();
        if (contentType.startsWith("text/event-stream")) {
            reader.stream(new SseReader(body));
        } else {
            reader.document(body);
        }
        return reader.answer();
    }

    private void document(InputStream body) throws IOException {
        JsonNode message;
        try {
            message = Json.MAPPER.readTree(body);
        } catch (JsonProcessingException e) {
            return;
        }
        if (message.has("error")) {
            error = Optional.of(message.get("error"));
            return;
        }
        head(message);
        stop(message);
        int index = 0;
        for (JsonNode content : message.path("content")) {
            blocks.put(index++, new Block(content));
        }
        whole = message.has("content");
    }

    private void stream(SseReader events) throws IOException {
        for (String data = events.next(); data != null; data = events.next()) {
            JsonNode event;
            try {
                event = Json.MAPPER.readTree(data);
            } catch (JsonProcessingException e) {
                // Not an event of this format (a proxy's keep-alive, "[DONE]"); the bytes stay in the raw frames.
                continue;
            }
            accept(event);
        }
    }

    private void accept(JsonNode event) {
        switch (event.path("type").asText("")) {
            case "message_start" -> head(event.path("message"));
            case "content_block_start" ->
                blocks.put(event.path("index").asInt(), new Block(event.path("content_block")));
            case "content_block_delta" -> {
                Block block = blocks.get(event.path("index").asInt());
                if (block != null) {
                    block.add(event.path("delta"));
                }
            }
            case "message_delta" -> {
                stop(event.path("delta"));
                merge(event.path("usage"));
            }
            case "message_stop" -> whole = true;
            case "error" -> error = Optional.of(event.path("error"));
            default -> {}
        }
    }

    private void head(JsonNode message) {
        id = Json.textAt(message, "id");
        model = Json.textAt(message, "model");
        merge(message.path("usage"));
    }

    private void stop(JsonNode delta) {
        stopReason = Json.textAt(delta, "stop_reason").or(() -> stopReason);
        stopSequence = Json.textAt(delta, "stop_sequence").or(() -> stopSequence);
    }

    private void merge(JsonNode counts) {
        counts.properties().forEach(count -> {
            if (!count.getValue().isNull()) {
                usage.set(count.getKey(), count.getValue());
            }
        });
    }

    private Answer answer() {
        List<JsonNode> content = new ArrayList<>();
        for (Block block : blocks.values()) {
            content.add(block.whole());
        }
        return new Answer(id, model, content, stopReason, stopSequence, usage, error, whole);
    }

    /// A content block that grows by deltas.
    private static final class Block {

        private final ObjectNode start;
        private final StringBuilder text = new StringBuilder();
        private final StringBuilder thinking = new StringBuilder();
        private final StringBuilder signature = new StringBuilder();
        private final StringBuilder input = new StringBuilder();

        private Block(JsonNode start) {
            this.start = start.isObject() ? start.<ObjectNode>deepCopy() : Json.object();
        }

        private void add(JsonNode delta) {
            switch (delta.path("type").asText("")) {
                case "text_delta" -> text.append(delta.path("text").asText(""));
                case "input_json_delta" ->
                    input.append(delta.path("partial_json").asText(""));
                case "thinking_delta" -> thinking.append(delta.path("thinking").asText(""));
                case "signature_delta" ->
                    signature.append(delta.path("signature").asText(""));
                case "citations_delta" -> citations().add(delta.path("citation"));
                default -> deltas().add(delta);
            }
        }

        private ArrayNode citations() {
            return start.path("citations").isArray() ? (ArrayNode) start.get("citations") : start.putArray("citations");
        }

        /// Deltas of kinds not known yet are kept as they are.
        private ArrayNode deltas() {
            return start.path("deltas").isArray() ? (ArrayNode) start.get("deltas") : start.putArray("deltas");
        }

        private JsonNode whole() {
            append("text", text);
            append("thinking", thinking);
            append("signature", signature);
            if (!input.isEmpty()) {
                try {
                    start.set("input", Json.MAPPER.readTree(input.toString()));
                } catch (JsonProcessingException e) {
                    // The stream broke off inside the arguments.
                    start.put("input", input.toString());
                }
            }
            return start;
        }

        private void append(String field, StringBuilder more) {
            if (!more.isEmpty()) {
                start.put(field, start.path(field).asText("") + more);
            }
        }
    }
}
