package io.hypaware.config;

import java.util.Arrays;
import java.util.Optional;

/// The parts of HypAware that `plugins` can name and this version has: what each is called, and its
/// settings. How a part is checked, documented and shown follows. Of one that is not here the user is
/// told that it does nothing.
enum ConfigPart {
    GATEWAY("@hypaware/ai-gateway", Optional.of(GatewayConfig.class)),
    RECEIVER("@hypaware/otel", Optional.of(ReceiverConfig.class)),
    BUCKETS(SinkConfig.S3, Optional.of(S3PluginConfig.class)),

    // Attaching and reading work without a setting.
    CLAUDE("@hypaware/claude", Optional.empty()),
    CODEX("@hypaware/codex", Optional.empty());

    private final String plugin;
    private final Optional<Class<? extends Record>> settings;

    ConfigPart(String plugin, Optional<Class<? extends Record>> settings) {
        this.plugin = plugin;
        this.settings = settings;
    }

    /// How the file calls it.
    String plugin() {
        return plugin;
    }

    /// The record of its settings, if it has any.
    Optional<Class<? extends Record>> settings() {
        return settings;
    }

    static Optional<ConfigPart> named(String plugin) {
        return Arrays.stream(values()).filter(p -> p.plugin.equals(plugin)).findFirst();
    }
}
