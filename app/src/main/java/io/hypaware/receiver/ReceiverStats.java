package io.hypaware.receiver;

import java.util.Map;
import java.util.Optional;

/// What the receiver has done since the gateway started.
///
/// @param http where OTLP over HTTP is spoken
/// @param signals by name, those that were received
/// @param refused requests and connections that were not taken
/// @param lastRefusal why the last one was not
/// @param own requests of HypAware itself, which are not recorded
/// @param failed requests that could not be written
public record ReceiverStats(
        Endpoint http,
        Endpoint grpc,
        Map<String, OfSignal> signals,
        long refused,
        Optional<String> lastRefusal,
        long own,
        long failed) {

    public ReceiverStats {
        signals = Map.copyOf(signals);
    }

    /// Where the receiver listens, or would.
    ///
    /// @param error why it does not listen now; it goes on trying
    public record Endpoint(String host, int port, boolean listening, Optional<String> error) {}

    /// What was received of one signal, and is on disk.
    ///
    /// @param bytes as they were sent
    public record OfSignal(long requests, long bytes, long lastReceivedMillis) {}
}
