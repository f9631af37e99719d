package io.hypaware.read;

import io.hypaware.read.Overview.Misses;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// Counts what calls read anew that the one before in their conversation had left in the cache. Takes calls in the
/// order
/// in which they were made.
final class MissCounter {

    private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);

    private final Prices prices;
    private final Map<String, SessionCall> last = new HashMap<>();
    private final Map<String, Misses> bySession = new HashMap<>();

    MissCounter(Prices prices) {
        this.prices = prices;
    }

    void count(SessionCall call) {
        CacheMisses.follows(last, call)
                .filter(previous -> CacheMisses.isMiss(previous, call))
                .ifPresent(previous -> miss(previous, call));
    }

    private void miss(SessionCall previous, SessionCall call) {
        long rewritten =
                call.caching().rewritten(previous.cached() - call.tokens().cacheRead(), call.tokens());
        long microDollars = prices.rewriting(call.model(), rewritten, FIVE_MINUTES)
                .map(dollars -> Math.round(dollars * 1e6))
                .orElse(0L);
        bySession.merge(call.session(), new Misses(1, rewritten, microDollars), Misses::plus);
    }

    Misses of(String session) {
        return bySession.getOrDefault(session, Misses.NONE);
    }

    Misses all() {
        return bySession.values().stream().reduce(Misses.NONE, Misses::plus);
    }
}
