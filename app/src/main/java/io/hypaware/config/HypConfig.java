package io.hypaware.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The whole config file, `<HYP_HOME>/hypaware-config.json`, checked and with defaults filled in.
public record HypConfig(
        @Key(doc = "Version of this file's format.", defaultJson = "2", min = 2, max = 2)
        int version,

        @Key(
                doc = "Parts of HypAware to switch on or off and to configure, each {name, enabled, config}.",
                defaultJson = "[]")
        List<PluginConfig> plugins,

        @Key(doc = "Where exports go: an object, an entry for each.", defaultJson = "{}")
        Map<String, SinkConfig> sinks,

        @Key(doc = "Which plugin serves what several could; taken from HypAware for Node.", defaultJson = "{}")
        JsonNode disambiguate,

        @Key(doc = "How recorded data is kept and queried.") QueryConfig query,

        @Key(doc = "The lake that a team shares.") LakeConfig lake,

        @Key(doc = "What is looked for, and what does not leave.")
        PrivacyConfig privacy) {

    private static final String REMOTE = "which other machines reach; use 127.0.0.1, or set allow_remote to true";

    public HypConfig {
        for (int i = 0; i < plugins.size(); i++) {
            String name = plugins.get(i).name();
            for (int j = 0; j < i; j++) {
                if (plugins.get(j).name().equals(name)) {
                    throw new ConfigException("/plugins/" + i + "/name", "plugin " + name + " is configured twice");
                }
            }
            JsonNode settings = plugins.get(i).config();
            String pointer = "/plugins/" + i + "/config";
            ConfigPart.named(name)
                    .flatMap(ConfigPart::settings)
                    .ifPresent(section -> Binder.bind(section, settings, pointer));
        }
        JsonNode s3 = settings(plugins, SinkConfig.S3);
        querySources(s3, "/plugins/" + SinkConfig.S3.replace("/", "~1") + "/config");
        sinks.forEach((name, sink) -> {
            if (sink.isFiles() && sink.isToBucket()) {
                Binder.within("/sinks/" + name, () -> sink.bucket(s3));
            }
        });
    }

    private static JsonNode settings(List<PluginConfig> plugins, String plugin) {
        return plugins.stream()
                .filter(one -> one.name().equals(plugin))
                .findFirst()
                .map(PluginConfig::config)
                .orElseGet(ConfigFile.JSON::createObjectNode);
    }

    /// The bucket that a sink writes to.
    public S3Config bucket(SinkConfig sink) {
        return sink.bucket(settings(plugins, SinkConfig.S3));
    }

    /// A bucket that somebody names, reached as the plugin says.
    public S3Config bucket(String name) {
        ObjectNode named = S3Config.known(settings(plugins, SinkConfig.S3));
        named.put("bucket", name).remove("prefix");
        return S3Config.bound(named, "");
    }

    /// A table in a bucket that queries read.
    public record QuerySource(QuerySourceConfig config, S3Config bucket) {}

    /// Tables in buckets that queries read, by name.
    public Map<String, QuerySource> querySources() {
        return querySources(settings(plugins, SinkConfig.S3), "");
    }

    private static Map<String, QuerySource> querySources(JsonNode s3, String pointer) {
        Map<String, QuerySource> sources = new TreeMap<>();
        JsonNode listed = s3.path("query_sources");
        for (int i = 0; i < listed.size(); i++) {
            String at = pointer + "/query_sources/" + i;
            QuerySourceConfig source = Binder.bind(QuerySourceConfig.class, listed.get(i), at);
            ObjectNode bucket = S3Config.known(s3);
            bucket.setAll(S3Config.known(listed.get(i)));
            if (sources.put(source.name(), new QuerySource(source, S3Config.bound(bucket, at))) != null) {
                throw new ConfigException(at + "/name", "there are two sources " + source.name());
            }
        }
        return sources;
    }

    /// Where a sink sends to, for people; empty where this version has no such sink.
    public String target(SinkConfig sink) {
        return sink.target(settings(plugins, SinkConfig.S3));
    }

    /// Settings of the plugin `@hypaware/ai-gateway`; defaults where the file has none.
    public GatewayConfig gateway() {
        return plugin(ConfigPart.GATEWAY)
                .map(p -> Binder.bind(GatewayConfig.class, p.config(), "/plugins/config"))
                .orElseGet(() -> Binder.bind(GatewayConfig.class, ConfigFile.JSON.createObjectNode(), ""));
    }

    /// What is accepted and does nothing, or does what its writer may not want; each with its JSON pointer.
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        for (int i = 0; i < plugins.size(); i++) {
            PluginConfig plugin = plugins.get(i);
            if (plugin.enabled() && ConfigPart.named(plugin.name()).isEmpty() && !SinkConfig.isPart(plugin.name())) {
                warnings.add("/plugins/" + i + ": this version has no " + plugin.name() + "; it does nothing");
            }
        }
        new TreeMap<>(sinks).forEach((name, sink) -> {
            if (!sink.isBuilt()) {
                warnings.add("/sinks/" + name + ": this version has no " + sink.kind() + "; it does nothing");
            }
        });
        if (!disambiguate.isEmpty()) {
            warnings.add("/disambiguate: this version has nothing to choose between; it does nothing");
        }
        for (UpstreamConfig upstream : gateway().upstreams()) {
            if (upstream.isPlainRemote()) {
                warnings.add("upstream " + upstream.name() + ": " + upstream.baseUrl()
                        + " is not https, so that keys and prompts can be read on their way");
            }
        }
        lake.team()
                .filter(team -> team.plainWay().isPresent())
                .ifPresent(team -> warnings.add("/lake/"
                        + team.plainWay().orElseThrow() + ": " + team.shownCatalog()
                        + " is asked by plain http; a key from the environment is not sent there"));
        for (String name : query.cache().retention().unknownDatasets()) {
            warnings.add("/query/cache/retention/datasets/" + name + ": this version has no such dataset");
        }
        return List.copyOf(warnings);
    }

    /// What is no mistake of writing, and keeps the gateway or the receiver from listening.
    public List<String> refusals() {
        List<String> refusals = new ArrayList<>();
        GatewayConfig gateway = gateway();
        if (!gateway.allowRemote() && UpstreamConfig.isRemoteAddress(gateway.host())) {
            refusals.add("/plugins/@hypaware~1ai-gateway/config/host: found \"" + gateway.host() + "\", " + REMOTE);
        }
        if (!receiving()) {
            return refusals;
        }
        ReceiverConfig receiver = receiver();
        String at = "/plugins/@hypaware~1otel/config/";
        if (!receiver.allowRemote() && UpstreamConfig.isRemoteAddress(receiver.listenHost())) {
            refusals.add(at + "listen_host: found \"" + receiver.listenHost() + "\", " + REMOTE);
        }
        Map<String, Integer> ports =
                new TreeMap<>(Map.of("listen_port", receiver.listenPort(), "grpc_port", receiver.grpcPort()));
        ports.forEach((key, port) -> {
            if (port != 0 && port == gateway.port()) {
                refusals.add(at + key + ": found " + port + ", which is the gateway's port; set another one");
            }
        });
        return refusals;
    }

    /// Whether calls are to be recorded; the gateway forwards them in any case.
    public boolean recording() {
        return plugin(ConfigPart.GATEWAY).map(PluginConfig::enabled).orElse(true);
    }

    /// Settings of the plugin `@hypaware/otel`; defaults where the file has none.
    public ReceiverConfig receiver() {
        return plugin(ConfigPart.RECEIVER)
                .map(p -> Binder.bind(ReceiverConfig.class, p.config(), "/plugins/config"))
                .orElseGet(() -> Binder.bind(ReceiverConfig.class, ConfigFile.JSON.createObjectNode(), ""));
    }

    /// Whether telemetry is to be received. A file that lists parts, and not this one, has chosen to do without it; who
    /// has chosen nothing gets it.
    public boolean receiving() {
        return plugin(ConfigPart.RECEIVER).map(PluginConfig::enabled).orElse(plugins.isEmpty());
    }

    /// Whether the file itself asks for telemetry, so that it has to be said where it cannot be received.
    public boolean asksForTelemetry() {
        return plugin(ConfigPart.RECEIVER).filter(PluginConfig::enabled).isPresent();
    }

    private Optional<PluginConfig> plugin(ConfigPart part) {
        return plugins.stream().filter(p -> p.name().equals(part.plugin())).findFirst();
    }
}
