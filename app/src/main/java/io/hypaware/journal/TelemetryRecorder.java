package io.hypaware.journal;

import java.util.concurrent.CompletableFuture;

/// Where the receiver leaves what exporters sent.
public interface TelemetryRecorder {

    /// Takes a request; returns at once. The future is complete when the request is committed, from the writer's
    /// thread, or exceptionally where it is not and will not be.
    CompletableFuture<Void> record(TelemetryRequest request);
}
