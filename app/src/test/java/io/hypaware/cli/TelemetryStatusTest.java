package io.hypaware.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// An agent that should tell, and of which nothing comes.
class TelemetryStatusTest {

    private static final Instant NOW = Instant.parse("2026-01-02T00:00:00Z");

    /// Times are minutes before now.
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            {"running": false}                     | 1    | none | does not run      | hyp up
            {"running": true}                      | 1    | none | does without it   | @hypaware/otel
            {"running": true, "telemetry": {"http": {"error": "it is held"}}} | 1 | 3 | none is received: it is held | none
            {"running": true, "telemetry": {}}     | 1    | 30   | was at work       | anew
            {"running": true, "telemetry": {}}     | 1    | 3    | none              | none
            {"running": true, "telemetry": {}}     | 40   | 3    | none              | none
            {"running": true, "telemetry": {}}     | none | 30   | none              | none
            {"running": true, "telemetry": {}}     | 1    | none | was at work       | anew
            """)
    void isSeenByWhatItWritesItself(String json, Integer used, Integer received, String says, String repair)
            throws Exception {
        JsonNode gateway = new ObjectMapper().readTree(json);
        if (received != null) {
            gateway.withObject("/telemetry/signals/logs")
                    .put("last_received_ms", before(received).toEpochMilli());
        }
        Optional<TelemetryStatus.Finding> finding = TelemetryStatus.of(
                gateway, "Claude Code", Optional.ofNullable(used).map(TelemetryStatusTest::before), NOW);
        if (says == null) {
            assertThat(finding).isEmpty();
        } else {
            assertThat(finding.orElseThrow().message()).contains(says);
            assertThat(String.join(", ", finding.orElseThrow().repair())).contains(repair == null ? "" : repair);
        }
    }

    private static Instant before(int minutes) {
        return NOW.minusSeconds(minutes * 60L);
    }
}
