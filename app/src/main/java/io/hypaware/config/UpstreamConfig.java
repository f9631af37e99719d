package io.hypaware.config;

import java.net.URI;
import java.util.Optional;

/// A provider that calls are forwarded to.
public record UpstreamConfig(
        @Key(doc = "Its name, unique; also its explicit prefix (/<name>/...) unless path_prefix says otherwise.")
        String name,

        @Key(doc = "http or https address; a path in it is put before the call's path.")
        String baseUrl,

        @Key(doc = "Paths that begin with this go here, the prefix taken off.", defaultJson = "null")
        Optional<String> pathPrefix,

        @Key(
                doc = "Wire format, which decides how calls are projected and errors are shaped.",
                defaultJson = "\"other\"",
                oneOf = {"anthropic", "openai", "other"})
        String provider,

        @Key(doc = "Among upstreams of the same provider the highest takes calls without a prefix.", defaultJson = "0")
        int priority,

        @Key(doc = "PEM file of certificate authorities to trust besides the system's.", defaultJson = "null")
        Optional<String> caFile) {

    public UpstreamConfig {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
            throw new ConfigException("/name", "found \"" + name + "\", expected letters, digits, '.', '_' or '-'");
        }
        URI uri;
        try {
            uri = URI.create(baseUrl);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("/base_url", "found \"" + baseUrl + "\", expected an http or https URL");
        }
        boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
        if (!http || uri.getHost() == null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new ConfigException(
                    "/base_url", "found \"" + baseUrl + "\", expected an http or https URL without query or fragment");
        }
        if (pathPrefix.isPresent()
                && (!pathPrefix.get().startsWith("/") || pathPrefix.get().equals("/"))) {
            throw new ConfigException(
                    "/path_prefix", "found \"" + pathPrefix.get() + "\", expected a path such as /" + name);
        }
    }

    /// The explicit prefix, without a slash at its end.
    public String prefix() {
        return pathPrefix
                .map(p -> p.endsWith("/") ? p.substring(0, p.length() - 1) : p)
                .orElse("/" + name);
    }
}
