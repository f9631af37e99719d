package io.hypaware.journal;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// An exchange as the journal holds it. Bodies are read apart, through [Journal#body].
///
/// @param requestBytes of the body as it passed, which may be more than was recorded; so for `responseBytes`
public record CapturedExchange(
        long seq,
        String id,
        Instant startedAt,
        Instant endedAt,
        String upstream,
        String provider,
        String method,
        String path,
        List<Header> requestHeaders,
        Optional<Integer> status,
        List<Header> responseHeaders,
        Optional<Duration> timeToFirstByte,
        Outcome outcome,
        String closedBy,
        long requestBytes,
        long responseBytes,
        Optional<String> error) {

    public CapturedExchange {
        requestHeaders = List.copyOf(requestHeaders);
        responseHeaders = List.copyOf(responseHeaders);
    }

    /// The same, completed after all.
    public CapturedExchange completed() {
        return new CapturedExchange(
                seq,
                id,
                startedAt,
                endedAt,
                upstream,
                provider,
                method,
                path,
                requestHeaders,
                status,
                responseHeaders,
                timeToFirstByte,
                Outcome.COMPLETED,
                closedBy,
                requestBytes,
                responseBytes,
                Optional.empty());
    }

    /// The path without its query, and without slashes at its end.
    public String barePath() {
        int end = path.indexOf('?');
        String bare = end < 0 ? path : path.substring(0, end);
        while (bare.endsWith("/")) {
            bare = bare.substring(0, bare.length() - 1);
        }
        return bare;
    }

    public Optional<String> requestHeader(String name) {
        return find(requestHeaders, name);
    }

    public Optional<String> responseHeader(String name) {
        return find(responseHeaders, name);
    }

    private static Optional<String> find(List<Header> headers, String name) {
        return headers.stream()
                .filter(h -> h.name().equalsIgnoreCase(name))
                .map(Header::value)
                .findFirst();
    }

    /// The headers as JSON: a list of `[name, value]` pairs.
    public String requestHeadersJson() {
        return HeaderJson.write(requestHeaders);
    }

    public String responseHeadersJson() {
        return HeaderJson.write(responseHeaders);
    }
}
