package io.hypaware.cli;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static io.hypaware.testing.RecordedCalls.toolResult;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.testing.Processes;
import io.hypaware.testing.RecordedCalls;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// R12: text that strikes at a terminal, in every column that a caller or a provider fills, through every
/// command that shows it.
class HostileTextTest {

    /// Sets a title, clears the screen, colours, goes back to the line's beginning, reorders, hides.
    private static final String HOSTILE =
            "\u001b]0;owned\u0007\u001b[2J\u009b31m\rforged\u202egnp.exe\u2066\u200b\u2028\ufeff\u007f\u0000end";

    @TempDir
    private Path home;

    @Test
    void noCommandPassesItOn() throws Exception {
        RecordedCalls calls = new RecordedCalls(home.resolve("hypaware/cache"));
        ObjectMapper json = new ObjectMapper();
        ObjectNode use = json.createObjectNode()
                .put("type", "tool_use")
                .put("id", "t" + HOSTILE)
                .put("name", HOSTILE);
        use.putObject("input").put(HOSTILE, HOSTILE);
        ObjectNode metadata =
                json.createObjectNode().put("user_id", "user_x_account_" + HOSTILE + "_session_" + HOSTILE);
        String first = calls.call()
                .header("x-odd" + HOSTILE, HOSTILE)
                .header("anthropic-beta", HOSTILE)
                .path("/v1/messages?" + HOSTILE)
                .set("metadata", metadata)
                .set("model", json.getNodeFactory().textNode(HOSTILE))
                .system("cwd: /" + HOSTILE)
                .tools(HOSTILE)
                .messages(message("user", textBlock(HOSTILE)))
                .answer(use, textBlock(HOSTILE))
                .record();
        String second = calls.call()
                .set("metadata", metadata)
                .tools(HOSTILE + "2")
                .messages(
                        message("user", textBlock(HOSTILE + "2")),
                        message("assistant", use),
                        message(HOSTILE, toolResult("t" + HOSTILE, HOSTILE)))
                .failed(400, HOSTILE, HOSTILE)
                .record();
        calls.call()
                .messages(message("user", "a"))
                .failed(500, "x", "y")
                .response("text/plain", HOSTILE.getBytes(StandardCharsets.UTF_8))
                .record();

        for (List<String> command : List.of(
                List.of("session", "list"),
                List.of("session", "show", HOSTILE.replace("\u0000", "")),
                List.of("exchange", "list"),
                List.of("exchange", "show", first),
                List.of("exchange", "show", second),
                List.of("exchange", "diff", first, second),
                List.of("query", "sql", "select * from ai_gateway_messages"),
                List.of("query", "sql", "--format", "markdown", "select * from exchanges"),
                List.of("query", "sql", "--format", "jsonl", "select * from ai_gateway_messages"),
                List.of("query", "sql", "select \"" + HOSTILE.replace("\u0000", "") + "\" from exchanges"),
                List.of("status"))) {
            String output = Processes.output(Hyp.class, home, command.toArray(String[]::new));
            assertThat(output).as(command.toString()).isNotEmpty().doesNotContain("\tat io.hypaware");
            assertThat(output.codePoints()
                            .filter(c -> c != '\n'
                                    && (Character.isISOControl(c)
                                            || Character.getType(c) == Character.FORMAT
                                            || c == 0x2028))
                            .count())
                    .as(command + " printed " + output)
                    .isZero();
        }
    }
}
