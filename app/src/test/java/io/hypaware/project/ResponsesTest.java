package io.hypaware.project;

import static io.hypaware.testing.ResponsesCalls.functionCall;
import static io.hypaware.testing.ResponsesCalls.functionOutput;
import static io.hypaware.testing.ResponsesCalls.named;
import static io.hypaware.testing.ResponsesCalls.object;
import static io.hypaware.testing.ResponsesCalls.response;
import static io.hypaware.testing.ResponsesCalls.said;
import static io.hypaware.testing.ResponsesCalls.thought;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Row;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.ResponsesCalls;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Calls of the Responses API: each item is said once, whoever keeps the history.
class ResponsesTest {

    private static final ObjectNode HELLO = said("user", "hello");

    @TempDir
    private Path folder;

    private ResponsesCalls calls;

    @BeforeEach
    void open() {
        calls = new ResponsesCalls(folder);
    }

    @Test
    void aHistorySentAgainIsRecordedOnce() {
        calls.call(HELLO).answer(thought("hm"), said("assistant", "hi"), functionCall("c1", "look"));
        calls.call(
                        HELLO,
                        thought("hm"),
                        said("assistant", "hi"),
                        functionCall("c1", "look"),
                        functionOutput("c1", "found"))
                .answer(said("assistant", "done"));

        assertThat(lines())
                .containsExactly(
                        "user: hello",
                        "assistant: thinking hm",
                        "assistant: hi",
                        "assistant: call look c1",
                        "tool: result c1 found",
                        "assistant: done");
        assertThat(calls.recorded().conversations()).hasSize(1);
    }

    @Test
    void thoughtsThatAreLeftOutLaterChangeNothing() {
        calls.call(HELLO).answer(thought("hm"), said("assistant", "ok"));
        calls.call(HELLO, said("assistant", "ok"), said("user", "more")).answer(thought("so"), said("assistant", "ok"));
        calls.call(HELLO, said("assistant", "ok"), said("user", "more"), said("assistant", "ok"), said("user", "more"))
                .answer(said("assistant", "ok"));

        assertThat(lines())
                .containsExactly(
                        "user: hello",
                        "assistant: thinking hm",
                        "assistant: ok",
                        "user: more",
                        "assistant: thinking so",
                        "assistant: ok",
                        "user: more",
                        "assistant: ok");
    }

    @Test
    void anAnswerThatIsOnlyAThoughtIsThereOnce() {
        ObjectNode sealed = thought("hm");
        sealed.remove("id");
        calls.call(HELLO).answer(thought("hm"));
        calls.call(HELLO, thought("hm"), said("user", "go on")).answer(said("assistant", "ok"));
        calls.call(HELLO, sealed, said("user", "go on"), said("assistant", "ok"), said("user", "and on"))
                .answer(thought("so"));

        // One that leaves the thought out.
        calls.call(HELLO, said("user", "go on"), said("assistant", "ok"), said("user", "and on"), said("user", "well"))
                .answer(said("assistant", "done"));

        assertThat(calls.recorded().conversations()).hasSize(1);
        assertThat(lines())
                .containsExactly(
                        "user: hello",
                        "assistant: thinking hm",
                        "user: go on",
                        "assistant: ok",
                        "user: and on",
                        "assistant: thinking so",
                        "user: well",
                        "assistant: done");
    }

    @Test
    void aConnectionThatIsPreparedIsNoConversation() {
        String prepared = calls.call()
                .codex("s1", "s1", 0)
                .set("generate", object("x").booleanNode(false))
                .answer();
        calls.call(HELLO).codex("s1", "s1", 0).after(prepared).answer(said("assistant", "hi"));

        assertThat(lines()).containsExactly("user: hello", "assistant: hi");
        assertThat(calls.recorded().conversations()).containsExactly("s1");
        assertThat(calls.recorded().messages())
                .extracting(row -> row.value("is_sidechain").orElse(null))
                .containsOnly(false);
    }

    @Test
    void toolsThatAnItemBringsAreTheCallsTools() {
        ObjectNode tools = object("additional_tools").put("role", "developer");
        ObjectNode space =
                tools.putArray("tools").addObject().put("type", "namespace").put("name", "functions");
        space.putArray("tools").addObject().put("type", "function").put("name", "look");
        calls.call(tools, HELLO).answer(said("assistant", "hi"));

        List<Row> rows = calls.recorded().messages();
        assertThat(RecordedCalls.text(rows.getFirst(), "part_type")).isEqualTo("additional_tools");
        assertThat(RecordedCalls.text(rows.getFirst(), "content_text")).isEqualTo("functions.look");
        assertThat(RecordedCalls.text(rows.getLast(), "tools")).contains("\"namespace\"", "\"look\"");
    }

    @Test
    void aCallThatGoesOnFromAnAnswerSaysOnlyWhatIsNew() {
        String first = calls.call(HELLO).answer(said("assistant", "hi"));
        String second = calls.call(said("user", "more")).after(first).answer(functionCall("c1", "look"));
        calls.call(functionOutput("c1", "found")).after(second).answer(said("assistant", "done"));
        // Somebody goes back to the first answer.
        calls.call(said("user", "other")).after(first).answer(said("assistant", "there"));

        assertThat(lines())
                .containsExactly(
                        "user: hello",
                        "assistant: hi",
                        "user: more",
                        "assistant: call look c1",
                        "tool: result c1 found",
                        "assistant: done",
                        "user: other",
                        "assistant: there");
        assertThat(calls.recorded().conversations()).hasSize(1);
        List<Row> rows = calls.recorded().messages();
        assertThat(RecordedCalls.text(rows.get(6), "previous_message_id"))
                .isEqualTo("[\"" + RecordedCalls.text(rows.get(1), "message_id") + "\"]");
        assertThat(RecordedCalls.text(rows.get(5), "message_index")).isEqualTo("5");
    }

    @Test
    void aConversationThatTheProviderKeepsGoesOnWithoutSayingFromWhere() {
        for (String text : List.of("one", "two", "two")) {
            calls.call(said("user", text))
                    .set("conversation", object("x").textNode("conv_1"))
                    .answer(said("assistant", "ok"));
        }

        assertThat(lines())
                .containsExactly(
                        "user: one", "assistant: ok", "user: two", "assistant: ok", "user: two", "assistant: ok");
        assertThat(calls.recorded().conversations()).containsExactly("conv_1");
    }

    @Test
    void itemsThatAreOnlyNamedAreTheOnesThatTheProviderHas() {
        calls.call(HELLO).answer(named("rs_1", thought("hm")), functionCall("c1", "look"), functionCall("c2", "look"));
        calls.call(
                        HELLO,
                        named("rs_1", object("item_reference")),
                        named("fc_c1", object("item_reference")),
                        named("fc_c2", object("item_reference")),
                        functionOutput("c1", "found"),
                        functionOutput("c2", "more"))
                .answer(named("msg_1", said("assistant", "done")));
        calls.call(
                        HELLO,
                        named("rs_1", object("item_reference")),
                        named("fc_c1", object("item_reference")),
                        named("fc_c2", object("item_reference")),
                        functionOutput("c1", "found"),
                        functionOutput("c2", "more"),
                        named("msg_1", object("item_reference")),
                        said("user", "thanks"))
                .answer(said("assistant", "bye"));

        assertThat(lines())
                .containsExactly(
                        "user: hello",
                        "assistant: thinking hm",
                        "assistant: call look c1",
                        "assistant: call look c2",
                        "tool: result c1 found",
                        "tool: result c2 more",
                        "assistant: done",
                        "user: thanks",
                        "assistant: bye");
        assertThat(calls.recorded().conversations()).hasSize(1);
    }

    @Test
    void aCallAfterAnAnswerThatNobodyKnowsBeginsAConversation() {
        calls.call(said("user", "more")).after("resp_of_long_ago").answer(said("assistant", "ok"));

        assertThat(lines()).containsExactly("user: more", "assistant: ok");
    }

    @Test
    void anAnswerMadeInTheBackgroundIsWrittenOnceByWhoeverBringsItFirst() {
        ResponsesCalls.Call asked =
                calls.call(HELLO).set("background", object("x").booleanNode(true));
        String id = asked.answered("queued");
        look(id, "in_progress");
        look(id, "completed", said("assistant", "hi"));
        look(id, "completed", said("assistant", "hi"));
        calls.call(HELLO, said("assistant", "hi"), said("user", "more")).answer(said("assistant", "ok"));
        look("resp_2", "completed", said("assistant", "ok"));

        assertThat(lines())
                .filteredOn(line -> !line.contains("empty"))
                .containsExactly("user: hello", "assistant: hi", "user: more", "assistant: ok");
    }

    private void look(String id, String status, ObjectNode... output) {
        calls.recorded()
                .call()
                .provider("openai")
                .method("GET")
                .path("/v1/responses/" + id)
                .request(new byte[0])
                .response(
                        "application/json",
                        response(id, status, output).toString().getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .record();
    }

    @Test
    void codexNamesSessionThreadAndTurnInTheBodyFirst() {
        calls.call(HELLO).codex("s", "s", 0).answer(said("assistant", "hi"));
        calls.call(HELLO).codex("s", "helper", 0).answer(said("assistant", "from the helper"));
        calls.call(HELLO, said("assistant", "hi"), said("user", "more"))
                .codex("s", "s", 0)
                .answer(said("assistant", "ok"));

        List<Row> rows = calls.recorded().messages();
        assertThat(rows)
                .extracting(row -> RecordedCalls.text(row, "session_id"))
                .containsOnly("s");
        assertThat(calls.recorded().of("s"))
                .containsExactly("user: hello", "assistant: hi", "user: more", "assistant: ok");
        assertThat(calls.recorded().of("s/2")).containsExactly("user: hello", "assistant: from the helper");
        assertThat(rows.get(3).value("is_sidechain")).contains(true);
        assertThat(RecordedCalls.text(rows.get(3), "attributes")).contains("\"agent_id\":\"helper\"");
        assertThat(RecordedCalls.text(rows.getFirst(), "cwd")).isEqualTo("/work");
    }

    @Test
    void aHistoryThatWasReplacedKeepsWhatItKept() {
        ObjectNode setup = named("m1", said("developer", "be brief"));
        ObjectNode first = named("m2", said("user", "go on"));
        ObjectNode second = named("m4", said("user", "go on"));
        calls.call(setup, first).codex("s", "s", 0).answer(said("assistant", "one"));
        calls.call(setup, first, said("assistant", "one"), second)
                .codex("s", "s", 0)
                .answer(said("assistant", "two"));
        calls.call(setup, first, second, said("user", "a summary"), named("m9", said("user", "go on")))
                .codex("s", "s", 1)
                .answer(said("assistant", "three"));

        assertThat(lines())
                .containsExactly(
                        "developer: be brief",
                        "user: go on",
                        "assistant: one",
                        "user: go on",
                        "assistant: two",
                        "user: a summary",
                        "user: go on",
                        "assistant: three");
        assertThat(calls.recorded().conversations()).containsExactly("s");
    }

    @Test
    void tokensStandOnceAndAddUp() {
        calls.call(HELLO).answer(said("assistant", "hi"), functionCall("c1", "look"));

        List<Row> rows = calls.recorded().messages();
        assertThat(rows)
                .extracting(row -> RecordedCalls.text(row, "input_tokens"))
                .containsExactly("", "36", "");
        assertThat(rows)
                .extracting(row -> RecordedCalls.text(row, "cache_read_tokens"))
                .containsExactly("", "64", "");
        Row exchange = calls.recorded().rows(ExchangeRow.DATASET).getFirst();
        assertThat(RecordedCalls.text(exchange, "usage")).contains("\"reasoning_tokens\":3");
        assertThat(RecordedCalls.text(exchange, "model")).isEqualTo("gpt-5-codex-2026");
    }

    @Test
    void everyKindOfItemIsARowWithWhatItSays() {
        String picture = Base64.getEncoder().encodeToString(new byte[3_000]);
        ObjectNode shell = object("local_shell_call").put("call_id", "c2").put("status", "completed");
        shell.putObject("action").putArray("command").add("ls");
        ObjectNode search = object("web_search_call").put("id", "ws_1").put("status", "completed");
        search.putObject("action").put("type", "search").put("query", "weather");
        ObjectNode code = object("code_interpreter_call").put("id", "ci_1").put("code", "1+1");
        code.putArray("outputs").addObject().put("type", "logs").put("logs", "2");
        ObjectNode image = object("image_generation_call").put("id", "ig_1").put("result", picture);
        ObjectNode mcp = object("mcp_call")
                .put("id", "mcp_1")
                .put("name", "list")
                .put("server_label", "files")
                .put("arguments", "{}")
                .put("error", "denied");
        ObjectNode custom = object("custom_tool_call")
                .put("call_id", "c3")
                .put("name", "patch")
                .put("input", "+ a");
        calls.call(HELLO)
                .answer(
                        shell,
                        search,
                        code,
                        image,
                        mcp,
                        custom,
                        object("compaction").put("id", "cp_1"),
                        object("novel"));

        List<Row> rows = calls.recorded().messages();
        assertThat(rows)
                .extracting(row -> RecordedCalls.text(row, "part_type") + " " + RecordedCalls.text(row, "tool_name"))
                .containsExactly(
                        "text ",
                        "tool_call local_shell",
                        "tool_call web_search",
                        "tool_call code_interpreter",
                        "tool_call image_generation",
                        "tool_call list",
                        "tool_call patch",
                        "compaction ",
                        "novel ");
        assertThat(RecordedCalls.text(rows.get(1), "tool_args")).isEqualTo("{\"command\":[\"ls\"]}");
        assertThat(RecordedCalls.text(rows.get(3), "content_text")).isEqualTo("2");
        assertThat(RecordedCalls.text(rows.get(4), "raw_frame"))
                .contains("sha256")
                .doesNotContain("AAAAAAAA");
        assertThat(rows.get(5).value("is_error")).contains(true);
        assertThat(RecordedCalls.text(rows.get(6), "tool_args")).isEqualTo("\"+ a\"");
        assertThat(RecordedCalls.text(rows.get(8), "raw_frame")).isEqualTo("{\"type\":\"novel\"}");
    }

    @Test
    void aStreamIsWhatItsItemsSayAndAPrefixIsAPrefix() {
        String stream = """
                data: {"type":"response.created","response":{"id":"resp_s","status":"in_progress","output":[]}}

                data: {"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"m","role":"assistant","content":[]}}

                data: {"type":"response.output_text.delta","output_index":0,"item_id":"m","content_index":0,"delta":"one "}

                data: {"type":"response.output_text.delta","output_index":0,"item_id":"m","content_index":0,"delta":"two"}

                """;
        String rest = """
                data: {"type":"response.output_item.done","output_index":0,"item":{"type":"message","id":"m","role":"assistant","content":[{"type":"output_text","text":"one two"}]}}

                data: {"type":"response.completed","response":{"id":"resp_s","status":"completed","output":[],"usage":{"input_tokens":3,"output_tokens":2}}}

                """;
        calls.call(HELLO).record(stream, "text/event-stream");
        calls.call(said("user", "again")).record(stream + rest, "text/event-stream");

        assertThat(lines()).containsExactly("user: hello", "assistant: one two", "user: again", "assistant: one two");
        assertThat(RecordedCalls.text(calls.recorded().messages().getLast(), "output_tokens"))
                .isEqualTo("2");
    }

    @Test
    void instructionsAndToolsAreKeptOnce() {
        String instructions = "Be exact. ".repeat(400);
        for (String text : List.of("a", "b")) {
            calls.call(said("user", text))
                    .set("instructions", object("x").textNode(instructions))
                    .tools("look", "read")
                    .answer(said("assistant", text));
        }

        List<Row> rows = calls.recorded().messages();
        assertThat(rows)
                .extracting(row -> RecordedCalls.text(row, "system_text"))
                .allMatch(hash -> hash.length() == 64);
        assertThat(rows)
                .extracting(row -> RecordedCalls.text(row, "system_text"))
                .containsOnly(RecordedCalls.text(rows.getFirst(), "system_text"));
        assertThat(RecordedCalls.text(rows.getFirst(), "tools")).contains("look");
    }

    private List<String> lines() {
        return calls.recorded().said();
    }
}
