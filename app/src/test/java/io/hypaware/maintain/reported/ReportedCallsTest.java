package io.hypaware.maintain.reported;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.text;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static io.hypaware.testing.RecordedCalls.toolResult;
import static io.hypaware.testing.RecordedCalls.toolUse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.config.ConfigFile;
import io.hypaware.config.HypConfig;
import io.hypaware.dataset.Row;
import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import io.hypaware.maintain.Worker;
import io.hypaware.maintain.Writing;
import io.hypaware.privacy.PrivacyList;
import io.hypaware.project.ExchangeRow;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.ReportingClient;
import io.hypaware.testing.Trees;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a client reports of its calls is recorded as if the gateway had seen them.
class ReportedCallsTest {

    private static final Instant LONG_AGO = Instant.parse("2026-03-01T10:00:00Z");

    @TempDir
    private Path folder;

    private RecordedCalls calls;
    private Cache cache;
    private ReportingClient client;

    @BeforeEach
    void reporting() {
        calls = new RecordedCalls(folder.resolve("home/hypaware/cache"));
        cache = new Cache(calls.cache());
        client = new ReportingClient(cache, "session-1", LONG_AGO);
    }

    private void turn(String id, String answer, JsonNode... messages) throws Exception {
        client.request(client.body(messages));
        client.later(40).answered(id, 38, ReportingClient.message("msg_" + id, textBlock(answer)));
        client.later(1_000);
    }

    private List<String> spooled() throws Exception {
        return List.copyOf(Trees.files(cache.claudeBodies()).keySet());
    }

    @Test
    void aReportedCallIsRecordedAsOneOfTheWire() throws Exception {
        turn("req_1", "hi", message("user", "hello"));
        turn("req_2", "fine", message("user", "hello"), message("assistant", "hi"), message("user", "how are you"));
        client.export();
        assertThat(calls.said())
                .containsExactly("user: hello", "assistant: hi", "user: how are you", "assistant: fine");
        assertThat(calls.conversations()).containsExactly("session-1");
        assertThat(spooled()).isEmpty();

        Row exchange = calls.rows(ExchangeRow.DATASET).getFirst();
        assertThat(text(exchange, "upstream")).isEqualTo("telemetry");
        assertThat(text(exchange, "session_id")).isEqualTo("session-1");
        assertThat(text(exchange, "client_name")).isEqualTo("claude");
        assertThat(text(exchange, "client_version")).isEqualTo("2.1.197");
        assertThat(text(exchange, "duration_ms")).isEqualTo("40");
        assertThat(text(exchange, "outcome")).isEqualTo("completed");
        assertThat(exchange.value("ttfb_ms")).isEmpty();
        assertThat(exchange.value("error")).isEmpty();
        assertThat(text(exchange, "request_headers")).contains("[\"anthropic-beta\",\"beta-1,beta-2\"]");
        assertThat(text(exchange, "response_headers")).isEqualTo("[[\"request-id\",\"req_1\"]]");
    }

    @Test
    void theRequestIsWhatWentOverTheWire() throws Exception {
        JsonNode body = client.body(message("user", "hello"));
        client.request(client.body(message("user", "hello")));
        client.later(40).answered("req_1", 38, ReportingClient.message("msg_1", textBlock("hi")));
        client.export();
        calls.settle();
        assertThat(Queries.values(cache.folder(), "select decode(request_body) from exchanges"))
                .containsExactly(body.toString());
    }

    @Test
    void whatTheGatewayRecordedIsNotRecordedTwice() throws Exception {
        JsonNode[] said = {message("user", "hello")};
        calls.call()
                .session("session-1")
                .messages(said)
                .answer("hi")
                .responseHeader("request-id", "req_1")
                .startedAt(LONG_AGO)
                .record();
        turn("req_1", "hi", said);
        client.export();
        assertThat(calls.said()).containsExactly("user: hello", "assistant: hi");
        assertThat(calls.rows(ExchangeRow.DATASET)).hasSize(1);
        assertThat(spooled()).isEmpty();
    }

    @Test
    void anAttemptWithoutAnAnswerGoesToNoOther() throws Exception {
        client.request(client.body(message("user", "hello")));
        client.later(500);
        turn("req_2", "hi", message("user", "hello"));
        client.export();
        assertThat(calls.said()).containsExactly("user: hello", "assistant: hi");
        assertThat(calls.rows(ExchangeRow.DATASET).stream().map(row -> text(row, "outcome") + text(row, "status")))
                .containsExactly("client_aborted", "completed200");
        assertThat(calls.rows(ExchangeRow.DATASET).stream().map(row -> text(row, "error")))
                .containsExactly("its client told of no answer", "");
    }

    @Test
    void anAnswerIsOfTheRequestThatBeganWhenItSays() throws Exception {
        client.source("agent:builtin:general-purpose");
        client.request(client.body(message("user", "one")));
        client.later(7).request(client.body(message("user", "two")));
        client.later(30).answered("req_2", 30, ReportingClient.message("msg_2", textBlock("answer two")));
        client.later(50).answered("req_1", 87, ReportingClient.message("msg_1", textBlock("answer one")));
        client.export();
        assertThat(calls.said())
                .containsExactly("user: one", "assistant: answer one", "user: two", "assistant: answer two");
    }

    /// Nobody names them, and each goes on from its own answer.
    @Test
    void agentsWithTheSameTaskMayBeginOneAfterTheOther() throws Exception {
        client.source("agent:builtin:general-purpose");
        JsonNode task = message("user", "the task");
        for (String call : List.of("toolu_1", "toolu_2")) {
            client.request(client.body(task));
            client.later(20).answered("req_" + call, 18, ReportingClient.message("msg_" + call, toolUse(call, "Bash")));
            client.later(1_000);
        }
        for (String call : List.of("toolu_1", "toolu_2")) {
            client.request(client.body(
                    task, message("assistant", toolUse(call, "Bash")), message("user", toolResult(call, "done"))));
            client.later(20)
                    .answered("req_again_" + call, 18, ReportingClient.message("msg_again_" + call, textBlock("same")));
            client.later(1_000);
        }
        client.export();
        assertThat(calls.conversations()).containsExactly("session-1", "session-1/2");
        for (int i = 1; i <= 2; i++) {
            assertThat(calls.of(calls.conversations().get(i - 1)))
                    .containsExactly(
                            "user: the task",
                            "assistant: call Bash toolu_" + i,
                            "user: result toolu_" + i + " done",
                            "assistant: same");
        }
    }

    /// A tool of some milliseconds is all that is between the two.
    @Test
    void anAnswerIsNotOfTheRequestThatFollowsItAtOnce() throws Exception {
        client.request(client.body(message("user", "hello")));
        client.later(28).answered("req_1", 28, ReportingClient.message("msg_1", textBlock("hi")));
        client.later(37)
                .request(client.body(
                        message("user", "hello"), message("assistant", "hi"), message("user", "how are you")));
        client.later(12).answered("req_2", 12, ReportingClient.message("msg_2", textBlock("fine")));
        client.export();
        assertThat(calls.said())
                .containsExactly("user: hello", "assistant: hi", "user: how are you", "assistant: fine");
    }

    @Test
    void anAnswerMayComeInALaterExport() throws Exception {
        client = new ReportingClient(cache, "session-1", Instant.now());
        client.request(client.body(message("user", "hello")));
        client.export();
        assertThat(calls.said()).isEmpty();
        assertThat(spooled()).hasSize(1);
        client.later(40).answered("req_1", 38, ReportingClient.message("msg_1", textBlock("hi")));
        client.export();
        assertThat(calls.said()).containsExactly("user: hello", "assistant: hi");
    }

    @Test
    void aRequestThatIsNeverAnsweredIsRecordedAfterAWhile() throws Exception {
        client.request(client.body(message("user", "hello")));
        client.export();
        assertThat(calls.said()).containsExactly("user: hello");
    }

    @Test
    void anErrorIsOneWithWhatIsKnownOfIt() throws Exception {
        client.request(client.body(message("user", "hello")));
        client.later(20)
                .event(
                        "api_error",
                        Map.of(
                                "error",
                                "no such model",
                                "status_code",
                                "404",
                                "request_id",
                                "req_9",
                                "duration_ms",
                                "19"));
        client.export();
        Row exchange = calls.rows(ExchangeRow.DATASET).getFirst();
        assertThat(text(exchange, "status")).isEqualTo("404");
        assertThat(text(exchange, "error")).isEqualTo("no such model");
        assertThat(text(exchange, "outcome")).isEqualTo("completed");
        assertThat(calls.rows(ClaudeTelemetryEvents.DATASET)).hasSize(1);
    }

    @Test
    void aFileInAnotherEncodingHidesNoOtherCall() throws Exception {
        String file = client.request(client.body(message("user", "hello")));
        Files.writeString(
                cache.claudeBodies().resolve(Path.of(file).getFileName()),
                "{\"model\":\"m\",\"betas\":[\"x\"],\"messages\":[]}",
                StandardCharsets.UTF_16);
        client.later(40).answered("req_1", 38, ReportingClient.message("msg_1", textBlock("hi")));
        turn("req_2", "fine", message("user", "how are you"));
        client.export();
        assertThat(calls.said()).contains("user: how are you", "assistant: fine");
    }

    @Test
    void aBodyThatTheClientCutIsSaidToBe() throws Exception {
        String whole =
                client.body(message("user", "hello " + "x".repeat(1_000))).toString();
        client.event(
                "api_request_body",
                Map.of("body", whole.substring(0, 500), "body_length", Integer.toString(whole.length())));
        client.later(20).answered("req_1", 19, ReportingClient.message("msg_1", textBlock("hi")));
        client.export();
        Row exchange = calls.rows(ExchangeRow.DATASET).getFirst();
        assertThat(text(exchange, "outcome")).isEqualTo("capture_truncated");
        assertThat(text(exchange, "error")).contains("the client sent its beginning only");
        assertThat(calls.said()).contains("assistant: hi");
    }

    @Test
    void onlyFilesOfTheSpoolAreRead() throws Exception {
        Path secret = folder.resolve("secret.request.json");
        Files.writeString(
                secret, client.body(message("user", "a secret of another file")).toString());
        Files.createDirectories(cache.claudeBodies().resolve("sub"));
        Path link = cache.claudeBodies().resolve("link.request.json");
        Files.createSymbolicLink(link, secret);
        Path hard = cache.claudeBodies().resolve("sub/hard.request.json");
        Files.createLink(hard, secret);
        for (String reference : List.of(
                secret.toString(),
                link.toString(),
                hard.toString(),
                cache.claudeBodies() + "/../../../secret.request.json",
                "secret.request.json",
                "\0",
                cache.claudeBodies() + "/")) {
            client.event("api_request_body", Map.of("body_ref", reference));
            client.later(1_000);
        }
        client.export();
        assertThat(calls.said()).isEmpty();
        assertThat(Trees.filesWith(cache.folder(), "a secret of another file")).isEmpty();
        assertThat(secret).content().contains("a secret of another file");
        assertThat(link).isSymbolicLink();
    }

    /// It may be anybody's: who can write into the spool need not be allowed to read it.
    @Test
    void aFileWithAnotherNameIsNotReadNorWrittenOver() throws Exception {
        client.request(client.body(message("user", "of another file")));
        Path kept = folder.resolve("kept");
        Files.createLink(kept, cache.claudeBodies().resolve(spooled().getFirst()));
        client.later(20).answered("req_1", 18, ReportingClient.message("msg_1", textBlock("hi")));
        client.write("0.request.json", "");
        Path alone = cache.claudeBodies().resolve("0.request.json");
        Files.delete(alone);
        Files.createLink(alone, kept);
        client.export();
        assertThat(calls.said()).containsExactly("assistant: hi");
        assertThat(text(calls.rows(ExchangeRow.DATASET).getFirst(), "error")).contains("another name");
        assertThat(spooled()).isEmpty();
        assertThat(kept).content().contains("of another file");
    }

    @Test
    void theSpoolIsItsOwnersAlone() throws Exception {
        client.request(client.body(message("user", "hello")));
        Files.setPosixFilePermissions(cache.claudeBodies(), PosixFilePermissions.fromString("rwxr-xr-x"));
        calls.settle();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cache.claudeBodies())))
                .isEqualTo("rwx------");
    }

    @Test
    void filesWhoseEventsAreLostBecomeCallsWhereTheyTellEnough() throws Exception {
        turn("req_1", "hi", message("user", "hello"));
        turn("req_2", "fine", message("user", "hello"), message("assistant", "hi"), message("user", "how are you"));
        client.lose();
        assertThat(calls.said())
                .containsExactly("user: hello", "assistant: hi", "user: how are you", "assistant: fine");
        assertThat(spooled()).isEmpty();
    }

    /// A tool that takes nothing: both files have the same time.
    @Test
    void anAnswerWithoutAnEventIsNotOfTheRequestThatFollowsItAtOnce() throws Exception {
        client.request(client.body(message("user", "go")));
        client.later(40).answered("req_1", 38, ReportingClient.message("msg_1", toolUse("t1", "Read")));
        client.request(client.body(
                message("user", "go"),
                message("assistant", toolUse("t1", "Read")),
                message("user", toolResult("t1", "done"))));
        client.later(40).answered("req_2", 38, ReportingClient.message("msg_2", textBlock("fine")));
        client.lose();
        assertThat(calls.rows(ExchangeRow.DATASET))
                .extracting(row -> text(row, "outcome"))
                .containsExactly("completed", "completed");
        assertThat(spooled()).isEmpty();
    }

    @Test
    void aRequestThatIsBrokenOffTakesNoAnswerOfTheNextOnes() throws Exception {
        client.request(client.body(message("user", "one")));
        JsonNode[] second = {message("user", "one"), message("user", "two")};
        client.later(1_000).request(client.body(second));
        client.later(40).answered("req_1", 38, ReportingClient.message("msg_1", textBlock("two it is")));
        client.later(1_000)
                .request(
                        client.body(second[0], second[1], message("assistant", "two it is"), message("user", "three")));
        client.later(40).answered("req_2", 38, ReportingClient.message("msg_2", textBlock("three it is")));
        client.lose();
        // Which of two the last one answers nothing shows.
        assertThat(calls.rows(ExchangeRow.DATASET))
                .extracting(row -> text(row, "outcome"))
                .containsExactly("client_aborted", "completed", "client_aborted");
        assertThat(calls.said()).contains("assistant: two it is");
    }

    /// By that its transcript finds it.
    @Test
    void filesWhoseEventsAreLostSayWhetherAnAgentSpeaks() throws Exception {
        turn("req_1", "hi", message("user", "hello"));
        ObjectNode body = client.body(message("user", "the task"));
        String head = "x-anthropic-billing-header: cc_version=2.1.197.583; cc_entrypoint=cli; cc_is_subagent=true;";
        body.putArray("system").add(textBlock(head)).add(textBlock("You are an agent"));
        client.request(body);
        client.later(40).answered("req_2", 38, ReportingClient.message("msg_2", textBlock("done")));
        client.later(1_000);
        client.lose();
        assertThat(calls.conversations()).containsExactly("session-1", "session-1/2");
        assertThat(calls.rows(ExchangeRow.DATASET))
                .extracting(row -> text(row, "request_headers").contains("[\"query_source\",\"agent:\"]"))
                .containsExactly(false, true);
    }

    @Test
    void whatNothingCanBeMadeOfIsSwept() throws Exception {
        client.write("req_7.response.json", "{}");
        client.write("no.request.json", "not JSON");
        ReportingClient recent = new ReportingClient(cache, "session-2", Instant.now());
        recent.write("req_8.response.json", "{}");
        recent.write("notes.txt", "of the user");
        calls.settle();
        assertThat(spooled()).containsExactly("notes.txt", "req_8.response.json");
    }

    @Test
    void theSpoolIsKeptToItsBound() throws Exception {
        for (int i = 0; i < 5; i++) {
            client.later(1_000).write("r" + i + ".request.json", "x".repeat(1_000));
        }
        assertThat(new BodySpool(cache.claudeBodies()).keepTo(2_500)).isEqualTo(3);
        assertThat(spooled()).containsExactly("r3.request.json", "r4.request.json");
    }

    @Test
    void aWorkerKeepsTheSpoolToWhatTheConfigSays() throws Exception {
        ReportingClient recent = new ReportingClient(cache, "session-1", Instant.now());
        recent.write("0.request.json", "x".repeat(10 << 20));
        recent.later(1_000).write("1.request.json", "x".repeat(10 << 20));
        Path file = folder.resolve("config.json");
        Files.writeString(file, """
                {"version": 2, "plugins": [{"name": "@hypaware/otel", "config": {"spool_max_bytes": 16777216}}]}""");
        HypConfig config = ConfigFile.read(file).config();
        new Worker(cache, config, Writing.whole("gw"), Clock.systemUTC()).run();
        assertThat(spooled()).containsExactly("1.request.json");
        try (Journal journal = Journal.open(cache.journal())) {
            assertThat(journal.problems().newest(1).getFirst().message()).contains("spool_max_bytes");
        }
    }

    @Test
    void aCallWhoseFileWentIsSaidToLackIt() throws Exception {
        turn("req_1", "hi", message("user", "hello"));
        for (String file : spooled()) {
            if (file.endsWith(".request.json")) {
                Files.delete(cache.claudeBodies().resolve(file));
            }
        }
        client.export();
        Row exchange = calls.rows(ExchangeRow.DATASET).getFirst();
        assertThat(text(exchange, "outcome")).isEqualTo("capture_dropped");
        assertThat(text(exchange, "error")).contains("its file was gone");
        assertThat(calls.said()).containsExactly("assistant: hi");
    }

    @Test
    void whatIsIgnoredLeavesNoByte() throws Exception {
        String unheard = "nobody is to hear of this";
        PrivacyList.update(cache.privacyList(), list -> list.withSession("session-1", Instant.EPOCH));
        turn("req_1", unheard, message("user", unheard));
        client.export();
        assertThat(calls.said()).isEmpty();
        assertThat(calls.rows(ExchangeRow.DATASET)).isEmpty();
        assertThat(Trees.filesWith(folder, unheard)).isEmpty();
    }

    @Test
    void anExportOfAnIgnoredSessionTakesItsFilesWithIt() throws Exception {
        String unheard = "nobody is to hear of this";
        PrivacyList.update(cache.privacyList(), list -> list.withSession("session-1", Instant.EPOCH));
        client = new ReportingClient(cache, "session-1", Instant.now());
        turn("req_1", unheard, message("user", unheard));
        client.event("tool_result", Map.of("tool_name", "Bash", "tool_input", unheard));
        client.post();
        assertThat(calls.said()).isEmpty();
        assertThat(calls.rows(ClaudeTelemetryEvents.DATASET)).isEmpty();
        assertThat(spooled()).isEmpty();
        assertThat(Trees.filesWith(folder, unheard)).isEmpty();
    }

    @Test
    void anExportIsReadAndRecordedInOneRun() throws Exception {
        client = new ReportingClient(cache, "session-1", Instant.now());
        turn("req_1", "hi", message("user", "hello"));
        client.post();
        assertThat(calls.said()).containsExactly("user: hello", "assistant: hi");
        assertThat(calls.rows(ClaudeTelemetryEvents.DATASET)).hasSize(1);
        assertThat(spooled()).isEmpty();
    }

    @Test
    void whatClaudeDoesBesideTalkingHasRowsOfItsOwn() throws Exception {
        client.event("user_prompt", Map.of("prompt", "hello"));
        client.event(
                "tool_decision",
                Map.of(
                        "tool_name",
                        "Bash",
                        "decision",
                        "accept",
                        "source",
                        "config",
                        "tool_use_id",
                        "toolu_1",
                        "more",
                        "x"));
        turn("req_1", "hi", message("user", "hello"));
        client.export();
        List<Row> rows = calls.rows(ClaudeTelemetryEvents.DATASET);
        assertThat(rows.stream().map(row -> text(row, "event_name"))).containsExactly("tool_decision", "api_request");
        assertThat(text(rows.getFirst(), "tool_name")).isEqualTo("Bash");
        assertThat(text(rows.getFirst(), "decision")).isEqualTo("accept");
        assertThat(text(rows.getFirst(), "source")).isEqualTo("config");
        assertThat(text(rows.getFirst(), "attributes"))
                .contains("\"more\":\"x\"")
                .doesNotContain("accept");
        assertThat(text(rows.getLast(), "cost_usd")).isEqualTo("0.25");
        assertThat(text(rows.getLast(), "session_id")).isEqualTo("session-1");
    }

    @Test
    void theSameFilesAreNotRecordedTwice() throws Exception {
        turn("req_1", "hi", message("user", "hello"));
        byte[] request = Files.readAllBytes(cache.claudeBodies().resolve(requestFile()));
        String name = requestFile();
        client.export();
        calls.settle();
        // As if the process had died before it could delete it.
        Files.write(cache.claudeBodies().resolve(name), request);
        Files.setLastModifiedTime(
                cache.claudeBodies().resolve(name), FileTime.from(LONG_AGO.plus(Duration.ofHours(1))));
        assertThat(calls.rows(ExchangeRow.DATASET)).hasSize(1);
        assertThat(spooled()).isEmpty();
    }

    private String requestFile() throws Exception {
        return spooled().stream()
                .filter(file -> file.endsWith(".request.json"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aRequestBodyIsTakenApartWhereverItsBetasStand() {
        for (String[] pair : new String[][] {
            {"{\"a\":1,\"betas\":[\"x\"]}", "{\"a\":1}"},
            {"{\"betas\":[\"x\",\"y\"],\"a\":{\"betas\":[1]}}", "{\"a\":{\"betas\":[1]}}"},
            {"{\"betas\":[]}", "{}"},
            {"{\"a\":[\"betas\",{\"betas\":1}]}", "{\"a\":[\"betas\",{\"betas\":1}]}"},
            {"{\"a\":\"\u00e9\u4e2d\",\"betas\":[{},[]]}", "{\"a\":\"\u00e9\u4e2d\"}"},
            {"{\"a\":1,\"betas\":[\"x\"", "{\"a\":1,\"betas\":[\"x\""},
            {"", ""},
            {"[]", "[]"},
        }) {
            byte[] sent =
                    RequestBody.of(pair[0].getBytes(StandardCharsets.UTF_8)).bytes();
            assertThat(new String(sent, StandardCharsets.UTF_8))
                    .as(Arrays.toString(pair))
                    .isEqualTo(pair[1]);
        }
    }
}
