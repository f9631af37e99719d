package io.hypaware.project;

import static org.assertj.core.api.Assertions.assertThat;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonValue;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.Model;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolUseBlock;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Row;
import io.hypaware.testing.FakeProvider;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.TestGateway;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The provider's own SDK through the gateway: what it said and heard is in the rows, once each, in order, and
/// the provider received the same bytes as without the gateway.
class AnthropicSdkTest {

    @TempDir
    private Path folder;

    @Test
    void plain() throws Exception {
        try (FakeProvider provider = provider();
                TestGateway gateway = new TestGateway(folder, provider.url())) {
            sayHello(client(gateway.url()));
            sayHello(client(provider.url()));

            assertThat(lines(gateway, 1)).containsExactly("user: hello", "assistant: answer 1");
            assertThat(hash(provider, 0)).isEqualTo(hash(provider, 1));
            Row answer = gateway.rows(Messages.DATASET, 1).getLast();
            assertThat(RecordedCalls.text(answer, "client_name")).isEqualTo("anthropic-java");
            assertThat(RecordedCalls.text(answer, "input_tokens")).isEqualTo("12");
            assertThat(RecordedCalls.text(answer, "cache_read_tokens")).isEqualTo("7");
        }
    }

    @Test
    void streamed() throws Exception {
        try (FakeProvider provider = provider();
                TestGateway gateway = new TestGateway(folder, provider.url())) {
            String heard = stream(client(gateway.url()));
            stream(client(provider.url()));

            assertThat(heard).isEqualTo("one two three ☃");
            assertThat(lines(gateway, 1))
                    .containsExactly("user: count", "assistant: thinking let me see", "assistant: one two three ☃");
            assertThat(hash(provider, 0)).isEqualTo(hash(provider, 1));
            List<Row> rows = gateway.rows(Messages.DATASET, 1);
            assertThat(RecordedCalls.text(rows.get(1), "thinking_signature")).isEqualTo("sig");
            assertThat(rows.stream().map(r -> RecordedCalls.text(r, "output_tokens")))
                    .containsExactly("", "20", "");
        }
    }

    @Test
    void toolsOverThreeTurns() throws Exception {
        try (FakeProvider provider = provider();
                TestGateway gateway = new TestGateway(folder, provider.url())) {
            converse(client(gateway.url()));
            int through = provider.requests().size();
            converse(client(provider.url()));

            assertThat(lines(gateway, 3))
                    .containsExactly(
                            "user: weather?",
                            "assistant: call weather toolu_1",
                            "user: result toolu_1 rain",
                            "assistant: call weather toolu_2",
                            "user: result toolu_2 rain",
                            "assistant: it rains");
            for (int i = 0; i < through; i++) {
                assertThat(hash(provider, i)).isEqualTo(hash(provider, through + i));
            }
            Row call = gateway.rows(Messages.DATASET, 3).get(1);
            assertThat(RecordedCalls.text(call, "tool_args")).isEqualTo("{\"city\":\"Bern\"}");
            assertThat(RecordedCalls.text(call, "tools")).hasSizeGreaterThan(10);
        }
    }

    private static AnthropicClient client(String url) {
        return AnthropicOkHttpClient.builder()
                .baseUrl(url)
                .apiKey("sk-ant-test")
                .maxRetries(0)
                .build();
    }

    private static void sayHello(AnthropicClient client) {
        client.messages().create(params().addUserMessage("hello").build());
    }

    private static String stream(AnthropicClient client) {
        MessageAccumulator accumulator = MessageAccumulator.create();
        try (StreamResponse<RawMessageStreamEvent> events = client.messages()
                .createStreaming(params().addUserMessage("count").build())) {
            events.stream().forEach(accumulator::accumulate);
        }
        return accumulator.message().content().getLast().asText().text();
    }

    private static void converse(AnthropicClient client) {
        MessageCreateParams.Builder params = params().addTool(Tool.builder()
                        .name("weather")
                        .inputSchema(Tool.InputSchema.builder()
                                .properties(Tool.InputSchema.Properties.builder()
                                        .putAdditionalProperty("city", JsonValue.from(Map.of("type", "string")))
                                        .build())
                                .build())
                        .build())
                .addUserMessage("weather?");
        for (int turn = 0; turn < 3; turn++) {
            Message answer = client.messages().create(params.build());
            params.addMessage(answer);
            if (answer.content().getFirst().isToolUse()) {
                ToolUseBlock call = answer.content().getFirst().asToolUse();
                params.addUserMessageOfContentBlockParams(
                        List.of(com.anthropic.models.messages.ContentBlockParam.ofToolResult(
                                com.anthropic.models.messages.ToolResultBlockParam.builder()
                                        .toolUseId(call.id())
                                        .content("rain")
                                        .build())));
            }
        }
    }

    private static MessageCreateParams.Builder params() {
        return MessageCreateParams.builder()
                .model(Model.of("claude-sonnet-4-5"))
                .maxTokens(100);
    }

    private static List<String> lines(TestGateway gateway, int exchanges) {
        return gateway.rows(Messages.DATASET, exchanges).stream()
                .map(RecordedCalls::line)
                .toList();
    }

    private static String hash(FakeProvider provider, int request) {
        return provider.requests().get(request).sha256();
    }

    private static FakeProvider provider() {
        AtomicInteger turn = new AtomicInteger();
        return new FakeProvider((request, out) -> {
            JsonNode body = RecordedCalls.JSON.readTree(request.body());
            if (body.path("stream").asBoolean()) {
                answerStream(out);
            } else if (body.has("tools")) {
                int results = (body.path("messages").size() - 1) / 2;
                out.respond(
                        200,
                        "application/json",
                        results < 2
                                ? answer("{\"type\":\"tool_use\",\"id\":\"toolu_" + (results + 1)
                                        + "\",\"name\":\"weather\",\"input\":{\"city\":\"Bern\"}}")
                                : answer("{\"type\":\"text\",\"text\":\"it rains\"}"));
            } else {
                out.respond(
                        200,
                        "application/json",
                        answer("{\"type\":\"text\",\"text\":\"answer " + turn.incrementAndGet() + "\"}"));
            }
        });
    }

    private static String answer(String block) throws IOException {
        ObjectNode message = (ObjectNode) RecordedCalls.JSON.readTree("""
                {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "content": [],
                 "stop_reason": "end_turn", "stop_sequence": null,
                 "usage": {"input_tokens": 12, "output_tokens": 3, "cache_read_input_tokens": 7, "cache_creation_input_tokens": 0}}""");
        message.putArray("content").add(RecordedCalls.JSON.readTree(block));
        return message.toString();
    }

    private static void answerStream(FakeProvider.Connection out) throws IOException {
        out.write(
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n");
        for (String event : List.of(
                "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_s\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-sonnet-4-5\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":12,\"output_tokens\":1}}}",
                "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"let me see\"}}",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":\"sig\"}}",
                "{\"type\":\"content_block_stop\",\"index\":0}",
                "{\"type\":\"ping\"}",
                "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}",
                "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"one two\"}}",
                "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\" three ☃\"}}",
                "{\"type\":\"content_block_stop\",\"index\":1}",
                "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":20}}",
                "{\"type\":\"message_stop\"}")) {
            String type = RecordedCalls.JSON.readTree(event).path("type").asText();
            out.chunk("event: " + type + "\ndata: " + event + "\n\n");
        }
        out.write("0\r\n\r\n");
    }
}
