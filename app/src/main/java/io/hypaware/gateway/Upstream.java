package io.hypaware.gateway;

import static java.util.Objects.requireNonNull;

import io.hypaware.config.UpstreamConfig;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/// A provider that calls go to.
///
/// @param prefix explicit path prefix, without a slash at its end
/// @param basePath put before the call's path, without a slash at its end
record Upstream(
        String name,
        Wire wire,
        boolean tls,
        String host,
        int port,
        String basePath,
        String prefix,
        int priority,
        Optional<Path> caFile) {

    Upstream {
        requireNonNull(name, "name is null");
        requireNonNull(wire, "wire is null");
        requireNonNull(host, "host is null");
    }

    static Upstream of(UpstreamConfig config) {
        URI uri = URI.create(config.baseUrl());
        boolean tls = "https".equalsIgnoreCase(uri.getScheme());
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        String host = uri.getHost().startsWith("[")
                ? uri.getHost().substring(1, uri.getHost().length() - 1)
                : uri.getHost();
        return new Upstream(
                config.name(),
                Wire.valueOf(config.provider().toUpperCase(Locale.ROOT)),
                tls,
                host,
                uri.getPort() >= 0 ? uri.getPort() : tls ? 443 : 80,
                path.endsWith("/") ? path.substring(0, path.length() - 1) : path,
                config.prefix(),
                config.priority(),
                config.caFile().map(Path::of));
    }

    /// What goes into the Host header.
    String authority() {
        String name = host.contains(":") ? "[" + host + "]" : host;
        return port == (tls ? 443 : 80) ? name : name + ":" + port;
    }
}
