package io.hypaware.backfill;

/// The points at which an import may die, in their order; the first comes several times in a large transcript.
enum BackfillStep {
    WRITTEN,
    FILE_READ,
    FLUSHED
}
