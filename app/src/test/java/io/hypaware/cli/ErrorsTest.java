package io.hypaware.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/// What is said of a wrong use names what was given, what is expected, and the way out.
class ErrorsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "session list --limit 0          | --limit is 0; expected a number from 1 on",
                "exchange cuts --limit -3        | --limit is -3; expected a number from 1 on",
                "search x --limit 1001           | --limit is 1001; expected a number from 1 to 1000",
                "privacy scan --limit 0          | --limit is 0; expected a number from 1 to 10000",
                "web --port 65536                | --port is 65536; expected a number from 0 to 65535",
                "web --idle 0                    | --idle, in minutes, is 0; expected a number from 1 on",
                "query overview --days 0         | --days is 0; expected a number from 1 to 3660",
                "query overview --by hour --days 32 | with --by hour, --days is 32; expected a number from 1 to 31",
                "query overview --by year        | --by is \"year\"; expected one of hour, day, week, month, model",
                "attach cluade                   | there is no agent \"cluade\" to attach; did you mean claude?",
                "detach emacs                    | there is no agent \"emacs\" to detach; there are: claude, codex",
                "config validate --path /nowhere/x.json | /nowhere/x.json does not exist; name a file that is there",
                "privacy verify --text abc       | would be found everywhere; give a longer one",
            })
    void whatWasGivenAndWhatIsExpected(String arguments, String message) {
        StringWriter err = new StringWriter();
        CommandLine hyp = Hyp.commandLine();
        hyp.setErr(new PrintWriter(err));
        assertThat(hyp.execute(arguments.split(" ", -1))).isEqualTo(2);
        assertThat(err.toString()).contains(message);
    }

    @Test
    void aFileThatIsNotThereIsNoQuestionOfPermissions() {
        assertThat(Faults.describe(new NoSuchFileException("query.sql")))
                .isEqualTo(
                        "query.sql does not exist. If it was named, name one that is there; else see: hyp cache check");
    }
}
