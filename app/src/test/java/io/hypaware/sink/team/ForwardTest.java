package io.hypaware.sink.team;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import io.hypaware.lake.LakeException;
import io.hypaware.maintain.Flush;
import io.hypaware.privacy.PrivacyList;
import io.hypaware.project.ExchangeRow;
import io.hypaware.project.Messages;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Processes;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.TeamWarehouse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// What is recorded goes to the team's lake once, whoever dies when; what stays here does not.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ForwardTest {

    private static final Dataset MESSAGES = Messages.DATASET;
    private static final Dataset EXCHANGES = ExchangeRow.DATASET;

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private Path folder;
    private TeamWarehouse warehouse;

    @BeforeAll
    void begin(@TempDir Path temporary) throws Exception {
        folder = temporary;
        warehouse = new TeamWarehouse(folder.resolve("warehouse"));
    }

    @AfterAll
    void end() throws Exception {
        warehouse.close();
    }

    private Cache home(String name) {
        return new Cache(folder.resolve(name).resolve("hypaware/cache"));
    }

    private static void call(RecordedCalls calls, String session, String said) {
        calls.call()
                .session(session)
                .system((said + " ").repeat(800))
                .messages(message("user", said))
                .answer("answer to " + said)
                .record();
    }

    private Forward.Outcome forward(Cache cache, String user) throws Exception {
        return new Forward(environment(cache, _ -> {}), warehouse.lake(user)).run(Optional.empty());
    }

    private static Forward.Environment environment(Cache cache, Consumer<ForwardStep> steps) {
        return new Forward.Environment(
                cache, Configs.defaults().query().cache().maintenance(), Clock.systemUTC(), steps);
    }

    private static void flush(Cache cache) throws Exception {
        new Flush(cache, Configs.defaults().query().cache().maintenance(), _ -> {}).run();
    }

    private List<String> here(Cache cache, Dataset dataset) throws Exception {
        return Queries.values(cache.folder(), "select _row_id from " + dataset.name());
    }

    private List<String> there(Dataset dataset, String user) throws Exception {
        return warehouse.values(dataset, "SELECT _row_id FROM %s WHERE _user = '" + user + "'");
    }

    @Test
    void rowsGoOnceWithThePayloadsThatTheyReferTo() throws Exception {
        Cache cache = home("once");
        RecordedCalls calls = new RecordedCalls(cache.folder());
        call(calls, "s", "one");
        calls.settle();
        flush(cache);
        call(calls, "s", "two");
        calls.settle();
        assertThat(forward(cache, "once").sent()).isPositive();
        assertThat(there(MESSAGES, "once")).containsExactlyInAnyOrderElementsOf(here(cache, MESSAGES));
        assertThat(there(EXCHANGES, "once")).containsExactlyInAnyOrderElementsOf(here(cache, EXCHANGES));
        assertThat(there(Datasets.PAYLOADS, "once"))
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(here(cache, Datasets.PAYLOADS));
        flush(cache);
        assertThat(forward(cache, "once").sent()).isZero();
        call(calls, "s", "two");
        calls.settle();
        forward(cache, "once");
        assertThat(there(MESSAGES, "once")).containsExactlyInAnyOrderElementsOf(here(cache, MESSAGES));
        assertThat(there(Datasets.PAYLOADS, "once")).doesNotHaveDuplicates();
    }

    @Tag("slow")
    @Test
    void whatStaysHereDoesNotGoUntilItMay() throws Exception {
        Cache cache = home("private");
        RecordedCalls calls = new RecordedCalls(cache.folder());
        call(calls, "mine", "privily");
        call(calls, "ours", "openly");
        calls.settle();
        PrivacyList.update(cache.privacyList(), list -> list.withSession("mine", NOW));
        Forward.Outcome outcome = forward(cache, "private");
        assertThat(outcome.withheld()).containsExactly("mine");
        assertThat(there(MESSAGES, "private")).hasSize(2);
        assertThat(warehouse.values(
                        Datasets.PAYLOADS, "SELECT text FROM %s WHERE _user = 'private' AND text IS NOT NULL"))
                .anyMatch(text -> text.contains("openly"))
                .noneMatch(text -> text.contains("privily"));
        assertThat(there(EXCHANGES, "private")).hasSize(1);
        PrivacyList.update(cache.privacyList(), list -> list.withoutSession("mine"));
        assertThat(forward(cache, "private").withheld()).isEmpty();
        assertThat(there(MESSAGES, "private")).containsExactlyInAnyOrderElementsOf(here(cache, MESSAGES));
        assertThat(there(EXCHANGES, "private")).containsExactlyInAnyOrderElementsOf(here(cache, EXCHANGES));
    }

    /// Files that are there already, and that nothing names yet, are not committed any more.
    @Test
    void whatIsMarkedWhileItIsOnItsWayIsNotCommitted() throws Exception {
        for (int upload = 1; upload <= 2; upload++) {
            String user = "under-way-" + upload;
            Cache cache = home(user);
            RecordedCalls calls = new RecordedCalls(cache.folder());
            call(calls, "mine", "privily");
            call(calls, "ours", "openly");
            calls.settle();
            int[] left = {upload};
            new Forward(
                            environment(cache, step -> {
                                if (step == ForwardStep.UPLOADED && --left[0] == 0) {
                                    mark(cache);
                                }
                            }),
                            warehouse.lake(user))
                    .run(Optional.empty());
            assertThat(left[0]).as(user).isNotPositive();
            assertThat(warehouse.values(MESSAGES, "SELECT session_id FROM %s WHERE _user = '" + user + "'"))
                    .as(user)
                    .isNotEmpty()
                    .containsOnly("ours");
            PrivacyList.update(cache.privacyList(), list -> list.withoutSession("mine"));
            forward(cache, user);
            assertThat(there(MESSAGES, user)).containsExactlyInAnyOrderElementsOf(here(cache, MESSAGES));
            assertThat(there(Datasets.PAYLOADS, user))
                    .containsExactlyInAnyOrderElementsOf(here(cache, Datasets.PAYLOADS));
        }
    }

    private static void mark(Cache cache) {
        try {
            PrivacyList.update(cache.privacyList(), list -> list.withSession("mine", NOW));
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// What was to go with a session whose rows do not leave any more, as its user said so after a process died.
    @Test
    void payloadsOfWhatIsMarkedAfterADeathDoNotGo() throws Exception {
        for (ForwardStep step : List.of(ForwardStep.PAYLOADS_INTENDED, ForwardStep.UPLOADED)) {
            String user = "marked-" + step;
            Cache cache = home(user);
            RecordedCalls calls = new RecordedCalls(cache.folder());
            call(calls, "mine", "privily");
            calls.settle();
            die(user, step, 1);
            PrivacyList.update(cache.privacyList(), list -> list.withSession("mine", NOW));
            forward(cache, user);
            assertThat(there(Datasets.PAYLOADS, user)).as(step.name()).isEmpty();
            assertThat(there(MESSAGES, user)).as(step.name()).isEmpty();
            PrivacyList.update(cache.privacyList(), list -> list.withoutSession("mine"));
            forward(cache, user);
            assertThat(there(Datasets.PAYLOADS, user))
                    .as(step.name())
                    .containsExactlyInAnyOrderElementsOf(here(cache, Datasets.PAYLOADS));
        }
    }

    @Test
    void whatIsMadeIsForThoseThatTheSharedFolderIsFor() throws Exception {
        Cache cache = home("shared");
        RecordedCalls calls = new RecordedCalls(cache.folder());
        call(calls, "s", "one");
        calls.settle();
        Path shared = folder.resolve("warehouse");
        Set<PosixFilePermission> before = Files.getPosixFilePermissions(shared);
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwx---"));
        try {
            new Forward(
                            environment(cache, _ -> {}),
                            Configs.withLake(warehouse.section("shared").replace("{", "{\"namespace\": \"shared\", "))
                                    .lake()
                                    .team()
                                    .orElseThrow())
                    .run(Optional.empty());
        } finally {
            Files.setPosixFilePermissions(shared, before);
        }
        try (Stream<Path> made = Files.walk(shared.resolve("shared"))) {
            assertThat(made.toList())
                    .hasSizeGreaterThan(10)
                    .allSatisfy(one -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(one)))
                            .isEqualTo(Files.isDirectory(one) ? "rwxrwx---" : "rw-rw----"));
        }
    }

    @Tag("slow")
    @Test
    void aHomeThatWasCopiedIsNoticed() throws Exception {
        Cache cache = home("copied");
        RecordedCalls calls = new RecordedCalls(cache.folder());
        call(calls, "s", "one");
        calls.settle();
        forward(cache, "copied");
        FileUtils.copyDirectory(
                folder.resolve("copied").toFile(), folder.resolve("copy").toFile());
        call(calls, "s", "two");
        calls.settle();
        forward(cache, "copied");
        Cache copy = home("copy");
        RecordedCalls others = new RecordedCalls(copy.folder());
        call(others, "t", "three");
        others.settle();
        assertThatThrownBy(() -> forward(copy, "copied"))
                .isInstanceOf(LakeException.class)
                .hasMessageContaining("the home was copied");
        assertThat(there(MESSAGES, "copied")).containsExactlyInAnyOrderElementsOf(here(cache, MESSAGES));
    }

    @Tag("slow")
    @Test
    void dyingAtAStepLosesAndDoublesNothing() throws Exception {
        Cache cache = home("dying");
        RecordedCalls calls = new RecordedCalls(cache.folder());
        for (ForwardStep step : EnumSet.complementOf(EnumSet.of(ForwardStep.FORGOTTEN))) {
            for (int occurrence : Processes.EACH_DEATH ? List.of(1, 2, 3) : List.of(1 + step.ordinal() % 2)) {
                call(calls, "s", step.name() + " " + occurrence);
                calls.settle();
                die("dying", step, occurrence);
                assertThat(here(cache, MESSAGES)).containsAll(there(MESSAGES, "dying"));
            }
        }
        forward(cache, "dying");
        assertThat(there(MESSAGES, "dying")).containsExactlyInAnyOrderElementsOf(here(cache, MESSAGES));
        assertThat(there(EXCHANGES, "dying")).containsExactlyInAnyOrderElementsOf(here(cache, EXCHANGES));
        assertThat(there(Datasets.PAYLOADS, "dying"))
                .containsExactlyInAnyOrderElementsOf(here(cache, Datasets.PAYLOADS));
    }

    private void die(String user, ForwardStep step, int occurrence) throws Exception {
        Process dying = Processes.java(
                DyingForward.class,
                folder.resolve(user),
                home(user).folder().toString(),
                warehouse.section(user),
                step.name(),
                Integer.toString(occurrence));
        assertThat(dying.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(dying.exitValue()).as(step.name()).isEqualTo(137);
    }

    /// A forward that dies, as by SIGKILL, at the n-th time it comes to a step.
    static final class DyingForward {
        public static void main(String[] arguments) throws Exception {
            int[] left = {Integer.parseInt(arguments[3])};
            new Forward(
                            environment(new Cache(Path.of(arguments[0])), step -> {
                                if (step.name().equals(arguments[2]) && --left[0] == 0) {
                                    Runtime.getRuntime().halt(137);
                                }
                            }),
                            Configs.withLake(arguments[1]).lake().team().orElseThrow())
                    .run(Optional.empty());
        }
    }
}
