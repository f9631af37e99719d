package io.hypaware.journal;

import java.time.Instant;

/// A failure that was set aside so that the rest could go on.
///
/// @param place what it concerns, such as an exchange or a table
public record Problem(Instant at, String place, String message) {

    /// How places of maintenance begin.
    public static final String MAINTENANCE = "maintenance of ";

    /// How exchanges begin; their id follows.
    public static final String EXCHANGE = "exchange ";

    /// How requests of OpenTelemetry exporters begin; their number follows.
    public static final String TELEMETRY = "telemetry request ";
}
