package io.hypaware.config;

/// Section `query.cache.maintenance`.
public record MaintenanceConfig(
        @Key(doc = "Run maintenance in the background.", defaultJson = "true")
        boolean enabled,

        @Key(doc = "Minutes between background ticks.", defaultJson = "60", min = 1)
        int intervalMinutes,

        @Key(doc = "Time budget of a background tick, in milliseconds.", defaultJson = "30000")
        long maxTickMs,

        @Key(doc = "File size that compaction aims for.", defaultJson = "134217728", min = 1)
        long targetFileBytes,

        @Key(doc = "More small files than this in a partition: compact.", defaultJson = "32", min = 1)
        int compactFileCount,

        @Key(doc = "Files smaller than this on average are candidates.", defaultJson = "33554432")
        long compactAvgFileBytes,

        @Key(
                doc = "Most bytes a batch (a row group) holds before it is written; 10,000 rows is the other bound.",
                defaultJson = "33554432",
                min = 1)
        long compactBatchBytes,

        @Key(doc = "Engine memory of the worker.", defaultJson = "201326592", min = 33554432)
        long memoryBytes,

        @Key(doc = "Snapshots that expiry always keeps.", defaultJson = "10", min = 1)
        int minSnapshotsToKeep,

        @Key(doc = "Snapshots older than this expire.", defaultJson = "24")
        int maxSnapshotAgeHours,

        @Key(doc = "Pending rows of this many bytes are flushed to the lake.", defaultJson = "33554432", min = 1)
        long flushBytes,

        @Key(doc = "Pending rows of this age are flushed to the lake.", defaultJson = "15", min = 1)
        int flushMinutes) {

    /// The same with another memory for the engine.
    public MaintenanceConfig withMemoryBytes(long bytes) {
        return new MaintenanceConfig(
                enabled,
                intervalMinutes,
                maxTickMs,
                targetFileBytes,
                compactFileCount,
                compactAvgFileBytes,
                compactBatchBytes,
                bytes,
                minSnapshotsToKeep,
                maxSnapshotAgeHours,
                flushBytes,
                flushMinutes);
    }
}
