package io.hypaware.maintain;

/// The points of compaction, retention, collection, expiry and sweep between which a crash must lose and double
/// nothing.
public enum MaintenanceStep {
    COMPACTION_FILE_WRITTEN,
    COMPACTION_FILES_SYNCED,
    COMPACTION_COMMITTED,
    RETENTION_COMMITTED,
    COLLECTION_MARKED,
    COLLECTION_FILE_SYNCED,
    COLLECTION_COMMITTED,
    COLLECTION_DONE,
    EXPIRY_BEGUN,
    EXPIRY_FILE_DELETED,
    EXPIRY_DONE,
    SWEEP_RENAMED,
    SWEEP_HALF_DELETED,
    SWEEP_DELETED
}
