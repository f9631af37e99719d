package io.hypaware.journal;

import java.util.Optional;

/// What the recorder has done since it started.
///
/// @param open whether the journal is; it is opened while calls pass already
/// @param dropped exchanges that could not be recorded whole
/// @param droppedBytes body bytes of those that were not written
/// @param queuedBytes bytes in memory that wait for the disk
public record RecorderStats(
        boolean open, long recorded, long dropped, long droppedBytes, long queuedBytes, Optional<String> lastError) {}
