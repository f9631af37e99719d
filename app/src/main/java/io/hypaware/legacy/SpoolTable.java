package io.hypaware.legacy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Column;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Row;
import io.hypaware.engine.Engine;
import io.hypaware.engine.RowTable;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Rows of a spool on their way into the engine.
final class SpoolTable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NAME = "spooled";

    private final Engine engine;
    private final Dataset dataset;
    private final String place;
    private Optional<RowTable> rows = Optional.empty();
    private long bytes;
    private long number;

    /// @param place names rows that have no id of their own, together with their number
    SpoolTable(Engine engine, Dataset dataset, String place) {
        this.engine = engine;
        this.dataset = dataset;
        this.place = place;
    }

    /// Bytes of text taken since the last [#finish].
    long bytes() {
        return bytes;
    }

    void add(JsonNode json) {
        try {
            if (rows.isEmpty()) {
                engine.execute("DROP TABLE IF EXISTS " + NAME);
                rows = Optional.of(new RowTable(engine, NAME, dataset));
            }
            rows.get().add(row(json), 0);
            bytes += json.toString().length();
        } catch (SQLException e) {
            throw new IllegalStateException("a row of " + place + " cannot be taken", e);
        }
    }

    /// What was added, as a table expression that is good until the next row; empty if that is nothing.
    Optional<String> finish() throws SQLException {
        if (rows.isEmpty()) {
            return Optional.empty();
        }
        rows.get().close();
        rows = Optional.empty();
        bytes = 0;
        return Optional.of(
                "(SELECT *, " + Engine.literal(place) + " AS filename, rowid AS file_row_number FROM " + NAME + ")");
    }

    private Row row(JsonNode json) {
        Row.Builder row = Row.of(dataset);
        for (Column column : dataset.columns()) {
            row.set(column.name(), value(column, json.path(column.name())));
        }
        Object time = value(dataset.column(dataset.primaryTime()).orElseThrow(), json.path(dataset.primaryTime()));
        if (time == null) {
            row.set(
                    dataset.primaryTime(),
                    OlderRows.OTHER_TIMES.stream()
                            .map(json::path)
                            .filter(other -> other.isTextual() || other.isNumber())
                            .findFirst()
                            .map(SpoolTable::micros)
                            .orElse(0L));
        }
        if (dataset.column(OlderRows.SESSION).isPresent() && !json.has(OlderRows.SESSION) && json.has("serviceName")) {
            row.set(
                    OlderRows.SESSION,
                    OlderRows.SESSION_ATTRIBUTES.stream()
                            .map(json.path("attributes")::path)
                            .filter(JsonNode::isTextual)
                            .map(JsonNode::textValue)
                            .findFirst()
                            .orElse(null));
        }
        ObjectNode strangers = JSON.createObjectNode();
        json.properties().forEach(field -> {
            if (dataset.column(field.getKey()).isEmpty() && !field.getKey().equals(OlderRows.CACHE_ROW_ID)) {
                strangers.set(field.getKey(), field.getValue());
            }
        });
        if (!strangers.isEmpty() && dataset.column("attributes").isPresent()) {
            ObjectNode attributes =
                    json.path("attributes") instanceof ObjectNode found ? found.deepCopy() : JSON.createObjectNode();
            row.set("attributes", attributes.set("older", strangers).toString());
        }
        String id = json.path(OlderRows.CACHE_ROW_ID).asText("");
        return row.build(id.isEmpty() ? place + "#" + number++ : id);
    }

    private static @Nullable Object value(Column column, JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return column.required() ? whenMissing(column) : null;
        }
        return switch (column.type()) {
            case STRING -> value.isTextual() ? value.textValue() : value.toString();
            case JSON -> value.toString();
            case INT -> value.asInt();
            case LONG -> value.asLong();
            case BOOLEAN -> value.asBoolean();
            case TIMESTAMP -> micros(value);
            case DOUBLE -> value.asDouble();
            case BINARY, STRINGS, LONGS, DOUBLES ->
                throw new IllegalArgumentException("an older row cannot hold " + column.type() + " " + column.name());
        };
    }

    private static @Nullable Object whenMissing(Column column) {
        return switch (column.type()) {
            case STRING, JSON -> "";
            case INT -> 0;
            case LONG -> 0L;
            case DOUBLE -> 0.0;
            case BOOLEAN -> false;
            case TIMESTAMP -> null;
            case BINARY -> new byte[0];
            case STRINGS, LONGS, DOUBLES -> List.of();
        };
    }

    /// ISO text, or milliseconds since the epoch; the epoch itself if it is neither.
    private static Long micros(JsonNode value) {
        if (value.isNumber()) {
            return value.longValue() * 1_000;
        }
        try {
            Instant instant = OffsetDateTime.parse(value.asText()).toInstant();
            return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
        } catch (DateTimeException e) {
            return 0L;
        }
    }
}
