package io.hypaware.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import io.hypaware.journal.ProjectionBatch;
import io.hypaware.maintain.reported.ClaudeEvents;
import io.hypaware.project.known.Whereabouts;
import io.hypaware.project.otel.LogEvent;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.resource.v1.Resource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// Claude Code as it reports its calls: files of bodies in the spool, and events that name them.
public final class ReportingClient {

    private static final Resource RESOURCE = Resource.newBuilder()
            .addAttributes(attribute("service.name", "claude-code"))
            .addAttributes(attribute("service.version", "2.1.197"))
            .build();

    private static final long NANOS = 1_000_000_000;

    private final Cache cache;
    private final String session;
    private String prompt = "prompt-1";
    private String source = "sdk";
    private Instant now;
    private final List<LogEvent> unsent = new ArrayList<>();
    private int sequence;

    public ReportingClient(Cache cache, String session, Instant start) {
        this.cache = cache;
        this.session = session;
        this.now = start;
    }

    public ReportingClient prompt(String id) {
        prompt = id;
        return this;
    }

    public ReportingClient source(String name) {
        source = name;
        return this;
    }

    public Instant now() {
        return now;
    }

    public ReportingClient later(long millis) {
        now = now.plusMillis(millis);
        return this;
    }

    /// The body of a request as it goes over the wire.
    public ObjectNode body(JsonNode... messages) {
        ObjectNode body = RecordedCalls.JSON.createObjectNode().put("model", "claude-sonnet-4-5");
        ArrayNode all = body.putArray("messages");
        for (JsonNode message : messages) {
            all.add(message);
        }
        body.putObject("metadata").put("user_id", "{\"device_id\":\"d\",\"session_id\":\"" + session + "\"}");
        return body.put("stream", true);
    }

    /// An answer as its client has put it together.
    public static ObjectNode message(String id, JsonNode... blocks) {
        ObjectNode message = RecordedCalls.JSON
                .createObjectNode()
                .put("id", id)
                .put("type", "message")
                .put("role", "assistant")
                .put("model", "claude-sonnet-4-5-20250929");
        ArrayNode content = message.putArray("content");
        for (JsonNode block : blocks) {
            content.add(block);
        }
        message.put("stop_reason", "end_turn");
        message.putObject("usage").put("input_tokens", 10).put("output_tokens", 5);
        return message;
    }

    /// Sends a request: its file, and its event.
    public String request(ObjectNode body) throws IOException {
        ObjectNode written = body.deepCopy();
        written.putArray("betas").add("beta-1").add("beta-2");
        String name = UUID.randomUUID() + ".request.json";
        event("api_request_body", Map.of("body_ref", write(name, written.toString()), "model", "m"));
        return name;
    }

    /// Has an answer: what it took, its file, and the event of that.
    public String answered(String requestId, long duration, ObjectNode message) throws IOException {
        event(
                "api_request",
                Map.of(
                        "request_id",
                        requestId,
                        "duration_ms",
                        Long.toString(duration),
                        "cost_usd",
                        "0.25",
                        "model",
                        "m"));
        String name = requestId + ".response.json";
        event(
                "api_response_body",
                Map.of("request_id", requestId, "body_ref", write(name, message.toString()), "model", "m"));
        return name;
    }

    /// Writes a file of the spool; returns how an event names it.
    public String write(String name, String text) throws IOException {
        Files.createDirectories(cache.claudeBodies());
        Path file = cache.claudeBodies().resolve(name);
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, FileTime.from(now));
        return file.toString();
    }

    public ReportingClient event(String name, Map<String, String> attributes) {
        LogRecord.Builder log = LogRecord.newBuilder()
                .setTimeUnixNano(now.getEpochSecond() * NANOS + now.getNano())
                .setBody(AnyValue.newBuilder().setStringValue("claude_code." + name));
        Map<String, String> all = new LinkedHashMap<>(Map.of(
                "session.id",
                session,
                "event.name",
                name,
                "event.sequence",
                Integer.toString(sequence++),
                "prompt.id",
                prompt,
                "query_source",
                source));
        all.putAll(attributes);
        all.forEach((key, value) -> log.addAttributes(attribute(key, value)));
        unsent.add(new LogEvent(
                RESOURCE,
                InstrumentationScope.getDefaultInstance(),
                log.build(),
                now,
                Optional.of(session),
                UUID.randomUUID().toString()));
        return this;
    }

    /// Exports what happened.
    public ReportingClient export() {
        try (Journal journal = Journal.open(cache.journal());
                ProjectionBatch batch = journal.projectionBatch(() -> {})) {
            ClaudeEvents events = new ClaudeEvents(cache, Whereabouts.Source.NONE, row -> row);
            unsent.forEach(event -> events.read(event, batch));
            batch.writeAll();
            events.committed();
        }
        unsent.clear();
        return this;
    }

    /// What happened is not heard of.
    public ReportingClient lose() {
        unsent.clear();
        return this;
    }

    /// What happened, as the body of an export.
    public byte[] message() {
        ScopeLogs.Builder logs = ScopeLogs.newBuilder();
        unsent.forEach(event -> logs.addLogRecords(event.log()));
        unsent.clear();
        return ExportLogsServiceRequest.newBuilder()
                .addResourceLogs(ResourceLogs.newBuilder().setResource(RESOURCE).addScopeLogs(logs))
                .build()
                .toByteArray();
    }

    /// Leaves the export where the receiver puts what it gets.
    public ReportingClient post() throws SQLException {
        Journal.open(cache.journal()).close();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + cache.journal());
                PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO telemetry_request (signal, content_type, content_encoding, received_us, state, body)"
                                + " VALUES ('logs', 'application/x-protobuf', '', ?, 1, ?)")) {
            insert.setLong(1, now.toEpochMilli() * 1_000);
            insert.setBytes(2, message());
            insert.executeUpdate();
        }
        return this;
    }

    private static KeyValue attribute(String key, String value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setStringValue(value))
                .build();
    }
}
