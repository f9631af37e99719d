package io.hypaware.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/// The whole config file, `<HYP_HOME>/hypaware-config.json`, checked and with defaults filled in.
public record HypConfig(
        @Key(doc = "Version of this file's format.", defaultJson = "2", min = 2, max = 2)
        int version,

        @Key(
                doc = "Parts of HypAware to switch on or off and to configure, each {name, enabled, config}.",
                defaultJson = "[]")
        List<PluginConfig> plugins,

        @Key(doc = "Where exports go.", defaultJson = "[]") JsonNode sinks,

        @Key(doc = "How recorded data is kept and queried.") QueryConfig query) {

    public HypConfig {
        for (int i = 0; i < plugins.size(); i++) {
            String name = plugins.get(i).name();
            for (int j = 0; j < i; j++) {
                if (plugins.get(j).name().equals(name)) {
                    throw new ConfigException("/plugins/" + i + "/name", "plugin " + name + " is configured twice");
                }
            }
            if (name.equals(GatewayConfig.PLUGIN)) {
                bindGateway(plugins.get(i), "/plugins/" + i + "/config");
            }
        }
    }

    /// Settings of the plugin `@hypaware/ai-gateway`; defaults where the file has none.
    public GatewayConfig gateway() {
        return plugin(GatewayConfig.PLUGIN)
                .map(p -> bindGateway(p, "/plugins/config"))
                .orElseGet(() -> Binder.bind(GatewayConfig.class, ConfigFile.JSON.createObjectNode(), ""));
    }

    /// Whether calls are to be recorded; the gateway forwards them in any case.
    public boolean recording() {
        return plugin(GatewayConfig.PLUGIN).map(PluginConfig::enabled).orElse(true);
    }

    private Optional<PluginConfig> plugin(String name) {
        return plugins.stream().filter(p -> p.name().equals(name)).findFirst();
    }

    private static GatewayConfig bindGateway(PluginConfig plugin, String pointer) {
        return Binder.bind(GatewayConfig.class, plugin.config(), pointer);
    }
}
