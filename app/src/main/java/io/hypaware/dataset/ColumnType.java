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
    STRING(String.class, "VARCHAR", "VARCHAR") {
        @Override
        void write(JsonGenerator json, Object value) throws IOException {
            json.writeString((String) value);
        }

        @Override
        Object read(JsonParser json) throws IOException {
            return json.getText();
        }
    },
    INT(Integer.class, "INTEGER", "INTEGER") {
        @Override
        void write(JsonGenerator json, Object value) throws IOException {
            json.writeNumber((Integer) value);
        }

        @Override
        Object read(JsonParser json) throws IOException {
            return json.getIntValue();
        }
    },
    LONG(Long.class, "BIGINT", "BIGINT") {
        @Override
        void write(JsonGenerator json, Object value) throws IOException {
            json.writeNumber((Long) value);
        }

        @Override
        Object read(JsonParser json) throws IOException {
            return json.getLongValue();
        }
    },
    DOUBLE(Double.class, "DOUBLE", "DOUBLE") {
        @Override
        void write(JsonGenerator json, Object value) throws IOException {
            // What is no number is written as a text.
            json.writeNumber((Double) value);
        }

        @Override
        Object read(JsonParser json) throws IOException {
            return Double.valueOf(json.getText());
        }
    },
    BOOLEAN(Boolean.class, "BOOLEAN", "BOOLEAN") {
        @Override
        void write(JsonGenerator json, Object value) throws IOException {
            json.writeBoolean((Boolean) value);
        }

        @Override
        Object read(JsonParser json) throws IOException {
            return json.getBooleanValue();
        }
    },
    /// Held as microseconds since the epoch (a `Long`), shown as UTC `timestamptz`.
    TIMESTAMP(Long.class, "TIMESTAMPTZ", "TIMESTAMPTZ") {
        @Override
        void write(JsonGenerator json, Object value) throws IOException {
            LONG.write(json, value);
        }

        @Override
        Object read(JsonParser json) throws IOException {
            return LONG.read(json);
        }
    },
    /// JSON text, held as a `String`. Stored as text: the engine's JSON type would check each value again at every
    /// read.
    JSON(String.class, "VARCHAR", "JSON") {
        @Override
        void write(JsonGenerator json, Object value) throws IOException {
            STRING.write(json, value);
        }

        @Override
        Object read(JsonParser json) throws IOException {
            return STRING.read(json);
        }
    },
    BINARY(byte[].class, "BLOB", "BLOB") {
        @Override
        void write(JsonGenerator json, Object value) throws IOException {
            json.writeBinary((byte[]) value);
        }

        @Override
        Object read(JsonParser json) throws IOException {
            return json.getBinaryValue();
        }
    },
    /// Lists hold no nulls.
    STRINGS(List.class, "VARCHAR[]", "VARCHAR[]") {
        @Override
        void write(JsonGenerator json, Object value) throws IOException {
            writeAll(json, STRING, value);
        }

        @Override
        Object read(JsonParser json) throws IOException {
            return readAll(json, STRING);
        }
    },
    LONGS(List.class, "BIGINT[]", "BIGINT[]") {
        @Override
        void write(JsonGenerator json, Object value) throws IOException {
            writeAll(json, LONG, value);
        }

        @Override
        Object read(JsonParser json) throws IOException {
            return readAll(json, LONG);
        }
    },
    DOUBLES(List.class, "DOUBLE[]", "DOUBLE[]") {
        @Override
        void write(JsonGenerator json, Object value) throws IOException {
            writeAll(json, DOUBLE, value);
        }

        @Override
        Object read(JsonParser json) throws IOException {
            return readAll(json, DOUBLE);
        }
    };

    private final Class<?> held;
    private final String stored;
    private final String sql;

    ColumnType(Class<?> held, String stored, String sql) {
        this.held = held;
        this.stored = stored;
        this.sql = sql;
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
        return held.isInstance(value);
    }

    /// Writes a value as the journal keeps it.
    abstract void write(JsonGenerator json, Object value) throws IOException;

    /// Reads what [#write] wrote.
    abstract Object read(JsonParser json) throws IOException;

    private static void writeAll(JsonGenerator json, ColumnType element, Object values) throws IOException {
        json.writeStartArray();
        for (Object value : (List<?>) values) {
            element.write(json, value);
        }
        json.writeEndArray();
    }

    private static List<Object> readAll(JsonParser json, ColumnType element) throws IOException {
        List<Object> values = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            values.add(element.read(json));
        }
        return values;
    }
}
