package io.hypaware.search;

import java.time.Instant;

/// A part that was found.
///
/// @param rowId of its row
/// @param score the higher, the better it fits; of no unit
public record Hit(String rowId, String conversation, Instant at, float score) {}
