package io.hypaware.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.bench.report.MeasuredDocument;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SectionTest {

    private static final Path ROOT = Path.of("..");

    private static final List<Section> SECTIONS = List.of(
            new Section("gateway", List.of("gateway"), List.of("3"), "", "", false),
            new Section("start", List.of("start"), List.of(), "", "", false),
            new Section("year", List.of("year"), List.of(), "hours", "", true));

    private static List<String> chosen(String... words) {
        return Section.wanted(SECTIONS, List.of(words)).sections().stream()
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
    void aMisspeltNameBehindAGoodOneIsNoArgumentOfIt() {
        assertThatThrownBy(() -> chosen("gateway", "strat"))
                .hasMessageContaining("gateway: ")
                .hasMessageContaining("'strat' is no whole number")
                .hasMessageEndingWith("did you mean the section start?");
        assertThatThrownBy(() -> chosen("start", "gatewya"))
                .hasMessageContaining("start: Unmatched argument")
                .hasMessageEndingWith("did you mean the section gateway?");
        assertThatThrownBy(() -> chosen("start", "5")).hasMessageEndingWith("it takes: start, and nothing else");
    }

    @Test
    void optionsStandBeforeNames() {
        assertThat(Section.wanted(SECTIONS, List.of("--no-write", "--long")))
                .returns(false, Section.Wanted::isWritten)
                .returns(SECTIONS, Section.Wanted::sections);
        assertThat(Section.wanted(SECTIONS, List.of("start")).isWritten()).isTrue();
        assertThatThrownBy(() -> chosen("--no-wirte", "start"))
                .hasMessage(
                        "there is no option --no-wirte; there are: --list, --long, --no-write, before the names of sections");
    }

    @Test
    void eachSectionHasAPlaceInTheDocument() throws Exception {
        MeasuredDocument.read(ROOT.resolve(RunAll.DOCUMENT))
                .require(Section.ALL.stream().map(Section::name).toList());
    }

    @Test
    void eachSectionIsABenchmarkThatTakesItsArguments() {
        assertThat(Section.wanted(
                                Section.ALL,
                                Section.ALL.stream().map(Section::name).toList())
                        .sections())
                .isEqualTo(Section.ALL);
    }

    @Test
    void nginxIsLookedForOnThePath(@TempDir Path folder) throws Exception {
        Path program = Files.createFile(folder.resolve("nginx"));
        assertThat(Nginx.program("/nowhere:" + folder)).isNotEqualTo(Optional.of(program));
        assertThat(program.toFile().setExecutable(true)).isTrue();
        assertThat(Nginx.program("/nowhere:" + folder)).contains(program);
    }
}
