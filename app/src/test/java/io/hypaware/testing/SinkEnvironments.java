package io.hypaware.testing;

import io.hypaware.home.Cache;
import io.hypaware.read.Prices;
import io.hypaware.secret.Redactor;
import io.hypaware.sink.SinkStep;
import io.hypaware.sink.otlp.OtlpSink;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.function.Consumer;

/// With what sinks work in tests: at a time that stands still, in the memory of a worker.
public final class SinkEnvironments {

    private static final long MEMORY_BYTES = 192L << 20;

    public static OtlpSink.Environment at(Instant now, Cache cache) {
        return at(now, cache, _ -> {});
    }

    /// @param steps told where a process may die
    public static OtlpSink.Environment at(Instant now, Cache cache, Consumer<SinkStep> steps) {
        return with(Redactor.NONE, now, cache, steps);
    }

    public static OtlpSink.Environment with(Redactor redactor, Instant now, Cache cache, Consumer<SinkStep> steps) {
        return new OtlpSink.Environment(
                cache, MEMORY_BYTES, Prices.shippedTable(), redactor, "1", Clock.fixed(now, ZoneOffset.UTC), steps);
    }

    private SinkEnvironments() {}
}
