package io.hypaware.journal;

/// Where a history stood when an answer had been given.
///
/// @param size how many messages it had then
/// @param day of the answer, since 1970
record Answered(long branch, int size, long day) {}
