package io.hypaware.project;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.dataset.Row;
import io.hypaware.testing.RecordedCalls;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The Messages API where other hosts take it: Amazon Bedrock, with its own kind of stream, and Google Vertex AI.
class OtherHostsTest {

    private static final String BEDROCK =
            "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.anthropic.claude-x/invoke-with-response-stream";

    @TempDir
    private Path folder;

    private RecordedCalls calls;

    @BeforeEach
    void open() {
        calls = new RecordedCalls(folder);
    }

    @Test
    void bedrocksEventsAreTheMessagesApis() throws IOException {
        byte[] stream = stream("hello");
        call(BEDROCK, "application/vnd.amazon.eventstream", stream);
        call(BEDROCK, "application/vnd.amazon.eventstream", Arrays.copyOf(stream, stream.length - 120));

        List<Row> rows = calls.messages();
        assertThat(rows.stream().map(RecordedCalls::line))
                .containsExactly(
                        "user: hello 0", "assistant: answer hello", "user: hello 1", "assistant: answer hello");
        assertThat(RecordedCalls.text(rows.getFirst(), "model"))
                .isEqualTo("arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-x");
        assertThat(rows.get(1).value("output_tokens")).contains(7L);
    }

    @Test
    void anExceptionInAStreamIsAnError() throws IOException {
        call(
                BEDROCK,
                "application/vnd.amazon.eventstream",
                frame("{\"message\":\"Too many requests\"}".getBytes(StandardCharsets.UTF_8)));

        assertThat(calls.said()).containsExactly("user: hello 0", "assistant: error Too many requests");
    }

    @Test
    void vertexSaysTheModelInThePath() {
        call(
                "/v1/projects/p/locations/l/publishers/anthropic/models/claude-x@1:streamRawPredict",
                "text/event-stream",
                WireShape.MESSAGES.stream("answer"));

        List<Row> rows = calls.messages();
        assertThat(rows.stream().map(RecordedCalls::line))
                .containsExactly("user: hello 0", "assistant: thinking hm", "assistant: answer");
        assertThat(RecordedCalls.text(rows.getFirst(), "model")).isEqualTo("claude-x@1");
        assertThat(calls.rows(ExchangeRow.DATASET).getFirst().value("stream")).contains(true);
    }

    @Test
    void aBodyOfAnotherModelIsOnlyKept() {
        call(
                "/model/meta.llama3/invoke",
                "application/json",
                "{\"generation\":\"x\"}".getBytes(StandardCharsets.UTF_8));

        assertThat(calls.messages()).isEmpty();
        assertThat(calls.rows(ExchangeRow.DATASET)).hasSize(1);
    }

    private int number;

    private void call(String path, String type, byte[] answer) {
        String body = "{\"anthropic_version\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hello " + number++
                + "\"}]}";
        calls.call()
                .provider("amazon")
                .path(path)
                .request(body.getBytes(StandardCharsets.UTF_8))
                .response(type, answer)
                .record();
    }

    private static byte[] stream(String mark) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String event : List.of(
                "{\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"usage\":{\"input_tokens\":3}}}",
                "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"answer "
                        + mark + "\"}}",
                "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":7}}",
                "{\"type\":\"message_stop\"}")) {
            String payload = "{\"bytes\":\""
                    + Base64.getEncoder().encodeToString(event.getBytes(StandardCharsets.UTF_8)) + "\",\"p\":\"abc\"}";
            out.writeBytes(frame(payload.getBytes(StandardCharsets.UTF_8)));
        }
        return out.toByteArray();
    }

    private static byte[] frame(byte[] payload) throws IOException {
        byte[] headers = "\013:event-type\007\000\005chunk".getBytes(StandardCharsets.ISO_8859_1);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(16 + headers.length + payload.length);
        out.writeInt(headers.length);
        out.writeInt(0);
        out.write(headers);
        out.write(payload);
        out.writeInt(0);
        return bytes.toByteArray();
    }
}
