package io.hypaware.project;

import static io.hypaware.testing.RecordedCalls.JSON;
import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.text;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.airlift.compress.v3.zstd.ZstdOutputStream;
import io.hypaware.dataset.Datasets;
import io.hypaware.dataset.Row;
import io.hypaware.journal.Journal;
import io.hypaware.journal.Outcome;
import io.hypaware.testing.RecordedCalls;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the wire of the Messages API carries, and what of it stands in the rows.
class AnthropicProjectionTest {

    private static final String ANSWER =
            "{\"id\":\"msg_b\",\"model\":\"m\",\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"packed answer\"}],\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}";
    private static final String BROTLI =
            "G4wAQIzDdKM9f4RybDYZQdtM/bJFWxURRBCDLLjB4FOHpU8npwEGxi0rCr+1ICsACjhwkwUyM+vkhuQX9sS5qw8ZIYLELBBM6RpqIMag36vgXyolsW5J6CasY/1w1yXn+V6jPA==";

    @TempDir
    private Path folder;

    private RecordedCalls calls;

    @BeforeEach
    void open() {
        calls = new RecordedCalls(folder);
    }

    @Test
    void encodedAnswersAreDecoded() throws Exception {
        encoded("gzip", packed(GZIPOutputStream::new));
        encoded("deflate", packed(DeflaterOutputStream::new));
        encoded("deflate", packed(out -> new DeflaterOutputStream(out, new Deflater(6, true))));
        encoded("zstd", packed(ZstdOutputStream::new));
        encoded("br", Base64.getDecoder().decode(BROTLI));
        encoded("identity", ANSWER.getBytes(StandardCharsets.UTF_8));

        assertThat(calls.messages().stream()
                        .filter(r -> text(r, "role").equals("assistant"))
                        .map(RecordedCalls::line))
                .hasSize(6)
                .containsOnly("assistant: packed answer");
    }

    @Test
    void anEncodedAnswerThatIsCutGivesWhatArrived() throws Exception {
        String stream = events("one", "two", "three");
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed, 512, true)) {
            gzip.write(stream.substring(0, stream.indexOf("three") - 60).getBytes(StandardCharsets.UTF_8));
            gzip.flush();
            calls.call()
                    .messages(message("user", "a"))
                    .responseHeader("content-encoding", "gzip")
                    .response("text/event-stream", packed.toByteArray())
                    .outcome(Outcome.UPSTREAM_CUT)
                    .record();
        }
        assertThat(calls.said()).containsExactly("user: a", "assistant: onetwo");
        assertThat(text(calls.messages().getLast(), "status")).contains("upstream_cut");
    }

    @Test
    void toolInputIsRebuiltFromDeltas() throws Exception {
        String stream = """
                data: {"type":"message_start","message":{"id":"msg_1","model":"m","usage":{"input_tokens":5,"cache_creation_input_tokens":3}}}

                data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"toolu_9","name":"Edit","input":{}}}

                data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\\"a\\": [1, 2"}}

                data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":".50]}"}}

                data: {"type":"content_block_start","index":1,"content_block":{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}}}

                data: {"type":"content_block_start","index":2,"content_block":{"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[{"type":"web_search_result","url":"http://x"}]}}

                data: {"type":"content_block_start","index":3,"content_block":{"type":"redacted_thinking","data":"abc"}}

                data: {"type":"content_block_start","index":4,"content_block":{"type":"hologram","beam":1}}

                data: {"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":7}}

                data: {"type":"message_stop"}

                """;
        calls.call()
                .messages(message("user", "a"))
                .response("text/event-stream", stream.getBytes(StandardCharsets.UTF_8))
                .record();

        List<Row> rows = calls.messages().subList(1, 6);
        assertThat(rows.stream().map(r -> text(r, "part_type")))
                .containsExactly("tool_call", "tool_call", "tool_result", "redacted_thinking", "hologram");
        assertThat(text(rows.get(0), "tool_args")).isEqualTo("{\"a\":[1,2.50]}");
        assertThat(text(rows.get(1), "provider_type")).isEqualTo("server_tool_use");
        assertThat(text(rows.get(2), "tool_result_for")).isEqualTo("srvtoolu_1");
        assertThat(text(rows.get(2), "raw_frame")).contains("web_search_result");
        assertThat(text(rows.get(3), "raw_frame")).contains("\"data\":\"abc\"");
        assertThat(text(rows.get(4), "raw_frame")).isEqualTo("{\"type\":\"hologram\",\"beam\":1}");
        assertThat(rows.stream().map(r -> text(r, "cache_write_tokens"))).containsExactly("3", "", "", "", "");
        assertThat(rows.stream().map(r -> text(r, "output_tokens"))).containsExactly("7", "", "", "", "");
    }

    @Test
    void imagesBecomePayloadsAndLeaveAMarker() throws Exception {
        byte[] image = new byte[50_000];
        new java.util.Random(1).nextBytes(image);
        String base64 = Base64.getEncoder().encodeToString(image);
        JsonNode block = JSON.readTree(
                "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\"" + base64
                        + "\"}}");
        JsonNode result = JSON.createObjectNode()
                .put("type", "tool_result")
                .put("tool_use_id", "t1")
                .set("content", JSON.createArrayNode().add(textBlock("shot:")).add(block));
        JsonNode inline = textBlock("see data:image/png;base64," + base64 + " there");
        calls.call()
                .messages(message("user", block, result, inline))
                .answer("nice")
                .record();

        List<Row> rows = calls.messages();
        assertThat(rows.stream().limit(3).map(r -> text(r, "content_text")))
                .containsExactly(
                        "data:image/png;base64,<stripped>",
                        "shot:\ndata:image/png;base64,<stripped>",
                        "see data:image/png;base64,<stripped> there");
        assertThat(rows).allSatisfy(r -> assertThat(text(r, "raw_frame")).hasSizeLessThan(1_000));
        // The request's own elements are text.
        List<Row> payloads = calls.rows(Datasets.PAYLOADS).stream()
                .filter(r -> r.value("bytes").isPresent())
                .toList();
        assertThat(payloads).hasSize(1);
        assertThat((byte[]) payloads.getFirst().value("bytes").orElseThrow()).isEqualTo(image);
        assertThat(text(rows.getFirst(), "raw_frame")).contains(text(payloads.getFirst(), "hash"));
    }

    @Test
    void whoCallsIsKnownFromHeaderOrBody() throws Exception {
        calls.call()
                .set(
                        "metadata",
                        JSON.createObjectNode()
                                .put(
                                        "user_id",
                                        "{\"device_id\":\"d\",\"account_uuid\":\"acc\",\"session_id\":\"ses-1\"}"))
                .system("You work.\n<env>\nWorking directory: /home/u/project\n</env>\nCurrent branch: main\n")
                .messages(message("user", "a"))
                .answer("A")
                .record();
        calls.call()
                .set("metadata", JSON.createObjectNode().put("user_id", "user_abc_account_acc2_session_ses-2"))
                .messages(message("user", "a"))
                .answer("A")
                .record();
        calls.call().session("ses-3").messages(message("user", "a")).answer("A").record();

        List<Row> rows = calls.messages();
        assertThat(rows.stream().map(r -> text(r, "conversation_id")).distinct())
                .containsExactly("ses-1", "ses-2", "ses-3");
        assertThat(rows.stream().map(r -> text(r, "user_id")).distinct()).containsExactly("acc", "acc2", "");
        Row row = rows.getFirst();
        assertThat(text(row, "client_name")).isEqualTo("claude");
        assertThat(text(row, "client_version")).isEqualTo("2.0.14");
        assertThat(text(row, "user_type")).isEqualTo("external");
        assertThat(text(row, "entrypoint")).isEqualTo("cli");
        assertThat(text(row, "cwd")).isEqualTo("/home/u/project");
        assertThat(text(row, "git_branch")).isEqualTo("main");
    }

    @Test
    void otherPathsAreExchangesOnly() {
        calls.call()
                .path("/v1/messages/count_tokens")
                .messages(message("user", "a"))
                .answer("A")
                .record();
        calls.call()
                .path("/v1/models")
                .messages(message("user", "a"))
                .answer("A")
                .record();

        assertThat(calls.messages()).isEmpty();
        assertThat(calls.rows(ExchangeRow.DATASET)).hasSize(2);
    }

    @Test
    void aRequestThatIsNoJsonIsAnExchangeThatSaysSo() {
        calls.call()
                .request("{\"model\": \"m\", \"messages\": [{\"role\"".getBytes(StandardCharsets.UTF_8))
                .failed(400, "invalid_request_error", "no")
                .record();
        calls.call().messages(message("user", "after")).answer("A").record();

        assertThat(calls.said()).containsExactly("assistant: error no", "user: after", "assistant: A");
        assertThat(calls.rows(ExchangeRow.DATASET).stream().map(r -> text(r, "error")))
                .anyMatch(e -> e.contains("cannot be read"));
        try (Journal journal = Journal.open(calls.journal())) {
            assertThat(journal.stats().failed()).isZero();
        }
    }

    @Test
    void halfACharacterDoesNotStopARow() {
        calls.call()
                .request(
                        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"half \\ud83d and nul \\u0000 end\"}]}"
                                .getBytes(StandardCharsets.UTF_8))
                .answer("A")
                .record();

        assertThat(calls.said())
                .hasSize(2)
                .first()
                .asString()
                .startsWith("user: half ")
                .endsWith(" end");
    }

    private void encoded(String encoding, byte[] body) {
        calls.call()
                .messages(message("user", encoding + body.length))
                .responseHeader("content-encoding", encoding)
                .response("application/json", body)
                .record();
    }

    private interface Packer {
        OutputStream pack(OutputStream out) throws java.io.IOException;
    }

    private static byte[] packed(Packer packer) throws java.io.IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = packer.pack(bytes)) {
            out.write(ANSWER.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    static String events(String... texts) {
        StringBuilder out = new StringBuilder(
                "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"model\":\"m\"}}\n\n"
                        + "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n");
        Arrays.stream(texts)
                .forEach(t -> out.append(
                        "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\""
                                + t + "\"}}\n\n"));
        return out + "data: {\"type\":\"message_stop\"}\n\n";
    }
}
