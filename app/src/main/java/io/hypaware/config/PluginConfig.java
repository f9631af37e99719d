package io.hypaware.config;

import com.fasterxml.jackson.databind.JsonNode;

/// One entry of `plugins`.
public record PluginConfig(
        @Key(
                doc = "Which part.",
                oneOf = {
                    "@hypaware/ai-gateway",
                    "@hypaware/claude",
                    "@hypaware/codex",
                    "@hypaware/otel",
                    "@hypaware/local-fs",
                    "@hypaware/format-parquet",
                    "@hypaware/format-jsonl",
                    "@hypaware/format-iceberg"
                })
        String name,

        @Key(doc = "Whether it runs.", defaultJson = "true") boolean enabled,

        @Key(doc = "Its settings.", defaultJson = "{}") JsonNode config) {

    public PluginConfig {
        if (!config.isObject()) {
            throw Binder.mismatch("/config", config, "an object as config of " + name);
        }
    }
}
