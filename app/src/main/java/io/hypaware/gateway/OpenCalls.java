package io.hypaware.gateway;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// Counts calls under way, and tells when the last one is done after the gateway stopped taking new ones.
final class OpenCalls {

    private final AtomicLong open = new AtomicLong();
    private final AtomicLong begun = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicBoolean draining = new AtomicBoolean();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();

    void begin() {
        begun.incrementAndGet();
        open.incrementAndGet();
    }

    void end() {
        if (open.decrementAndGet() == 0 && draining.get()) {
            drained.complete(null);
        }
    }

    void refuse() {
        refused.incrementAndGet();
    }

    boolean isDraining() {
        return draining.get();
    }

    CompletableFuture<Void> drain() {
        draining.set(true);
        if (open.get() == 0) {
            drained.complete(null);
        }
        return drained;
    }

    GatewayStats stats() {
        return new GatewayStats(open.get(), begun.get(), refused.get());
    }
}
