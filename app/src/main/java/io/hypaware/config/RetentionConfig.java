package io.hypaware.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Section `query.cache.retention`.
public record RetentionConfig(
        @Key(doc = "Days a row is kept; 0 keeps it for ever.", defaultJson = "90")
        int defaultDays,

        @Key(doc = "Days by dataset, where they differ from default_days.", defaultJson = "{}")
        Map<String, Integer> datasets,

        @Key(
                doc =
                        "Days that sessions are kept whose class is local-only, where that is fewer; 0 keeps them like the others.",
                defaultJson = "0")
        int localOnlyDays,

        @Key(
                doc =
                        "Hours that the journal keeps a call after its projection; its bodies are payloads by then, and its frames gone.",
                defaultJson = "24")
        int keepRawHours) {

    /// Datasets of this version and of HypAware for Node.
    static final List<String> DATASETS = List.of(
            "ai_gateway_messages",
            "exchanges",
            "payloads",
            "logs",
            "traces",
            "metrics",
            "claude_telemetry_events",
            "gascity_messages");

    public RetentionConfig {
        for (String name : datasets.keySet()) {
            Optional<String> meant = DATASETS.contains(name) ? Optional.empty() : Nearest.of(name, DATASETS);
            if (meant.isPresent()) {
                throw new ConfigException(
                        "/datasets/" + name,
                        "there is no dataset \"" + name + "\"; did you mean \"" + meant.get() + "\"?");
            }
        }
    }

    /// How long rows of a dataset are kept; 0 for ever.
    public int days(String dataset) {
        return datasets.getOrDefault(dataset, defaultDays);
    }

    /// Names that no part of this version fills.
    List<String> unknownDatasets() {
        return datasets.keySet().stream()
                .filter(name -> !DATASETS.contains(name))
                .sorted()
                .toList();
    }
}
