package io.hypaware.maintain;

/// The points of compaction, retention, expiry and sweep between which a crash must lose and double nothing.
public enum MaintenanceStep {
    COMPACTION_FILE_WRITTEN,
    COMPACTION_FILES_SYNCED,
    COMPACTION_COMMITTED,
    RETENTION_COMMITTED,
    EXPIRY_BEGUN,
    EXPIRY_FILE_DELETED,
    EXPIRY_DONE,
    SWEEP_RENAMED,
    SWEEP_HALF_DELETED,
    SWEEP_DELETED
}
