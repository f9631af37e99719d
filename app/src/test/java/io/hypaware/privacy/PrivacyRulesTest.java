package io.hypaware.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrivacyRulesTest {

    private static final Optional<String> CLAUDE = Optional.of("claude");

    @TempDir
    private Path home;

    private Path work;
    private Path list;

    @BeforeEach
    void folders() throws Exception {
        work = Files.createDirectories(home.toRealPath().resolve("user/work"));
        list = home.resolve("hyp/hypaware/privacy.json");
    }

    private PrivacyRules.Verdict verdict(Path folder) {
        return PrivacyRules.of(list).of(Optional.of(folder.toString()), CLAUDE);
    }

    private void mark(Mark mark) throws Exception {
        PrivacyList.update(list, before -> before.with(mark));
    }

    private static Mark mark(Path folder, PrivacyClass is) {
        return new Mark(Optional.of(folder), Optional.empty(), is);
    }

    @Test
    void nothingIsSaidAtFirst() {
        assertThat(verdict(work)).isEqualTo(new PrivacyRules.Verdict(PrivacyClass.SYNC, java.util.List.of()));
    }

    @Test
    void aMarkIsOfItsFolderAndAllBelowIt() throws Exception {
        mark(mark(work, PrivacyClass.IGNORE));
        assertThat(verdict(work).is()).isEqualTo(PrivacyClass.IGNORE);
        assertThat(verdict(work.resolve("deep/er")).is()).isEqualTo(PrivacyClass.IGNORE);
        assertThat(verdict(work.resolveSibling("work2")).is()).isEqualTo(PrivacyClass.SYNC);
        assertThat(verdict(work).why()).isEqualTo("marked ignore: " + work);
    }

    @Test
    void theStrictestWins() throws Exception {
        mark(mark(work, PrivacyClass.LOCAL_ONLY));
        mark(mark(work.resolve("a"), PrivacyClass.SYNC));
        assertThat(verdict(work.resolve("a")).is()).isEqualTo(PrivacyClass.LOCAL_ONLY);
        mark(new Mark(Optional.empty(), CLAUDE, PrivacyClass.IGNORE));
        assertThat(verdict(work).is()).isEqualTo(PrivacyClass.IGNORE);
        assertThat(PrivacyRules.of(list)
                        .of(Optional.of(work.toString()), Optional.of("codex"))
                        .is())
                .isEqualTo(PrivacyClass.LOCAL_ONLY);
    }

    @Test
    void aLinkIsNoWayAroundAMark() throws Exception {
        mark(mark(work, PrivacyClass.IGNORE));
        Path link = Files.createSymbolicLink(home.toRealPath().resolve("link"), work);
        assertThat(verdict(link).is()).isEqualTo(PrivacyClass.IGNORE);
        assertThat(verdict(work.resolve("../work")).is()).isEqualTo(PrivacyClass.IGNORE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | . | IGNORE",
                "'' | a/b | IGNORE",
                "'# only a note' | a | IGNORE",
                "'*' | . | IGNORE",
                "'secret/' | . | SYNC",
                "'secret/' | secret | IGNORE",
                "'secret/' | a/secret/b | IGNORE",
                "'/secret' | a/secret | SYNC",
                "'a/*/c' | a/b/c/d | IGNORE",
                "'*\n!open' | open | SYNC",
                "'*\n!open' | closed | IGNORE",
                "'a*b*c*d*e*f' | a | IGNORE",
            })
    void aFileIgnoresWhatItNames(String text, String folder, PrivacyClass expected) throws Exception {
        Files.writeString(work.resolve(IgnoreFiles.NAME), text);
        assertThat(verdict(work.resolve(folder)).is()).isEqualTo(expected);
    }

    @Test
    void whatOneFileIgnoresAnotherOneDoesNotBringBack() throws Exception {
        Files.writeString(work.resolve(IgnoreFiles.NAME), "a");
        Files.createDirectories(work.resolve("a"));
        Files.writeString(work.resolve("a").resolve(IgnoreFiles.NAME), "!*");
        assertThat(verdict(work.resolve("a")).is()).isEqualTo(PrivacyClass.IGNORE);
    }

    @Test
    void aFileThatCannotBeReadWasPutThereToIgnore() throws Exception {
        Files.createDirectories(work.resolve(IgnoreFiles.NAME));
        assertThat(verdict(work).is()).isEqualTo(PrivacyClass.IGNORE);
        Files.delete(work.resolve(IgnoreFiles.NAME));
        Files.createSymbolicLink(work.resolve(IgnoreFiles.NAME), work.resolve("nothing"));
        assertThat(verdict(work).is()).isEqualTo(PrivacyClass.IGNORE);
        Files.delete(work.resolve(IgnoreFiles.NAME));
        Files.writeString(work.resolve(IgnoreFiles.NAME), "\uFEFF");
        assertThat(verdict(work).is()).isEqualTo(PrivacyClass.IGNORE);
        Files.writeString(work.resolve(IgnoreFiles.NAME), "x\n".repeat(100_000));
        assertThat(verdict(work).is()).isEqualTo(PrivacyClass.IGNORE);
    }

    @Test
    void whatCannotBeToldApartStaysOnTheMachine() throws Exception {
        PrivacyRules nothing = PrivacyRules.of(list);
        assertThat(nothing.of(Optional.empty(), CLAUDE).is()).isEqualTo(PrivacyClass.SYNC);
        assertThat(nothing.of(Optional.of(work.toString()), Optional.empty()).is())
                .isEqualTo(PrivacyClass.SYNC);
        mark(new Mark(Optional.empty(), Optional.of("codex"), PrivacyClass.LOCAL_ONLY));
        assertThat(PrivacyRules.of(list)
                        .of(Optional.of(work.toString()), Optional.empty())
                        .is())
                .isEqualTo(PrivacyClass.LOCAL_ONLY);
        mark(mark(work, PrivacyClass.IGNORE));
        assertThat(PrivacyRules.of(list).of(Optional.empty(), CLAUDE).is()).isEqualTo(PrivacyClass.LOCAL_ONLY);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'{\"version\":1' | cannot be understood",
                "'{}' | cannot be understood",
                "'{\"version\":2,\"marks\":[],\"sessions\":{}}' | version 2",
                "'{\"version\":1,\"marks\":[{\"path\":\"/x\",\"class\":\"secret\"}],\"sessions\":{}}' | no class",
                "'{\"version\":1,\"marks\":[{\"class\":\"ignore\"}],\"sessions\":{}}' | a folder, an agent, or both",
                "'{\"version\":1,\"marks\":[],\"sessions\":{\"s\":\"now\"}}' | no time",
            })
    void aListThatCannotBeReadForbidsAllToLeave(String text, String why) throws Exception {
        Files.createDirectories(list.resolveSibling(""));
        Files.writeString(list, text);
        PrivacyRules rules = PrivacyRules.of(list);
        assertThat(rules.unreadable()).get().asString().contains(why).contains("Repair");
        assertThat(rules.of(Optional.of(work.toString()), CLAUDE).is()).isEqualTo(PrivacyClass.LOCAL_ONLY);
        assertThatThrownBy(() -> mark(mark(work, PrivacyClass.IGNORE))).isInstanceOf(PrivacyListException.class);
        assertThat(list).hasContent(text);
    }

    @Test
    void theListComesBackAndIsTheOwnersAlone() throws Exception {
        mark(mark(work, PrivacyClass.IGNORE));
        mark(new Mark(Optional.of(work), Optional.of("codex"), PrivacyClass.LOCAL_ONLY));
        PrivacyList.update(list, before -> before.withSession("s1", Instant.parse("2026-01-01T00:00:00Z")));
        PrivacyList read = PrivacyList.read(list);
        assertThat(read.marks()).hasSize(2);
        assertThat(read.sessions()).containsOnlyKeys("s1");
        assertThat(read.without(mark(work, PrivacyClass.SYNC)).marks()).hasSize(1);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(list.resolveSibling(""))))
                .isEqualTo("rwx------");
    }

    @ParameterizedTest
    @CsvSource({"''", "' '", "'a\tb'"})
    void aSessionHasAnId(String session) {
        assertThatThrownBy(() -> PrivacyList.EMPTY.withSession(session, Instant.EPOCH))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
