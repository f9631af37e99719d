package io.hypaware.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.gateway.GatewayStats;
import io.hypaware.gateway.UpstreamStats;
import io.hypaware.home.HypHome;
import io.hypaware.journal.RecorderStats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the line says of figures that are there, old, over, or not there.
class StatusLineTest {

    static final RecorderStats RECORDER = new RecorderStats(true, 0, 0, 0, 0, Optional.empty());

    private static final Instant NOW = Instant.parse("2026-03-10T12:00:00Z");

    private static final String DAY = """
            {"answers":42,"tokens_in":1200000,"tokens_cached":1092000,"tokens_out":38000,"micro_usd":3396000,\
            "priced":%s,"misses":1}""";

    @TempDir
    private Path root;

    @Test
    void theDay() throws Exception {
        assertThat(line(figures(DAY.formatted(true), NOW, NOW.plusSeconds(60))).text("", GatewayStats.NONE, RECORDER))
                .isEqualTo("● recording · today 42 answers · 1.2M in (91% cache) · 38k out · $3.40 · 1 miss · 5h 34%");
    }

    @Test
    void theSessionComesFirst() throws Exception {
        StatusLine line = line(figures(DAY.formatted(false), NOW, NOW.plusSeconds(60)));
        assertThat(line.text("s-1", new GatewayStats(2, 9, 0, Map.of()), RECORDER))
                .isEqualTo(
                        "● recording · 2 open · session 1 answer · 999 in (0% cache) · 20 out · $? · today $3.40+ · 5h 34%");
        assertThat(line.text("unknown", GatewayStats.NONE, RECORDER)).contains("today 42 answers");
    }

    @Test
    void whatIsOverIsNotSaid() throws Exception {
        StatusLine line = line(figures(DAY.formatted(true), NOW.minusSeconds(4_000), NOW));
        assertThat(line.text("", GatewayStats.NONE, RECORDER)).isEqualTo("● recording · 5h 34%");
        assertThat(line.text("s-1", GatewayStats.NONE, RECORDER)).doesNotContain("today");
        assertThat(line.lacksDay()).isTrue();
    }

    @Test
    void figuresThatDoNotKnowTheLastCallsSayOfWhenTheyAre() throws Exception {
        StatusLine line = line(figures(DAY.formatted(true), NOW.minusSeconds(600), NOW.plusSeconds(60)));
        UpstreamStats since = new UpstreamStats(NOW.minusSeconds(30).toEpochMilli(), 0, Optional.empty());
        assertThat(line.text("", GatewayStats.NONE, RECORDER)).doesNotContain("as of");
        assertThat(line.text("", new GatewayStats(0, 1, 0, Map.of("anthropic", since)), RECORDER))
                .endsWith(" · as of 17:20");
    }

    @Test
    void troubleIsSaid() {
        UpstreamStats failing = new UpstreamStats(NOW.minusSeconds(30).toEpochMilli(), 3, Optional.of("refused"));
        UpstreamStats longAgo = new UpstreamStats(NOW.minusSeconds(900).toEpochMilli(), 5, Optional.of("refused"));
        GatewayStats stats = new GatewayStats(0, 8, 0, Map.of("a", failing, "b", longAgo));
        assertThat(line(root).text("", stats, new RecorderStats(false, 0, 0, 0, 0, Optional.of("disk full"))))
                .isEqualTo("○ cannot record: hyp status · 3 calls without an answer");
        assertThat(new StatusLine(new HypHome(root), false, clock()).text("", GatewayStats.NONE, RECORDER))
                .isEqualTo("○ not recording");
    }

    @Test
    void itIsShortWhateverTheFiguresAre() throws Exception {
        String most = DAY.replaceAll(":[0-9]+", ":" + Long.MAX_VALUE).formatted(false);
        StatusLine line = line(figures(most, NOW.minusSeconds(600), NOW.plusSeconds(60)));
        UpstreamStats failing = new UpstreamStats(NOW.toEpochMilli(), Integer.MAX_VALUE, Optional.of("refused"));
        GatewayStats stats = new GatewayStats(Long.MAX_VALUE, 8, 0, Map.of("a", failing));
        assertThat(line.text("", stats, RECORDER)).hasSizeLessThanOrEqualTo(200).startsWith("● recording");
    }

    @Test
    void whoAskedALongTimeAgoNoLongerLooks() {
        StatusLine line = line(root);
        assertThat(line.isWatched()).isFalse();
        line.text("", GatewayStats.NONE, RECORDER);
        assertThat(line.isWatched()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "999, 999",
        "1000, 1.0k",
        "9949, 9.9k",
        "9950, 10k",
        "38400, 38k",
        "999499, 999k",
        "999500, 1.0M",
        "1200000, 1.2M",
        "2500000000, 2.5G",
        "9223372036854775807, 9223372T"
    })
    void countsAreShort(long number, String shown) {
        assertThat(StatusLine.count(number)).isEqualTo(shown);
    }

    private static Clock clock() {
        return Clock.fixed(NOW, ZoneOffset.UTC);
    }

    private static StatusLine line(Path home) {
        StatusLine line = new StatusLine(new HypHome(home), true, clock());
        line.reload();
        return line;
    }

    private Path figures(String day, Instant at, Instant dayEnds) throws IOException {
        HypHome home = new HypHome(root);
        Files.createDirectories(home.run());
        Files.writeString(home.figures(), """
                {"at_ms":%d,"position":7,"day_ends_ms":%d,"zone":"Asia/Kolkata","day":%s,"sessions":{"s-1":
                {"answers":1,"tokens_in":999,"tokens_cached":0,"tokens_out":20,"micro_usd":0,"priced":false,"misses":0}},
                "window":{"minutes":300,"percent":34,"resets_ms":%d}}""".formatted(
                        at.toEpochMilli(),
                        dayEnds.toEpochMilli(),
                        day,
                        NOW.plusSeconds(1_000).toEpochMilli()));
        return root;
    }
}
