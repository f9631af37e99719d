package io.hypaware.maintain.reported;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import io.hypaware.testing.Processes;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.ReportingClient;
import io.hypaware.testing.Trees;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Making exchanges of what was reported dies at any step, and is gone on with: each call is there once, and none of
/// its
/// files is left.
class ReportedCallsCrashTest {

    private static final Instant LONG_AGO = Instant.parse("2026-03-01T10:00:00Z");
    private static final int CALLS = 4;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(names = {"RECORDED", "ERASED"})
    void dyingAtEachStepLosesAndDoublesNothing(ReportStep step) throws Exception {
        for (int occurrence = 1; occurrence <= CALLS; occurrence++) {
            RecordedCalls calls = new RecordedCalls(folder.resolve(step + "-" + occurrence + "/hypaware/cache"));
            Cache cache = new Cache(calls.cache());
            for (int i = 0; i < CALLS; i++) {
                ReportingClient client = new ReportingClient(cache, "session-" + i, LONG_AGO.plusSeconds(10 * i));
                client.request(client.body(message("user", "question " + i)));
                client.later(40)
                        .answered("req_" + i, 38, ReportingClient.message("msg_" + i, textBlock("answer " + i)));
                client.export();
            }
            Process dying = Processes.java(
                    Dying.class, calls.cache(), calls.cache().toString(), step.name(), Integer.toString(occurrence));
            assertThat(dying.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(dying.exitValue()).isEqualTo(137);
            calls.settle();
            calls.settle();
            assertThat(Queries.values(calls.cache(), "select content_text from ai_gateway_messages order by 1"))
                    .isEqualTo(List.of(
                            "answer 0",
                            "answer 1",
                            "answer 2",
                            "answer 3",
                            "question 0",
                            "question 1",
                            "question 2",
                            "question 3"));
            assertThat(Queries.values(calls.cache(), "select outcome from exchanges"))
                    .hasSize(CALLS)
                    .containsOnly("completed");
            assertThat(Trees.files(cache.claudeBodies())).isEmpty();
        }
    }

    /// Dies, as by SIGKILL, at the n-th time it comes to a step.
    static final class Dying {
        public static void main(String[] arguments) throws Exception {
            Cache cache = new Cache(Path.of(arguments[0]));
            try (Journal journal = Journal.open(cache.journal())) {
                new ReportedCalls(
                                cache,
                                journal,
                                text -> text,
                                Processes.dyingAt(arguments[1], Integer.parseInt(arguments[2])))
                        .record(Instant.now());
            }
        }
    }
}
