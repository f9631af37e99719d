package io.hypaware.read;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Cache;
import io.hypaware.journal.Outcome;
import io.hypaware.testing.RecordedCalls;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Calls that ended early are found, with what came last and whether they were tried again.
class CutsTest {

    private static final Instant BEGAN = Instant.parse("2026-03-01T10:00:00Z");

    @TempDir
    private Path folder;

    @Test
    void whatCameLastAndWhetherItWasTriedAgain() throws Exception {
        RecordedCalls calls = new RecordedCalls(folder);
        String begun = "data: {\"type\":\"message_start\",\"message\":{}}\n\n"
                + "data: {\"type\":\"content_block_delta\",\"index\":0}\n\ndata: {\"type\":\"conte";
        String tried = cut(calls, "hello", begun, Outcome.UPSTREAM_CUT, BEGAN);
        calls.call()
                .session("s")
                .messages(message("user", "hello"))
                .startedAt(BEGAN.plusSeconds(5))
                .answer("hi")
                .record();
        String given = cut(calls, "another", "", Outcome.CLIENT_ABORTED, BEGAN.plusSeconds(60));
        cut(calls, "long ago", "", Outcome.CLIENT_ABORTED, BEGAN.minusSeconds(86_400));
        calls.settle();

        Cuts cuts = new Cuts(new Recorded(new Cache(folder), 256L << 20));
        assertThat(cuts.since(BEGAN.minusSeconds(1), 10))
                .extracting(
                        cut -> cut.facts().id(), cut -> cut.facts().outcome(), Cuts.Cut::lastEvent, Cuts.Cut::sentAgain)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(tried, "upstream_cut", "content_block_delta", true),
                        org.assertj.core.groups.Tuple.tuple(given, "client_aborted", "", false));
        assertThat(cuts.since(BEGAN.minusSeconds(1), 1)).hasSize(1);
    }

    private static String cut(RecordedCalls calls, String text, String stream, Outcome outcome, Instant at) {
        return calls.call()
                .session("s")
                .messages(message("user", text))
                .response("text/event-stream", stream.getBytes(StandardCharsets.UTF_8))
                .outcome(outcome)
                .startedAt(at)
                .record();
    }
}
