package io.hypaware.read;

import static io.hypaware.testing.ResponsesCalls.object;
import static io.hypaware.testing.ResponsesCalls.said;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.home.Cache;
import io.hypaware.project.ExchangeRow;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.ResponsesCalls;
import io.hypaware.testing.Tapes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the model saw, where the provider keeps what was said before.
class WholeRequestsTest {

    @TempDir
    private Path folder;

    private ResponsesCalls calls;

    @BeforeEach
    void open() {
        calls = new ResponsesCalls(folder);
    }

    @Test
    void aChainIsReadToItsBeginning() throws Exception {
        String before = calls.call(said("user", "0")).answer(said("assistant", "a0"));
        for (int i = 1; i < 210; i++) {
            before = calls.call(said("user", "" + i)).after(before).answer(said("assistant", "a" + i));
        }

        assertThat(texts(last()).subList(0, 3)).containsExactly("0", "a0", "1");
        assertThat(texts(last())).hasSize(2 * 210 - 1).endsWith("a208", "209");
        assertThat(whole(last()).missing()).isEmpty();
    }

    @Test
    void anAnswerOfTheSameNameInAnotherSessionIsAnotherOne() throws Exception {
        for (String session : List.of("one", "two")) {
            calls.call(said("user", "of " + session))
                    .codex(session, session, 0)
                    .id("resp_x")
                    .answer(said("assistant", session));
        }
        calls.call(said("user", "more")).codex("one", "one", 0).after("resp_x").answer(said("assistant", "ok"));

        assertThat(texts(last())).containsExactly("of one", "one", "more");
    }

    @Test
    void anAnswerThatNamesItselfEndsTheChain() throws Exception {
        calls.call(said("user", "first")).after("resp_x").id("resp_x").answer(said("assistant", "a"));
        calls.call(said("user", "second")).after("resp_x").id("resp_x").answer(said("assistant", "b"));

        assertThat(texts(last())).containsExactly("first", "a", "second");
        assertThat(whole(last()).missing()).contains("resp_x");
    }

    @Test
    void whatOnlyPreparedAConnectionIsNotMissing() throws Exception {
        String prepare = object("response.create")
                .put("generate", false)
                .set("input", RecordedCalls.JSON.createArrayNode())
                .toString();
        String prepared = object("response.completed")
                .set("response", ResponsesCalls.response("resp_0", "completed"))
                .toString();
        String create = object("response.create")
                .put("previous_response_id", "resp_0")
                .set("input", RecordedCalls.JSON.createArrayNode().add(said("user", "hello")))
                .toString();
        calls.recorded()
                .call()
                .provider("openai")
                .method("GET")
                .path("/v1/responses")
                .status(101)
                .request(Tapes.client(false, prepare, create))
                .response("x", Tapes.provider(false, prepared, ResponsesCalls.completed("resp_1", "hi")))
                .record();

        String turn =
                RecordedCalls.text(calls.recorded().rows(ExchangeRow.DATASET).get(1), "exchange_id");
        assertThat(texts(turn)).containsExactly("hello");
        assertThat(whole(turn).missing()).isEmpty();
    }

    private String last() {
        return RecordedCalls.text(calls.recorded().rows(ExchangeRow.DATASET).getLast(), "exchange_id");
    }

    private WholeRequests.Whole whole(String exchange) throws Exception {
        return new WholeRequests(new Recorded(new Cache(folder), 256L << 20)).of(exchange);
    }

    private List<String> texts(String exchange) throws Exception {
        List<String> texts = new ArrayList<>();
        for (JsonNode item : whole(exchange).request().path("input")) {
            texts.add(item.path("content").path(0).path("text").asText());
        }
        return texts;
    }
}
