package io.hypaware.maintain.purge;

import java.util.List;
import java.util.Map;

/// What a purge did, from where it was begun last.
///
/// @param sessions that went whole
/// @param rows that went, by dataset
/// @param exchanges that went
/// @param payloads that nothing refers to any more
/// @param filesRewritten files of the lake that were written again without rows, and their bytes before
/// @param filesDeleted files that were deleted, and their bytes
/// @param linesBlanked of logs and hooks
/// @param notes what somebody should know, such as what could not be reached
public record PurgeResult(
        long sessions,
        Map<String, Long> rows,
        long exchanges,
        long payloads,
        int filesRewritten,
        long bytesRewritten,
        long filesDeleted,
        long bytesDeleted,
        long linesBlanked,
        long millis,
        List<String> notes) {}
