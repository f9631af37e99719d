package io.hypaware.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BlockTest {

    private static final Origin ORIGIN =
            new Origin(Instant.parse("2026-03-01T09:08:07Z"), "commit abc", "2 cores", "bench/run gateway 3");

    private static final Origin LATER =
            new Origin(Instant.parse("2026-03-02T00:00:00Z"), "commit def", "2 cores", "bench/run gateway 3");

    private static Figure atMost(String what, double limit, double measured) {
        return new Figure(what, measured, "ms", Optional.of(new Budget(Budget.Bound.AT_MOST, limit)));
    }

    @Test
    void figuresStandInATableWithTheirBudgets() {
        assertThat(Block.of(
                        ORIGIN,
                        List.of(
                                atMost("p50", 0.3, 0.16),
                                atMost("p99", 2.5, 3.4),
                                new Figure("a|b", 3, "", Optional.empty()))))
                .isEqualTo("""
                        Measured 2026-03-01 09:08 UTC, commit abc, on 2 cores: `bench/run gateway 3`.

                        | what | budget | measured | |
                        |---|---|---|---|
                        | p50 | <= 0.3 ms | 0.16 ms | held |
                        | p99 | <= 2.5 ms | 3.40 ms | **MISSED** |
                        | a\\|b | | 3 | |
                        """);
    }

    @Test
    void tablesAndNotesStandWhereTheyWereSaid() {
        assertThat(Block.of(
                        ORIGIN,
                        List.of(
                                new Table("Peers", List.of("", "p50, ms"), List.of(List.of("nginx", "0.13"))),
                                atMost("p50", 0.3, 0.16),
                                new Note("nginx <!-- end -->\nis left out"))))
                .isEqualTo("""
                        Measured 2026-03-01 09:08 UTC, commit abc, on 2 cores: `bench/run gateway 3`.

                        Peers:

                        | | p50, ms |
                        |---|---|
                        | nginx | 0.13 |

                        | what | budget | measured | |
                        |---|---|---|---|
                        | p50 | <= 0.3 ms | 0.16 ms | held |

                        nginx &lt;!-- end --> is left out
                        """);
    }

    @Test
    void aFailureIsSaidAboveTheOlderFiguresUntilItIsMeasuredAgain() {
        String measured = Block.of(ORIGIN, List.of(atMost("p50", 0.3, 0.16)));
        String failed = Block.failed(LATER, "it ended with 1", measured);
        assertThat(failed).isEqualTo("""
                **Failed** 2026-03-02 00:00 UTC, commit def: it ended with 1. What follows is older.

                """ + measured);
        assertThat(Block.failed(LATER, "it did not end", failed))
                .startsWith("**Failed** 2026-03-02 00:00 UTC, commit def: it did not end.")
                .endsWith(".\n\n" + measured)
                .doesNotContain("it ended with 1");
    }

    @Test
    void aFailureOfWhatWasNeverMeasuredStandsAlone() {
        String failed = Block.failed(LATER, "it ended with 1", "");
        assertThat(failed)
                .isEqualTo(
                        "**Failed** 2026-03-02 00:00 UTC, commit def: it ended with 1. Nothing was measured before.\n");
        assertThat(Block.failed(LATER, "again", failed)).hasLineCount(1).contains("again");
    }
}
