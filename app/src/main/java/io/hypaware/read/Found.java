package io.hypaware.read;

import io.hypaware.search.Excerpt;
import java.time.Instant;

/// A part of a message in which words were found.
///
/// @param folder where the session works; empty if that is not known
/// @param index of the message in its conversation
/// @param tool that was called; empty if none
/// @param excerpt where the words stand
public record Found(
        String session,
        String conversation,
        String client,
        String folder,
        Instant at,
        String role,
        String type,
        String tool,
        String messageId,
        long index,
        Excerpt excerpt) {}
