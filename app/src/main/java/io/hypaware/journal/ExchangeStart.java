package io.hypaware.journal;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What is known when a call arrives. Headers are in wire order with their own case, already redacted.
///
/// @param connection the exchange that began the connection that this one goes on recording
public record ExchangeStart(
        String id,
        Instant startedAt,
        String upstream,
        String provider,
        String method,
        String path,
        List<Header> headers,
        Optional<String> connection) {

    public ExchangeStart {
        requireNonNull(id, "id is null");
        requireNonNull(startedAt, "startedAt is null");
        requireNonNull(upstream, "upstream is null");
        requireNonNull(provider, "provider is null");
        requireNonNull(method, "method is null");
        requireNonNull(path, "path is null");
        headers = List.copyOf(headers);
    }
}
