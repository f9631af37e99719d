package io.hypaware.config;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A provider that calls are forwarded to.
public record UpstreamConfig(
        @Key(doc = "Its name, unique; also its explicit prefix (/<name>/...) unless path_prefix says otherwise.")
        String name,

        @Key(doc = "http or https address; a path in it is put before the call's path.")
        String baseUrl,

        @Key(
                doc =
                        "Paths that begin with this go here, whole; / takes every path. /<name>/... goes here in any case,"
                                + " without the name.",
                defaultJson = "null")
        Optional<String> pathPrefix,

        @Key(
                doc =
                        "Whose wire format it speaks: anthropic, openai, google, or any other name, which is recorded. Decides how"
                                + " calls are projected, how errors are shaped and whose keys may go there; where it is absent,"
                                + " name and base_url tell.",
                defaultJson = "null")
        Optional<String> provider,

        @Key(doc = "Among upstreams of the same provider the highest takes calls without a prefix.", defaultJson = "0")
        int priority,

        @Key(doc = "PEM file of certificate authorities to trust besides the system's.", defaultJson = "null")
        Optional<String> caFile) {

    /// Where the providers' own clients go. Each comes after what is configured.
    static final List<UpstreamConfig> BUILT_IN = List.of(
            builtIn("anthropic", "https://api.anthropic.com", Optional.empty(), "anthropic"),
            builtIn("openai", "https://api.openai.com", Optional.empty(), "openai"),
            // Codex with an account of ChatGPT: its calls, its history and what is left of its limits.
            builtIn("chatgpt", "https://chatgpt.com", Optional.of("/backend-api"), "chatgpt"),
            builtIn("gemini", "https://generativelanguage.googleapis.com", Optional.empty(), "google"));

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
        if (uri.getRawUserInfo() != null) {
            throw new ConfigException(
                    "/base_url",
                    "a name or password before the host would stand in files in clear; expected a URL without it");
        }
        if (uri.getPort() == 0 || uri.getPort() > 65_535) {
            throw new ConfigException("/base_url", "found port " + uri.getPort() + ", expected 1 to 65535");
        }
        if (pathPrefix.isPresent() && !pathPrefix.get().startsWith("/")) {
            throw new ConfigException(
                    "/path_prefix", "found \"" + pathPrefix.get() + "\", expected a path such as /v1, or /");
        }
    }

    private static UpstreamConfig builtIn(String name, String url, Optional<String> prefix, String provider) {
        return new UpstreamConfig(name, url, prefix, Optional.of(provider), Integer.MIN_VALUE, Optional.empty());
    }

    /// The provider's name: as configured, else what the upstream's name and address say, else `other`.
    public String providerName() {
        if (provider.isPresent()) {
            String named = provider.get().toLowerCase(Locale.ROOT);
            return named.equals("gemini") ? "google" : named;
        }
        String host = URI.create(baseUrl).getHost().toLowerCase(Locale.ROOT);
        for (String known : List.of("anthropic", "openai", "chatgpt")) {
            if (name.equalsIgnoreCase(known) || host.endsWith("." + known + ".com") || host.equals(known + ".com")) {
                return known;
            }
        }
        return name.equalsIgnoreCase("gemini") || host.endsWith(".googleapis.com") ? "google" : "other";
    }

    /// Whether keys go to another machine in clear.
    boolean isPlainRemote() {
        return isPlainRemote(URI.create(baseUrl));
    }

    static boolean isPlainRemote(URI uri) {
        return "http".equalsIgnoreCase(uri.getScheme()) && !isLoopback(uri.getHost());
    }

    /// Whether it is this machine's own port.
    boolean isLocalPort(int port) {
        URI uri = URI.create(baseUrl);
        int own = uri.getPort() >= 0 ? uri.getPort() : "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
        return own == port && isLoopback(uri.getHost());
    }

    /// Whether a host is written as an address, and not one of loopback. Of a name only its lookup says.
    static boolean isRemoteAddress(String host) {
        return (host.contains(":") || host.matches("[0-9.]+")) && !isLoopback(host);
    }

    /// Whether a host is this machine; an IPv6 address with or without its brackets.
    public static boolean isLoopback(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return name.equals("::1")
                || name.equals("localhost")
                || name.endsWith(".localhost")
                || name.equals("[::1]")
                || name.matches("127(\\.\\d{1,3}){3}");
    }
}
