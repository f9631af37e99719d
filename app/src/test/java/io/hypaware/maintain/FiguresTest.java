package io.hypaware.maintain;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.HypHome;
import io.hypaware.read.Overview;
import io.hypaware.read.Prices;
import io.hypaware.read.Recorded;
import io.hypaware.testing.Configs;
import io.hypaware.testing.RecordedCalls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Figures for the status line: those of an overview of today, written only when they have changed, and read with care.
class FiguresTest {

    private static final ZoneId ZONE = ZoneId.of("Asia/Kolkata");

    /// Half past ten of the tenth, there.
    private static final Instant NOW = Instant.parse("2026-03-10T05:00:00Z");

    @TempDir
    private Path root;

    private HypHome home;
    private RecordedCalls calls;

    @BeforeEach
    void recorded() {
        home = new HypHome(root);
        calls = new RecordedCalls(home.cache(Configs.defaults()).folder());
    }

    @Test
    void theyAreThoseOfAnOverviewOfToday() throws Exception {
        answered("yesterday", "claude-haiku-4-5", "2026-03-09T18:29:00Z", 0, 40_000);
        answered("long", "claude-sonnet-4-5", "2026-03-09T10:00:00Z", 0, 50_000);
        answered("long", "claude-sonnet-4-5", "2026-03-10T04:00:00Z", 50_000, 100);
        answered("short", "model-of-nobody", "2026-03-10T04:30:00Z", 0, 60_000);
        assertThat(write(NOW)).isTrue();
        Figures figures = Figures.read(home.figures()).orElseThrow();
        Overview.All overview = new Overview(
                        new Recorded(home.cache(Configs.defaults()), 100L << 20),
                        Prices.shippedTable(),
                        Overview.Span.of(1, NOW, ZONE))
                .all(Overview.By.DAY);
        Overview.Group today = Overview.total(overview.of(Overview.By.DAY));
        assertThat(figures.day())
                .isEqualTo(new Figures.Took(
                        today.answers(),
                        today.tokens().input()
                                + today.tokens().cacheRead()
                                + today.tokens().cacheWrite(),
                        today.tokens().cacheRead(),
                        today.tokens().output(),
                        today.microDollars(),
                        false,
                        overview.misses().calls()));
        assertThat(figures.day().answers()).isEqualTo(2);
        assertThat(figures.dayEnds()).isEqualTo("2026-03-10T18:30:00Z");
        // A session that began before today counts whole.
        assertThat(figures.sessions().get("long").answers()).isEqualTo(2);
        assertThat(figures.sessions().get("long").tokensCached()).isEqualTo(50_000);
        assertThat(figures.sessions()).containsOnlyKeys("yesterday", "long", "short");
    }

    @Test
    void aMissIsOfItsSession() throws Exception {
        RecordedCalls.Call first = call("s", "claude-sonnet-4-5", "2026-03-10T04:00:00Z", 0, 50_000);
        first.messages(message("user", "one")).record();
        call("s", "claude-sonnet-4-5", "2026-03-10T04:10:00Z", 0, 51_000)
                .messages(message("user", "one"), message("assistant", "answer"), message("user", "two"))
                .record();
        write(NOW);
        Figures figures = Figures.read(home.figures()).orElseThrow();
        assertThat(figures.sessions().get("s").misses()).isEqualTo(1);
        assertThat(figures.day().misses()).isEqualTo(1);
    }

    @Test
    void theyAreWrittenOnlyWhenTheyChange() throws Exception {
        answered("s", "claude-haiku-4-5", "2026-03-10T04:00:00Z", 0, 100);
        assertThat(write(NOW)).isTrue();
        Files.setLastModifiedTime(root.resolve(Prices.FILE), FileTime.from(NOW.minusSeconds(1)));
        assertThat(write(NOW.plusSeconds(60))).isFalse();
        answered("s", "claude-haiku-4-5", "2026-03-10T04:30:00Z", 0, 100);
        assertThat(write(NOW.plusSeconds(120))).isTrue();
        assertThat(write(NOW.plusSeconds(180))).isFalse();
        Files.setLastModifiedTime(root.resolve(Prices.FILE), FileTime.from(NOW.plusSeconds(181)));
        assertThat(write(NOW.plusSeconds(240))).isTrue();
        assertThat(write(NOW.plus(Duration.ofDays(1)))).isTrue();
        assertThat(Figures.read(home.figures()).orElseThrow().day().answers()).isZero();
    }

    @Test
    void aPriceTableThatIsBrokenLeavesCostOut() throws Exception {
        answered("s", "claude-haiku-4-5", "2026-03-10T04:00:00Z", 0, 100);
        Files.writeString(root.resolve(Prices.FILE), "{");
        write(NOW);
        Figures.Took day = Figures.read(home.figures()).orElseThrow().day();
        assertThat(day.isPriced()).isFalse();
        assertThat(day.microDollars()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "{\"at_ms\":1}",
                "{\"at_ms\":-1,\"position\":0,\"day_ends_ms\":0,\"zone\":\"UTC\",\"day\":{}}",
                "{\"at_ms\":1e300,\"position\":0,\"day_ends_ms\":0,\"zone\":\"UTC\",\"day\":{}}",
                "{\"at_ms\":9223372036854775807,\"position\":0,\"day_ends_ms\":9223372036854775807,\"zone\":\"..\"}",
            })
    void whatIsNoSuchFileIsNothing(String text) throws IOException {
        Files.createDirectories(home.run());
        Files.writeString(home.figures(), text);
        assertThat(Figures.read(home.figures())).isEmpty();
    }

    @Test
    void neitherIsAHugeOneOrALink() throws Exception {
        assertThat(Figures.read(home.figures())).isEmpty();
        answered("s", "claude-haiku-4-5", "2026-03-10T04:00:00Z", 0, 100);
        write(NOW);
        Path elsewhere = root.resolve("elsewhere");
        Files.move(home.figures(), elsewhere);
        Files.createSymbolicLink(home.figures(), elsewhere);
        assertThat(Figures.read(home.figures())).isEmpty();
        Files.delete(home.figures());
        Files.writeString(home.figures(), Files.readString(elsewhere) + " ".repeat(1 << 20));
        assertThat(Figures.read(home.figures())).isEmpty();
    }

    private boolean write(Instant now) throws Exception {
        calls.settle();
        return new FigureWriter(home, Configs.defaults(), Clock.fixed(now, ZoneOffset.UTC), ZONE).write();
    }

    private void answered(String session, String model, String at, int read, int written) {
        call(session, model, at, read, written)
                .messages(message("user", "at " + at))
                .record();
    }

    private RecordedCalls.Call call(String session, String model, String at, int read, int written) {
        String answer = """
                {"id":"msg_%s%s","type":"message","role":"assistant","model":"%s","stop_reason":"end_turn",
                "content":[{"type":"text","text":"answer"}],
                "usage":{"input_tokens":10,"output_tokens":20,"cache_read_input_tokens":%d,"cache_creation_input_tokens":%d}}""".formatted(session, at, model, read, written);
        return calls.call()
                .session(session)
                .response("application/json", answer.getBytes(StandardCharsets.UTF_8))
                .startedAt(Instant.parse(at));
    }
}
