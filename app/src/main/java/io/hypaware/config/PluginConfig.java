package io.hypaware.config;

import com.fasterxml.jackson.databind.JsonNode;

/// One entry of `plugins`.
public record PluginConfig(
        @Key(doc = "Which part. Those that this version does not have are named by hyp config show, and do nothing.")
        String name,

        @Key(doc = "Whether it runs.", defaultJson = "true") boolean enabled,

        @Key(doc = "Its settings.", defaultJson = "{}") JsonNode config) {

    public PluginConfig {
        if (!config.isObject()) {
            throw Binder.mismatch("/config", config, "an object as config of " + name);
        }
    }
}
