package io.hypaware.receiver;

import io.hypaware.journal.TelemetryRequest;
import io.hypaware.journal.TelemetryRequest.Signal;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Counts what becomes of requests. Written on the receiver's event loop, read by who asks for the status.
final class Tally {

    private final Map<Signal, ReceiverStats.OfSignal> signals = new ConcurrentHashMap<>();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong own = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private volatile @Nullable String lastRefusal;

    void received(TelemetryRequest request, long bytes) {
        ReceiverStats.OfSignal one =
                new ReceiverStats.OfSignal(1, bytes, request.receivedAt().toEpochMilli());
        signals.merge(
                request.signal(),
                one,
                (before, _) -> new ReceiverStats.OfSignal(
                        before.requests() + 1, before.bytes() + bytes, one.lastReceivedMillis()));
    }

    void refused(String why) {
        lastRefusal = why;
        refused.incrementAndGet();
    }

    void own() {
        own.incrementAndGet();
    }

    void failed(String why) {
        lastRefusal = why;
        failed.incrementAndGet();
    }

    ReceiverStats stats(ReceiverStats.Endpoint http, ReceiverStats.Endpoint grpc) {
        Map<String, ReceiverStats.OfSignal> bySignal = new ConcurrentHashMap<>();
        signals.forEach((signal, received) -> bySignal.put(signal.dataset(), received));
        return new ReceiverStats(
                http, grpc, bySignal, refused.get(), Optional.ofNullable(lastRefusal), own.get(), failed.get());
    }
}
