package io.hypaware.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.bench.report.MeasuredDocument.BrokenDocumentException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MeasuredDocumentTest {

    private static final String TEXT = """
            # Performance\u00a0\u2026 \t
            before
            <!-- measured: gateway -->
            old
            <!-- end -->
            between <!-- measured: other -->
            <!-- measured: start -->
            <!-- end -->

              after, without an end""".stripTrailing();

    @TempDir
    Path folder;

    @Test
    void onlyTheBlockChanges() {
        assertThat(MeasuredDocument.parse(TEXT).with("gateway", "new\n")).isEqualTo(TEXT.replace("old\n", "new\n"));
        assertThat(MeasuredDocument.parse(TEXT).with("start", "one\ntwo\n"))
                .isEqualTo(TEXT.replace("start -->\n", "start -->\none\ntwo\n"));
    }

    @Test
    void aBlockIsWrittenAgainAndAgain() {
        String once = MeasuredDocument.parse(TEXT).with("gateway", "new\n");
        assertThat(MeasuredDocument.parse(once).block("gateway")).isEqualTo("new\n");
        assertThat(MeasuredDocument.parse(once).with("gateway", "old\n")).isEqualTo(TEXT);
    }

    @Test
    void linesEndAsTheDocumentsDo() {
        String windows = TEXT.replace("\n", "\r\n");
        MeasuredDocument document = MeasuredDocument.parse(windows);
        assertThat(document.block("gateway")).isEqualTo("old\n");
        assertThat(document.with("gateway", "old\n")).isEqualTo(windows);
    }

    @Test
    void theFileIsReadAgainBeforeItIsWritten() throws Exception {
        Path file = folder.resolve("performance.md");
        Files.writeString(file, TEXT + "\nadded meanwhile");
        MeasuredDocument.replace(file, "gateway", before -> before + "new\n");
        assertThat(file).hasContent(TEXT.replace("old\n", "old\nnew\n") + "\nadded meanwhile");
        assertThat(folder).isDirectoryContaining("glob:**performance.md").isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void aSectionNeedsItsMarker() {
        MeasuredDocument document = MeasuredDocument.parse(TEXT);
        document.require(List.of("gateway", "start"));
        assertThatThrownBy(() -> document.require(List.of("gateway", "other")))
                .isInstanceOf(BrokenDocumentException.class)
                .hasMessage("there is no line <!-- measured: other -->");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'a\n<!-- measured: x -->\nb\n'                           | the block of x has no line <!-- end -->",
                "'a\n<!-- end -->\nb\n'                                   | line 2 ends a block that no line begins",
                "'<!-- measured: x -->\n<!-- measured: y -->\n<!-- end -->' | line 2 begins the block of y within that of x",
                "'<!-- measured: x -->\n<!-- end -->\n<!-- measured: x -->\n<!-- end -->' | line 3 begins the block of x a second time",
            })
    void aMarkerThatIsMissingOrDoubledIsAnError(String text, String message) {
        assertThatThrownBy(() -> MeasuredDocument.parse(text))
                .isInstanceOf(BrokenDocumentException.class)
                .hasMessage(message);
    }
}
