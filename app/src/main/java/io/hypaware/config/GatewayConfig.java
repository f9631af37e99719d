package io.hypaware.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Settings of the gateway: `config` of the plugin `@hypaware/ai-gateway`.
public record GatewayConfig(
        @Key(doc = "Address to listen on; anything but loopback needs allow_remote.", defaultJson = "\"127.0.0.1\"")
        String host,

        @Key(doc = "Port to listen on; 0 takes a free one.", defaultJson = "18521", max = 65535)
        int port,

        @Key(doc = "host:port in one, as HypAware for Node writes it; outranks host and port.", defaultJson = "null")
        Optional<String> listen,

        @Key(
                doc = "Name of this installation in the rows it writes; default one made at random, once.",
                defaultJson = "null")
        Optional<String> gatewayId,

        @Key(
                doc = "Proxy on the way to the providers, http://host:port or socks5://host:port; outranks HTTPS_PROXY,"
                        + " HTTP_PROXY, ALL_PROXY and NO_PROXY of the environment.",
                defaultJson = "null")
        Optional<String> upstreamProxy,

        @Key(
                doc = "Listen on an address that other machines reach. Anyone who reaches it can use it.",
                defaultJson = "false")
        boolean allowRemote,

        @Key(doc = "Names, besides loopback, that a client may call the gateway by (Host header).", defaultJson = "[]")
        List<String> allowedHosts,

        @Key(
                doc =
                        "Providers to forward to. An entry named anthropic, openai, chatgpt or gemini replaces the built-in one.",
                defaultJson = "[]")
        List<UpstreamConfig> upstreams,

        @Key(doc = "Further headers whose values are recorded as a hash only.", defaultJson = "[]")
        List<String> redactHeaders,

        @Key(
                doc = "Most bytes of one body that are recorded; longer ones are forwarded whole.",
                defaultJson = "67108864")
        long maxBodyBytes,

        @Key(
                doc = "Most bytes that wait in memory for the disk; over it they wait in a file, see spill_bytes.",
                defaultJson = "16777216",
                min = 1048576,
                max = 67108864)
        long queueBytes,

        @Key(
                doc = "Most bytes beyond queue_bytes that wait in a file of the run folder, before bodies are dropped.",
                defaultJson = "268435456")
        long spillBytes,

        @Key(doc = "How long open calls may take to finish after hyp down, in seconds.", defaultJson = "600")
        int drainSeconds) {

    public GatewayConfig {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < upstreams.size(); i++) {
            if (!names.add(upstreams.get(i).name())) {
                throw new ConfigException(
                        "/upstreams/" + i + "/name",
                        "upstream " + upstreams.get(i).name() + " is configured twice");
            }
        }
        if (listen.isPresent()) {
            Listen address = Listen.parse(listen.get());
            host = address.host();
            port = address.port();
        }
        for (int i = 0; i < upstreams.size(); i++) {
            if (port != 0 && upstreams.get(i).isLocalPort(port)) {
                throw new ConfigException(
                        "/upstreams/" + i + "/base_url",
                        "found \"" + upstreams.get(i).baseUrl()
                                + "\", which is the gateway itself; expected the provider's address");
            }
        }
    }

    /// The configured upstreams and, where none of them has the name, the built-in ones.
    public List<UpstreamConfig> allUpstreams() {
        List<UpstreamConfig> all = new ArrayList<>(upstreams);
        for (UpstreamConfig builtIn : UpstreamConfig.BUILT_IN) {
            if (upstreams.stream().noneMatch(upstream -> upstream.name().equals(builtIn.name()))) {
                all.add(builtIn);
            }
        }
        return List.copyOf(all);
    }

    /// What `listen` says.
    private record Listen(String host, int port) {

        private static Listen parse(String text) {
            int colon = text.lastIndexOf(':');
            String host = colon < 0 ? "" : text.substring(0, colon);
            String port = text.substring(colon + 1);
            boolean bracketed = host.startsWith("[") && host.endsWith("]");
            if (host.isEmpty() || (host.contains(":") && !bracketed) || !port.matches("\\d{1,5}")) {
                throw refused(text);
            }
            int number = Integer.parseInt(port);
            if (number > 65_535) {
                throw refused(text);
            }
            return new Listen(bracketed ? host.substring(1, host.length() - 1) : host, number);
        }

        private static ConfigException refused(String text) {
            return new ConfigException(
                    "/listen", "found \"" + text + "\", expected host:port such as 127.0.0.1:8787, port 0 to 65535");
        }
    }
}
