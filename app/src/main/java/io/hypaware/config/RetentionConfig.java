package io.hypaware.config;

import java.util.Map;

/// Section `query.cache.retention`.
public record RetentionConfig(
        @Key(doc = "Days a row is kept; 0 keeps it for ever.", defaultJson = "90")
        int defaultDays,

        @Key(doc = "Days by dataset, where they differ from default_days.", defaultJson = "{}")
        Map<String, Integer> datasets,

        @Key(
                doc =
                        "Hours that the journal keeps a call after its projection; its bodies are payloads by then, and its frames gone.",
                defaultJson = "24")
        int keepRawHours) {}
