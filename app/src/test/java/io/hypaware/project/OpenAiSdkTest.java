package io.hypaware.project;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.helpers.ResponseAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionFunctionTool;
import com.openai.models.chat.completions.ChatCompletionMessage;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionTool;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.responses.FunctionTool;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseInputItem;
import com.openai.models.responses.ResponseStreamEvent;
import io.hypaware.dataset.Row;
import io.hypaware.testing.FakeProvider;
import io.hypaware.testing.OpenAiProvider;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.TestGateway;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// OpenAI's own SDK through the gateway: what it said and heard is in the rows, once each, in order, and the provider
/// received the same bytes as without the gateway.
class OpenAiSdkTest {

    private static final Map<String, Object> SCHEMA =
            Map.of("type", "object", "properties", Map.of("city", Map.of("type", "string")));

    @TempDir
    private Path folder;

    @Test
    void chatWithToolsOverThreeTurns() throws Exception {
        assertThat(lines(OpenAiSdkTest::chatWithTools, 3))
                .containsExactly(
                        "user: weather?",
                        "assistant: call weather call_1",
                        "tool: result call_1 rain",
                        "assistant: call weather call_2",
                        "tool: result call_2 rain",
                        "assistant: it rains");
    }

    @Test
    void chatStreamedWithUsage() throws Exception {
        assertThat(lines(
                        client -> {
                            ChatCompletionAccumulator heard = ChatCompletionAccumulator.create();
                            ChatCompletionCreateParams params = chat("count")
                                    .streamOptions(ChatCompletionStreamOptions.builder()
                                            .includeUsage(true)
                                            .build())
                                    .build();
                            try (StreamResponse<ChatCompletionChunk> chunks =
                                    client.chat().completions().createStreaming(params)) {
                                chunks.stream().forEach(heard::accumulate);
                            }
                            assertThat(heard.chatCompletion()
                                            .choices()
                                            .getFirst()
                                            .message()
                                            .content())
                                    .contains("one two ☃");
                        },
                        1))
                .containsExactly("user: count", "assistant: one two ☃");
    }

    @Test
    void severalChoicesAreSeveralMessages() throws Exception {
        assertThat(lines(
                        client -> client.chat()
                                .completions()
                                .create(chat("hello").n(2).build()),
                        1))
                .containsExactly("user: hello", "assistant: answer 1", "assistant: answer 2");
    }

    @Test
    void responsesThatGoOnFromOneAnother() throws Exception {
        assertThat(lines(
                        client -> {
                            Response first = client.responses()
                                    .create(responses().input("hello").build());
                            client.responses()
                                    .create(responses()
                                            .previousResponseId(first.id())
                                            .input("more")
                                            .build());
                        },
                        2))
                .containsExactly("user: hello", "assistant: answer 1", "user: more", "assistant: answer 2");
    }

    @Test
    void responsesStreamedWithATool() throws Exception {
        assertThat(lines(
                        client -> {
                            ResponseCreateParams.Builder params = responses()
                                    .addTool(FunctionTool.builder()
                                            .name("weather")
                                            .parameters(FunctionTool.Parameters.builder()
                                                    .putAdditionalProperty("type", JsonValue.from("object"))
                                                    .build())
                                            .strict(false)
                                            .build());
                            String call =
                                    stream(client, params.input("weather?").build());
                            stream(
                                    client,
                                    params.previousResponseId(call)
                                            .inputOfResponse(List.of(ResponseInputItem.ofFunctionCallOutput(
                                                    ResponseInputItem.FunctionCallOutput.builder()
                                                            .callId("call_1")
                                                            .output("rain")
                                                            .build())))
                                            .build());
                        },
                        2))
                .containsExactly(
                        "user: weather?",
                        "assistant: call weather call_1",
                        "tool: result call_1 rain",
                        "assistant: answer 2");
    }

    @Test
    void embeddingsAreAnExchangeWithWhatTheyTook() throws Exception {
        try (FakeProvider provider = OpenAiProvider.start();
                TestGateway gateway = gateway(provider)) {
            client(gateway.url())
                    .embeddings()
                    .create(EmbeddingCreateParams.builder()
                            .model("text-embedding-3-small")
                            .input("some words")
                            .build());

            Row row = gateway.rows(ExchangeRow.DATASET, 1).getFirst();
            assertThat(RecordedCalls.text(row, "model")).isEqualTo("text-embedding-3-small");
            assertThat(RecordedCalls.text(row, "usage")).contains("\"prompt_tokens\":3");
            assertThat(gateway.rows(Messages.DATASET, 1)).isEmpty();
        }
    }

    private static void chatWithTools(OpenAIClient client) {
        ChatCompletionCreateParams.Builder params = chat("weather?")
                .addTool(ChatCompletionTool.ofFunction(ChatCompletionFunctionTool.builder()
                        .function(FunctionDefinition.builder()
                                .name("weather")
                                .parameters(FunctionParameters.builder()
                                        .putAllAdditionalProperties(Map.of("type", JsonValue.from(SCHEMA.get("type"))))
                                        .build())
                                .build())
                        .build()));
        for (int turn = 0; turn < 3; turn++) {
            ChatCompletionMessage answer = client.chat()
                    .completions()
                    .create(params.build())
                    .choices()
                    .getFirst()
                    .message();
            params.addMessage(answer);
            answer.toolCalls()
                    .ifPresent(calls -> calls.forEach(call -> params.addMessage(ChatCompletionToolMessageParam.builder()
                            .toolCallId(call.asFunction().id())
                            .content("rain")
                            .build())));
        }
    }

    private static String stream(OpenAIClient client, ResponseCreateParams params) {
        ResponseAccumulator heard = ResponseAccumulator.create();
        try (StreamResponse<ResponseStreamEvent> events = client.responses().createStreaming(params)) {
            events.stream().forEach(heard::accumulate);
        }
        return heard.response().id();
    }

    private static ChatCompletionCreateParams.Builder chat(String text) {
        return ChatCompletionCreateParams.builder().model("gpt-5").addUserMessage(text);
    }

    private static ResponseCreateParams.Builder responses() {
        return ResponseCreateParams.builder().model("gpt-5");
    }

    /// The rows of a talk, which is had once more without the gateway: the provider must have got the same.
    private List<String> lines(Consumer<OpenAIClient> talk, int calls) throws Exception {
        List<String> sent;
        List<String> rows;
        try (FakeProvider provider = OpenAiProvider.start();
                TestGateway gateway = gateway(provider)) {
            talk.accept(client(gateway.url()));
            rows = gateway.rows(Messages.DATASET, calls).stream()
                    .map(RecordedCalls::line)
                    .toList();
            sent = hashes(provider);
        }
        try (FakeProvider provider = OpenAiProvider.start()) {
            talk.accept(client(provider.url()));
            assertThat(sent).isEqualTo(hashes(provider)).hasSize(calls);
        }
        return rows;
    }

    private TestGateway gateway(FakeProvider provider) {
        return new TestGateway(folder, TestGateway.config("openai", provider.url(), ""));
    }

    private static OpenAIClient client(String url) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(url + "/v1")
                .apiKey("sk-test")
                .maxRetries(0)
                .build();
    }

    private static List<String> hashes(FakeProvider provider) {
        return provider.requests().stream().map(FakeProvider.Request::sha256).toList();
    }
}
