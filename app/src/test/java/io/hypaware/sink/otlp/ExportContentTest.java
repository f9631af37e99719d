package io.hypaware.sink.otlp;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static io.hypaware.testing.RecordedCalls.toolResult;
import static io.hypaware.testing.RecordedCalls.toolUse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.home.Cache;
import io.hypaware.journal.SinkState.Refused;
import io.hypaware.read.SessionSteps;
import io.hypaware.secret.Secrets;
import io.hypaware.testing.PlantedSecrets;
import io.hypaware.testing.PlantedSecrets.Planted;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.SinkEnvironments;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What was said leaves where it is asked for, without secrets and of a bounded length.
class ExportContentTest {

    private static final Instant LONG_AFTER = Instant.parse("2026-03-02T10:00:00Z");

    /// An answer's texts and a prompt's, with what stands around them.
    private static final int LONGEST_SPAN = 12 * SessionSteps.LONGEST_TEXT;

    @TempDir
    private Path home;

    private Cache cache;
    private RecordedCalls calls;

    @BeforeEach
    void record() {
        cache = new Cache(home.resolve("hypaware/cache"));
        calls = new RecordedCalls(cache.folder());
    }

    private Traces exported() throws Exception {
        Traces traces = new Traces();
        new OtlpSink(
                        SinkEnvironments.with(
                                Secrets.of(new byte[32], List.of()).redactor(), LONG_AFTER, cache, _ -> {}),
                        new OtlpSink.Telling(true, Duration.ofMinutes(30)))
                .run(
                        request -> {
                            traces.add(request);
                            return Refused.NONE;
                        },
                        new OtlpSink.Wanted.Since(Optional.empty()),
                        Optional.empty(),
                        new TraceExport.Limits(Optional.empty(), 1 << 20));
        return traces;
    }

    @Test
    void noSecretLeavesWhereverItStands() throws Exception {
        PlantedSecrets secrets = new PlantedSecrets(18);
        List<Planted> planted = new ArrayList<>();
        for (int kind = 0; kind + 3 < secrets.kinds(); kind += 4) {
            List<Planted> four =
                    List.of(secrets.of(kind), secrets.of(kind + 1), secrets.of(kind + 2), secrets.of(kind + 3));
            planted.addAll(four);
            ObjectNode tool = toolUse("t" + kind, "Bash");
            tool.putObject("input").put("command", four.get(1).text());
            calls.call()
                    .session("s" + kind)
                    .messages(
                            message("user", textBlock(four.get(0).text())),
                            message("assistant", tool),
                            message("user", toolResult("t" + kind, four.get(2).text())))
                    .answer(textBlock(four.get(3).text()))
                    .record();
        }
        calls.settle();

        String all = exported().spans.toString();

        assertThat(planted)
                .hasSizeGreaterThan(20)
                .allSatisfy(one -> assertThat(all).as(one.rule()).doesNotContain(one.secret()));
    }

    @Test
    void aSecretAtTheEndOfWhatIsReadIsKnownByItsBeginning() throws Exception {
        Planted secret = new PlantedSecrets(7).of(0);
        String before = "a word ".repeat(SessionSteps.LONGEST_TEXT / 7);
        calls.call()
                .messages(message(
                        "user",
                        before.substring(0, SessionSteps.LONGEST_TEXT - 20) + " " + secret.secret()
                                + " and more".repeat(10_000)))
                .record();
        calls.settle();

        assertThat(exported().spans.toString()).doesNotContain(secret.secret().substring(0, 12));
    }

    @Test
    void howeverMuchIsSaidASpanIsOfABoundedLength() throws Exception {
        ObjectNode[] results = new ObjectNode[3_000];
        for (int i = 0; i < results.length; i++) {
            results[i] = toolResult("a-call-of-a-tool-that-has-nothing-to-say-" + i, "");
        }
        calls.call()
                .messages(message("user", results))
                .answer("x".repeat(400_000))
                .record();
        calls.settle();

        assertThat(exported().spans)
                .isNotEmpty()
                .allSatisfy(span -> assertThat(span.getSerializedSize()).isLessThan(LONGEST_SPAN));
    }
}
