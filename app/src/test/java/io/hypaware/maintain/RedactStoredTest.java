package io.hypaware.maintain;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static io.hypaware.testing.RecordedCalls.toolResult;
import static io.hypaware.testing.RecordedCalls.toolUse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.backfill.Backfill;
import io.hypaware.backfill.TranscriptFiles;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.project.transcript.TranscriptFormat;
import io.hypaware.project.transcript.TranscriptFormats;
import io.hypaware.secret.Secrets;
import io.hypaware.testing.Configs;
import io.hypaware.testing.PlantedSecrets;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.ReportingClient;
import io.hypaware.testing.ResponsesCalls;
import io.hypaware.testing.SentTelemetry;
import io.hypaware.testing.Tapes;
import io.hypaware.testing.Trees;
import io.hypaware.testing.TwoWays;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Where the user wants no secret stored, none is on any byte of the home, and all else is as it would be.
class RedactStoredTest {

    private static final Writing WRITING = new Writing(
            "gw",
            Secrets.of("a key".getBytes(StandardCharsets.UTF_8), List.of()).redactor());

    private static final Clock NEXT_DAY = Clock.fixed(Instant.parse("2026-03-02T10:00:00Z"), ZoneOffset.UTC);

    private static final String ROWS = "select concat_ws('|', role, part_type, coalesce(content_text, ''),"
            + " coalesce(tool_args::varchar, '')) from ai_gateway_messages order by message_created_at, part_id";

    @TempDir
    private Path folder;

    private Path home;
    private RecordedCalls calls;
    private final PlantedSecrets planted = new PlantedSecrets(3);
    private final PlantedSecrets.Planted token = planted.of(0);
    private final PlantedSecrets.Planted other = planted.of(5);

    @BeforeEach
    void home() {
        home = folder.resolve("home");
        calls = new RecordedCalls(home.resolve("hypaware/cache"), WRITING);
    }

    /// It is in no file as it is, and in no column of the lake, where files are packed.
    private void isNowhere(PlantedSecrets.Planted one) throws Exception {
        assertThat(Trees.filesWith(home, one.secret())).isEmpty();
        for (String dataset : List.of("ai_gateway_messages", "exchanges", "payloads", "logs")) {
            assertThat(Queries.values(
                            calls.cache(),
                            "select row from (select t::varchar as row from " + dataset + " t) where contains(row, '"
                                    + one.secret() + "')"))
                    .as(dataset)
                    .isEmpty();
        }
    }

    /// As a provider streams it.
    private static byte[] stream(String text, int size) {
        StringBuilder body = new StringBuilder();
        body.append("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",")
                .append("\"role\":\"assistant\",\"model\":\"claude-sonnet-4-5\",\"content\":[],\"usage\":")
                .append("{\"input_tokens\":5,\"output_tokens\":1}}}\n\n")
                .append("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,")
                .append("\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n");
        for (int at = 0; at < text.length(); at += size) {
            String piece = text.substring(at, Math.min(text.length(), at + size));
            JsonNode event = RecordedCalls.JSON
                    .createObjectNode()
                    .put("type", "content_block_delta")
                    .put("index", 0)
                    .set(
                            "delta",
                            RecordedCalls.JSON
                                    .createObjectNode()
                                    .put("type", "text_delta")
                                    .put("text", piece));
            body.append("event: content_block_delta\ndata: ").append(event).append("\n\n");
        }
        body.append("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n")
                .append("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":")
                .append("\"end_turn\"},\"usage\":{\"output_tokens\":9}}\n\n")
                .append("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aSessionIsOneRowSetWithMarks() throws Exception {
        String asked = "Use this:\n" + token.text();
        String answered = "I shall use " + other.text() + " then.";
        JsonNode use = toolUse("toolu_1", "Bash");
        calls.call()
                .session("s")
                .messages(message("user", asked))
                .response("text/event-stream", stream(answered, 5))
                .record();
        calls.call()
                .session("s")
                .messages(message("user", asked), message("assistant", answered), message("user", "go on"))
                .answer(use)
                .record();
        calls.call()
                .session("s")
                .messages(
                        message("user", asked),
                        message("assistant", answered),
                        message("user", "go on"),
                        message("assistant", use),
                        message("user", toolResult("toolu_1", "it prints " + token.secret() + "\n")))
                .answer("done")
                .record();
        List<String> said = calls.said();
        assertThat(said).hasSize(6);
        assertThat(said.get(0)).startsWith("user: Use this:\n").contains("[redacted:" + token.rule() + ":");
        assertThat(said.get(1)).contains("[redacted:" + other.rule() + ":").endsWith(" then.");
        assertThat(said.get(4)).contains("[redacted:" + token.rule() + ":");
        isNowhere(token);
        isNowhere(other);
        assertThat(new Worker(new Cache(calls.cache()), Configs.defaults(), WRITING, NEXT_DAY)
                        .run()
                        .failed())
                .isEmpty();
        isNowhere(token);
        isNowhere(other);
        // Bodies are what rows say: events, each of them JSON.
        String body = Queries.values(
                        calls.cache(), "select response_body::varchar from exchanges order by started_at limit 1")
                .getFirst();
        assertThat(body).contains("[redacted:" + other.rule() + ":").contains("event: message_stop");
        assertThat(CacheCheck.run(new Cache(calls.cache()), false).findings()).isEmpty();
    }

    @Test
    void whatHasNoSecretIsKeptAsItWasSent() throws Exception {
        byte[] sent = packed("{\"model\": \"m\",  \"messages\": [{\"role\": \"user\", \"content\": \"hello\"}]}");
        calls.call()
                .session("s")
                .header("content-encoding", "gzip")
                .request(sent)
                .answer("hi")
                .record();
        assertThat(calls.said()).containsExactly("user: hello", "assistant: hi");
        assertThat(Queries.values(calls.cache(), "select hex(request_body) from exchanges"))
                .containsExactly(java.util.HexFormat.of().withUpperCase().formatHex(sent));
    }

    @Test
    void aPackedBodyIsStoredInTheClear() throws Exception {
        String body = RecordedCalls.JSON.writeValueAsString(RecordedCalls.JSON
                .createObjectNode()
                .put("model", "m")
                .set("messages", RecordedCalls.JSON.createArrayNode().add(message("user", token.text()))));
        calls.call()
                .session("s")
                .header("content-encoding", "gzip")
                .request(packed(body))
                .answer("hi")
                .record();
        assertThat(calls.said()).hasSize(2);
        isNowhere(token);
        assertThat(Queries.values(
                        calls.cache(), "select decode(request_body) || request_headers::varchar from exchanges"))
                .singleElement()
                .asString()
                .contains("[redacted:")
                .doesNotContain("content-encoding");
    }

    @Test
    void aWebSocketLosesThemToo() throws Exception {
        calls.call()
                .provider("openai")
                .method("GET")
                .path("/v1/responses")
                .session("s")
                .status(101)
                .request(Tapes.client(true, ResponsesCalls.create("first " + token.text())))
                .response("x", Tapes.provider(true, ResponsesCalls.completed("resp_1", "so " + other.text())))
                .record();
        assertThat(calls.said()).hasSize(2).allMatch(line -> line.contains("[redacted:"));
        isNowhere(token);
        isNowhere(other);
    }

    @Test
    void aConnectionThatCannotBeReadIsNoRow() throws Exception {
        calls.call()
                .provider("openai")
                .method("GET")
                .path("/v1/responses")
                .status(101)
                .request(("no tape at all " + token.text()).getBytes(StandardCharsets.UTF_8))
                .response("x", new byte[0])
                .record();
        calls.settle();
        for (String dataset : List.of("ai_gateway_messages", "exchanges", "payloads", "logs")) {
            assertThat(Queries.values(
                            calls.cache(),
                            "select t::varchar from " + dataset + " t where contains(t::varchar, 'tape')"))
                    .isEmpty();
        }
    }

    @Test
    void aTranscriptSaysTheSame() throws Exception {
        TwoWays session = new TwoWays("s")
                .says("use " + token.text())
                .answers(textBlock("I do"), toolUse("toolu_1", "Read"))
                .user(toolResult("toolu_1", "found " + other.text()))
                .answers(textBlock("it was " + other.secret()));
        Path user = folder.resolve("user");
        session.write(user);
        session.record(calls);
        calls.settle();
        List<String> recorded = Queries.values(calls.cache(), ROWS);
        assertThat(imported(calls, user)).isZero();
        assertThat(Queries.values(calls.cache(), ROWS)).isEqualTo(recorded);

        home = folder.resolve("other");
        calls = new RecordedCalls(home.resolve("hypaware/cache"), WRITING);
        assertThat(imported(calls, user)).isEqualTo(recorded.size());
        assertThat(Queries.values(calls.cache(), ROWS)).isEqualTo(recorded);
        isNowhere(token);
        isNowhere(other);
    }

    @Test
    void telemetryLosesThemToo() throws Exception {
        SentTelemetry sent = new SentTelemetry(calls.cache());
        sent.send(SentTelemetry.logs(
                SentTelemetry.log("runs with " + token.text()).addAttributes(SentTelemetry.text("env", other.text()))));
        calls.settle();
        assertThat(Queries.values(calls.cache(), "select body::varchar || attributes::varchar from logs"))
                .singleElement()
                .asString()
                .contains("[redacted:" + token.rule() + ":", "[redacted:" + other.rule() + ":", "runs with ");
        isNowhere(token);
        isNowhere(other);
    }

    @Test
    void whatAClientReportsLosesThemToo() throws Exception {
        ReportingClient client =
                new ReportingClient(new Cache(calls.cache()), "s", Instant.parse("2026-03-01T10:00:00Z"));
        client.request(client.body(message("user", "use " + token.text())));
        client.later(40).answered("req_1", 38, ReportingClient.message("msg_1", textBlock("it is " + other.text())));
        client.post();
        assertThat(calls.said()).hasSize(2).allMatch(line -> line.contains("[redacted:"));
        isNowhere(token);
        isNowhere(other);
    }

    @Test
    void whyAReportedCallFailedLosesThemToo() throws Exception {
        ReportingClient client =
                new ReportingClient(new Cache(calls.cache()), "s", Instant.parse("2026-03-01T10:00:00Z"));
        client.request(client.body(message("user", "hello")));
        client.later(40)
                .event("api_error", Map.of("error", "401 bad key " + token.secret(), "status_code", "401"))
                .post();
        calls.settle();
        assertThat(Queries.values(calls.cache(), "select error from exchanges"))
                .singleElement()
                .asString()
                .contains("401 bad key [redacted:");
        isNowhere(token);
    }

    private static long imported(RecordedCalls calls, Path user) throws Exception {
        TranscriptFormat claude = TranscriptFormats.all().stream()
                .filter(format -> format.client().equals("claude"))
                .findFirst()
                .orElseThrow();
        return new Backfill(new Cache(calls.cache()), Configs.defaults(), WRITING, NEXT_DAY)
                .run(claude, new TranscriptFiles(Map.of(), user).find(claude), Backfill.Options.ALL, Progress.NONE)
                .counts()
                .written();
    }

    private static byte[] packed(String text) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }
}
