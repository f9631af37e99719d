package io.hypaware.gateway;

import io.hypaware.journal.ExchangeEnd;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Calls under way, what they may hold in sum, and the end of the last one after the gateway stopped taking new ones.
/// Used by all event loops.
final class OpenCalls {

    /// Bytes of bodies that all calls together may have taken from one side and not yet given to the other.
    private static final long IN_FLIGHT_BYTES = 12L << 20;

    /// A call's share of them when it is nearly alone; more would not make it faster.
    private static final int LARGEST_WINDOW = 128 * 1024;

    /// Its share when there are very many.
    private static final int SMALLEST_WINDOW = 8 * 1024;

    /// Request bytes that all calls together keep to be able to send them again.
    private static final long REPLAY_BYTES = 4L << 20;

    private final AtomicLong open = new AtomicLong();
    private final AtomicLong begun = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong replayBytes = new AtomicLong();
    private volatile Phase phase = Phase.SERVING;
    private final Map<String, UpstreamStats> upstreams = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();

    /// How the process goes on with what is asked of it.
    private enum Phase {
        SERVING,
        HANDING_OVER,
        STOPPING
    }

    /// @param upstream by name; those of the config, so that they are few
    void begin(String upstream, long nowMillis) {
        upstreams.compute(upstream, (_, before) -> (before == null ? UpstreamStats.NONE : before).begun(nowMillis));
        begun.incrementAndGet();
        open.incrementAndGet();
    }

    void end(String upstream, ExchangeEnd end) {
        upstreams.computeIfPresent(upstream, (_, before) -> before.ended(end));
        end();
    }

    void end() {
        if (open.decrementAndGet() == 0 && isStopping()) {
            drained.complete(null);
        }
    }

    /// Counts a call or a connection that was refused.
    void refuse() {
        refused.incrementAndGet();
    }

    /// Bytes that each direction of a call may hold now: an equal share of what all may, so that many calls that
    /// stand still make each of them slower to fill and never make the gateway fail.
    int window() {
        return Math.clamp(IN_FLIGHT_BYTES / Math.max(1, open.get()), SMALLEST_WINDOW, LARGEST_WINDOW);
    }

    /// Takes room for bytes of a request that may have to be sent again; false if there is none.
    boolean takeReplay(int bytes) {
        if (replayBytes.addAndGet(bytes) <= REPLAY_BYTES) {
            return true;
        }
        replayBytes.addAndGet(-bytes);
        return false;
    }

    void giveBackReplay(long bytes) {
        replayBytes.addAndGet(-bytes);
    }

    /// Whether each answer is the last on its connection.
    boolean isEnding() {
        return phase != Phase.SERVING;
    }

    /// Whether nothing new is taken.
    boolean isStopping() {
        return phase == Phase.STOPPING;
    }

    void handOver() {
        phase = Phase.HANDING_OVER;
    }

    CompletableFuture<Void> drain() {
        phase = Phase.STOPPING;
        if (open.get() == 0) {
            drained.complete(null);
        }
        return drained;
    }

    long open() {
        return open.get();
    }

    GatewayStats stats() {
        return new GatewayStats(open.get(), begun.get(), refused.get(), Map.copyOf(upstreams));
    }
}
