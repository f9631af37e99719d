package io.hypaware.maintain;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Cache;
import io.hypaware.project.ExchangeRow;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.ResponsesCalls;
import io.hypaware.testing.Tapes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A projection of connections that dies at any step is gone on with by the next one: each turn is there once.
class ConnectionCrashTest {

    private static final int CONNECTIONS = 3;
    private static final int TURNS = 4;

    @TempDir
    private Path folder;

    @Test
    void dyingAtEachStepLosesAndDoublesNothing() throws Exception {
        List<String> expected = rows(recorded("undisturbed"));
        assertThat(expected).hasSize(CONNECTIONS * (TURNS + 1) + CONNECTIONS * TURNS * 2);

        for (SettleStep step : SettleStep.values()) {
            int deaths = 0;
            Path cache = recorded(step.name());
            // Each one dies a little later than the one before.
            for (int occurrence = 1; dies(cache, step, 1 + occurrence % 3); occurrence++) {
                deaths++;
                assertThat(deaths).isLessThan(100);
            }
            assertThat(rows(cache)).as("died %d times at %s", deaths, step).isEqualTo(expected);
            assertThat(CacheCheck.run(new Cache(cache), false).findings()).isEmpty();
        }
    }

    @Test
    void aRecordingThatGoesOnIsReadAfterTheOneBeforeIt() throws Exception {
        RecordedCalls calls = new RecordedCalls(folder);
        String[] asked = new String[6];
        String[] answered = new String[6];
        for (int i = 0; i < 6; i++) {
            asked[i] = ResponsesCalls.create("words ".repeat(90) + i);
            answered[i] = ResponsesCalls.completed("resp_" + i, "ok " + i);
        }
        List<byte[]> client = Tapes.records(Tapes.client(true, asked));
        List<byte[]> provider = Tapes.records(Tapes.provider(true, answered));
        String first = null;
        for (int i = 0; i < 6; i += 2) {
            RecordedCalls.Call call = calls.call()
                    .provider("openai")
                    .method("GET")
                    .path("/v1/responses")
                    .session("s")
                    .status(101)
                    .closedBy("gateway", "the connection goes on in the next exchange of it");
            String id = (first == null ? call : call.goesOn(first))
                    .request(Tapes.joined(client.subList(i, i + 2)))
                    .response("x", Tapes.joined(provider.subList(i, i + 2)))
                    .record();
            first = first == null ? id : first;
        }

        assertThat(calls.said())
                .filteredOn(line -> line.startsWith("assistant"))
                .containsExactly(
                        "assistant: ok 0",
                        "assistant: ok 1",
                        "assistant: ok 2",
                        "assistant: ok 3",
                        "assistant: ok 4",
                        "assistant: ok 5");
    }

    /// A client that says something while an answer is on its way, when it is time for a further recording.
    @Test
    void anAnswerThatGoesOnInTheNextRecordingIsWhole() throws Exception {
        List<byte[]> client =
                Tapes.records(Tapes.client(true, ResponsesCalls.create("one"), ResponsesCalls.create("two")));
        List<byte[]> provider = Tapes.records(Tapes.provider(
                true,
                ResponsesCalls.object("response.created").toString(),
                ResponsesCalls.completed("resp_1", "first"),
                ResponsesCalls.object("response.created").toString(),
                ResponsesCalls.completed("resp_2", "second")));
        for (int cut = 0; cut <= provider.size(); cut++) {
            RecordedCalls calls = new RecordedCalls(folder.resolve("cut-" + cut));
            String first = connection(calls)
                    .request(client.getFirst())
                    .response("x", Tapes.joined(provider.subList(0, cut)))
                    .startedAt(Instant.now())
                    .closedBy("gateway", "the connection goes on in the next exchange of it")
                    .record();
            if (cut % 2 == 0) {
                // The next one may be written later.
                calls.settle();
            }
            connection(calls)
                    .goesOn(first)
                    .request(client.getLast())
                    .response("x", Tapes.joined(provider.subList(cut, provider.size())))
                    .record();

            List<String> expected = cut > 2
                    // An answer to what was not asked yet is none.
                    ? List.of("user: one", "assistant: first", "user: two")
                    : List.of("user: one", "assistant: first", "user: two", "assistant: second");
            assertThat(calls.said()).as("cut at %d", cut).startsWith(expected.toArray(String[]::new));
            assertThat(calls.rows(ExchangeRow.DATASET)).hasSize(4);
        }
    }

    private static RecordedCalls.Call connection(RecordedCalls calls) {
        return calls.call()
                .provider("openai")
                .method("GET")
                .path("/v1/responses")
                .session("s")
                .status(101);
    }

    @Test
    void callsThatDoNotWaitAreAnsweredInTheirOrder() throws Exception {
        RecordedCalls calls = new RecordedCalls(folder);
        calls.call()
                .provider("openai")
                .method("GET")
                .path("/v1/responses")
                .status(101)
                // The second is asked before the first is answered.
                .request(Tapes.client(false, ResponsesCalls.create("one"), ResponsesCalls.create("two")))
                .response(
                        "x",
                        Tapes.provider(
                                false,
                                ResponsesCalls.object("response.created").toString(),
                                ResponsesCalls.completed("resp_1", "first"),
                                ResponsesCalls.object("response.created").toString(),
                                ResponsesCalls.completed("resp_2", "second")))
                .record();

        assertThat(calls.said()).containsExactly("user: one", "assistant: first", "user: two", "assistant: second");
    }

    private Path recorded(String name) throws IOException {
        Path cache = folder.resolve(name);
        RecordedCalls calls = new RecordedCalls(cache);
        for (int i = 0; i < CONNECTIONS; i++) {
            String[] asked = new String[TURNS];
            String[] answered = new String[TURNS];
            for (int turn = 0; turn < TURNS; turn++) {
                String text = "turn " + turn + " of " + i;
                asked[turn] = ResponsesCalls.create(text);
                answered[turn] = ResponsesCalls.completed("resp_" + i + turn, text);
            }
            calls.call()
                    .provider("openai")
                    .method("GET")
                    .path("/v1/responses")
                    .session("s" + i)
                    .status(101)
                    .request(Tapes.client(true, asked))
                    .response("x", Tapes.provider(true, answered))
                    .record();
        }
        return cache;
    }

    /// What stands in the rows, without the ids that are made at random.
    private static List<String> rows(Path cache) throws Exception {
        new Settle(new Cache(cache), Writing.whole("gw"), Clock.systemUTC()).run();
        List<String> rows =
                Queries.values(cache, "select session_id || ' ' || method || ' ' || outcome from exchanges order by 1");
        List<String> said = Queries.values(
                cache, "select session_id || ' ' || role || ' ' || content_text from ai_gateway_messages order by 1");
        assertThat(Queries.values(cache, "select _row_id from ai_gateway_messages"))
                .doesNotHaveDuplicates();
        return java.util.stream.Stream.concat(rows.stream(), said.stream()).toList();
    }

    /// Whether a projection comes to its n-th time at a step, and dies there.
    private static boolean dies(Path cache, SettleStep step, int occurrence) throws InterruptedException {
        int[] left = {occurrence};
        try {
            new Settle(new Cache(cache), Writing.whole("gw"), Clock.systemUTC(), reached -> {
                        if (reached == step && --left[0] == 0) {
                            throw new Death();
                        }
                    })
                    .run();
            return false;
        } catch (Death e) {
            return true;
        }
    }

    /// Ends the projection as the end of its process would: what is not committed is gone.
    private static final class Death extends Error {
        private static final long serialVersionUID = 1;
    }
}
