package io.hypaware.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

/// Who sets up is told where telemetry is received, and of a port that another program holds.
class TelemetryAddressTest {

    @Test
    void whereItIsReceivedAndWhyNotIsSaid() throws Exception {
        TelemetryAddress address = TelemetryAddress.of(new ObjectMapper().readTree("""
                {"http": {"host": "127.0.0.1", "port": 4318, "listening": true, "error": null},
                 "grpc": {"host": "127.0.0.1", "port": 4317, "listening": false,
                   "error": "cannot listen on 127.0.0.1:4317: Address already in use; held by otelcol (71)"}}"""));
        assertThat(address.found()).containsExactly("OpenTelemetry over HTTP at http://127.0.0.1:4318");
        assertThat(address.missing())
                .singleElement()
                .asString()
                .contains("over gRPC: cannot listen on 127.0.0.1:4317", "held by otelcol (71)", "hyp status");
    }
}
