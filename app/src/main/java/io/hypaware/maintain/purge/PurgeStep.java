package io.hypaware.maintain.purge;

/// The points of a purge at which a process may die: the next one goes on, to the same end.
public enum PurgeStep {
    CHOSEN,
    EXCHANGES_FORGOTTEN,
    CONVERSATIONS_FORGOTTEN,
    ROWS_FORGOTTEN,
    HOT_ROWS_DELETED,
    FILE_WRITTEN,
    FILE_SYNCED,
    FILE_COMMITTED,
    PAYLOADS_MARKED,
    PAYLOADS_GONE,
    SEARCH_FORGOTTEN,
    SNAPSHOT_FILE_DELETED,
    SNAPSHOTS_ENDED,
    UNREFERENCED_DELETED,
    OLDER_COPIES_DELETED,
    LINES_BLANKED,
    BLANKED,
    JOURNAL_REBUILT,
    CATALOG_REBUILT
}
