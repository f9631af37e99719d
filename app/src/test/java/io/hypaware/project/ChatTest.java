package io.hypaware.project;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Row;
import io.hypaware.testing.RecordedCalls;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Calls of the Chat Completions API: each message once, whatever the client does with its history.
class ChatTest {

    @TempDir
    private Path folder;

    private RecordedCalls calls;

    @BeforeEach
    void open() {
        calls = new RecordedCalls(folder);
    }

    @Test
    void aSystemTextThatSaysTheTimeDoublesNothing() {
        chat(answer("hi"), message("system", "It is 10:00"), message("user", "hello"));
        chat(
                answer("ok"),
                message("system", "It is 10:01"),
                message("user", "hello"),
                message("assistant", "hi"),
                message("user", "more"));

        assertThat(calls.said()).containsExactly("user: hello", "assistant: hi", "user: more", "assistant: ok");
        assertThat(calls.conversations()).hasSize(1);
        List<Row> rows = calls.messages();
        assertThat(RecordedCalls.text(rows.getFirst(), "system_text")).isEqualTo("It is 10:00");
        assertThat(RecordedCalls.text(rows.getLast(), "system_text")).isEqualTo("It is 10:01");
    }

    @Test
    void theSameQuestionTwiceWithoutSessionIsTwoConversations() {
        chat(answer("one"), message("user", "hello"));
        chat(answer("two"), message("user", "hello"));
        chat(answer("more"), message("user", "hello"), message("assistant", "one"), message("user", "and?"));

        assertThat(calls.conversations()).hasSize(2);
        assertThat(calls.of(calls.conversations().getFirst()))
                .containsExactly("user: hello", "assistant: one", "user: and?", "assistant: more");
    }

    @Test
    void ofSeveralChoicesTheOneThatIsTakenUpIsKnown() {
        ObjectNode answer = answer("one");
        ObjectNode second = ((ArrayNode) answer.get("choices")).addObject().put("index", 1);
        second.set("message", message("assistant", "two"));
        chat(answer, message("user", "hello"));
        chat(answer("ok"), message("user", "hello"), message("assistant", "two"), message("user", "good"));

        assertThat(calls.said())
                .containsExactly("user: hello", "assistant: one", "assistant: two", "user: good", "assistant: ok");
        assertThat(calls.conversations()).hasSize(1);
    }

    @Test
    void whatAMessageHoldsBesideItsTextIsAPartOfIt() {
        String sound = Base64.getEncoder().encodeToString(new byte[3_000]);
        ObjectNode said =
                RecordedCalls.JSON.createObjectNode().put("role", "assistant").putNull("content");
        said.put("reasoning_content", "hm").put("refusal", "no");
        said.putObject("audio").put("id", "a").put("data", sound).put("transcript", "spoken");
        said.putObject("function_call").put("name", "old").put("arguments", "{}");
        ArrayNode toolCalls = said.putArray("tool_calls");
        toolCalls
                .addObject()
                .put("id", "c1")
                .put("type", "custom")
                .putObject("custom")
                .put("name", "patch")
                .put("input", "+ a");
        ObjectNode picture = RecordedCalls.JSON.createObjectNode().put("type", "image_url");
        picture.putObject("image_url").put("url", "data:image/png;base64," + sound);
        chat(answer(said), message("user", picture));

        List<Row> rows = calls.messages();
        assertThat(rows)
                .extracting(row -> RecordedCalls.text(row, "part_type"))
                .containsExactly("image", "thinking", "refusal", "audio", "tool_call", "tool_call");
        assertThat(RecordedCalls.text(rows.getFirst(), "attachment_type")).isEqualTo("image/png");
        assertThat(RecordedCalls.text(rows.getFirst(), "content_text")).isEqualTo("data:image/png;base64,<stripped>");
        assertThat(RecordedCalls.text(rows.get(3), "content_text")).isEqualTo("spoken");
        assertThat(RecordedCalls.text(rows.get(3), "raw_frame"))
                .doesNotContain("AAAAAAAA")
                .contains("sha256");
        assertThat(RecordedCalls.text(rows.get(4), "tool_call_id")).isEqualTo("c1");
        assertThat(RecordedCalls.text(rows.get(5), "tool_name")).isEqualTo("old");
    }

    @Test
    void aStreamOfSeveralCallsKeepsThemApart() {
        String stream = """
                data: {"id":"c","choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":1,"id":"b","function":{"name":"two","arguments":"{\\"x\\""}}]}}]}

                data: {"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"one","arguments":"{}"}}]}}]}

                data: {"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":":1}"}}]}}]}

                data: [DONE]

                """;
        call(message("user", "go"))
                .response("text/event-stream", stream.getBytes(StandardCharsets.UTF_8))
                .record();

        List<Row> rows = calls.messages();
        assertThat(rows)
                .extracting(RecordedCalls::line)
                .containsExactly("user: go", "assistant: call two b", "assistant: call one a");
        assertThat(RecordedCalls.text(rows.get(1), "tool_args")).isEqualTo("{\"x\":1}");
    }

    @Test
    void aSessionThatTheClientNamesIsItsSession() {
        call(message("user", "hello"))
                .header("x-session-affinity", "oc-1")
                .response("application/json", bytes(answer("hi")))
                .record();

        assertThat(calls.conversations()).containsExactly("oc-1");
    }

    @Test
    void aCallForATitleIsBesideTheConversation() {
        call(message("system", "You write a short title for the thread"), message("user", "hello"))
                .header("x-session-id", "oc-1")
                .response("application/json", bytes(answer("Greeting")))
                .record();
        call(message("system", "You are an agent"), message("user", "hello"))
                .header("x-session-id", "oc-1")
                .response("application/json", bytes(answer("hi")))
                .record();

        assertThat(calls.of("oc-1")).containsExactly("user: hello", "assistant: hi");
    }

    private void chat(ObjectNode answer, JsonNode... messages) {
        call(messages).response("application/json", bytes(answer)).record();
    }

    private RecordedCalls.Call call(JsonNode... messages) {
        ObjectNode body = RecordedCalls.JSON.createObjectNode().put("model", "gpt-5");
        List.of(messages).forEach(body.withArray("messages")::add);
        return calls.call().provider("openai").path("/v1/chat/completions").request(bytes(body));
    }

    private static ObjectNode answer(String text) {
        return answer(message("assistant", text));
    }

    private static ObjectNode answer(ObjectNode message) {
        ObjectNode answer =
                RecordedCalls.JSON.createObjectNode().put("id", "chatcmpl").put("model", "gpt-5");
        answer.putArray("choices")
                .addObject()
                .put("index", 0)
                .put("finish_reason", "stop")
                .set("message", message);
        return answer;
    }

    private static byte[] bytes(JsonNode json) {
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }
}
