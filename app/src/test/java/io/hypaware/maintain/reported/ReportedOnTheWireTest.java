package io.hypaware.maintain.reported;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static io.hypaware.testing.RecordedCalls.thinking;
import static io.hypaware.testing.RecordedCalls.toolUse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.home.Cache;
import io.hypaware.journal.Chunk;
import io.hypaware.journal.ExchangeEnd;
import io.hypaware.journal.ExchangeStart;
import io.hypaware.journal.Header;
import io.hypaware.journal.Journal;
import io.hypaware.journal.JournalWriter;
import io.hypaware.journal.Outcome;
import io.hypaware.journal.Recording;
import io.hypaware.project.ExchangeRow;
import io.hypaware.testing.Processes;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.ReportingClient;
import io.hypaware.testing.TestGateway;
import io.hypaware.testing.Trees;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A call that the gateway records and its client reports is one, whichever comes first, however late.
class ReportedOnTheWireTest {

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

    private RecordedCalls.Call onTheWire(JsonNode body, Instant at) {
        return calls.call()
                .session("session-1")
                .request(body.toString().getBytes(StandardCharsets.UTF_8))
                .answer("hi")
                .startedAt(at);
    }

    private void isOneCall(String... said) throws Exception {
        calls.settle();
        assertThat(calls.said()).containsExactly(said);
        assertThat(calls.rows(ExchangeRow.DATASET)).hasSize(1);
        assertThat(Trees.files(cache.claudeBodies())).isEmpty();
    }

    /// As behind a gateway that was being started again; and no provider's name tells that it is the same.
    @Test
    void theGatewayMayHaveLetItInLate() throws Exception {
        onTheWire(client.body(message("user", "hello")), LONG_AGO.plusSeconds(7))
                .record();
        client.request(client.body(message("user", "hello")));
        client.later(9_000).answered("req_1", 8_990, ReportingClient.message("msg_1", textBlock("hi")));
        client.export();
        isOneCall("user: hello", "assistant: hi");
    }

    /// Its client was killed, or could not say it; the gateway was being started when it was sent.
    @Test
    void anAnswerOfWhichItsClientTellsNothingIsOfTheSameCall() throws Exception {
        onTheWire(client.body(message("user", "hello")), LONG_AGO.plusSeconds(20))
                .responseHeader("request-id", "req_1")
                .record();
        client.request(client.body(message("user", "hello")));
        client.export();
        isOneCall("user: hello", "assistant: hi");
    }

    /// Of a thought a client reports only that there was one.
    @Test
    void aHistoryWithThoughtsIsOfAnotherLengthThanOnTheWire() throws Exception {
        JsonNode[] wire = {
            message("user", "hello"), message("assistant", thinking("so"), textBlock("hi")), message("user", "go on")
        };
        ObjectNode hidden = thinking("so").put("thinking", "<REDACTED>");
        JsonNode[] reported = {
            message("user", "hello"), message("assistant", hidden, textBlock("hi")), message("user", "go on")
        };
        onTheWire(client.body(wire), LONG_AGO).record();
        client.request(client.body(reported));
        client.export();
        isOneCall("user: hello", "assistant: thinking so", "assistant: hi", "user: go on", "assistant: hi");
    }

    /// No event came, as nobody was there to take it; the file of the answer has the provider's name of it.
    @Test
    void filesWithoutEventsAreOfTheCallThatTheirNamesSay() throws Exception {
        ObjectNode body = client.body(message("user", "hello"));
        onTheWire(body, LONG_AGO).responseHeader("request-id", "req_1").record();
        ObjectNode more = client.body(message("user", "hello"), message("user", "as if it was another one"));
        client.request(more);
        client.later(50).answered("req_1", 40, ReportingClient.message("msg_1", textBlock("hi")));
        client.lose();
        isOneCall("user: hello", "assistant: hi");
    }

    @Test
    void whatTheGatewayIsRecordingStillIsWaitedFor() throws Exception {
        Instant now = Instant.now();
        client = new ReportingClient(cache, "session-1", now);
        byte[] body = client.body(message("user", "hello")).toString().getBytes(StandardCharsets.UTF_8);
        try (JournalWriter writer = JournalWriter.open(calls.journal(), 1 << 26, 1 << 26)) {
            Recording recording = writer.begin(new ExchangeStart(
                    "01M8DW8KPR6A01NKV9JP58RMME",
                    now,
                    "anthropic",
                    "anthropic",
                    "POST",
                    "/v1/messages",
                    List.of(new Header("x-claude-code-session-id", "session-1")),
                    Optional.empty()));
            recording.requestBytes(Chunk.of(body));
            TestGateway.await(this::isBegun);
            client.request(client.body(message("user", "hello")));
            client.later(100).answered("req_1", 90, ReportingClient.message("msg_1", textBlock("hi")));
            client.export();
            assertThat(calls.said()).isEmpty();
            recording.end(new ExchangeEnd(
                    now.plusMillis(90), Outcome.CLIENT_ABORTED, "client", body.length, 0, Optional.empty()));
        }
        isOneCall("user: hello");
    }

    private boolean isBegun() {
        try (Journal journal = Journal.open(calls.journal())) {
            return !journal.callEvents().onTheWire(Instant.EPOCH).isEmpty();
        }
    }

    private void reported() throws Exception {
        client.request(client.body(message("user", "hello")));
        client.later(50).answered("req_1", 48, ReportingClient.message("msg_1", toolUse("toolu_1", "Bash")));
        client.export();
    }

    private void recordedLate() {
        JsonNode answer = ReportingClient.message("msg_1", thinking("so"), toolUse("toolu_1", "Bash"));
        onTheWire(client.body(message("user", "hello")), LONG_AGO.plus(Duration.ofMinutes(3)))
                .response("application/json", answer.toString().getBytes(StandardCharsets.UTF_8))
                .responseHeader("request-id", "req_1")
                .record();
    }

    @Test
    void whatTheGatewayClosesLaterHasRowsAlready() throws Exception {
        reported();
        assertThat(calls.said()).containsExactly("user: hello", "assistant: call Bash toolu_1");
        recordedLate();
        isOneCall("user: hello", "assistant: call Bash toolu_1");
    }

    @Test
    void whatTheGatewayClosesBeforeTheReportHasRowsTakesItsPlace() throws Exception {
        reported();
        try (Journal journal = Journal.open(calls.journal())) {
            new ReportedCalls(cache, journal, text -> text).record(Instant.now());
        }
        recordedLate();
        isOneCall("user: hello", "assistant: thinking so", "assistant: call Bash toolu_1");
    }

    @Test
    void dyingAfterOneHasLeftLosesAndDoublesNothing() throws Exception {
        for (boolean isProjected : List.of(true, false)) {
            calls = new RecordedCalls(folder.resolve(isProjected + "/hypaware/cache"));
            cache = new Cache(calls.cache());
            client = new ReportingClient(cache, "session-1", LONG_AGO);
            reported();
            if (isProjected) {
                calls.settle();
            } else {
                try (Journal journal = Journal.open(calls.journal())) {
                    new ReportedCalls(cache, journal, text -> text).record(Instant.now());
                }
            }
            recordedLate();
            Process dying =
                    Processes.java(Dying.class, calls.cache(), calls.cache().toString());
            assertThat(dying.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(dying.exitValue()).isEqualTo(137);
            calls.settle();
            assertThat(calls.rows(ExchangeRow.DATASET)).hasSize(1);
            assertThat(calls.said()).containsOnlyOnce("user: hello", "assistant: call Bash toolu_1");
        }
    }

    /// Dies, as by SIGKILL, when one of two exchanges of a call has left.
    static final class Dying {
        public static void main(String[] arguments) {
            Cache cache = new Cache(Path.of(arguments[0]));
            try (Journal journal = Journal.open(cache.journal())) {
                new ReportedCalls(cache, journal, text -> text, Processes.dyingAt(ReportStep.ONE_KEPT.name()))
                        .keepOneOfEach();
            }
        }
    }
}
