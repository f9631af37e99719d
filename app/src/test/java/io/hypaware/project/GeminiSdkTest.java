package io.hypaware.project;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.genai.Client;
import com.google.genai.ResponseStream;
import com.google.genai.types.Content;
import com.google.genai.types.FunctionDeclaration;
import com.google.genai.types.GenerateContentConfig;
import com.google.genai.types.GenerateContentResponse;
import com.google.genai.types.HttpOptions;
import com.google.genai.types.Part;
import com.google.genai.types.Tool;
import io.hypaware.dataset.Row;
import io.hypaware.testing.FakeProvider;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.TestGateway;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Google's own SDK through the gateway, and answers in the other forms that the Gemini API has.
class GeminiSdkTest {

    private static final String PATH = "/v1beta/models/gemini-2.5-pro:streamGenerateContent";

    @TempDir
    private Path folder;

    @Test
    void toolsOverThreeTurns() throws Exception {
        List<String> sent;
        try (FakeProvider provider = provider();
                TestGateway gateway = new TestGateway(folder, TestGateway.config("gemini", provider.url(), ""))) {
            converse(gateway.url());
            List<Row> rows = gateway.rows(Messages.DATASET, 2);
            assertThat(rows.stream().map(RecordedCalls::line))
                    .containsExactly(
                            "user: weather?",
                            "assistant: thinking let me see",
                            "assistant: call weather ",
                            "user: result weather rain",
                            "assistant: it rains");
            assertThat(RecordedCalls.text(rows.get(2), "tool_args")).isEqualTo("{\"city\":\"Bern\"}");
            assertThat(RecordedCalls.text(rows.getFirst(), "model")).isEqualTo("gemini-2.5-pro");
            assertThat(RecordedCalls.text(rows.getFirst(), "system_text")).isEqualTo("Be brief");
            assertThat(rows.get(1).value("input_tokens")).contains(12L);
            assertThat(rows.get(1).value("cache_read_tokens")).contains(8L);
            assertThat(rows.get(1).value("output_tokens")).contains(9L);
            assertThat(gateway.rows(ExchangeRow.DATASET, 2))
                    .allSatisfy(row -> assertThat(
                                    row.value("request_headers").orElseThrow().toString())
                            .doesNotContain("AIzaTest"));
            sent = hashes(provider);
        }
        try (FakeProvider provider = provider()) {
            converse(provider.url());
            assertThat(sent).isEqualTo(hashes(provider)).hasSize(2);
        }
    }

    @Test
    void streamedAsEvents() throws Exception {
        try (FakeProvider provider = provider();
                TestGateway gateway = new TestGateway(folder, TestGateway.config("gemini", provider.url(), ""))) {
            StringBuilder heard = new StringBuilder();
            try (Client client = client(gateway.url());
                    ResponseStream<GenerateContentResponse> stream =
                            client.models.generateContentStream("gemini-2.5-pro", "count", null)) {
                for (GenerateContentResponse response : stream) {
                    heard.append(response.text());
                }
            }

            assertThat(heard).hasToString("one two ☃");
            assertThat(gateway.rows(Messages.DATASET, 1).stream().map(RecordedCalls::line))
                    .containsExactly("user: count", "assistant: one two ☃");
        }
    }

    @Test
    void streamedAsTheElementsOfAnArrayAndCut() {
        RecordedCalls calls = new RecordedCalls(folder);
        String array = "[{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"one \"}]}}]}\n,\r\n"
                + "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"two\"}]}}],\"usageMetadata\":{\"promptTokenCount\":3}}";
        for (String answer : List.of(array + "]", array.substring(0, array.length() - 60))) {
            calls.call()
                    .provider("google")
                    .path(PATH)
                    .request("{\"contents\":[{\"parts\":[{\"text\":\"count %d\"}]}]}"
                            .formatted(answer.length())
                            .getBytes(StandardCharsets.UTF_8))
                    .response("application/json", answer.getBytes(StandardCharsets.UTF_8))
                    .record();
        }

        assertThat(calls.said())
                .filteredOn(line -> line.startsWith("assistant"))
                .containsExactly("assistant: one two", "assistant: one ");
    }

    @Test
    void anErrorIsARow() {
        RecordedCalls calls = new RecordedCalls(folder);
        calls.call()
                .provider("google")
                .path(PATH)
                .status(429)
                .request("{\"contents\":[{\"parts\":[{\"text\":\"hello\"}]}]}".getBytes(StandardCharsets.UTF_8))
                .response(
                        "application/json",
                        "[{\"error\":{\"code\":429,\"message\":\"slow down\",\"status\":\"RESOURCE_EXHAUSTED\"}}]"
                                .getBytes(StandardCharsets.UTF_8))
                .record();

        assertThat(calls.said()).containsExactly("user: hello", "assistant: error slow down");
    }

    private static void converse(String url) {
        try (Client client = client(url)) {
            GenerateContentConfig config = GenerateContentConfig.builder()
                    .systemInstruction(Content.fromParts(Part.fromText("Be brief")))
                    .tools(Tool.builder()
                            .functionDeclarations(FunctionDeclaration.builder()
                                    .name("weather")
                                    .build())
                            .build())
                    .build();
            List<Content> history = new ArrayList<>();
            history.add(Content.builder()
                    .role("user")
                    .parts(Part.fromText("weather?"))
                    .build());
            GenerateContentResponse call = client.models.generateContent("gemini-2.5-pro", history, config);
            history.add(call.candidates().orElseThrow().getFirst().content().orElseThrow());
            history.add(Content.builder()
                    .role("user")
                    .parts(Part.fromFunctionResponse("weather", Map.of("result", "rain")))
                    .build());
            client.models.generateContent("gemini-2.5-pro", history, config);
        }
    }

    private static Client client(String url) {
        return Client.builder()
                .apiKey("AIzaTest0123456789abcdefghijklmnop")
                .httpOptions(HttpOptions.builder().baseUrl(url).build())
                .build();
    }

    private static FakeProvider provider() {
        AtomicInteger number = new AtomicInteger();
        return new FakeProvider((request, out) -> {
            if (request.line().contains("streamGenerateContent")) {
                stream(out);
                return;
            }
            JsonNode contents = RecordedCalls.JSON.readTree(request.body()).path("contents");
            String parts = contents.size() == 1
                    ? "{\"text\":\"let me see\",\"thought\":true},{\"functionCall\":{\"name\":\"weather\",\"args\":{\"city\":\"Bern\"}}}"
                    : "{\"text\":\"it rains\"}";
            out.respond(200, "application/json", response(parts, number.incrementAndGet()));
        });
    }

    private static String response(String parts, int number) {
        return "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[" + parts
                + "]},\"finishReason\":\"STOP\",\"index\":0}],\"modelVersion\":\"gemini-2.5-pro\",\"responseId\":\"r"
                + number
                + "\",\"usageMetadata\":{\"promptTokenCount\":20,\"cachedContentTokenCount\":8,\"candidatesTokenCount\":5,\"thoughtsTokenCount\":4,\"totalTokenCount\":29}}";
    }

    private static void stream(FakeProvider.Connection out) throws IOException {
        out.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
        out.chunk("data: " + response("{\"text\":\"one \"}", 1) + "\r\n\r\n");
        out.chunk("data: " + response("{\"text\":\"two ☃\"}", 1) + "\r\n\r\n");
        out.write("0\r\n\r\n");
    }

    private static List<String> hashes(FakeProvider provider) {
        return provider.requests().stream().map(FakeProvider.Request::sha256).toList();
    }
}
