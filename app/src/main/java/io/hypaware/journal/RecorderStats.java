package io.hypaware.journal;

import java.util.Optional;

/// What the recorder has done since it started.
///
/// @param dropped exchanges that could not be recorded whole
/// @param droppedBytes body bytes of those that were not written
/// @param queuedBytes bytes in memory that wait for the disk
public record RecorderStats(
        long recorded, long dropped, long droppedBytes, long queuedBytes, Optional<String> lastError) {}
