package io.hypaware.search;

import java.time.Instant;

/// A part of a message, as the index takes it.
///
/// @param rowId of the row that it is
/// @param text that is to be found
/// @param tool that was called, or whose result it is; empty if none
/// @param adopted under which number of an older cache's partition it was adopted; 0 if it was not
public record IndexedPart(
        String rowId,
        String session,
        String conversation,
        String client,
        String role,
        String tool,
        Instant at,
        String text,
        long adopted) {}
