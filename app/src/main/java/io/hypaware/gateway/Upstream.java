package io.hypaware.gateway;

import static java.util.Objects.requireNonNull;

import io.hypaware.config.UpstreamConfig;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/// A provider that calls go to.
///
/// @param provider whose it is, as rows record it
/// @param prefix paths that go here whole, without a slash at its end, if the config says so
/// @param basePath put before the call's path, without a slash at its end
record Upstream(
        String name,
        String provider,
        Wire wire,
        boolean tls,
        String host,
        int port,
        String basePath,
        Optional<String> prefix,
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
                config.providerName(),
                Wire.of(config.providerName()),
                tls,
                host,
                uri.getPort() >= 0 ? uri.getPort() : tls ? 443 : 80,
                path.endsWith("/") ? path.substring(0, path.length() - 1) : path,
                config.pathPrefix().map(p -> p.endsWith("/") ? p.substring(0, p.length() - 1) : p),
                config.priority(),
                config.caFile().map(Path::of));
    }

    /// Whether a path begins with its name, which is not sent on.
    boolean isNamedBy(String path) {
        return path.equals("/" + name) || path.startsWith("/" + name + "/");
    }

    /// Whether its configured prefix takes the path.
    boolean claims(String path) {
        return prefix.isPresent() && (path.equals(prefix.get()) || path.startsWith(prefix.get() + "/"));
    }

    int prefixLength() {
        return prefix.map(String::length).orElse(0);
    }

    /// Where a request to it goes and what for.
    RequestOptions options(HttpMethod method, String target) {
        return new RequestOptions()
                .setMethod(method)
                .setSsl(tls)
                .setURI(target)
                .setFollowRedirects(false)
                // An IPv6 address has brackets in a Host header, and the resolver takes it with them.
                .setHost(host.contains(":") ? "[" + host + "]" : host)
                .setPort(port);
    }

    /// What goes into the Host header.
    String authority() {
        String name = host.contains(":") ? "[" + host + "]" : host;
        return port == (tls ? 443 : 80) ? name : name + ":" + port;
    }
}
