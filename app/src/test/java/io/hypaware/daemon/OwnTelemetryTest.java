package io.hypaware.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.cli.Hyp;
import io.hypaware.home.HypHome;
import io.hypaware.testing.FakeProvider;
import io.hypaware.testing.Processes;
import io.hypaware.testing.RawClient;
import io.hypaware.testing.TestGateway;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the program says of itself: structured, bounded, and never what people and agents said.
class OwnTelemetryTest {

    private static final String PROMPT = "the prompt that nobody else may read";
    private static final String KEY = "sk-ant-api03-verysecretverysecretverysecret";

    @TempDir
    private Path home;

    @Tag("slow")
    @Test
    void noPromptAndNoKeyIsInIt() throws Exception {
        try (FakeProvider provider = new FakeProvider((request, out) -> {
                    if (request.line().contains("broken")) {
                        out.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: {\"type\": \""
                                + PROMPT + "\n\n");
                        out.reset();
                    } else {
                        out.respond(400, "application/json", "{\"error\":{\"message\":\"bad key " + KEY + "\"}}");
                    }
                });
                FakeProvider collector = new FakeProvider((_, out) -> out.respond(200, "application/json", "{}"))) {
            Files.writeString(home.resolve("hypaware-config.json"), """
                    {"version": 2, "plugins": [{"name": "@hypaware/ai-gateway", "config": {"port": 0, "upstreams": [
                      {"name": "anthropic", "base_url": "%s", "provider": "anthropic"},
                      {"name": "openai", "base_url": "http://127.0.0.1:1", "provider": "openai"}]}}]}""".formatted(provider.url()));
            Process gateway = Processes.java(Hyp.class, home, "daemon", "run", "--foreground");
            GatewayFiles files = new GatewayFiles(new HypHome(home));
            TestGateway.await(() -> Presence.of(files) instanceof Presence.Answering);
            int port = files.address().orElseThrow().port();
            for (String path :
                    List.of("/v1/messages", "/v1/messages?broken", "/v1/chat/completions", "/unknown/" + KEY)) {
                for (String body :
                        List.of("{\"messages\":[{\"role\":\"user\",\"content\":\"" + PROMPT + "\"}]}", PROMPT)) {
                    call(port, path, body);
                }
            }
            assertThat(Processes.output(Hyp.class, home, "query", "refresh")).containsPattern("exchanges? projected");
            Processes.output(Hyp.class, home, "query", "maintain");
            String metrics = Processes.output(Hyp.class, home, "status", "--otlp");
            JsonNode request = new ObjectMapper().readTree(metrics);
            assertThat(request.findValuesAsText("name"))
                    .contains("hypaware.gateway.calls", "hypaware.journal.pending", "hypaware.dataset.rows_lake");
            assertThat(request.toString()).contains("\"asInt\":\"4\"");
            assertThat(Processes.output(Hyp.class, home, "status", "--otlp", collector.url()))
                    .isEmpty();
            assertThat(collector.requests().getFirst().line()).startsWith("POST /v1/metrics");
            assertThat(collector.requests().getFirst().bodyText()).contains("hypaware.gateway.calls");
            gateway.destroy();
            assertThat(gateway.waitFor(20, TimeUnit.SECONDS)).isTrue();

            String said = metrics + logs();
            assertThat(said).contains("listening on 127.0.0.1").doesNotContain(PROMPT, KEY, "verysecret");
        }
    }

    @Test
    void eachLineIsAnObjectAndOldThingsGo() throws Exception {
        Path logs = Files.createDirectories(home.resolve("hypaware/logs"));
        Files.write(logs.resolve("gateway.out"), new byte[2_000_000]);
        for (int i = 0; i < 9; i++) {
            Files.writeString(logs.resolve("hs_err_pid" + i + ".log"), "died");
        }
        Files.writeString(
                home.resolve("hypaware-config.json"),
                "{\"plugins\": [{\"name\": \"@hypaware/ai-gateway\", \"config\": {\"port\": 0}}]}");
        Process gateway = Processes.java(Hyp.class, home, "daemon", "run", "--foreground");
        GatewayFiles files = new GatewayFiles(new HypHome(home));
        TestGateway.await(() -> Presence.of(files) instanceof Presence.Answering);
        gateway.destroy();
        assertThat(gateway.waitFor(20, TimeUnit.SECONDS)).isTrue();
        for (String line : Files.readAllLines(logs.resolve("gateway.0.log"))) {
            JsonNode entry = new ObjectMapper().readTree(line);
            assertThat(entry.path("at").asText()).endsWith("Z");
            assertThat(entry.path("level").asText()).isNotEmpty();
            assertThat(entry.path("message").asText()).isNotEmpty();
        }
        assertThat(Files.size(logs.resolve("gateway.out"))).isZero();
        try (Stream<Path> deaths = Files.list(logs)) {
            assertThat(deaths.filter(file -> file.toString().contains("hs_err")))
                    .hasSize(5);
        }
    }

    private static void call(int port, String path, String body) throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.write("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nx-api-key: " + KEY + "\r\nContent-Length: "
                    + body.length() + "\r\nConnection: close\r\n\r\n" + body);
            client.readAll();
        } catch (java.net.SocketException e) {
            // The provider broke off.
        }
    }

    private String logs() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(home.resolve("hypaware/logs"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.append(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
            }
        }
        return all.toString();
    }
}
