package io.hypaware.maintain.reported;

/// The steps of making an exchange of what was reported, where a process may die.
enum ReportStep {
    /// Its exchange is committed and its events are forgotten.
    RECORDED,
    /// One of its files is gone.
    ERASED,
    /// Of two exchanges of a call one has left.
    ONE_KEPT
}
