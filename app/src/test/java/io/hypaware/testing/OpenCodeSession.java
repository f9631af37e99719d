package io.hypaware.testing;

import static io.hypaware.testing.RecordedCalls.JSON;
import static io.hypaware.testing.RecordedCalls.textBlock;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// A session of OpenCode, as its calls say it and as its database does: there a call of a tool and its result are one
/// part, here they stand in two messages.
public final class OpenCodeSession {

    private static final List<String> TABLES = List.of(
            "create table if not exists session (id text primary key, parent_id text, directory text, title text,"
                    + " version text, agent text, model text, time_created integer, time_updated integer)",
            "create table if not exists message (id text primary key, session_id text, time_created integer,"
                    + " time_updated integer, data text)",
            "create table if not exists part (id text primary key, message_id text, session_id text,"
                    + " time_created integer, time_updated integer, data text)",
            "create index if not exists message_session_time_created_id_idx on message (session_id, time_created, id)",
            "create index if not exists part_message_id_id_idx on part (message_id, id)",
            "create index if not exists part_session_idx on part (session_id)");

    private record Message(ObjectNode data, List<ObjectNode> parts) {
        Message copy() {
            return new Message(
                    data.deepCopy(), parts.stream().map(ObjectNode::deepCopy).toList());
        }
    }

    private final String session;
    private final Optional<String> parent;
    private final List<ObjectNode> history = new ArrayList<>();
    private final List<Message> messages = new ArrayList<>();
    private final List<Consumer<RecordedCalls>> calls = new ArrayList<>();
    private Instant now = Instant.parse("2026-03-01T10:00:00Z");
    private Instant begun = now;
    private int answers;

    public OpenCodeSession(String session) {
        this(session, Optional.empty());
    }

    /// @param parent the session that started it
    public OpenCodeSession(String session, Optional<String> parent) {
        this.session = session;
        this.parent = parent;
    }

    /// Begins later than others do.
    public OpenCodeSession later(Duration time) {
        now = now.plus(time);
        begun = now;
        return this;
    }

    /// A session that begins with all that another one has said, under ids of its own.
    public OpenCodeSession fork(String name) {
        OpenCodeSession fork = new OpenCodeSession(name, parent);
        history.forEach(message -> fork.history.add(message.deepCopy()));
        messages.forEach(message -> fork.messages.add(message.copy()));
        fork.now = now.plusSeconds(60);
        fork.begun = fork.now;
        fork.answers = answers;
        return fork;
    }

    public OpenCodeSession says(String text) {
        history.add(RecordedCalls.message("user", textBlock(text)));
        ObjectNode data = message("user");
        data.putObject("model").put("providerID", "anthropic").put("modelID", "model-x");
        messages.add(new Message(data, List.of(part("text").put("text", text))));
        return this;
    }

    /// The model answers, and the call is made.
    public OpenCodeSession answers(JsonNode... blocks) {
        String id = "msg_" + session + "_" + ++answers;
        int cached = 100 * answers;
        List<ObjectNode> said = history.stream().map(ObjectNode::deepCopy).toList();
        ObjectNode answer = RecordedCalls.message("assistant", blocks)
                .put("id", id)
                .put("type", "message")
                .put("model", "model-x")
                .put("stop_reason", "end_turn");
        answer.putObject("usage")
                .put("input_tokens", 10)
                .put("output_tokens", 5)
                .put("cache_read_input_tokens", cached)
                .put("cache_creation_input_tokens", 0);
        Instant at = now;
        calls.add(recorded -> {
            RecordedCalls.Call call = recorded.call()
                    .header("x-session-id", session)
                    .startedAt(at)
                    .system("be brief")
                    .tools("read", "bash")
                    .messages(said)
                    .response("application/json", answer.toString().getBytes(StandardCharsets.UTF_8));
            parent.ifPresent(other -> call.header("x-parent-session-id", other));
            call.record();
        });
        history.add(RecordedCalls.message("assistant", blocks));
        ObjectNode data = message("assistant")
                .put("mode", "build")
                .put("agent", "build")
                .put("modelID", "model-x")
                .put("providerID", "anthropic")
                .put("finish", "stop");
        data.putObject("path").put("cwd", "/work/" + session);
        data.withObject("/time").put("completed", now.toEpochMilli());
        data.putObject("tokens")
                .put("input", 10)
                .put("output", 5)
                .put("reasoning", 0)
                .putObject("cache")
                .put("read", cached)
                .put("write", 0);
        List<ObjectNode> parts = new ArrayList<>();
        parts.add(part("step-start"));
        for (JsonNode block : blocks) {
            parts.add(part(block));
        }
        parts.add(part("step-finish"));
        messages.add(new Message(data, parts));
        return this;
    }

    /// What the tools of the answer before gave.
    public OpenCodeSession results(JsonNode... results) {
        history.add(RecordedCalls.message("user", results));
        for (JsonNode result : results) {
            for (ObjectNode part : messages.getLast().parts()) {
                if (part.path("callID")
                        .asText()
                        .equals(result.path("tool_use_id").asText())) {
                    part.withObject("/state").put("status", "completed").set("output", result.path("content"));
                }
            }
        }
        return this;
    }

    /// A part that is on no wire.
    public OpenCodeSession adds(ObjectNode part) {
        messages.getLast().parts().add(part);
        return this;
    }

    private ObjectNode message(String role) {
        now = now.plusSeconds(1);
        ObjectNode data = JSON.createObjectNode().put("role", role);
        data.putObject("time").put("created", now.toEpochMilli());
        return data;
    }

    private static ObjectNode part(String type) {
        return JSON.createObjectNode().put("type", type);
    }

    private ObjectNode part(JsonNode block) {
        ObjectNode part = switch (block.path("type").asText()) {
            case "tool_use" -> {
                ObjectNode tool = part("tool");
                tool.set("tool", block.path("name"));
                tool.set("callID", block.path("id"));
                tool.putObject("state").put("status", "running").set("input", block.path("input"));
                yield tool;
            }
            case "thinking" -> {
                ObjectNode thought = part("reasoning");
                thought.set("text", block.path("thinking"));
                thought.putObject("metadata").putObject("anthropic").set("signature", block.path("signature"));
                yield thought;
            }
            default -> part("text").put("text", block.path("text").asText());
        };
        part.putObject("time").put("start", now.toEpochMilli()).put("end", now.toEpochMilli());
        return part;
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

    public int messages() {
        return messages.size();
    }

    public static Path database(Path user) {
        return user.resolve(".local/share/opencode/opencode.db");
    }

    public void write(Path user) throws IOException, SQLException {
        write(user, messages.size());
    }

    /// Writes the first messages into the database in the user's folder. Tools of the last one are at work still,
    /// unless all are written.
    public void write(Path user, int most) throws IOException, SQLException {
        Files.createDirectories(database(user).getParent());
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database(user));
                Statement statement = connection.createStatement()) {
            statement.execute("pragma journal_mode = wal");
            for (String table : TABLES) {
                statement.execute(table);
            }
            insert(
                    connection,
                    "session",
                    session,
                    parent.orElse(null),
                    "/work/" + session,
                    "a title",
                    "1.18.0",
                    parent.isPresent() ? "general" : "build",
                    "{}",
                    begun.toEpochMilli(),
                    begun.toEpochMilli());
            for (int i = 0; i < most; i++) {
                Message message = messages.get(i);
                String id = "msg_%s_%03d".formatted(session, i);
                long at = message.data().path("time").path("created").asLong();
                insert(
                        connection,
                        "message",
                        id,
                        session,
                        at,
                        at,
                        message.data().toString());
                for (int j = 0; j < message.parts().size(); j++) {
                    ObjectNode part = message.parts().get(j).deepCopy();
                    if (part.has("state") && i == most - 1 && most < messages.size()) {
                        part.withObject("/state").put("status", "running").remove("output");
                    }
                    String name = "prt_%s_%03d_%03d".formatted(session, i, j);
                    insert(connection, "part", name, id, session, begun.toEpochMilli(), at, part.toString());
                }
            }
        }
    }

    private static void insert(Connection connection, String table, Object... values) throws SQLException {
        String places = "?, ".repeat(values.length - 1) + "?";
        try (PreparedStatement statement =
                connection.prepareStatement("insert or replace into " + table + " values (" + places + ")")) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            statement.executeUpdate();
        }
    }
}
