package io.hypaware.smoke;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.UUID;

/// What each smoke of Claude Code's telemetry does: its client writes bodies into the spool and sends events that name
/// them.
final class ClaudeTelemetryFlows {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CALLS = "select count(*) from exchanges";

    static void capture(Stage stage) throws IOException, InterruptedException {
        begin(stage);
        call(stage, new Call("session-a", "read the plan", "", "here it is"));
        stage.same(
                "question and answer are rows of the session",
                stage.value("select string_agg(session_id || ' ' || role || ': ' || content_text, ', '"
                        + " order by message_index) from ai_gateway_messages"),
                "session-a user: read the plan, session-a assistant: here it is");
        stage.same(
                "the call has its end",
                stage.value("select outcome || ' ' || upstream from exchanges"),
                "completed telemetry");
        stage.same(
                "what it took is an event",
                stage.value("select event_name || ' ' || cost_usd from claude_telemetry_events"),
                "api_request 0.25");
        stage.same("no file is left", left(stage), 0L);
    }

    static void hypignore(Stage stage) throws IOException, InterruptedException {
        begin(stage);
        Path hushed = Files.createDirectories(stage.user().resolve("hushed"));
        Files.writeString(hushed.resolve(".hypignore"), "");
        call(stage, new Call("session-b", "unheard words", "Primary working directory: " + hushed + "\n", "nor these"));
        call(stage, new Call("session-c", "heard words", "", "and these"));
        stage.same("only the other session has a call", stage.value(CALLS), "1");
        stage.same(
                "and rows",
                stage.value("select string_agg(distinct session_id, ' ') from ai_gateway_messages"),
                "session-c");
        stage.same("no file is left", left(stage), 0L);
    }

    static void ignore(Stage stage) throws IOException, InterruptedException {
        begin(stage);
        call(stage, new Call("session-d", "said before", "", "answered before"));
        stage.same("it is a row", stage.value(CALLS), "1");
        stage.hyp("session", "ignore", "session-d");
        stage.same("the session is ignored", stage.code(), 0);
        call(stage, new Call("session-d", "said after", "", "answered after"));
        stage.same("nothing of it is left", stage.value(CALLS), "0");
        stage.same("nor of its events", stage.value("select count(*) from claude_telemetry_events"), "0");
        stage.same("no file is left", left(stage), 0L);
    }

    /// A call that a client reports.
    private record Call(String session, String said, String system, String answer) {}

    private static void begin(Stage stage) throws IOException, InterruptedException {
        stage.configureTelemetry();
        stage.up();
    }

    private static Path spool(Stage stage) {
        return stage.home().resolve("hypaware/bodies/claude");
    }

    private static long left(Stage stage) throws IOException {
        try (var files = Files.list(spool(stage))) {
            return files.count();
        }
    }

    private static void call(Stage stage, Call call) throws IOException {
        Files.createDirectories(spool(stage));
        String id = "req_" + UUID.randomUUID().toString().replace("-", "");
        ObjectNode body = JSON.createObjectNode().put("model", "claude-smoke").put("system", call.system());
        body.putArray("messages").addObject().put("role", "user").put("content", call.said());
        body.putObject("metadata").put("user_id", "{\"session_id\":\"" + call.session() + "\"}");
        body.put("stream", true).putArray("betas");
        ObjectNode message = JSON.createObjectNode()
                .put("id", "msg_" + id)
                .put("type", "message")
                .put("role", "assistant")
                .put("model", "claude-smoke")
                .put("stop_reason", "end_turn");
        message.putArray("content").addObject().put("type", "text").put("text", call.answer());
        message.putObject("usage").put("input_tokens", 3).put("output_tokens", 2);
        Path request = Files.writeString(spool(stage).resolve(UUID.randomUUID() + ".request.json"), body.toString());
        Path response = Files.writeString(spool(stage).resolve(id + ".response.json"), message.toString());
        ObjectNode logs = JSON.createObjectNode();
        ObjectNode resource = logs.putArray("resourceLogs").addObject();
        attribute(resource.putObject("resource").putArray("attributes"), "service.name", "claude-code");
        ArrayNode records = resource.putArray("scopeLogs").addObject().putArray("logRecords");
        event(records, call.session(), "api_request_body", "body_ref", request.toString());
        event(records, call.session(), "api_request", "request_id", id, "duration_ms", "8", "cost_usd", "0.25");
        event(records, call.session(), "api_response_body", "request_id", id, "body_ref", response.toString());
        stage.same("its events are taken", stage.export("logs", logs.toString()), "{}");
    }

    private static void event(ArrayNode records, String session, String name, String... more) {
        long at = Instant.now().toEpochMilli() + records.size();
        ObjectNode record = records.addObject().put("timeUnixNano", Long.toString(at * 1_000_000));
        record.putObject("body").put("stringValue", "claude_code." + name);
        ArrayNode attributes = record.putArray("attributes");
        attribute(attributes, "event.name", name);
        attribute(attributes, "session.id", session);
        attribute(attributes, "event.sequence", Integer.toString(records.size()));
        attribute(attributes, "prompt.id", "prompt-of-" + session);
        attribute(attributes, "query_source", "sdk");
        for (int i = 0; i < more.length; i += 2) {
            attribute(attributes, more[i], more[i + 1]);
        }
    }

    private static void attribute(ArrayNode attributes, String key, String value) {
        attributes.addObject().put("key", key).putObject("value").put("stringValue", value);
    }

    private ClaudeTelemetryFlows() {}
}
