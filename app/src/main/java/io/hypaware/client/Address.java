package io.hypaware.client;

import io.hypaware.config.UpstreamConfig;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/// Where the recorder is, and how an agent is to be attached to it.
///
/// @param url without a path
/// @param isAnthropicDirect whether calls to Anthropic go on to Anthropic itself
/// @param bodies where the agent is to write what it sends and gets, if nothing is to stand in its calls' way
/// @param hook a script that is told where a session works
/// @param version of this program, for the marker
/// @param now for the marker
public record Address(
        String url,
        int port,
        boolean isAnthropicDirect,
        Optional<Path> bodies,
        Optional<Path> hook,
        String version,
        String now) {

    /// The same, with something between us and Anthropic.
    public Address indirect() {
        return new Address(url, port, false, bodies, hook, version, now);
    }

    String via() {
        return bodies.isPresent() ? "telemetry" : "gateway";
    }

    /// Whether a URL leads to this gateway, whatever it calls this machine.
    public boolean isMeantBy(String other) {
        return localPort(other).equals(Optional.of(port));
    }

    /// The port of a URL that leads to this machine; nothing for others.
    static Optional<Integer> localPort(String url) {
        try {
            URI uri = URI.create(url.strip());
            boolean local = uri.getHost() != null && uri.getPort() > 0 && UpstreamConfig.isLoopback(uri.getHost());
            return local ? Optional.of(uri.getPort()) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
