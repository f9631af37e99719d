package io.hypaware.read;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.toolResult;
import static io.hypaware.testing.RecordedCalls.toolUse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.home.Cache;
import io.hypaware.journal.Header;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Sums that agree with SQL's, in the user's days, with prices that say what they leave out.
class OverviewTest {

    private static final Instant NOW = Instant.parse("2026-03-10T12:00:00Z");

    @TempDir
    private Path folder;

    private RecordedCalls calls;

    @BeforeEach
    void recorded() {
        calls = new RecordedCalls(folder);
    }

    @ParameterizedTest
    @CsvSource({
        // Half an hour apart from Greenwich.
        "Asia/Kolkata, 2026-03-01T18:29:59Z, 2026-03-01T18:30:00Z, 2026-03-01, 2026-03-02",
        // A day of 23 hours.
        "America/New_York, 2026-03-08T04:59:59Z, 2026-03-08T05:00:00Z, 2026-03-07, 2026-03-08",
        "America/New_York, 2026-03-09T03:59:59Z, 2026-03-09T04:00:00Z, 2026-03-08, 2026-03-09",
    })
    void daysAreTheUsers(String zone, String before, String after, String first, String second) throws Exception {
        answered("s", "claude-sonnet-4-5", before, 100);
        answered("s", "claude-sonnet-4-5", after, 1_000);
        List<Overview.Group> days = overview(30, zone).all(Overview.By.DAY).of(Overview.By.DAY);
        assertThat(days).extracting(Overview.Group::name).containsExactly(first, second);
        // An answer is recorded when its call ends.
        assertThat(days.getFirst().answers()).isEqualTo(1);
        assertThat(days.getLast().tokens().output()).isEqualTo(1_000);
    }

    @ParameterizedTest
    @CsvSource({
        "HOUR, Asia/Kolkata, '2026-02-28 23:00,2026-03-01 00:00,2026-03-02 00:00'",
        "DAY, Asia/Kolkata, '2026-02-28,2026-03-01,2026-03-02'",
        // The first of March is a Sunday.
        "WEEK, Asia/Kolkata, '2026-02-23,2026-03-02'",
        "WEEK, UTC, '2026-02-23'",
        "MONTH, Asia/Kolkata, '2026-02,2026-03'",
    })
    void timesAreTheUsers(Overview.By by, String zone, String expected) throws Exception {
        answered("s", "claude-sonnet-4-5", "2026-02-28T18:29:50Z", 1);
        answered("s", "claude-sonnet-4-5", "2026-02-28T18:30:00Z", 10);
        answered("s", "claude-sonnet-4-5", "2026-03-01T18:59:00Z", 100);
        List<Overview.Group> groups = overview(30, zone).all(by).of(by);
        assertThat(groups).extracting(Overview.Group::name).containsExactly(expected.split(","));
        assertThat(Overview.total(groups).tokens().output()).isEqualTo(111);
    }

    @ParameterizedTest
    @EnumSource
    void sumsAreThoseOfSql(Overview.By by) throws Exception {
        answered("a", "claude-sonnet-4-5", "2026-03-01T10:00:00Z", 100);
        answered("a", "claude-haiku-4-5", "2026-03-02T10:00:00Z", 200);
        answered("b", "model-of-nobody", "2026-03-03T10:00:00Z", 400);
        answered("old", "claude-haiku-4-5", "2026-01-03T10:00:00Z", 800);
        Overview.Group total = Overview.total(overview(30, "UTC").all(by).of(by));
        assertThat(Queries.values(
                        folder,
                        "select concat_ws(' ', sum(input_tokens), sum(output_tokens), sum(cache_read_tokens),"
                                + " sum(cache_write_tokens)) from ai_gateway_messages where date >= '2026-02-09'"))
                .isEqualTo(List.of(total.tokens().input() + " " + total.tokens().output() + " "
                        + total.tokens().cacheRead() + " " + total.tokens().cacheWrite()));
        assertThat(total.answers()).isEqualTo(3);
        assertThat(total.unpriced()).containsExactly("model-of-nobody");
        // 10 and 100 of 3 and 15 dollars a million, 20 read at 0.3, 30 written at 3.75; and of 1, 5, 0.1, 1.25.
        assertThat(total.microDollars()).isEqualTo(30 + 1_500 + 6 + 113 + 10 + 1_000 + 2 + 38);
    }

    @Test
    void toolsEndingsAndMissesAreCounted() throws Exception {
        ObjectNode failed = toolResult("t2", "no such file");
        failed.put("is_error", true);
        calls.call()
                .session("s")
                .messages(
                        message("user", "look"),
                        message("assistant", toolUse("t1", "Read"), toolUse("t2", "Read")),
                        message("user", toolResult("t1", "text"), failed))
                .answer("done")
                .startedAt(NOW.minusSeconds(100))
                .record();
        calls.call()
                .session("s")
                .messages(message("user", "x"))
                .failed(529, "overloaded_error", "later")
                .startedAt(NOW.minusSeconds(90))
                .record();
        Overview.All overview = overview(1, "UTC").all();
        assertThat(overview.tools()).containsExactly(new Overview.Tool("Read", 2, 1));
        assertThat(overview.endings())
                .containsExactlyInAnyOrder(new Overview.Ending("completed", 1), new Overview.Ending("status 529", 1));
        assertThat(overview.misses()).isEqualTo(new Overview.Misses(0, 0, 0));
    }

    @Test
    void windowsAreWhatTheProviderSaidLast() {
        List<Header> headers = List.of(
                new Header("Anthropic-RateLimit-Unified-5h-Utilization", "0.42"),
                new Header("anthropic-ratelimit-unified-5h-reset", "1772445600"),
                new Header("anthropic-ratelimit-unified-7d-utilization", "nonsense"),
                new Header("x-codex-primary-used-percent", "12.5"),
                new Header("x-codex-primary-window-minutes", "300"),
                new Header("x-codex-primary-reset-after-seconds", "60"),
                new Header("x-codex-secondary-used-percent", "1e400"));
        assertThat(RateWindow.of("up", NOW, headers))
                .containsExactly(
                        new RateWindow(
                                "up",
                                Optional.of(Duration.ofHours(5)),
                                42,
                                Optional.of(Instant.ofEpochSecond(1_772_445_600)),
                                NOW),
                        new RateWindow(
                                "up", Optional.of(Duration.ofHours(5)), 12.5, Optional.of(NOW.plusSeconds(60)), NOW));
    }

    private void answered(String session, String model, String at, int output) {
        String answer = """
                {"id":"msg_%s%s","type":"message","role":"assistant","model":"%s","stop_reason":"end_turn",
                "content":[{"type":"text","text":"answer at %s"}],
                "usage":{"input_tokens":10,"output_tokens":%d,"cache_read_input_tokens":20,"cache_creation_input_tokens":30}}""".formatted(session, at, model, at, output);
        // A call takes two seconds.
        calls.call()
                .session(session)
                .messages(message("user", "at " + at))
                .response("application/json", answer.getBytes(StandardCharsets.UTF_8))
                .startedAt(Instant.parse(at))
                .record();
    }

    private Overview overview(int days, String zone) {
        calls.settle();
        return new Overview(
                new Recorded(new Cache(folder), 100L << 20),
                Prices.shippedTable(),
                Overview.Span.of(days, NOW, ZoneId.of(zone)));
    }
}
