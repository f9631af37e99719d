package io.hypaware.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.testing.Processes;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The walk through the commands on which fast starts rest: where it fails, each command is a second slower.
class TrainingTest {

    @TempDir
    private Path home;

    @Test
    void itWalksThroughAllCommands() throws Exception {
        assertThat(Processes.output(Training.class, home)).doesNotContain("Exception in thread", "hyp: ");
    }
}
