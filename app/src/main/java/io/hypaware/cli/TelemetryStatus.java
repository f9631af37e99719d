package io.hypaware.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Whether what an agent tells by telemetry arrives. The gateway knows of each signal when it last came, and not who
/// sent
/// it: that an agent fell silent is seen by its own files, which it goes on writing.
final class TelemetryStatus {

    /// An agent sends what it has within some seconds; its transcript may be that much ahead.
    private static final Duration GAP = Duration.ofMinutes(5);

    private static final Duration FORGOTTEN = Duration.ofDays(7);

    /// What is wrong, and what mends it, the likeliest first.
    record Finding(String message, List<String> repair) {}

    /// @param title of an agent that tells by telemetry
    /// @param lastUsed when it was at work, by what it writes itself
    static Optional<Finding> of(JsonNode gateway, String title, Optional<Instant> lastUsed, Instant now) {
        if (!gateway.path("running").asBoolean()) {
            return Optional.of(new Finding(
                    title + " is attached via telemetry, and the recorder does not run: what it tells is not recorded",
                    List.of("hyp up")));
        }
        JsonNode telemetry = gateway.path("telemetry");
        if (telemetry.isMissingNode()) {
            return Optional.of(
                    new Finding(
                            title
                                    + " is attached via telemetry, and the config does without it: what it tells is not recorded",
                            List.of(
                                    "add {\"name\": \"@hypaware/otel\"} to \"plugins\" of the config; then hyp daemon restart")));
        }
        String silent = telemetry.path("http").path("error").asText();
        if (!silent.isEmpty()) {
            return Optional.of(
                    new Finding(title + " is attached via telemetry, and none is received: " + silent, List.of()));
        }
        long received =
                telemetry.path("signals").path("logs").path("last_received_ms").asLong();
        Instant since = Instant.ofEpochMilli(
                Math.max(received, gateway.path("started_ms").asLong()));
        return lastUsed.filter(used -> used.isAfter(since.plus(GAP)) && used.isAfter(now.minus(FORGOTTEN)))
                .map(used -> new Finding(
                        title + " is attached via telemetry and was at work at " + Results.time(used)
                                + ", and no log record of any program has come since " + Results.time(since)
                                + ": it was started before it was attached, or sends elsewhere",
                        List.of("start " + title + " anew")));
    }

    private TelemetryStatus() {}
}
