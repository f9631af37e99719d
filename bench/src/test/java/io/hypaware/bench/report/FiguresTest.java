package io.hypaware.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FiguresTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "AT_MOST,  180, 180,    held",
        "AT_MOST,  180, 180.01, MISSED",
        "AT_LEAST, 80,  80,     held",
        "AT_LEAST, 80,  79.9,   MISSED",
        "EXACTLY,  300, 300,    held",
        "EXACTLY,  300, 299,    MISSED",
        "EXACTLY,  300, 301,    MISSED",
    })
    void aBudgetIsHeldOrMissed(Budget.Bound bound, double limit, double measured, String verdict) {
        assertThat(new Figure("what", measured, "", Optional.of(new Budget(bound, limit))).verdict())
                .isEqualTo(verdict);
    }

    @Test
    void nothingIsSaidOfAFigureWithoutABudget() {
        Figure figure = new Figure("what", 7, "MB", Optional.empty());
        assertThat(figure.verdict()).isEmpty();
        assertThat(figure.budgetText()).isEmpty();
        assertThat(figure.isMissed()).isFalse();
    }

    @Test
    void aFigureIsANumber() {
        assertThatThrownBy(() -> new Figure("ratio", 1.0 / 0, "", Optional.empty()))
                .hasMessageContaining("ratio is no number");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0       | 0",
                "0.0048  | 0.0048",
                "0.16    | 0.16",
                "2.634   | 2.63",
                "17.04   | 17.0",
                "162.4   | 162",
                "358892  | 358,892",
                "-0.05   | -0.050",
            })
    void numbersKeepTheDigitsThatCount(double value, String text) {
        assertThat(Figure.number(value)).isEqualTo(text);
    }

    @Test
    void unitsStandBehindNumbers() {
        Figure figure = new Figure("what", 31.4, "%", Optional.of(new Budget(Budget.Bound.AT_LEAST, 80)));
        assertThat(figure.measuredText()).isEqualTo("31.4%");
        assertThat(figure.budgetText()).isEqualTo(">= 80%");
        assertThat(new Figure("what", 2, "ms", Optional.empty()).measuredText()).isEqualTo("2 ms");
    }

    @Test
    void whatIsSaidIsReadFromTheFileAgain() throws Exception {
        Path file = folder.resolve("figures");
        Figures figures = new Figures(Optional.of(file));
        figures.say("plain, with \"quotes\"", 1.5, "ms");
        figures.atMost("most", 3, 2, "s");
        figures.atLeast("least", 3, 2, "%");
        figures.exactly("rows", 300, 300);
        figures.count("calls", 7);
        figures.note("nginx is left out");
        figures.add(new Table("by month", List.of("", "first"), List.of(List.of("MB", "3 | 4"))));
        assertThat(Figures.read(file))
                .containsExactly(
                        new Figure("plain, with \"quotes\"", 1.5, "ms", Optional.empty()),
                        new Figure("most", 2, "s", Optional.of(new Budget(Budget.Bound.AT_MOST, 3))),
                        new Figure("least", 2, "%", Optional.of(new Budget(Budget.Bound.AT_LEAST, 3))),
                        new Figure("rows", 300, "", Optional.of(new Budget(Budget.Bound.EXACTLY, 300))),
                        new Figure("calls", 7, "", Optional.empty()),
                        new Note("nginx is left out"),
                        new Table("by month", List.of("", "first"), List.of(List.of("MB", "3 | 4"))));
    }

    @Test
    void severalProcessesSayIntoOneFile() throws Exception {
        Path file = folder.resolve("figures");
        new Figures(Optional.of(file)).say("parent", 1, "");
        new Figures(Optional.of(file)).say("child", 2, "");
        assertThat(Files.readAllLines(file)).hasSize(2);
    }

    @Test
    void theExitCodeSaysWhetherABudgetWasMissed() {
        Figures figures = new Figures(Optional.empty());
        figures.atMost("most", 3, 2, "s");
        assertThat(figures.exitCode()).isZero();
        figures.atMost("most", 3, 4, "s");
        figures.atMost("most", 3, 2, "s");
        assertThat(figures.exitCode()).isEqualTo(Figures.MISSED);
    }

    @Test
    void aRowHasACellForEachColumn() {
        assertThatThrownBy(() -> new Table("by month", List.of("", "first"), List.of(List.of("MB"))))
                .hasMessageContaining("by month");
    }

    @Test
    void aLineOfAnotherProgramIsNoEntry() {
        assertThatThrownBy(() -> EntryJson.parse("{\"what\":\"a figure without a value\"}"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> EntryJson.parse("not JSON")).isInstanceOf(IllegalArgumentException.class);
    }
}
