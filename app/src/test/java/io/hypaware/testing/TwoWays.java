package io.hypaware.testing;

import static io.hypaware.testing.RecordedCalls.JSON;
import static io.hypaware.testing.RecordedCalls.textBlock;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/// A session of an agent like Claude Code, as its calls say it and as its transcript does: there a line holds one
/// block, here a message has several.
public final class TwoWays {

    private final String session;
    private final List<ObjectNode> history = new ArrayList<>();
    private final List<ObjectNode> lines = new ArrayList<>();
    private final List<Consumer<RecordedCalls>> calls = new ArrayList<>();
    private Instant now = Instant.parse("2026-03-01T10:00:00Z");
    private String parent = "";
    private int answers;

    public TwoWays(String session) {
        this.session = session;
    }

    /// A session that begins with all that another one has said, under a name of its own.
    public TwoWays fork(String name) {
        TwoWays fork = new TwoWays(name);
        history.forEach(message -> fork.history.add(message.deepCopy()));
        lines.forEach(line -> fork.lines.add(line.deepCopy().put("sessionId", name)));
        fork.now = now.plusSeconds(60);
        fork.parent = parent;
        fork.answers = answers;
        return fork;
    }

    /// The user says something.
    public TwoWays says(String text) {
        return user(textBlock(text));
    }

    /// What the client sends for the user: results of calls, and texts.
    public TwoWays user(JsonNode... blocks) {
        history.add(RecordedCalls.message("user", blocks));
        for (JsonNode block : blocks) {
            ObjectNode message = JSON.createObjectNode().put("role", "user");
            if (block.path("type").asText().equals("text")) {
                message.put("content", block.path("text").asText());
            } else {
                message.putArray("content").add(block);
            }
            line("user", message);
        }
        return this;
    }

    /// The model answers, and the call is made.
    public TwoWays answers(JsonNode... blocks) {
        String id = "msg_" + session + "_" + ++answers;
        ObjectNode usage = JSON.createObjectNode()
                .put("input_tokens", 10)
                .put("output_tokens", 5)
                .put("cache_read_input_tokens", 100 * answers);
        List<ObjectNode> said = history.stream().map(ObjectNode::deepCopy).toList();
        ObjectNode answer = answer(id, usage, List.of(blocks));
        Instant at = now;
        calls.add(recorded -> recorded.call()
                .session(session)
                .startedAt(at)
                .system("be brief")
                .tools("Read", "Bash")
                .messages(said)
                .response("application/json", answer.toString().getBytes(StandardCharsets.UTF_8))
                .record());
        for (JsonNode block : blocks) {
            line("assistant", answer(id, usage, List.of(block)));
        }
        history.add(RecordedCalls.message("assistant", blocks));
        return this;
    }

    private static ObjectNode answer(String id, ObjectNode usage, List<JsonNode> blocks) {
        ObjectNode message = JSON.createObjectNode()
                .put("id", id)
                .put("type", "message")
                .put("role", "assistant")
                .put("model", "model-x")
                .put("stop_reason", "end_turn");
        ArrayNode content = message.putArray("content");
        blocks.forEach(content::add);
        message.set("usage", usage);
        return message;
    }

    /// A line of the transcript that is no utterance.
    public TwoWays notes(String type, ObjectNode more) {
        ObjectNode line = more.deepCopy().put("type", type);
        return add(line);
    }

    private void line(String type, ObjectNode message) {
        ObjectNode line = JSON.createObjectNode().put("type", type);
        line.set("message", message);
        add(line);
    }

    private TwoWays add(ObjectNode line) {
        String uuid = UUID.nameUUIDFromBytes((session + lines.size()).getBytes(StandardCharsets.UTF_8))
                .toString();
        now = now.plusSeconds(1);
        line.put("uuid", uuid)
                .put("parentUuid", parent.isEmpty() ? null : parent)
                .put("sessionId", session)
                .put("timestamp", now.toString())
                .put("cwd", "/work/" + session)
                .put("gitBranch", "main")
                .put("isSidechain", false)
                .put("version", "2.1.197");
        parent = uuid;
        lines.add(line);
        return this;
    }

    /// Records some of the calls, as the gateway would.
    public void record(RecordedCalls recorded, int from, int to) {
        calls.subList(from, to).forEach(call -> call.accept(recorded));
    }

    public void record(RecordedCalls recorded) {
        record(recorded, 0, calls.size());
    }

    public int calls() {
        return calls.size();
    }

    public List<ObjectNode> lines() {
        return lines;
    }

    /// Writes the first lines of the transcript into the user's folder.
    public Path write(Path user, int most) throws IOException {
        Path file = user.resolve(".claude/projects/-work/" + session + ".jsonl");
        Files.createDirectories(file.getParent());
        StringBuilder text = new StringBuilder();
        lines.subList(0, Math.min(most, lines.size()))
                .forEach(line -> text.append(line).append('\n'));
        return Files.writeString(file, text);
    }

    public Path write(Path user) throws IOException {
        return write(user, lines.size());
    }
}
