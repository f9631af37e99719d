package io.hypaware.daemon;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.gateway.GatewayStats;
import io.hypaware.journal.RecorderStats;
import io.hypaware.receiver.ReceiverStats;
import java.time.Duration;
import java.util.Optional;

/// What a gateway answers about itself, as JSON.
final class GatewayStatus {

    /// What does not change while it runs, but for its age.
    ///
    /// @param asksForTelemetry whether the config names the receiver, rather than says nothing of it
    record Facts(String home, Duration age, long configModifiedMillis, boolean recording, boolean asksForTelemetry) {}

    static String json(Facts facts, GatewayStats calls, RecorderStats recorder, Optional<ReceiverStats> receiver) {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("home", facts.home());
        json.put("pid", ProcessHandle.current().pid());
        json.put("supervised", GatewayFiles.supervisor() != 0);
        json.put("started_ms", GatewayFiles.startedMillis(ProcessHandle.current()));
        json.put("uptime_seconds", facts.age().toSeconds());
        json.put("config_modified_ms", facts.configModifiedMillis());
        json.put("recording", facts.recording());
        json.put("open_calls", calls.openCalls());
        json.put("calls", calls.calls());
        json.put("refused", calls.refused());
        ObjectNode upstreams = json.putObject("upstreams");
        calls.upstreams().forEach((name, called) -> {
            ObjectNode upstream = upstreams.putObject(name);
            upstream.put("last_call_ms", called.lastCallMillis());
            upstream.put("failed_in_a_row", called.failedInARow());
            called.error().ifPresent(error -> upstream.put("error", error));
        });
        json.put("journal_open", recorder.open());
        json.put("recorded", recorder.recorded());
        json.put("dropped", recorder.dropped());
        json.put("dropped_bytes", recorder.droppedBytes());
        json.put("queued_bytes", recorder.queuedBytes());
        json.put("journal_error", recorder.lastError().orElse(null));
        receiver.ifPresent(
                stats -> telemetry(json.putObject("telemetry").put("configured", facts.asksForTelemetry()), stats));
        return json.toString();
    }

    private static void telemetry(ObjectNode json, ReceiverStats stats) {
        endpoint(json.putObject("http"), stats.http());
        endpoint(json.putObject("grpc"), stats.grpc());
        ObjectNode signals = json.putObject("signals");
        stats.signals()
                .forEach((name, received) -> signals.putObject(name)
                        .put("requests", received.requests())
                        .put("bytes", received.bytes())
                        .put("last_received_ms", received.lastReceivedMillis()));
        json.put("refused", stats.refused());
        stats.lastRefusal().ifPresent(why -> json.put("last_refusal", why));
        json.put("own", stats.own());
        json.put("failed", stats.failed());
    }

    private static void endpoint(ObjectNode json, ReceiverStats.Endpoint endpoint) {
        json.put("host", endpoint.host());
        json.put("port", endpoint.port());
        json.put("listening", endpoint.listening());
        endpoint.error().ifPresent(error -> json.put("error", error));
    }

    private GatewayStatus() {}
}
