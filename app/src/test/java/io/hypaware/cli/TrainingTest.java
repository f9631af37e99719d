package io.hypaware.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.daemon.GatewayTraining;
import io.hypaware.testing.Processes;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What fast starts rest on: where it fails, each command is slower.
@Tag("slow")
class TrainingTest {

    @TempDir
    private Path home;

    @Test
    void itDoesWhatAGatewayAndCommandsDo() throws Exception {
        assertThat(Processes.output(GatewayTraining.class, home)).doesNotContain("Exception", "hyp: ");
        // In the order in which caches are made.
        for (String cache : new String[] {"work", "query", "plain"}) {
            assertThat(Processes.output(Training.class, home, cache))
                    .as(cache)
                    .doesNotContain("Exception in thread", "hyp: ");
        }
    }
}
