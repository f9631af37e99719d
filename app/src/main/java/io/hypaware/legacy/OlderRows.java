package io.hypaware.legacy;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.Dataset;
import io.hypaware.engine.Engine;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// The columns of an older table as a dataset's columns: the SQL that turns one into the other.
final class OlderRows {

    /// Tells duplicates apart in the older cache.
    static final String CACHE_ROW_ID = "_hyp_cache_row_id";

    private static final Set<String> OURS =
            Set.of(CACHE_ROW_ID, "filename", "file_row_number", Dataset.ROW_ID, Dataset.SEQ);

    /// What says when a row was where its primary time does not, the first of them first.
    static final List<String> OTHER_TIMES =
            List.of("conversation_started_at", "timestamp", "startTimestamp", "observedTimestamp", "endTimestamp");

    static final String SESSION = "session_id";

    /// Which attributes of telemetry name a session.
    static final List<String> SESSION_ATTRIBUTES = List.of("session.id", "gen_ai.conversation.id", "conversation.id");

    private final Dataset dataset;
    private final Map<String, String> types = new LinkedHashMap<>();

    /// @param from a table expression with the older columns
    OlderRows(Engine engine, Dataset dataset, String from) throws SQLException {
        this.dataset = dataset;
        try (Statement statement = engine.connection().createStatement();
                ResultSet columns = statement.executeQuery("DESCRIBE SELECT * FROM " + from)) {
            while (columns.next()) {
                types.put(columns.getString(1), columns.getString(2));
            }
        }
    }

    /// What tells a row apart: its older id, or the place where it stands, which does not change while its file
    /// lives.
    ///
    /// @param partition makes the place unique
    String id(String partition) {
        String place = Engine.literal(partition + "#") + " || parse_filename(filename) || '#' || file_row_number";
        for (String column : List.of(CACHE_ROW_ID, Dataset.ROW_ID)) {
            if (types.containsKey(column)) {
                return "coalesce(" + column + ", " + place + ")";
            }
        }
        return place;
    }

    /// The dataset's column as an expression over the older ones. What has no column of its own goes to `attributes`.
    String value(Column column) {
        String value = types.containsKey(column.name())
                ? converted(column)
                : "NULL::" + column.type().storedSql();
        if (column.name().equals(dataset.primaryTime())) {
            String others = OTHER_TIMES.stream()
                    .filter(types::containsKey)
                    .map(name -> "TRY_CAST(" + Engine.identifier(name) + " AS TIMESTAMPTZ), ")
                    .collect(Collectors.joining());
            return "coalesce(" + value + ", " + others + "make_timestamptz(0))";
        }
        if (column.name().equals(SESSION) && namesSessionsInAttributes()) {
            return "coalesce(" + String.join(", ", sessions()) + ")";
        }
        if (column.name().equals("attributes") && !strangers().isEmpty()) {
            return "json_merge_patch(coalesce(" + value + ", '{}')::JSON, json_object('older', json_object("
                    + String.join(", ", strangers()) + ")))::VARCHAR";
        }
        if (!column.required()) {
            return value;
        }
        String missing = switch (column.type()) {
            case INT, LONG, DOUBLE -> "0";
            case TIMESTAMP -> "make_timestamptz(0)";
            case BOOLEAN -> "false";
            case STRING, JSON, BINARY -> "''";
            case STRINGS, LONGS, DOUBLES -> "[]";
        };
        return "coalesce(" + value + ", " + missing + ")";
    }

    /// Rows of telemetry have the session that they are of as an attribute alone.
    private boolean namesSessionsInAttributes() {
        return !types.containsKey(SESSION) && types.containsKey("serviceName") && types.containsKey("attributes");
    }

    private List<String> sessions() {
        String attributes = converted(dataset.column("attributes").orElseThrow());
        return SESSION_ATTRIBUTES.stream()
                .map(name -> "json_extract_string(" + attributes + ", " + Engine.literal("$.\"" + name + "\"") + ")")
                .toList();
    }

    private String converted(Column column) {
        String name = Engine.identifier(column.name());
        String type = types.getOrDefault(column.name(), "");
        boolean text = type.equals("VARCHAR") || type.equals("JSON");
        return switch (column.type()) {
            case JSON -> text ? name + "::VARCHAR" : asJson(name, type);
            case TIMESTAMP -> text ? "TRY_CAST(" + name + " AS TIMESTAMPTZ)" : name + "::TIMESTAMPTZ";
            case STRING -> type.equals("VARIANT") ? name + "::JSON::VARCHAR" : name + "::VARCHAR";
            case INT, LONG, DOUBLE, BOOLEAN, BINARY, STRINGS, LONGS, DOUBLES ->
                name + "::" + column.type().storedSql();
        };
    }

    private static String asJson(String name, String type) {
        return type.equals("VARIANT") ? name + "::JSON::VARCHAR" : "to_json(" + name + ")::VARCHAR";
    }

    /// Columns that the dataset does not have, as arguments of `json_object`.
    private List<String> strangers() {
        List<String> arguments = new ArrayList<>();
        types.forEach((name, type) -> {
            if (dataset.column(name).isEmpty() && !OURS.contains(name)) {
                arguments.add(Engine.literal(name));
                arguments.add(
                        type.equals("VARIANT")
                                ? Engine.identifier(name) + "::JSON"
                                : "to_json(" + Engine.identifier(name) + ")");
            }
        });
        return arguments;
    }
}
