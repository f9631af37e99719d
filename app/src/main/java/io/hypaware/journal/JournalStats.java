package io.hypaware.journal;

import java.util.Map;

/// What is in the journal.
///
/// @param open calls under way, or cut off by the death of the gateway
/// @param connections those of them that became WebSockets, whose turns may be projected
/// @param pending closed calls that are not projected yet
/// @param failed calls whose projection failed; their frames are kept
/// @param dropped calls that could not be recorded whole
/// @param pendingBytes body bytes of the pending calls
/// @param telemetry requests of OpenTelemetry exporters
/// @param hot by dataset, rows that are not known to be in the lake
public record JournalStats(
        long open,
        long connections,
        long pending,
        long failed,
        long dropped,
        long pendingBytes,
        Telemetry telemetry,
        Map<String, Hot> hot) {

    /// @param pending requests that are not projected yet
    /// @param failed requests, or what is left of them, that could not be projected; their bytes are kept
    /// @param pendingBytes as they were sent
    public record Telemetry(long pending, long failed, long pendingBytes) {

        public static final Telemetry NONE = new Telemetry(0, 0, 0);
    }

    public record Hot(long rows, long bytes, long firstSeq) {}

    public long hotBytes() {
        return hot.values().stream().mapToLong(Hot::bytes).sum();
    }
}
