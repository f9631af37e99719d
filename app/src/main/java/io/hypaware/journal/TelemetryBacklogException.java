package io.hypaware.journal;

/// More telemetry waits for workers than may.
public final class TelemetryBacklogException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    TelemetryBacklogException(long limit) {
        super(limit / (1 << 20) + " MB of telemetry wait to be projected, which is the most that may");
    }
}
