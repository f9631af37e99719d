package io.hypaware.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.config.ConfigFile;
import io.hypaware.config.GatewayConfig;
import io.hypaware.home.HypHome;
import io.hypaware.testing.TestGateway;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a status says is wrong, and the command that mends it.
class DiagnosesTest {

    private static final Instant NOW = Instant.parse("2026-01-02T00:00:00Z");
    private static final GatewayConfig GATEWAY = TestGateway.config("anthropic", "http://127.0.0.1:9", "");

    @TempDir
    private Path home;

    @Test
    void aConfigThatChangedSinceIsTold() throws Exception {
        HypHome there = new HypHome(home);
        Files.writeString(there.configFile(), "{}");
        Files.setLastModifiedTime(there.configFile(), FileTime.fromMillis(2_000));
        for (int read : new int[] {1_000, 2_000}) {
            ObjectNode status = (ObjectNode)
                    new ObjectMapper().readTree("{\"gateway\":{\"running\":true,\"config_modified_ms\":" + read + "}}");
            Diagnoses.add(status, there, GATEWAY, NOW);
            assertThat(status.path("diagnostics").findValuesAsText("kind"))
                    .isEqualTo(read == 1_000 ? List.of("config_changed") : List.of());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "{} | healthy | none | none",
                "{'gateway':{'running':true,'calls':9,'dropped':0,'journal_error':null}} | healthy | none | none",
                "{'gateway':{'running':true,'calls':9,'dropped':2}} | healthy | capture_dropped | hyp daemon restart",
                "{'gateway':{'running':true,'recording':false}} | healthy | recording_off | none",
                "{'gateway':{'running':true,'journal_error':'disk full'}} | degraded | recording_failed | hyp cache check",
                "{'gateway':{'running':false,'error':'it hangs'}} | degraded | gateway_silent | hyp up",
                "{'journal':{'error':'no database'}} | degraded | journal_unreadable | hyp cache check",
                "{'journal':{'failed':1}} | degraded | exchange_set_aside | hyp query refresh --retry",
                "{'journal':{'telemetry_pending':12}} | healthy | none | none",
                "{'journal':{'telemetry_failed':1}} | healthy | telemetry_set_aside | hyp query refresh --retry",
                "{'journal':{'pending':5001}} | healthy | journal_behind | hyp query refresh",
                "{'journal':{'pending_bytes':2000000000}} | healthy | journal_behind | hyp query refresh",
                "{'datasets':{'error':'torn'}} | degraded | catalog_unreadable | hyp cache check --repair",
                "{'gateway':{'running':true,'upstreams':{'anthropic':{'failed_in_a_row':2}}}} | healthy | none | none",
                "{'gateway':{'running':true,'upstreams':{'anthropic':{'failed_in_a_row':3,'error':'no route'}}}} | degraded | upstream_failing | hyp exchange cuts",
                "{'gateway':{'running':true,'telemetry':{'configured':true,'http':{'error':'it is held'}}}} | healthy | telemetry_not_received | end what holds it, and it is received by itself",
                "{'gateway':{'running':true,'telemetry':{'configured':false,'grpc':{'error':'it is held'}}}} | healthy | none | none",
                "{'gateway':{'running':true,'telemetry':{'failed':2,'last_refusal':'the disk is full'}}} | healthy | telemetry_refused | hyp query refresh",
                "{'problems':[{'at':'2026-01-01T12:00:00Z','place':'maintenance of exchanges','message':'full'}]} | healthy | maintenance_failing | hyp query maintain",
                "{'problems':[{'at':'2025-12-31T12:00:00Z','place':'maintenance of exchanges','message':'full'}]} | healthy | none | none",
                "{'problems':[{'at':'2026-01-01T12:00:00Z','place':'maintenance of m/s','message':'cursor.json is torn'}]} | degraded | cursor_unreadable | hyp cache check",
                "{'problems':[{'at':'2026-01-01T12:00:00Z','place':'exchange 01X','message':'no JSON'}]} | healthy | unreadable_bodies | hyp exchange show 01X",
                "{'secrets':[{'fingerprint':'0123456789ab','rule':'github-token','session':'s'}]} | healthy | secret_sent | hyp privacy scan",
                "{'sinks':[{'instance':'traces','refused':7}]} | healthy | none | none",
                "{'sinks':[{'instance':'traces','refused_lately':7,'refusal':'too old'}]} | healthy | sink_refused | hyp sink force traces",
                "{'team':{'catalog':'jdbc:postgresql://h/d','agreed_at':'2026-01-01T00:00:00Z'}} | healthy | none | none",
                "{'team':{'catalog':'jdbc:postgresql://h/d'}} | healthy | team_lake_waits | hyp sync --plan",
                "{'team':{'catalog':'jdbc:postgresql://h/d','agreed_at':'2026-01-01T00:00:00Z','failures':2,'error':'it cannot be reached'}} | degraded | team_lake_failing | hyp sync",
                "{'sinks':[{'instance':'traces','failures':2,'error':'it cannot be reached'}]} | degraded | sink_failing | hyp sink force traces",
                "{'set_aside':['ai_gateway_messages']} | degraded | partition_set_aside | hyp query maintain --force",
            })
    void eachHasItsKindAndItsRepair(String json, String overall, String kind, String repair) throws Exception {
        ObjectNode status = (ObjectNode) new ObjectMapper().readTree(json.replace('\'', '"'));
        Diagnoses.add(status, new HypHome(home), GATEWAY, NOW);

        assertThat(status.path("overall").asText()).isEqualTo(overall);
        assertThat(status.path("diagnostics")).hasSize(kind == null ? 0 : 1);
        if (kind != null) {
            assertThat(status.path("diagnostics").path(0).path("kind").asText()).isEqualTo(kind);
            assertThat(status.path("diagnostics").path(0).path("message").asText())
                    .isNotBlank();
        }
        assertThat(status.path("diagnostics").path(0).path("repair").path(0).asText("none"))
                .isEqualTo(repair == null ? "none" : repair);
    }

    @Test
    void someoneElseAtThePortIsNamed() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Path file = home.resolve("config.json");
            Files.writeString(
                    file,
                    "{\"plugins\": [{\"name\": \"@hypaware/ai-gateway\", \"config\": {\"port\": " + other.getLocalPort()
                            + "}}]}");
            GatewayConfig config = ConfigFile.read(file).config().gateway();
            ObjectNode status = (ObjectNode) new ObjectMapper().readTree("{\"gateway\":{\"running\":false}}");
            Diagnoses.add(status, new HypHome(home), config, NOW);
            assertThat(status.path("diagnostics").findValuesAsText("kind")).containsExactly("port_in_use");
            assertThat(status.path("overall").asText()).isEqualTo("degraded");
        }
    }

    @Test
    void everyKindIsInTheGuide() throws Exception {
        String guide = Files.readString(Path.of("../docs/guide/agents.md"));
        Pattern kind = Pattern.compile("add\\(\\s*(?:cursor \\? )?\"([a-z_]+)\"");
        List<String> missing = new ArrayList<>();
        int kinds = 0;
        for (String file : List.of("Diagnoses", "LeavingDiagnoses")) {
            Matcher said =
                    kind.matcher(Files.readString(Path.of("src/main/java/io/hypaware/daemon/" + file + ".java")));
            while (said.find()) {
                kinds++;
                if (!guide.contains("`" + said.group(1) + "`")) {
                    missing.add(said.group(1));
                }
            }
        }
        assertThat(missing).isEmpty();
        assertThat(kinds).isGreaterThan(20);
    }
}
