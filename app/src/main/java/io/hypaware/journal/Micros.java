package io.hypaware.journal;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// Times as the journal and the lake keep them: microseconds since the epoch, UTC.
public final class Micros {

    public static long of(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }

    public static Instant toInstant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private Micros() {}
}
