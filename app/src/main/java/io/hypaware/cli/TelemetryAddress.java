package io.hypaware.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.hypaware.daemon.GatewayFiles;
import io.hypaware.daemon.Presence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Where a recorder receives telemetry, or why it does not.
///
/// @param found lines that say where
/// @param missing lines that say why not
record TelemetryAddress(List<String> found, List<String> missing) {

    private static final Map<String, String> WAYS = Map.of("http", "HTTP", "grpc", "gRPC");

    /// Who holds a port is looked for only after that long.
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private static final Duration POLL = Duration.ofMillis(50);

    /// Waits until it listens, or long enough to know why it does not.
    static TelemetryAddress await(GatewayFiles files) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        TelemetryAddress address = of(status(files));
        while (address.found.size() < WAYS.size() && System.nanoTime() < deadline) {
            Thread.sleep(POLL);
            address = of(status(files));
        }
        return address;
    }

    private static JsonNode status(GatewayFiles files) {
        return Presence.of(files) instanceof Presence.Answering answering
                ? answering.status().path("telemetry")
                : MissingNode.getInstance();
    }

    /// @param telemetry what a gateway says of its receiver
    static TelemetryAddress of(JsonNode telemetry) {
        List<String> found = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        new TreeMap<>(WAYS).descendingMap().forEach((name, way) -> {
            JsonNode endpoint = telemetry.path(name);
            if (endpoint.path("listening").asBoolean()) {
                found.add("OpenTelemetry over " + way + " at http://"
                        + endpoint.path("host").asText() + ":"
                        + endpoint.path("port").asInt());
            } else {
                missing.add("telemetry is not received over " + way + ": "
                        + endpoint.path("error").asText("the recorder does not say why")
                        + "; what helps: hyp status");
            }
        });
        return new TelemetryAddress(found, missing);
    }
}
