package io.hypaware.dataset;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// The value types a column can have: the Java type that a [Row] holds, the type that the engine stores and the one
/// that users see, and the form in which the journal keeps a value.
public enum ColumnType {
    STRING(String.class, "VARCHAR", "VARCHAR", (json, value) -> json.writeString((String) value), JsonParser::getText),
    INT(
            Integer.class,
            "INTEGER",
            "INTEGER",
            (json, value) -> json.writeNumber((Integer) value),
            JsonParser::getIntValue),
    LONG(Long.class, "BIGINT", "BIGINT", (json, value) -> json.writeNumber((Long) value), JsonParser::getLongValue),

    /// What is no number, such as an infinity, is kept as a text.
    DOUBLE(
            Double.class,
            "DOUBLE",
            "DOUBLE",
            (json, value) -> json.writeNumber((Double) value),
            json -> Double.valueOf(json.getText())),
    BOOLEAN(
            Boolean.class,
            "BOOLEAN",
            "BOOLEAN",
            (json, value) -> json.writeBoolean((Boolean) value),
            JsonParser::getBooleanValue),

    /// Held as microseconds since the epoch (a `Long`), shown as UTC `timestamptz`.
    TIMESTAMP(Long.class, "TIMESTAMPTZ", "TIMESTAMPTZ", LONG::write, LONG::read),

    /// JSON text, held as a `String`. Stored as text: the engine's JSON type would check each value again at every
    /// read.
    JSON(String.class, "VARCHAR", "JSON", STRING::write, STRING::read),
    BINARY(byte[].class, "BLOB", "BLOB", (json, value) -> json.writeBinary((byte[]) value), JsonParser::getBinaryValue),

    /// Lists hold no nulls.
    STRINGS(List.class, "VARCHAR[]", "VARCHAR[]", eachOf(STRING), listOf(STRING)),
    LONGS(List.class, "BIGINT[]", "BIGINT[]", eachOf(LONG), listOf(LONG)),
    DOUBLES(List.class, "DOUBLE[]", "DOUBLE[]", eachOf(DOUBLE), listOf(DOUBLE));

    @FunctionalInterface
    private interface Writer {
        void write(JsonGenerator json, Object value) throws IOException;
    }

    @FunctionalInterface
    private interface Reader {
        Object read(JsonParser json) throws IOException;
    }

    private final Class<?> held;
    private final String stored;
    private final String sql;

    // Functions without a state.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Writer writer;

    @SuppressWarnings("ImmutableEnumChecker")
    private final Reader reader;

    ColumnType(Class<?> held, String stored, String sql, Writer writer, Reader reader) {
        this.held = held;
        this.stored = stored;
        this.sql = sql;
        this.writer = writer;
        this.reader = reader;
    }

    /// The name of this type in SQL, as users see it.
    public String sql() {
        return sql;
    }

    /// The type in which the engine stores it.
    public String storedSql() {
        return stored;
    }

    public boolean isList() {
        return held == List.class;
    }

    /// Whether a row may hold this as a value of the type.
    boolean holds(Object value) {
        return held.isInstance(value)
                && switch (this) {
                    case STRINGS -> all(value, String.class);
                    case LONGS -> all(value, Long.class);
                    case DOUBLES -> all(value, Double.class);
                    default -> true;
                };
    }

    private static boolean all(Object values, Class<?> element) {
        return ((List<?>) values).stream().allMatch(element::isInstance);
    }

    /// Writes a value as the journal keeps it.
    void write(JsonGenerator json, Object value) throws IOException {
        writer.write(json, value);
    }

    /// Reads what [#write] wrote.
    Object read(JsonParser json) throws IOException {
        return reader.read(json);
    }

    private static Writer eachOf(ColumnType element) {
        return (json, values) -> {
            json.writeStartArray();
            for (Object value : (List<?>) values) {
                element.write(json, value);
            }
            json.writeEndArray();
        };
    }

    private static Reader listOf(ColumnType element) {
        return json -> {
            List<Object> values = new ArrayList<>();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                values.add(element.read(json));
            }
            return values;
        };
    }
}
