package io.hypaware.config;

import java.util.List;

/// Settings of a sink that writes rows to files, whatever their destination.
public record FileSinkConfig(
        @Key(doc = "When to write, as cron says it: five fields, in UTC.", defaultJson = "\"* * * * *\"")
        String schedule,

        @Key(doc = "Which datasets; all where none is named.", defaultJson = "[]")
        List<String> datasets,

        @Key(
                doc = "How files are packed; else `zstd` for Parquet and `gzip` for lines of JSON.",
                defaultJson = "\"\"",
                oneOf = {"", "zstd", "gzip", "snappy", "none"})
        String compression,

        @Key(doc = "Most rows that go at once.", defaultJson = "50000", min = 1, max = 1_000_000)
        long batchRows,

        @Key(
                doc = "Most bytes that they hold, their payloads not counted.",
                defaultJson = "67108864",
                min = 1,
                max = 1_073_741_824)
        long batchBytes,

        @Key(
                doc = "`inline`: large values stand in their rows; `reference`: rows have their hashes, and the values"
                        + " go beside them as the dataset `payloads`, each once.",
                defaultJson = "\"inline\"",
                oneOf = {"inline", "reference"})
        String payloads) {

    public FileSinkConfig {
        datasets = List.copyOf(datasets);
        try {
            Schedule.of(schedule);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("/schedule", "sink_schedule_invalid: " + e.getMessage());
        }
    }

    /// Whether large values go beside the rows.
    public boolean isByReference() {
        return payloads.equals("reference");
    }
}
