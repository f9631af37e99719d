package io.hypaware.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/// A command that was added as docs/contributing.md says is one like the others.
class SubcommandTest {

    @Test
    void aCommandOfAServiceFileRunsAndIsInTheHelp() {
        StringWriter text = new StringWriter();
        CommandLine hyp = Hyp.commandLine();
        hyp.setOut(new PrintWriter(text));

        assertThat(hyp.execute("thermometer")).isZero();
        assertThat(hyp.execute("--help")).isZero();

        assertThat(text.toString())
                .contains("it posts what it has read")
                .containsPattern("thermometer +What a thermometer is\\.");
    }
}
