package io.hypaware.project.otel;

import io.hypaware.journal.ProjectionBatch;

/// Is shown each log record that is projected, in the order in which records came. What it adds to the batch is
/// committed with the record's own row, or neither is: after a crash the record is shown again if, and only if, nothing
/// of it was committed.
///
/// Of the thread that projects. A large request is committed in several steps. Records of sessions that are ignored are
/// shown to [#ignored] alone.
public interface LogsReader {

    /// Looks at nothing.
    LogsReader NONE = (_, _) -> {};

    /// Reads a record. Where it throws, other than because the journal fails, what was added since the last commit is
    /// discarded and done again: this record then becomes a row without being shown, and the failure is reported.
    ///
    /// @param batch which this neither writes nor discards
    void read(LogEvent event, ProjectionBatch batch);

    /// Looks at a record of a session that is ignored: of what it names nothing is to stay.
    default void ignored(LogEvent event) {}

    /// All that was read so far is committed: what it came from may be deleted.
    default void committed() {}

    /// What was read since the last commit is discarded, and may be shown again.
    default void discarded() {}
}
