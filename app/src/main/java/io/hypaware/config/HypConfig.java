package io.hypaware.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The whole config file, `<HYP_HOME>/hypaware-config.json`, checked and with defaults filled in.
public record HypConfig(
        @Key(doc = "Version of this file's format.", defaultJson = "2", min = 2, max = 2)
        int version,

        @Key(
                doc = "Parts of HypAware to switch on or off and to configure, each {name, enabled, config}.",
                defaultJson = "[]")
        List<PluginConfig> plugins,

        @Key(doc = "Where exports go: an object, an entry for each.", defaultJson = "{}")
        JsonNode sinks,

        @Key(doc = "Which plugin serves what several could; taken from HypAware for Node.", defaultJson = "{}")
        JsonNode disambiguate,

        @Key(doc = "How recorded data is kept and queried.") QueryConfig query) {

    /// Parts that do something when they are configured or present.
    private static final Set<String> BUILT = Set.of(GatewayConfig.PLUGIN);

    /// Parts of which the file may speak without a warning, because attaching and reading work without them.
    private static final Set<String> QUIET = Set.of("@hypaware/claude", "@hypaware/codex");

    public HypConfig {
        if (!sinks.isObject() && !sinks.isEmpty()) {
            throw Binder.mismatch("/sinks", sinks, "an object, an entry for each sink");
        }
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

    /// What is accepted and does nothing, or does what its writer may not want; each with its JSON pointer.
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        for (int i = 0; i < plugins.size(); i++) {
            PluginConfig plugin = plugins.get(i);
            if (plugin.enabled() && !BUILT.contains(plugin.name()) && !QUIET.contains(plugin.name())) {
                warnings.add("/plugins/" + i + ": this version has no " + plugin.name() + "; it does nothing");
            }
        }
        if (!sinks.isEmpty()) {
            warnings.add("/sinks: this version exports nothing; " + String.join(", ", names(sinks)) + " does nothing");
        }
        if (!disambiguate.isEmpty()) {
            warnings.add("/disambiguate: this version has nothing to choose between; it does nothing");
        }
        for (UpstreamConfig upstream : gateway().upstreams()) {
            if (upstream.isPlainRemote()) {
                warnings.add("upstream " + upstream.name() + ": " + upstream.baseUrl()
                        + " is not https, so that keys and prompts can be read on their way");
            }
        }
        for (String name : query.cache().retention().unknownDatasets()) {
            warnings.add("/query/cache/retention/datasets/" + name + ": this version has no such dataset");
        }
        return List.copyOf(warnings);
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
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
