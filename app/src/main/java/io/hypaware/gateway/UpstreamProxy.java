package io.hypaware.gateway;

import io.hypaware.config.UpstreamConfig;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The proxy on the way out, if the user's network has one: `upstream_proxy` of the config, else the variables that
/// other programs heed (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, in either case).
final class UpstreamProxy {

    private final Optional<String> configured;
    private final Map<String, String> environment;

    UpstreamProxy(Optional<String> configured, Map<String, String> environment) {
        this.configured = configured;
        this.environment = Map.copyOf(environment);
    }

    /// @throws GatewayException if what is set is no proxy's URL
    Optional<ProxyOptions> of(Upstream upstream) {
        if (configured.isPresent()) {
            return Optional.of(options("upstream_proxy", configured.get()));
        }
        if (UpstreamConfig.isLoopback(upstream.host()) || isExempt(upstream)) {
            return Optional.empty();
        }
        for (String name : upstream.tls() ? List.of("HTTPS_PROXY", "ALL_PROXY") : List.of("HTTP_PROXY", "ALL_PROXY")) {
            Optional<String> url = variable(name);
            if (url.isPresent()) {
                return Optional.of(options(name, url.get()));
            }
        }
        return Optional.empty();
    }

    private Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name))
                .or(() -> Optional.ofNullable(environment.get(name.toLowerCase(Locale.ROOT))))
                .map(String::strip)
                .filter(value -> !value.isEmpty());
    }

    private static ProxyOptions options(String where, String url) {
        URI uri;
        try {
            uri = URI.create(url.contains("://") ? url : "http://" + url);
        } catch (IllegalArgumentException e) {
            throw refused(where);
        }
        ProxyType type = switch (String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT)) {
            case "http" -> ProxyType.HTTP;
            case "socks4" -> ProxyType.SOCKS4;
            case "socks", "socks5", "socks5h" -> ProxyType.SOCKS5;
            default -> throw refused(where);
        };
        if (uri.getHost() == null) {
            throw refused(where);
        }
        ProxyOptions options = new ProxyOptions()
                .setType(type)
                .setHost(bare(uri.getHost()))
                .setPort(uri.getPort() >= 0 ? uri.getPort() : type == ProxyType.HTTP ? 80 : 1080);
        if (uri.getRawUserInfo() != null) {
            String[] user = uri.getRawUserInfo().split(":", 2);
            options.setUsername(URLDecoder.decode(user[0], StandardCharsets.UTF_8));
            options.setPassword(user.length > 1 ? URLDecoder.decode(user[1], StandardCharsets.UTF_8) : "");
        }
        return options;
    }

    private static GatewayException refused(String where) {
        // Without the value, which may hold a password.
        return new GatewayException(
                where + " is no proxy that can be used; expected http://host:port or socks5://host:port, with user and"
                        + " password before the host if the proxy asks for them",
                null);
    }

    private boolean isExempt(Upstream upstream) {
        List<String> entries = new ArrayList<>();
        variable("NO_PROXY").ifPresent(v -> entries.addAll(Arrays.asList(v.split("[,\\s]+", -1))));
        return entries.stream().anyMatch(entry -> matches(entry.toLowerCase(Locale.ROOT), upstream));
    }

    /// An entry is `*`, a host with or without a port, or a domain, with or without a dot or an asterisk before it.
    private static boolean matches(String entry, Upstream upstream) {
        String host = upstream.host().toLowerCase(Locale.ROOT);
        String name = entry;
        int colon = name.lastIndexOf(':');
        boolean hasPort =
                (colon > 0 && name.indexOf(':') == colon) || (name.startsWith("[") && colon > name.indexOf(']'));
        if (hasPort) {
            if (!name.substring(colon + 1).equals(String.valueOf(upstream.port()))) {
                return false;
            }
            name = name.substring(0, colon);
        }
        name = bare(name);
        if (name.startsWith("*.")) {
            name = name.substring(1);
        }
        if (name.isEmpty()) {
            return false;
        }
        return name.equals("*")
                || host.equals(name)
                || host.endsWith(name.startsWith(".") ? name : "." + name)
                || (name.startsWith(".") && host.equals(name.substring(1)));
    }

    private static String bare(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }
}
