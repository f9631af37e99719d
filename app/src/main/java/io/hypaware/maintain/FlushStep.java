package io.hypaware.maintain;

/// The points of a flush between which a crash must lose and double nothing, in their order.
public enum FlushStep {
    ROWS_READ,
    FILES_WRITTEN,
    FILES_SYNCED,
    COMMITTED,
    HOT_ROWS_DELETED
}
