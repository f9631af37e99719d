package io.hypaware.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.read.Overview;
import io.hypaware.read.OverviewPage;
import io.hypaware.read.SessionCall.Tokens;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// An overview fits the terminal, and has an end.
class OverviewTextTest {

    private static final String FOLDER = "/home/somebody/work/of-a-company/with-long-names/service-number-";

    private static Overview.Group group(String name, long tokens) {
        return new Overview.Group(
                name,
                tokens / 1_000,
                new Tokens(tokens, tokens / 10, 20 * tokens, 2 * tokens),
                tokens * 3,
                new TreeSet<>(),
                Instant.EPOCH);
    }

    private static String text(Overview.By by, List<Overview.Group> groups, int width) {
        StringWriter text = new StringWriter();
        new OverviewText(new OverviewPage(
                        365,
                        by,
                        new Overview.Span(Instant.EPOCH, ZoneOffset.UTC),
                        groups,
                        List.of(),
                        List.of(),
                        new Overview.Misses(1, 2, 3),
                        List.of()))
                .print(new PrintWriter(text, true), width);
        return text.toString();
    }

    private static String table(String text) {
        return text.substring(text.indexOf("\n\n") + 2, text.indexOf("Cache:"));
    }

    @ParameterizedTest
    @ValueSource(ints = {80, 100, 120, 200})
    void aTableFitsTheTerminal(int width) {
        List<Overview.Group> groups =
                List.of(group(FOLDER + "one", 987_654_321), group(FOLDER + "two", 4_321), group("", 1));
        assertThat(table(text(Overview.By.REPO, groups, width)).lines())
                .allSatisfy(line -> assertThat(line.length()).isLessThan(width))
                .anySatisfy(line -> assertThat(line).contains("number-one"))
                .anySatisfy(line -> assertThat(line).contains("number-two"));
    }

    @Test
    void whatTheCacheDidIsALineAndWhatItMissedAnother() {
        assertThat(text(Overview.By.MONTH, List.of(group("2026-01", 12_345)), 80)
                        .lines())
                .contains("Cache: 87.0 % of what models were sent was read from it")
                .contains("1 miss cost about $0.00 (why: hyp session misses <id>)");
    }

    @Test
    void numbersStandWholeWhereTheyFit() {
        assertThat(table(text(Overview.By.MONTH, List.of(group("2026-01", 12_345)), 80)))
                .contains("12,345", "246,900");
        assertThat(table(text(Overview.By.MONTH, List.of(group("2026-01", 9_876_543_210L)), 80)))
                .contains("9.9G", "198G");
    }

    @Test
    void theHundredThatCostMostAreListedAndTheTotalCountsAll() {
        List<Overview.Group> groups = IntStream.range(0, 102)
                .mapToObj(i -> group("session-" + i, 1_000))
                .toList();
        assertThat(text(Overview.By.SESSION, groups, 0))
                .contains("session-99 ")
                .doesNotContain("session-100")
                .contains("102,000")
                .contains("Left out: 2 sessions that cost less, which the total counts (all of them: --json)");
        assertThat(text(Overview.By.DAY, groups, 0)).contains("session-101").doesNotContain("Left out");
    }
}
