package io.hypaware.journal;

import io.hypaware.dataset.Row;

/// A projected row and its place in the journal.
///
/// @param bytes what it takes as stored, for those who bound their memory
public record HotRow(long seq, Row row, int bytes) {}
