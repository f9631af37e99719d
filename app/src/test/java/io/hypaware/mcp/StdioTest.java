package io.hypaware.mcp;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.cli.Hyp;
import io.hypaware.testing.Processes;
import io.hypaware.testing.RecordedCalls;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a client can send that no client should.
class StdioTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String BEGIN =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"
                    + "\"2025-06-18\",\"capabilities\":{},\"clientInfo\":{\"name\":\"t\",\"version\":\"1\"}}}\n"
                    + "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n";

    @TempDir
    private Path home;

    @Test
    void whatWasAskedIsAnsweredThoughTheInputEnds() throws Exception {
        RecordedCalls calls = new RecordedCalls(home.resolve("hypaware/cache"));
        calls.call()
                .session("s1")
                .messages(message("user", "hello"))
                .answer("hi")
                .record();

        List<JsonNode> answers =
                answers(BEGIN + call(2, "list_sessions", "{}") + call(3, "query_sql", "{\"sql\":\"select 1\"}"));

        assertThat(answers).hasSize(3);
        assertThat(answers.stream().map(a -> a.path("id").asInt())).containsExactlyInAnyOrder(1, 2, 3);
        assertThat(answers.toString()).contains("s1");
    }

    @Test
    void aHomeInWhichNothingIsRecordedHasAnswers() throws Exception {
        List<JsonNode> answers = answers(BEGIN
                + call(2, "list_sessions", "{}")
                + call(3, "search_history", "{\"words\":\"a\"}")
                + call(4, "usage_summary", "{}")
                + call(5, "get_session", "{\"session\":\"a\"}"));
        assertThat(answers).hasSize(5);
        for (JsonNode answer : answers.subList(1, 5)) {
            assertThat(answer.path("result").path("isError").asBoolean())
                    .as(answer.toString())
                    .isEqualTo(answer.path("id").asInt() == 5);
        }
    }

    @Test
    void linesThatAreNoMessagesAreRefusedAndTheNextIsAnswered() throws Exception {
        List<JsonNode> answers = answers(BEGIN
                + "no json\n"
                + "[1,2\n"
                + "\n"
                + "{\"jsonrpc\":\"2.0\"}\n"
                + "[".repeat(100_000) + "\n"
                + "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"tools/call\",\"params\":{\"name\":\"query_sql\",\"arguments\":{\"sql\":\""
                + "x".repeat(6_000_000) + "\"}}}\n"
                + "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"no/such\"}\n"
                + "{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"tools/call\",\"params\":{\"name\":\"no_such\"}}\n"
                + "{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"ping\"}\n");

        assertThat(answers.stream().filter(a -> a.path("error").path("code").asInt() == -32700))
                .hasSize(5);
        assertThat(answers.toString()).contains("6,000,", "at most 4,194,304");
        assertThat(answers.stream().filter(a -> a.path("id").asInt() == 6 && a.has("result")))
                .hasSize(1);
        assertThat(answers.stream().filter(a -> a.path("id").asInt() == 7 && a.has("error")))
                .hasSize(1);
        assertThat(answers.stream().filter(a -> a.path("id").asInt() == 8)).hasSize(1);
    }

    @Test
    void whatIsNotWantedAnyMoreIsStopped() throws Exception {
        long began = System.nanoTime();
        List<JsonNode> answers = answers(BEGIN
                + call(
                        2,
                        "query_sql",
                        "{\"timeout_seconds\":300,\"sql\":\"select count(*) from range(1000000000) a, range(1000000000) b\"}")
                + "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":5}}\n"
                + "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":2}}\n"
                + call(3, "query_sql", "{\"sql\":\"select 42\"}"));
        assertThat(answers.stream().map(a -> a.path("id").asInt())).contains(3).doesNotContain(2);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(100));
    }

    private static String call(int id, String tool, String arguments) {
        return "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"tools/call\",\"params\":{\"name\":\"%s\",\"arguments\":%s}}\n"
                .formatted(id, tool, arguments);
    }

    /// Everything that is printed; each line has to be a message.
    private List<JsonNode> answers(String input) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(Processes.command(Hyp.class, home));
        command.add("mcp");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("HYP_HOME", home.toString());
        builder.environment().put("HOME", home.resolve("user").toString());
        Process process = builder.start();
        Thread.ofVirtual().start(() -> {
            try (OutputStream in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // It has ended, which the answers show.
            }
        });
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        List<JsonNode> answers = new ArrayList<>();
        for (String line : said.lines().toList()) {
            answers.add(JSON.readTree(line));
        }
        return answers;
    }
}
