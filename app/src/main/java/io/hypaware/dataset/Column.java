package io.hypaware.dataset;

import static java.util.Objects.requireNonNull;

/// One column of a dataset.
///
/// @param payload whether a value over [Datasets#PAYLOAD_INLINE_BYTES] is stored once in `payloads`, the row holding
/// its hash
public record Column(String name, ColumnType type, boolean required, boolean payload) {

    public Column {
        requireNonNull(name, "name is null");
        requireNonNull(type, "type is null");
    }

    public static Column required(String name, ColumnType type) {
        return new Column(name, type, true, false);
    }

    public static Column optional(String name, ColumnType type) {
        return new Column(name, type, false, false);
    }

    public static Column payload(String name, ColumnType type) {
        return new Column(name, type, false, true);
    }

    /// The same column where a row need not have it.
    Column asOptional() {
        return new Column(name, type, false, payload);
    }
}
