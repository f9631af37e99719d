package io.hypaware.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.bench.report.MeasuredDocument;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class SectionTest {

    private static final Path ROOT = Path.of("..");

    private static final List<Section> SECTIONS = List.of(
            new Section("gateway", List.of("gateway"), List.of("3"), "", "", false),
            new Section("start", List.of("start"), List.of(), "", "", false),
            new Section("year", List.of("year"), List.of(), "hours", "", true));

    private static List<String> chosen(String... words) {
        return Section.chosen(SECTIONS, List.of(words)).stream()
                .map(section -> String.join(" ", section.words()))
                .toList();
    }

    @Test
    void longOnesAreLeftOutWhereTheyAreNotAskedFor() {
        assertThat(chosen()).containsExactly("gateway 3", "start");
        assertThat(chosen("--long")).containsExactly("gateway 3", "start", "year");
        assertThat(chosen("year")).containsExactly("year");
    }

    @Test
    void wordsBehindANameAreItsArguments() {
        assertThat(chosen("year", "--home", "folder", "--months", "0", "gateway", "1", "start"))
                .containsExactly("year --home folder --months 0", "gateway 1", "start");
        assertThat(chosen("start", "gateway")).containsExactly("start", "gateway 3");
    }

    @Test
    void aNameThatIsNoneIsRefused() {
        assertThatThrownBy(() -> chosen("gatewya", "1")).hasMessageContaining("no section gatewya");
        assertThatThrownBy(() -> chosen("start", "gateway", "start")).hasMessageContaining("start is named twice");
    }

    @Test
    void eachSectionHasAPlaceInTheDocument() throws Exception {
        MeasuredDocument.read(ROOT.resolve(RunAll.DOCUMENT))
                .require(Section.ALL.stream().map(Section::name).toList());
    }

    @Test
    void eachSectionIsACommandOfTheRunner() throws Exception {
        String runner = Files.readString(ROOT.resolve("bench/run"));
        for (Section section : Section.ALL) {
            assertThat(runner).containsPattern("[ |]" + section.command().getFirst() + "( \\||\\))");
        }
    }
}
