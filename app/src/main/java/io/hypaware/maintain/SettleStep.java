package io.hypaware.maintain;

/// The points of a projection between which a crash must lose and double nothing, in their order; the first two
/// come again for each exchange.
public enum SettleStep {
    BODIES_KEPT,

    /// An exchange is whole, in memory.
    PROJECTED,

    /// A transaction is committed: of exchanges, or of payloads that are too many for one transaction with theirs.
    WRITTEN,

    FRAMES_DELETED,

    /// A transaction with rows of telemetry is committed, and how far its requests are.
    TELEMETRY_WRITTEN,

    /// What is not to be recorded has left the journal.
    ERASED
}
