package io.hypaware.config;

/// Settings of the writer `@hypaware/format-iceberg`, besides those of every sink of files.
public record IcebergSinkConfig(
        @Key(doc = "Where in the destination tables are.", defaultJson = "\"iceberg/datasets\"")
        String prefix,

        @Key(doc = "What data files are.", defaultJson = "\"@hypaware/format-parquet\"")
        String encoder,

        @Key(doc = "What a table keeps of its past.") Maintenance maintenance) {

    /// How long snapshots of a table are kept.
    public record Maintenance(
            @Key(doc = "So many snapshots are kept whatever their age.", defaultJson = "10", min = 1, max = 10_000)
            int minSnapshotsToKeep,

            @Key(doc = "Older ones are expired.", defaultJson = "24", min = 1, max = 87_600)
            int maxSnapshotAgeHours) {}

    public IcebergSinkConfig {
        prefix = S3Config.path(prefix);
        if (prefix.isEmpty()) {
            throw new ConfigException("/prefix", "names no folder");
        }
        if (!encoder.equals(SinkConfig.PARQUET)) {
            throw new ConfigException("/encoder", "sink_encoder_invalid: tables are written by " + SinkConfig.PARQUET);
        }
    }
}
