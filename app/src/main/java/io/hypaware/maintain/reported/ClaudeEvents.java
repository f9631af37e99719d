package io.hypaware.maintain.reported;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Row;
import io.hypaware.home.Cache;
import io.hypaware.journal.CallEvent;
import io.hypaware.journal.CallEvent.Kind;
import io.hypaware.journal.Micros;
import io.hypaware.journal.ProjectionBatch;
import io.hypaware.project.Json;
import io.hypaware.project.known.Whereabouts;
import io.hypaware.project.otel.LogEvent;
import io.hypaware.project.otel.LogsReader;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/// Reads what Claude Code reports among the log records of an export: what calls become exchanges of, and a row for all
/// else that it does. No file is read here.
public final class ClaudeEvents implements LogsReader {

    private static final String PREFIX = "claude_code.";
    private static final String BODY_FILE = "body_ref";
    private static final int LONGEST_NAME = 200;
    private static final int LONGEST_TEXT = 2_000;

    /// A client cuts its bodies far below that.
    private static final int LONGEST_BODY = 1 << 20;

    private static final long MOST_DURATION_MILLIS = Duration.ofDays(1).toMillis();

    /// What was said: that has rows of messages.
    private static final Set<String> CONTENT = Set.of("user_prompt", "assistant_response");

    /// What has a column of its own, and is not repeated among the attributes.
    private static final Set<String> COLUMNS =
            Set.of("event.name", "event.timestamp", "session.id", "tool_name", "decision", "source", "cost_usd");

    /// A clock may be wrong.
    private static final Duration MOST_AHEAD = Duration.ofDays(1);

    private final BodySpool spool;
    private final Whereabouts.Source whereabouts;
    private final UnaryOperator<Row> stored;

    /// Files of ignored sessions, to be erased once their events are gone.
    private final List<String> doomed = new ArrayList<>();

    /// @param stored rows as they are stored
    public ClaudeEvents(Cache cache, Whereabouts.Source whereabouts, UnaryOperator<Row> stored) {
        this.stored = stored;
        this.spool = new BodySpool(cache.claudeBodies());
        this.whereabouts = whereabouts;
    }

    @Override
    public void read(LogEvent event, ProjectionBatch batch) {
        if (!event.log().getBody().getStringValue().startsWith(PREFIX)) {
            return;
        }
        String name = cut(event.log().getBody().getStringValue().substring(PREFIX.length()), LONGEST_NAME);
        ObjectNode attributes = attributes(event);
        switch (name) {
            case "api_request_body" -> batch.add(call(Kind.REQUEST, event, attributes));
            case "api_response_body" -> batch.add(call(Kind.RESPONSE, event, attributes));
            case "api_request" -> batch.add(call(Kind.ANSWERED, event, attributes));
            case "api_error" -> batch.add(call(Kind.FAILED, event, attributes));
            default -> {
                // a row is all that comes of it
            }
        }
        if (!CONTENT.contains(name) && !name.endsWith("_body")) {
            batch.add(stored.apply(row(name, event, attributes)), at(event));
        }
    }

    @Override
    public void ignored(LogEvent event) {
        file(event.log(), spool).ifPresent(doomed::add);
    }

    @Override
    public void committed() {
        doomed.forEach(spool::erase);
        doomed.clear();
    }

    @Override
    public void discarded() {
        doomed.clear();
    }

    /// The file in which a record says that a body stands.
    public static Optional<String> file(LogRecord log, BodySpool spool) {
        return log.getAttributesList().stream()
                .filter(attribute -> attribute.getKey().equals(BODY_FILE))
                .map(attribute -> attribute.getValue().getStringValue())
                .flatMap(reference -> spool.name(reference).stream())
                .findFirst();
    }

    private CallEvent call(Kind kind, LogEvent event, ObjectNode attributes) {
        byte[] inline = cut(attributes.path("body").asText(""), LONGEST_BODY).getBytes(StandardCharsets.UTF_8);
        return new CallEvent(
                event.rowId(),
                kind,
                new CallEvent.Speaker(
                        session(event, attributes),
                        cut(attributes.path("prompt.id").asText(""), LONGEST_NAME),
                        cut(attributes.path("query_source").asText(""), LONGEST_NAME)),
                at(event),
                attributes.path("event.sequence").asLong(0),
                new CallEvent.Body(
                        file(attributes).orElse(""),
                        inline,
                        attributes.path("body_length").asLong(inline.length)),
                new CallEvent.Told(
                        text(attributes, "request_id"),
                        number(attributes, "duration_ms")
                                .map(millis -> Duration.ofMillis(Math.clamp(millis, 0, MOST_DURATION_MILLIS))),
                        number(attributes, "status_code")
                                .filter(status -> status >= 100 && status < 1_000)
                                .map(Math::toIntExact),
                        text(attributes, "error"),
                        version(event)));
    }

    private Row row(String name, LogEvent event, ObjectNode attributes) {
        String session = session(event, attributes);
        ObjectNode rest = attributes.deepCopy();
        rest.remove(COLUMNS);
        return Row.of(ClaudeTelemetryEvents.DATASET)
                .set("event_name", name)
                .set("event_timestamp", Micros.of(at(event)))
                .set("session_id", session.isEmpty() ? null : session)
                .set("tool_name", text(attributes, "tool_name").orElse(null))
                .set("decision", text(attributes, "decision").orElse(null))
                .set("source", text(attributes, "source").orElse(null))
                .set("cost_usd", cost(attributes).orElse(null))
                .set("cwd", whereabouts.at(session, "", at(event)).folder().orElse(null))
                .set("attributes", rest.isEmpty() ? null : Json.text(rest))
                .set("prompt_id", text(attributes, "prompt.id").orElse(null))
                .set("request_id", text(attributes, "request_id").orElse(null))
                .set("tool_call_id", text(attributes, "tool_use_id").orElse(null))
                .set("model", text(attributes, "model").orElse(null))
                .set("query_source", text(attributes, "query_source").orElse(null))
                .set("duration_ms", number(attributes, "duration_ms").orElse(null))
                .set("sequence", number(attributes, "event.sequence").orElse(null))
                .build(event.rowId());
    }

    private static String session(LogEvent event, ObjectNode attributes) {
        return cut(event.session().orElseGet(() -> attributes.path("session.id").asText("")), LONGEST_NAME);
    }

    private Optional<String> file(ObjectNode attributes) {
        return text(attributes, BODY_FILE).flatMap(spool::name);
    }

    private static Optional<String> version(LogEvent event) {
        return event.resource().getAttributesList().stream()
                .filter(attribute -> attribute.getKey().equals("service.version"))
                .map(attribute -> attribute.getValue().getStringValue())
                .filter(version -> version.matches("[\\w.+-]{1,60}"))
                .findFirst();
    }

    /// When it happened, by the client's clock.
    private static Instant at(LogEvent event) {
        long nanos = event.log().getTimeUnixNano();
        try {
            Instant said = Instant.ofEpochSecond(0, nanos);
            // What is to come is not waited for.
            boolean isSound = nanos > 0 && said.isBefore(event.receivedAt().plus(MOST_AHEAD));
            return isSound ? said : event.receivedAt();
        } catch (DateTimeException e) {
            return event.receivedAt();
        }
    }

    private static ObjectNode attributes(LogEvent event) {
        ObjectNode all = Json.object();
        for (KeyValue attribute : event.log().getAttributesList()) {
            String key = attribute.getKey();
            switch (attribute.getValue().getValueCase()) {
                case STRING_VALUE -> all.put(key, attribute.getValue().getStringValue());
                case BOOL_VALUE -> all.put(key, attribute.getValue().getBoolValue());
                case INT_VALUE -> all.put(key, attribute.getValue().getIntValue());
                case DOUBLE_VALUE -> all.put(key, attribute.getValue().getDoubleValue());
                default -> all.put(key, attribute.getValue().toString());
            }
        }
        return all;
    }

    private static Optional<String> text(ObjectNode attributes, String name) {
        return Optional.ofNullable(attributes.get(name))
                .filter(JsonNode::isTextual)
                .map(JsonNode::textValue)
                .filter(text -> !text.isEmpty())
                .map(text -> cut(text, LONGEST_TEXT));
    }

    /// Numbers come as texts, too.
    private static Optional<Long> number(ObjectNode attributes, String name) {
        JsonNode value = attributes.path(name);
        if (value.isIntegralNumber()) {
            return Optional.of(value.longValue());
        }
        String text = value.asText("");
        return text.matches("-?\\d{1,18}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    }

    private static Optional<Double> cost(ObjectNode attributes) {
        JsonNode value = attributes.path("cost_usd");
        double cost = value.isNumber() ? value.doubleValue() : value.asDouble(Double.NaN);
        return Double.isFinite(cost) ? Optional.of(cost) : Optional.empty();
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most);
    }
}
