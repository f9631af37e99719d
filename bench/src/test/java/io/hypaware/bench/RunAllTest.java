package io.hypaware.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.bench.report.MeasuredDocument.BrokenDocumentException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunAllTest {

    private static final String RUNNER = """
            #!/bin/sh
            say() { printf '{"what":"%s","measured":%s,"unit":"ms","bound":"AT_MOST","limit":2}\\n' "$1" "$2" >> "$HYP_BENCH_FIGURES"; }
            echo "$*" >> "$(dirname "$0")/../ran"
            [ -d "$HYP_BENCH_FOLDER" ] && [ -n "$HYP_BENCH_BUILT" ] || exit 9
            case $1 in
              held) say "p50 of $2" 1 ;;
              missed) say "p50 of $2" 3; exit 3 ;;
              failed)
                say "p50 of $2" 1
                echo 'Exception in thread "main" java.io.IOException: /home/somebody/lake/file.db is torn' >&2
                echo '  at Bench.main' >&2
                echo 'Exception in thread "main" java.io.IOException: the measured process failed' >&2
                exit 1 ;;
              silent) ;;
              killed)
                echo 'Jan 2, 2026 8:55:16 PM some.Logger lookup' >&2
                echo 'WARNING: something could be faster' >&2
                exit 143 ;;
              torn) printf '{"what":"p50' > "$HYP_BENCH_FIGURES" ;;
              spoiled)
                say "p50 of $2" 1
                echo '<!-- end -->' >> "$(dirname "$0")/../docs/reference/performance.md" ;;
            esac
            """;

    private static final String DOCUMENT = """
            # Figures
            <!-- measured: held -->
            <!-- end -->
            <!-- measured: missed -->
            <!-- end -->
            <!-- measured: failed -->
            older
            <!-- end -->
            <!-- measured: killed -->
            <!-- end -->
            <!-- measured: silent -->
            <!-- end -->
            <!-- measured: torn -->
            <!-- end -->
            <!-- measured: spoiled -->
            <!-- end -->
            the rest
            """;

    @TempDir
    Path root;

    @TempDir
    Path folders;

    @BeforeEach
    void tree() throws Exception {
        Path runner = Files.createDirectories(root.resolve("bench")).resolve("run");
        Files.writeString(runner, RUNNER);
        assertThat(runner.toFile().setExecutable(true)).isTrue();
        Files.createDirectories(document().getParent());
        Files.writeString(document(), DOCUMENT);
    }

    private Path document() {
        return root.resolve(RunAll.DOCUMENT);
    }

    private static Section section(String name) {
        return new Section(name, List.of(name), List.of("12"), "a second", "", false);
    }

    private boolean run(String... names) throws Exception {
        return run(true, names);
    }

    private boolean run(boolean isWritten, String... names) throws Exception {
        return new RunAll(
                        root,
                        folders,
                        "2 cores",
                        Clock.fixed(Instant.parse("2026-03-01T09:08:07Z"), ZoneOffset.UTC),
                        isWritten)
                .run(List.of(names).stream().map(RunAllTest::section).toList());
    }

    @Test
    void aSectionIsWrittenIntoItsBlock() throws Exception {
        assertThat(run("held")).isTrue();
        assertThat(document()).content().isEqualTo(DOCUMENT.replace("held -->\n", """
                held -->
                Measured 2026-03-01 09:08 UTC, no commit, on 2 cores: `bench/run held 12`.

                | what | budget | measured | |
                |---|---|---|---|
                | p50 of 12 | <= 2 ms | 1 ms | held |
                """));
    }

    @Test
    void nothingIsWrittenWhereThatIsNotWanted() throws Exception {
        assertThat(run(false, "held", "missed")).isTrue();
        assertThat(run(false, "failed")).isFalse();
        assertThat(document()).content().isEqualTo(DOCUMENT);
        Files.delete(document());
        assertThat(run(false, "held")).isTrue();
        assertThat(root.resolve("ran")).hasContent("held 12\nmissed 12\nfailed 12\nheld 12");
    }

    @Test
    void aMissedBudgetIsAFigureAndNoFailure() throws Exception {
        assertThat(run("missed")).isTrue();
        assertThat(document()).content().contains("| p50 of 12 | <= 2 ms | 3 ms | **MISSED** |");
    }

    @Test
    void aSectionThatFailsStopsNoOther() throws Exception {
        assertThat(run("failed", "killed", "silent", "torn", "held")).isFalse();
        assertThat(document())
                .content()
                .contains("**Failed** 2026-03-01 09:08 UTC, no commit: it ended with 1: "
                        + "Exception in thread \"main\" java.io.IOException: file.db is torn. What follows is older.\n"
                        + "\nolder\n")
                .contains("no commit: it ended with 143. Nothing was measured before.")
                .contains("no commit: it said no figures. Nothing was measured before.")
                .contains(
                        "no commit: its figures cannot be read: no entry of a bench: {\"what\":\"p50. Nothing was measured before.")
                .contains("| p50 of 12 | <= 2 ms | 1 ms | held |")
                .endsWith("the rest\n");
    }

    @Test
    void aDocumentThatIsSpoiledMeanwhileIsLeftAlone() throws Exception {
        assertThat(run("spoiled", "held")).isFalse();
        assertThat(document()).content().isEqualTo(DOCUMENT + "<!-- end -->\n");
        assertThat(root.resolve("ran")).hasContent("spoiled 12\nheld 12");
    }

    @Test
    void nothingIsMeasuredForADocumentWithoutAPlace() throws Exception {
        Files.writeString(document(), DOCUMENT.replace("<!-- measured: missed -->\n<!-- end -->\n", ""));
        assertThatThrownBy(() -> run("held", "missed"))
                .isInstanceOf(BrokenDocumentException.class)
                .hasMessageContaining("measured: missed");
        assertThat(root.resolve("ran")).doesNotExist();
    }
}
