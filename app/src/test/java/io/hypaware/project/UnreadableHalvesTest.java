package io.hypaware.project;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.dataset.Row;
import io.hypaware.journal.Outcome;
import io.hypaware.testing.RecordedCalls;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// R13: request and answer, each event and each block for itself; what cannot be read is kept raw and named.
class UnreadableHalvesTest {

    @TempDir
    private Path folder;

    private RecordedCalls calls;

    @BeforeEach
    void open() {
        calls = new RecordedCalls(folder);
    }

    @Test
    void aByteThatIsNoTextCostsNothingElse() {
        byte[] request = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"broken ? byte\"}]}"
                .getBytes(StandardCharsets.ISO_8859_1);
        request[new String(request, StandardCharsets.ISO_8859_1).indexOf('?')] = (byte) 0xff;
        calls.call().session("s").request(request).answer("answered").record();
        assertThat(calls.said()).containsExactly("user: broken \ufffd byte", "assistant: answered");
    }

    @Test
    void aRequestThatBreaksOffGivesWhatItHasAndItsAnswer() {
        String whole = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"first\"},{\"role\":\"assist";
        calls.call()
                .session("s")
                .request(whole.getBytes(StandardCharsets.UTF_8))
                .answer("answered")
                .record();
        assertThat(calls.said()).containsExactly("user: first", "assistant: answered");
        assertThat(text(calls.rows(ExchangeRow.DATASET).getFirst(), "error")).contains("cannot be read whole");
    }

    @Test
    void aRequestNestedTooDeeplyLosesNeitherItsAnswerNorItsTokens() {
        String deep = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"x\",\"v\":"
                + "[".repeat(5_000) + "]".repeat(5_000) + "}]}]}";
        calls.call()
                .session("s")
                .messages(message("user", "before"))
                .answer("one")
                .record();
        calls.call()
                .session("s")
                .request(deep.getBytes(StandardCharsets.UTF_8))
                .answer("two")
                .record();
        List<Row> rows = calls.messages();
        assertThat(calls.said()).containsExactly("user: before", "assistant: one", "assistant: two");
        assertThat(rows).allMatch(r -> text(r, "conversation_id").equals("s"));
        assertThat(rows.getLast().value("output_tokens")).contains(5L);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"content\":[{\"type\":\"text\",\"text\":\"z\"}",
                "data: {\"type\":\"message_start\",\"message\":{\"id\":\"m\"}}\n\ndata: {\"type\":broken}\n\n"
                        + "data: {\"type\":\"message_stop\"}\n\n"
            })
    void whatOfACompleteAnswerCannotBeReadIsNamed(String body) {
        calls.call()
                .session("s")
                .messages(message("user", "a"))
                .response("text/plain", body.getBytes(StandardCharsets.UTF_8))
                .record();
        assertThat(calls.said()).contains("user: a");
        assertThat(text(calls.rows(ExchangeRow.DATASET).getFirst(), "error"))
                .contains("the answer cannot be read whole");
    }

    @Test
    void anEncodingThatIsNotTheOneClaimedIsNoObstacle() {
        calls.call()
                .header("content-encoding", "gzip")
                .messages(message("user", "plain after all"))
                .responseHeader("content-encoding", "br")
                .answer("plain too")
                .record();
        calls.call()
                .header("content-encoding", "no-such-coding")
                .messages(message("user", "other"))
                .answer("yes")
                .record();
        assertThat(calls.said())
                .containsExactly("user: plain after all", "assistant: plain too", "user: other", "assistant: yes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "text/event-stream", "text/plain", ""})
    void theBodyItselfSaysWhatItIs(String type) {
        calls.call()
                .messages(message("user", "a"))
                .answer("document")
                .response(type, document())
                .record();
        calls.call()
                .messages(message("user", "b"))
                .response(
                        type,
                        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":1}}}\n\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"stream\"}}\n\n"
                                .getBytes(StandardCharsets.UTF_8))
                .record();
        assertThat(calls.said()).containsExactly("user: a", "assistant: document", "user: b", "assistant: stream");
    }

    @Test
    void twoBlocksOfOneIndexAreTwo() {
        stream(
                start(0, "{\"type\":\"text\",\"text\":\"first\"}"),
                "{\"type\":\"content_block_stop\",\"index\":0}",
                start(0, "{\"type\":\"text\",\"text\":\"second\"}"),
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\" goes on\"}}");
        assertThat(calls.said()).containsExactly("user: a", "assistant: first", "assistant: second goes on");
    }

    @Test
    void blocksWithoutIndexOrStartAreKept() {
        stream(
                "{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}",
                "{\"type\":\"content_block_delta\",\"index\":4,\"delta\":{\"type\":\"text_delta\",\"text\":\"no start\"}}",
                "{\"type\":\"content_block_start\",\"content_block\":{\"type\":\"text\",\"text\":\"no index\"}}",
                "{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\" either\"}}");
        assertThat(calls.said())
                .containsExactly(
                        "user: a", "assistant: thinking hm", "assistant: no start", "assistant: no index either");
    }

    @Test
    void anEmptyObjectBeforeTheRealArgumentsIsNotThem() {
        stream(
                start(0, "{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"Read\",\"input\":{}}"),
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{}\"}}",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"a\\\":1}\"}}");
        assertThat(text(calls.messages().getLast(), "tool_args")).isEqualTo("{\"a\":1}");
    }

    @Test
    void zeroCountsDoNotReplaceTrueOnesAndCountsMayBeWrittenWithAPoint() {
        stream(
                "{\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":12.0,\"output_tokens\":1,\"cache_read_input_tokens\":99999999999999999999}}}",
                start(0, "{\"type\":\"text\",\"text\":\"x\"}"),
                "{\"type\":\"message_delta\",\"delta\":{},\"usage\":{\"input_tokens\":0,\"output_tokens\":7}}");
        Row answer = calls.messages().getLast();
        assertThat(answer.value("input_tokens")).contains(12L);
        assertThat(answer.value("output_tokens")).contains(7L);
        assertThat(answer.value("cache_read_tokens")).isEmpty();
        assertThat(text(answer, "attributes")).contains("99999999999999999999");
    }

    @Test
    void anErrorThatIsNullIsNone() {
        calls.call()
                .messages(message("user", "a"))
                .response(
                        "application/json",
                        "{\"error\":null,\"content\":\"just a text\",\"usage\":{\"output_tokens\":3}}"
                                .getBytes(StandardCharsets.UTF_8))
                .record();
        assertThat(calls.said()).containsExactly("user: a", "assistant: just a text");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"detail\":\"no such model\"}",
                "{\"message\":\"no such model\"}",
                "no such model",
                "{\"error\":\"no such model\"}",
                "{\"error\":{\"message\":\"no such model\"}}"
            })
    void aProvidersErrorIsSaidInWhateverFormItCame(String body) {
        calls.call()
                .messages(message("user", "a"))
                .failed(404, "x", "y")
                .response("application/json", body.getBytes(StandardCharsets.UTF_8))
                .record();
        Row error = calls.messages().getLast();
        assertThat(text(error, "part_type")).isEqualTo("error");
        assertThat(text(error, "content_text")).isEqualTo("no such model");
        assertThat(text(calls.rows(ExchangeRow.DATASET).getFirst(), "error")).contains("no such model");
    }

    @Test
    void aProvidersOwnToolSaysWhatItFoundAndWhetherItFailed() {
        stream(
                start(
                        0,
                        "{\"type\":\"web_search_tool_result\",\"tool_use_id\":\"s1\",\"content\":[{\"type\":\"web_search_result\",\"title\":\"T\",\"url\":\"http://x\"}]}"),
                start(
                        1,
                        "{\"type\":\"web_search_tool_result\",\"tool_use_id\":\"s2\",\"content\":{\"type\":\"web_search_tool_result_error\",\"error_code\":\"max_uses_exceeded\"}}"),
                start(
                        2,
                        "{\"type\":\"code_execution_tool_result\",\"tool_use_id\":\"s3\",\"content\":{\"type\":\"code_execution_result\",\"stdout\":\"42\",\"return_code\":0}}"));
        List<Row> rows = calls.messages();
        assertThat(calls.said())
                .containsExactly(
                        "user: a",
                        "assistant: result s1 T\nhttp://x",
                        "assistant: result s2 max_uses_exceeded",
                        "assistant: result s3 42");
        assertThat(rows.get(1).value("is_error")).contains(false);
        assertThat(rows.get(2).value("is_error")).contains(true);
    }

    @Test
    void aSlashAtThePathsEndIsNoOtherPath() {
        calls.call()
                .path("/v1/messages/?beta=true")
                .messages(message("user", "a"))
                .answer("b")
                .record();
        assertThat(calls.said()).containsExactly("user: a", "assistant: b");
    }

    @Test
    void whoeverClosedAnAnswerWhoseLastEventCameIsCompleted() {
        byte[] stream =
                ("data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"x\"}}\n\n"
                                + "data: {\"type\":\"message_stop\"}\n\n")
                        .getBytes(StandardCharsets.UTF_8);
        calls.call()
                .messages(message("user", "a"))
                .response("text/event-stream", stream)
                .outcome(Outcome.CLIENT_ABORTED)
                .record();
        calls.call()
                .path("/v1/responses")
                .messages(message("user", "b"))
                .response(
                        "text/event-stream",
                        "data: {\"type\":\"response.completed\",\"response\":{}}\n\n".getBytes(StandardCharsets.UTF_8))
                .outcome(Outcome.CLIENT_ABORTED)
                .record();
        calls.call()
                .path("/v1/chat/completions")
                .response("text/event-stream", "data: {}\n\ndata: [DONE]\n\n".getBytes(StandardCharsets.UTF_8))
                .outcome(Outcome.UPSTREAM_CUT)
                .record();
        calls.call()
                .responseHeader("content-length", "2")
                .response("application/json", "{}".getBytes(StandardCharsets.UTF_8))
                .outcome(Outcome.CLIENT_ABORTED)
                .record();
        calls.call()
                .messages(message("user", "c"))
                .response("text/event-stream", "data: {\"type\":\"ping\"}\n\n".getBytes(StandardCharsets.UTF_8))
                .outcome(Outcome.CLIENT_ABORTED)
                .record();
        assertThat(calls.rows(ExchangeRow.DATASET).stream().map(r -> text(r, "outcome")))
                .containsExactly("completed", "completed", "completed", "completed", "client_aborted");
    }

    /// By the events of a stream, how it ended.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "upstream_cut | {type:message_start} {type:ping}",
                "completed    | {type:message_start} {type:error,error:{message:no}}",
                "completed    | {type:message_start} {type:message_stop} {type:ping}",
                "upstream_cut | {type:ping} {type:message_start} {type:content_block_stop}",
                "upstream_cut | {type:response.created} {type:response.output_text.delta}",
                "upstream_cut | {type:codex.rate_limits} {type:response.created} [DONE]",
                "completed    | {type:response.created} {type:response.completed} {type:keepalive}",
                "completed    | {type:response.created} {error:{message:no}}",
                "upstream_cut | {object:chat.completion.chunk,choices:[{delta:{content:x},finish_reason:null}]}",
                "upstream_cut | {object:chat.completion.chunk,choices:[{finish_reason:null}]} [DONE]",
                "completed    | {object:chat.completion.chunk,choices:[{finish_reason:stop}]} {choices:[],usage:{}}",
                "completed    | {object:chat.completion.chunk,choices:[]} {error:{message:no}}",
                "completed    | {type:x}",
                "completed    | {object:other} [DONE]",
            })
    void howAStreamEndedIsWhatItsEventsSay(String outcome, String events) {
        StringBuilder stream = new StringBuilder();
        for (String event : events.split(" ")) {
            String json = event.replaceAll("([a-z_.]+)", "\"$1\"").replace("\"null\"", "null");
            stream.append("data: ").append(json).append("\n\n");
        }
        calls.call()
                .path("/v1/other")
                .response("Text/Event-Stream; charset=utf-8", stream.toString().getBytes(StandardCharsets.UTF_8))
                .record();
        Row exchange = calls.rows(ExchangeRow.DATASET).getFirst();
        assertThat(text(exchange, "outcome")).isEqualTo(outcome);
        if (outcome.equals("upstream_cut")) {
            assertThat(text(exchange, "error")).contains("the stream ended without its last event");
        }
    }

    private void stream(String... events) {
        StringBuilder out = new StringBuilder();
        for (String event : events) {
            out.append("data: ").append(event).append("\n\n");
        }
        calls.call()
                .messages(message("user", "a"))
                .response("text/event-stream", out.toString().getBytes(StandardCharsets.UTF_8))
                .record();
    }

    private static String start(int index, String block) {
        return "{\"type\":\"content_block_start\",\"index\":" + index + ",\"content_block\":" + block + "}";
    }

    private static byte[] document() {
        return "{\"content\":[{\"type\":\"text\",\"text\":\"document\"}]}".getBytes(StandardCharsets.UTF_8);
    }
}
