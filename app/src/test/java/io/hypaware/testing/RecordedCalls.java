package io.hypaware.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.ulid.UlidCreator;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Row;
import io.hypaware.home.Cache;
import io.hypaware.journal.Chunk;
import io.hypaware.journal.ExchangeEnd;
import io.hypaware.journal.ExchangeStart;
import io.hypaware.journal.Header;
import io.hypaware.journal.Journal;
import io.hypaware.journal.JournalWriter;
import io.hypaware.journal.Outcome;
import io.hypaware.journal.Recording;
import io.hypaware.journal.ResponseHead;
import io.hypaware.maintain.Settle;
import io.hypaware.maintain.Writing;
import io.hypaware.project.Messages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A cache folder into which tests record calls as the gateway would, and out of which they read rows.
public final class RecordedCalls {

    public static final ObjectMapper JSON = new ObjectMapper();

    private final Path cache;
    private final Writing writing;
    private Instant now = Instant.parse("2026-03-01T10:00:00Z");

    public RecordedCalls(Path cache) {
        this(cache, Writing.whole("gw"));
    }

    /// @param writing how they become rows
    public RecordedCalls(Path cache, Writing writing) {
        this.cache = cache;
        this.writing = writing;
        try {
            Files.createDirectories(cache);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path cache() {
        return cache;
    }

    public Path journal() {
        return cache.resolve("journal.db");
    }

    /// One call to be recorded; answered with a plain text unless told otherwise.
    public Call call() {
        return new Call();
    }

    public void settle() {
        try {
            new Settle(new Cache(cache), writing, Clock.systemUTC()).run();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Projects what is pending and reads the hot rows of a dataset.
    public List<Row> rows(Dataset dataset) {
        settle();
        List<Row> rows = new ArrayList<>();
        try (Journal journal = Journal.open(journal());
                Journal.HotRows hot = journal.hotRows()) {
            hot.read(dataset, 0, row -> rows.add(row.row()));
        }
        return rows;
    }

    public List<Row> messages() {
        return rows(Messages.DATASET);
    }

    /// The rows of messages as `role: text` lines, in the order in which they were recorded.
    public List<String> said() {
        return messages().stream().map(RecordedCalls::line).toList();
    }

    /// The conversations, in the order in which they began.
    public List<String> conversations() {
        return messages().stream()
                .map(r -> text(r, "conversation_id"))
                .distinct()
                .toList();
    }

    /// What was said in one of them, as lines.
    public List<String> of(String conversation) {
        return messages().stream()
                .filter(r -> text(r, "conversation_id").equals(conversation))
                .map(RecordedCalls::line)
                .toList();
    }

    public static String line(Row row) {
        String text = row.value("content_text").map(Object::toString).orElse("");
        String type = row.value("part_type").orElseThrow().toString();
        String role = row.value("role").orElseThrow().toString();
        return switch (type) {
            case "text" -> role + ": " + text;
            case "tool_call" ->
                role + ": call " + row.value("tool_name").orElse("") + " "
                        + row.value("tool_call_id").orElse("");
            case "tool_result" ->
                role + ": result " + row.value("tool_result_for").orElse("") + " " + text;
            default -> role + ": " + type + " " + text;
        };
    }

    public static String text(Row row, String column) {
        return row.value(column).map(Object::toString).orElse("");
    }

    public static ObjectNode message(String role, String text) {
        return JSON.createObjectNode().put("role", role).put("content", text);
    }

    public static ObjectNode message(String role, JsonNode... blocks) {
        ObjectNode message = JSON.createObjectNode().put("role", role);
        ArrayNode content = message.putArray("content");
        for (JsonNode block : blocks) {
            content.add(block);
        }
        return message;
    }

    public static ObjectNode textBlock(String text) {
        return JSON.createObjectNode().put("type", "text").put("text", text);
    }

    public static ObjectNode thinking(String text) {
        return JSON.createObjectNode()
                .put("type", "thinking")
                .put("thinking", text)
                .put("signature", "sig-" + text.hashCode());
    }

    public static ObjectNode toolUse(String id, String name) {
        ObjectNode block =
                JSON.createObjectNode().put("type", "tool_use").put("id", id).put("name", name);
        block.putObject("input").put("path", "/" + id);
        return block;
    }

    public static ObjectNode toolResult(String id, String text) {
        return JSON.createObjectNode()
                .put("type", "tool_result")
                .put("tool_use_id", id)
                .put("content", text);
    }

    public static ObjectNode marked(ObjectNode block) {
        ObjectNode copy = block.deepCopy();
        copy.putObject("cache_control").put("type", "ephemeral");
        return copy;
    }

    /// A call being described.
    public final class Call {

        private final ObjectNode body =
                JSON.createObjectNode().put("model", "claude-sonnet-4-5").put("max_tokens", 4096);
        private final ArrayNode messages = body.putArray("messages");
        private final List<Header> headers = new ArrayList<>();
        private Optional<byte[]> rawRequest = Optional.empty();
        private byte[] response = new byte[0];
        private String contentType = "application/json";
        private final List<Header> responseHeaders = new ArrayList<>();
        private int status = 200;
        private Outcome outcome = Outcome.COMPLETED;
        private Optional<Instant> startedAt = Optional.empty();
        private String provider = "anthropic";
        private Optional<String> connection = Optional.empty();
        private String method = "POST";
        private String path = "/v1/messages?beta=true";

        private String closedBy = "upstream";
        private Optional<String> error = Optional.empty();

        private Call() {
            headers.add(new Header("user-agent", "claude-cli/2.0.14 (external, cli)"));
        }

        public Call session(String id) {
            headers.add(new Header("x-claude-code-session-id", id));
            return this;
        }

        public Call header(String name, String value) {
            headers.add(new Header(name, value));
            return this;
        }

        public Call provider(String name) {
            provider = name;
            return this;
        }

        public Call method(String newMethod) {
            method = newMethod;
            return this;
        }

        public Call path(String newPath) {
            path = newPath;
            return this;
        }

        public Call set(String field, JsonNode value) {
            body.set(field, value);
            return this;
        }

        public Call system(String text) {
            body.put("system", text);
            return this;
        }

        public Call tools(String... names) {
            ArrayNode tools = body.putArray("tools");
            for (String name : names) {
                tools.addObject().put("name", name).put("description", "does " + name);
            }
            return this;
        }

        public Call messages(List<? extends JsonNode> history) {
            history.forEach(messages::add);
            return this;
        }

        public Call messages(JsonNode... history) {
            return messages(List.of(history));
        }

        public Call request(byte[] bytes) {
            rawRequest = Optional.of(bytes);
            return this;
        }

        public Call answer(JsonNode... blocks) {
            ObjectNode message = JSON.createObjectNode()
                    .put("id", "msg_" + UlidCreator.getMonotonicUlid())
                    .put("type", "message")
                    .put("role", "assistant")
                    .put("model", "claude-sonnet-4-5-20250929")
                    .put("stop_reason", "end_turn");
            ArrayNode content = message.putArray("content");
            for (JsonNode block : blocks) {
                content.add(block);
            }
            message.putObject("usage").put("input_tokens", 10).put("output_tokens", 5);
            response = bytes(message);
            return this;
        }

        public Call answer(String text) {
            return answer(textBlock(text));
        }

        public Call response(String type, byte[] bytes) {
            contentType = type;
            response = bytes;
            return this;
        }

        /// The exchange that began the connection that this one goes on recording.
        public Call goesOn(String newConnection) {
            connection = Optional.of(newConnection);
            return this;
        }

        public Call status(int newStatus) {
            status = newStatus;
            return this;
        }

        public Call responseHeader(String name, String value) {
            responseHeaders.add(new Header(name, value));
            return this;
        }

        public Call failed(int newStatus, String type, String text) {
            status = newStatus;
            ObjectNode error = JSON.createObjectNode().put("type", "error");
            error.putObject("error").put("type", type).put("message", text);
            response = bytes(error);
            return this;
        }

        public Call outcome(Outcome newOutcome) {
            outcome = newOutcome;
            return this;
        }

        /// How the recording ended, if it was not the provider.
        public Call closedBy(String who, String why) {
            closedBy = who;
            error = Optional.of(why);
            return this;
        }

        public Call startedAt(Instant instant) {
            startedAt = Optional.of(instant);
            return this;
        }

        /// Records the call; returns its exchange id.
        public String record() {
            Instant start = startedAt.orElse(now);
            Instant end = start.plusSeconds(2);
            now = now.plusSeconds(10);
            String id = UlidCreator.getMonotonicUlid().toString();
            byte[] request = rawRequest.orElseGet(() -> bytes(body));
            try (JournalWriter writer = JournalWriter.open(journal(), 1 << 26, 1 << 26)) {
                Recording recording = writer.begin(
                        new ExchangeStart(id, start, provider, provider, method, path, headers, connection));
                recording.requestBytes(Chunk.of(request));
                responseHeaders.add(new Header("content-type", contentType));
                recording.responseHead(new ResponseHead(status, responseHeaders, Duration.ofMillis(300)));
                recording.responseBytes(Chunk.of(response));
                recording.end(new ExchangeEnd(end, outcome, closedBy, request.length, response.length, error));
            }
            return id;
        }

        private static byte[] bytes(JsonNode json) {
            return json.toString().getBytes(StandardCharsets.UTF_8);
        }
    }
}
