package io.hypaware.dataset;

/// The value types a column can have, with the Java type a [Row] holds and the SQL type the engine uses.
public enum ColumnType {
    STRING("VARCHAR"),
    INT("INTEGER"),
    LONG("BIGINT"),
    BOOLEAN("BOOLEAN"),
    /// Held as microseconds since the epoch (a `Long`), shown as UTC `timestamptz`.
    TIMESTAMP("TIMESTAMPTZ"),
    /// JSON text, held as a `String`.
    JSON("JSON"),
    BINARY("BLOB");

    private final String sql;

    ColumnType(String sql) {
        this.sql = sql;
    }

    /// The name of this type in SQL, as users see it.
    public String sql() {
        return sql;
    }
}
