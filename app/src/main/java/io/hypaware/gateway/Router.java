package io.hypaware.gateway;

import io.hypaware.config.GatewayConfig;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Decides which upstream a call goes to, by explicit prefix first, then by what its path and headers say.
final class Router {

    private static final String ANTHROPIC_URL = "https://api.anthropic.com";
    private static final String OPENAI_URL = "https://api.openai.com";

    /// An upstream and the request target to send to it: raw path and query.
    record Route(Upstream upstream, String target) {}

    private final List<Upstream> upstreams;

    Router(List<Upstream> upstreams) {
        this.upstreams = upstreams.stream()
                .sorted(Comparator.comparingInt(Upstream::priority).reversed())
                .toList();
    }

    /// The configured upstreams and, where none of them has the name, the built-in anthropic and openai.
    static Router of(GatewayConfig config) {
        List<Upstream> upstreams =
                new ArrayList<>(config.upstreams().stream().map(Upstream::of).toList());
        addBuiltIn(upstreams, "anthropic", Wire.ANTHROPIC, ANTHROPIC_URL);
        addBuiltIn(upstreams, "openai", Wire.OPENAI, OPENAI_URL);
        return new Router(upstreams);
    }

    List<Upstream> upstreams() {
        return upstreams;
    }

    Route route(String target, MultiMap headers) {
        String path = pathOf(target);
        for (Upstream upstream : upstreams) {
            if (path.equals(upstream.prefix()) || path.startsWith(upstream.prefix() + "/")) {
                String rest = target.substring(upstream.prefix().length());
                return new Route(upstream, upstream.basePath() + (rest.startsWith("/") ? rest : "/" + rest));
            }
        }
        Wire wire = wireOf(path, headers);
        Upstream upstream = first(wire).orElseGet(upstreams::getFirst);
        return new Route(upstream, upstream.basePath() + target);
    }

    private Optional<Upstream> first(Wire wire) {
        return upstreams.stream().filter(u -> u.wire() == wire).findFirst();
    }

    private static Wire wireOf(String path, MultiMap headers) {
        if (path.startsWith("/v1/messages") || path.equals("/v1/complete") || path.startsWith("/api/")) {
            return Wire.ANTHROPIC;
        }
        if (headers.contains("anthropic-version")
                || headers.contains("anthropic-beta")
                || headers.contains("x-api-key")
                || startsWith(headers.get("user-agent"), "claude")) {
            return Wire.ANTHROPIC;
        }
        return path.startsWith("/v1/") || path.startsWith("/responses") ? Wire.OPENAI : Wire.ANTHROPIC;
    }

    private static boolean startsWith(@org.jspecify.annotations.Nullable String text, String prefix) {
        return text != null && text.startsWith(prefix);
    }

    private static String pathOf(String target) {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    private static void addBuiltIn(List<Upstream> upstreams, String name, Wire wire, String url) {
        if (upstreams.stream().noneMatch(u -> u.name().equals(name))) {
            upstreams.add(Upstream.of(new io.hypaware.config.UpstreamConfig(
                    name, url, Optional.empty(), wire.provider(), Integer.MIN_VALUE, Optional.empty())));
        }
    }
}
