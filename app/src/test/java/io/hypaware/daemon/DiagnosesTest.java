package io.hypaware.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.home.HypHome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a status says is wrong, and the command that mends it.
class DiagnosesTest {

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
            Diagnoses.add(status, there);
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
                "{'journal':{'pending':5001}} | healthy | journal_behind | hyp query refresh",
                "{'journal':{'pending_bytes':2000000000}} | healthy | journal_behind | hyp query refresh",
                "{'datasets':{'error':'torn'}} | degraded | catalog_unreadable | hyp cache check --repair",
                "{'set_aside':['ai_gateway_messages']} | degraded | partition_set_aside | hyp query maintain --force",
            })
    void eachHasItsKindAndItsRepair(String json, String overall, String kind, String repair) throws Exception {
        ObjectNode status = (ObjectNode) new ObjectMapper().readTree(json.replace('\'', '"'));
        Diagnoses.add(status, new HypHome(home));

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
}
