package io.hypaware.maintain.purge;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Cache;
import io.hypaware.home.Folders;
import io.hypaware.journal.Journal;
import io.hypaware.maintain.CacheCheck;
import io.hypaware.maintain.Writing;
import io.hypaware.testing.Processes;
import io.hypaware.testing.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever step of a purge a process dies at: who goes on comes to the same end. What was to go is on no byte of the
/// disk, and what others said and sent is as it was.
class PurgeCrashTest {

    private static final int SESSIONS = 5;
    private static final int PURGED = 2;

    private static final List<String> KINDS = List.of("session", "folder", "matching");

    /// Some rows have gone for good, and nothing else has.
    private static final Set<PurgeStep> TELLING = EnumSet.of(PurgeStep.FILE_COMMITTED);

    @TempDir
    private static Path folder;

    private static Path home;
    private static Path asRecorded;
    private static PurgeHome.Kept before;

    private PurgeHome sessions;

    @BeforeAll
    static void recorded() throws Exception {
        home = folder.resolve("home");
        before = PurgeHome.in(home, SESSIONS).kept(PURGED);
        asRecorded = folder.resolve("as-recorded");
        Trees.copy(home, asRecorded);
    }

    /// In the same place, as tables say where they are.
    @BeforeEach
    void nothingIsPurged() throws Exception {
        Folders.delete(home);
        Trees.copy(asRecorded, home);
        sessions = PurgeHome.at(home);
    }

    static Stream<Arguments> telling() {
        return TELLING.stream().map(step -> Arguments.of(step, 1, kind(step)));
    }

    /// Each step by one kind of selection in turn; with `HYP_DEATHS=each` by every one, and at its second time, too.
    static Stream<Arguments> others() {
        PurgeStep[] steps = PurgeStep.values();
        if (Processes.EACH_DEATH) {
            return Arrays.stream(steps)
                    .flatMap(step -> KINDS.stream()
                            .flatMap(kind -> Stream.of(1, 2).map(time -> Arguments.of(step, time, kind))));
        }
        return Stream.concat(
                Arrays.stream(steps)
                        .filter(step -> !TELLING.contains(step))
                        .map(step -> Arguments.of(step, 1, kind(step))),
                Stream.of(PurgeStep.ROWS_FORGOTTEN, PurgeStep.HOT_ROWS_DELETED, PurgeStep.FILE_COMMITTED)
                        .map(step -> Arguments.of(step, 3, "session")));
    }

    private static String kind(PurgeStep step) {
        return KINDS.get(step.ordinal() % KINDS.size());
    }

    @ParameterizedTest
    @MethodSource("telling")
    void whoGoesOnComesToTheSameEnd(PurgeStep step, int time, String kind) throws Exception {
        dyingComesToTheSameEnd(step, time, kind);
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource("others")
    void whoGoesOnComesToTheSameEndFromWhereverItDied(PurgeStep step, int time, String kind) throws Exception {
        dyingComesToTheSameEnd(step, time, kind);
    }

    private void dyingComesToTheSameEnd(PurgeStep step, int time, String kind) throws Exception {
        Process dying = Processes.java(Dying.class, home, home.toString(), kind, step.name(), Integer.toString(time));
        assertThat(dying.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(dying.exitValue()).as("died at the step").isIn(137, time == 1 ? 137 : 0);
        try (Journal journal = Journal.open(sessions.cache().resolve("journal.db"))) {
            assertThat(journal.purges().open()).hasSize(dying.exitValue() == 137 ? 1 : 0);
        }
        if (!Processes.EACH_DEATH) {
            minuteLater(sessions.cache().resolve("tables"));
        }
        sessions.purge(_ -> {}).run(Writing.whole("gw"));

        List<String> gone =
                kind.equals("matching") ? List.of(PurgeHome.answerSecret(PURGED)) : PurgeHome.secrets(PURGED);
        assertThat(DiskGrep.of(home).find(gone)).isEmpty();
        assertThat(sessions.kept(PURGED)).isEqualTo(before);
        assertThat(CacheCheck.run(new Cache(sessions.cache()), false).findings())
                .isEmpty();
        try (Journal journal = Journal.open(sessions.cache().resolve("journal.db"))) {
            assertThat(journal.purges().open()).isEmpty();
        }
    }

    /// Makes files look older than what a purge waits for, as another engine may be about to commit them.
    private static void minuteLater(Path tables) throws IOException {
        try (Stream<Path> files = Files.walk(tables)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.setLastModifiedTime(
                        file,
                        FileTime.from(
                                Files.getLastModifiedTime(file).toInstant().minusSeconds(61)));
            }
        }
    }

    static Selection selection(String kind) {
        return switch (kind) {
            case "session" -> new Selection.Session(PurgeHome.session(PURGED));
            case "folder" -> new Selection.Folder(List.of(Path.of("/work/project-" + PURGED)));
            case "matching" ->
                new Selection.Matching(PurgeHome.answerSecret(PURGED).substring(0, 24));
            default -> new Selection.Before(Instant.EPOCH);
        };
    }

    /// A purge that dies at the n-th time it comes to a step.
    static final class Dying {
        public static void main(String[] arguments) throws Exception {
            PurgeHome.at(Path.of(arguments[0]))
                    .purge(selection(arguments[1]), Processes.dyingAt(arguments[2], Integer.parseInt(arguments[3])));
        }
    }
}
