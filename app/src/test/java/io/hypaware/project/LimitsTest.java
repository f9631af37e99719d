package io.hypaware.project;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.dataset.Row;
import io.hypaware.journal.Journal;
import io.hypaware.journal.Micros;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.Tapes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the heads of answers say of how much is left, in the words of each provider.
class LimitsTest {

    private static final Instant BEGAN = Instant.parse("2026-03-01T10:00:00Z");
    private static final Instant ANSWERED = BEGAN.plusMillis(300);

    @TempDir
    private Path folder;

    private RecordedCalls calls;

    @BeforeEach
    void open() {
        calls = new RecordedCalls(folder);
    }

    @Test
    void requestsTokensAndWindowsOfAnthropic() {
        call("anthropic")
                .responseHeader("anthropic-ratelimit-requests-limit", "50")
                .responseHeader("anthropic-ratelimit-requests-remaining", "49")
                .responseHeader("anthropic-ratelimit-requests-reset", "2026-03-01T10:01:00Z")
                .responseHeader("Anthropic-Ratelimit-Unified-5h-Utilization", "0.42")
                .responseHeader("anthropic-ratelimit-unified-5h-reset", "1772370000")
                .responseHeader("anthropic-ratelimit-unified-5h-status", "allowed_warning")
                .record();

        List<Row> rows = calls.rows(Limits.DATASET);
        assertThat(rows).extracting(row -> RecordedCalls.text(row, "name")).containsExactly("requests", "unified-5h");
        assertThat(rows.getFirst().value("remaining")).contains(49.0);
        assertThat(rows.getFirst().value("most")).contains(50.0);
        assertThat(at(rows.getFirst(), "reset_at")).isEqualTo(Instant.parse("2026-03-01T10:01:00Z"));
        assertThat(at(rows.getFirst(), "said_at")).isEqualTo(ANSWERED);
        assertThat(rows.getLast().value("used")).contains(0.42);
        assertThat(rows.getLast().value("status")).contains("allowed_warning");
        assertThat(at(rows.getLast(), "reset_at")).isEqualTo(Instant.ofEpochSecond(1_772_370_000));
    }

    @Test
    void requestsAndTokensOfOpenAiAndTheWindowsOfCodex() {
        call("openai")
                .responseHeader("x-ratelimit-limit-tokens", "150000")
                .responseHeader("x-ratelimit-remaining-tokens", "149984")
                .responseHeader("x-ratelimit-reset-tokens", "1m0.5s")
                .responseHeader("x-codex-primary-used-percent", "12.5")
                .responseHeader("x-codex-primary-window-minutes", "300")
                .responseHeader("x-codex-primary-reset-after-seconds", "60")
                .record();

        List<Row> rows = calls.rows(Limits.DATASET);
        assertThat(rows).extracting(row -> RecordedCalls.text(row, "name")).containsExactly("tokens", "primary");
        assertThat(at(rows.getFirst(), "reset_at")).isEqualTo(ANSWERED.plusMillis(60_500));
        assertThat(rows.getLast().value("used")).contains(0.125);
        assertThat(rows.getLast().value("window_minutes")).contains(300L);
        assertThat(at(rows.getLast(), "reset_at")).isEqualTo(ANSWERED.plusSeconds(60));
    }

    @Test
    void codexIsToldInMessagesOverAWebSocket() throws IOException {
        String create = "{\"type\":\"response.create\",\"model\":\"m\",\"input\":[]}";
        String completed = "{\"type\":\"response.completed\",\"response\":{\"id\":\"r\",\"output\":[]}}";
        String told = """
                {"type": "codex.rate_limits", "plan_type": "plus", "rate_limits": {"allowed": true,
                 "primary": {"used_percent": %d, "window_minutes": 300, "reset_at": 1772370000}, "secondary": null}}""".replace("\n", "");
        call("openai")
                .method("GET")
                .path("/v1/responses")
                .status(101)
                .request(Tapes.client(false, create))
                .response(
                        "x",
                        Tapes.provider(
                                false, told.formatted(42), completed, told.formatted(43), "{\"codex.rate_limits\": 1}"))
                .record();

        List<Row> rows = calls.rows(Limits.DATASET);
        assertThat(rows).extracting(row -> RecordedCalls.text(row, "name")).containsExactly("primary", "primary");
        assertThat(rows).extracting(row -> row.value("used").orElseThrow()).containsExactly(0.42, 0.43);
        assertThat(rows.getFirst().value("window_minutes")).contains(300L);
        assertThat(at(rows.getFirst(), "reset_at")).isEqualTo(Instant.ofEpochSecond(1_772_370_000));
    }

    @Test
    void whatCannotBeReadIsLeftOut() {
        call("openai")
                .responseHeader("x-ratelimit-limit-requests", "NaN")
                .responseHeader("x-ratelimit-remaining-requests", "many")
                .responseHeader("x-ratelimit-reset-requests", "1e300")
                .responseHeader("x-codex-turn-state", "abc")
                .record();

        List<Row> rows = calls.rows(Limits.DATASET);
        assertThat(rows).hasSize(1);
        assertThat(rows.getFirst().value("most")).isEmpty();
        assertThat(rows.getFirst().value("reset_at")).isEmpty();
    }

    @Test
    void theLatestOfEachIsKnownWithoutTheLake() {
        call("anthropic")
                .responseHeader("anthropic-ratelimit-tokens-remaining", "9")
                .record();
        call("anthropic")
                .responseHeader("anthropic-ratelimit-tokens-remaining", "5")
                .startedAt(BEGAN.plusSeconds(60))
                .record();
        calls.settle();

        try (Journal journal = Journal.open(calls.journal())) {
            assertThat(journal.latest(Limits.DATASET))
                    .hasSize(1)
                    .first()
                    .satisfies(row -> assertThat(row.value("remaining")).contains(5.0));
        }
    }

    private RecordedCalls.Call call(String provider) {
        String path = provider.equals("openai") ? "/v1/models" : "/v1/messages";
        return calls.call().provider(provider).path(path).startedAt(BEGAN).answer("hi");
    }

    private static Instant at(Row row, String column) {
        return Micros.toInstant((Long) row.value(column).orElseThrow());
    }
}
