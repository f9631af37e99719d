package io.hypaware.config;

import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Settings of a sink of `@hypaware/otlp`.
public record OtlpSinkConfig(
        @Key(
                doc =
                        "Where traces go by OTLP over HTTP, such as `http://127.0.0.1:14318`; `/v1/traces` is added where it has no path.")
        String endpoint,

        @Key(doc = "Headers of each request, such as one with a key.", defaultJson = "{}")
        Map<String, String> headers,

        @Key(
                doc =
                        "Whether what was said is sent, too, without what looks like a secret; else only what happened is.",
                defaultJson = "false")
        boolean content,

        @Key(
                doc = "How requests are packed.",
                defaultJson = "\"gzip\"",
                oneOf = {"gzip", "none"})
        String compression,

        @Key(doc = "Milliseconds after which a request is given up.", defaultJson = "10000", min = 100, max = 300_000)
        int timeoutMs,

        @Key(
                doc = "Minutes after which a session that says nothing is over, until it goes on.",
                defaultJson = "30",
                min = 1,
                max = 10_080)
        int quietMinutes,

        @Key(doc = "When to send, as cron says it: five fields, in UTC.", defaultJson = "\"* * * * *\"")
        String schedule) {

    /// A minute each.
    public static final String EACH_MINUTE = "* * * * *";

    /// The client's own to say.
    private static final Set<String> NOT_OURS =
            Set.of("connection", "content-length", "expect", "host", "transfer-encoding", "upgrade");

    public OtlpSinkConfig {
        problem(endpoint).ifPresent(why -> {
            throw new ConfigException("/endpoint", why);
        });
        headers.forEach((name, value) -> {
            if (!name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}")
                    || !value.matches("[ -~]{0,8000}")
                    || NOT_OURS.contains(name.toLowerCase(Locale.ROOT))) {
                throw new ConfigException("/headers", "\"" + name + "\" is no header that can be sent");
            }
        });
        requireTimes(schedule);
    }

    /// Refuses what cron does not take.
    static void requireTimes(String schedule) {
        try {
            Schedule.of(schedule);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("/schedule", "\"" + schedule + "\" is no time of cron: " + e.getMessage());
        }
    }

    /// Where requests go, for people: without a query, which may hold a key.
    public static String shown(URI uri) {
        return uri.getScheme() + "://" + uri.getAuthority() + uri.getPath();
    }

    /// What is wrong with an endpoint, if anything.
    public static Optional<String> problem(String text) {
        try {
            URI uri = URI.create(text);
            boolean isHttp = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (!isHttp || uri.getHost() == null || uri.getUserInfo() != null || uri.getFragment() != null) {
                return Optional.of("expected http(s)://host[:port][/path], without a user");
            }
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of("no URL");
        }
    }

    /// Where exactly requests go.
    public static URI traces(String endpoint) {
        URI uri = URI.create(endpoint);
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        return path.isEmpty() || path.equals("/") ? uri.resolve("/v1/traces") : uri;
    }
}
