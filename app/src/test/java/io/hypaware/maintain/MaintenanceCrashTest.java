package io.hypaware.maintain;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.config.CacheConfig;
import io.hypaware.home.Cache;
import io.hypaware.legacy.AdoptionStep;
import io.hypaware.testing.Configs;
import io.hypaware.testing.OlderHome;
import io.hypaware.testing.OlderHome.Days;
import io.hypaware.testing.Processes;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.Trees;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever step of adoption, compaction, expiry, retention or sweep a process dies at: every row stays, none is
/// there twice, the check finds nothing wrong, and when the graces are over not one byte is left behind.
///
/// Each home sees deaths at every second step, one after another, from the first of adoption to the last of the sweep;
/// with `HYP_DEATHS=each` a larger home sees two at the same step.
class MaintenanceCrashTest {

    private static final Instant NOW = Instant.now();
    private static final int HOMES = 2;

    @TempDir
    private Path home;

    /// A process that dies at a step, at the n-th time it comes to it.
    record Death(String step, int occurrence) {}

    /// The commits of adoption, compaction and collection.
    private static final List<String> TELLING = List.of(
            AdoptionStep.UNIT_COMMITTED.name(),
            MaintenanceStep.COMPACTION_COMMITTED.name(),
            MaintenanceStep.COLLECTION_COMMITTED.name());

    static Stream<Arguments> deaths() {
        List<String> steps = Stream.concat(Stream.of(AdoptionStep.values()), Stream.of(MaintenanceStep.values()))
                .map(Enum::name)
                .toList();
        if (Processes.EACH_DEATH) {
            return steps.stream().map(step -> Arguments.of(Days.ALL, List.of(new Death(step, 1), new Death(step, 2))));
        }
        return IntStream.range(0, HOMES)
                .mapToObj(home -> Arguments.of(
                        Days.NINETEEN,
                        IntStream.iterate(home, step -> step < steps.size(), step -> step + HOMES)
                                .mapToObj(step -> new Death(steps.get(step), 1))
                                .toList()));
    }

    @Test
    void dyingAtACommitLosesDoublesAndLeaksNothing() throws Exception {
        dyingLosesDoublesAndLeaksNothing(
                Days.NINETEEN, TELLING.stream().map(step -> new Death(step, 1)).toList());
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource("deaths")
    void dyingAtAStepLosesDoublesAndLeaksNothing(Days days, List<Death> deaths) throws Exception {
        dyingLosesDoublesAndLeaksNothing(days, deaths);
    }

    private void dyingLosesDoublesAndLeaksNothing(Days days, List<Death> deaths) throws Exception {
        Path cache = OlderHome.copyTo(home, NOW.minus(Duration.ofDays(3)), days);
        Map<String, String> older = OlderHome.expectedRows(days);
        RecordedCalls calls = new RecordedCalls(cache);
        TreeSet<String> expected = new TreeSet<>(older.keySet());
        for (int i = 0; i < 3; i++) {
            calls.call()
                    .session("s" + i)
                    .system("x".repeat(2_000))
                    .messages(message("user", "question " + i))
                    .answer("answer " + i)
                    .record();
            calls.settle();
            new Flush(new Cache(cache), config().maintenance(), _ -> {}).run();
        }
        List<String> ours = Queries.values(cache, "select _row_id from ai_gateway_messages");
        assertThat(ours).hasSize(6);
        expected.addAll(ours);

        Set<String> stepsDiedAt = new TreeSet<>();
        for (Death death : deaths) {
            Process dying = Processes.java(
                    Dying.class, home, cache.toString(), death.step(), Integer.toString(death.occurrence()));
            assertThat(dying.waitFor(60, TimeUnit.SECONDS)).isTrue();
            if (dying.exitValue() == 137) {
                stepsDiedAt.add(death.step());
            }
            assertThat(Queries.values(cache, "select _row_id from ai_gateway_messages"))
                    .doesNotHaveDuplicates()
                    .containsAll(ours);
            assertThat(Queries.values(
                            cache, "select count(*) from ai_gateway_messages where system_text = repeat('x', 2000)"))
                    .containsExactly("6");
        }
        assertThat(stepsDiedAt)
                .as("steps come to")
                .containsAll(deaths.stream().map(Death::step).toList());

        Report report = tick(cache, NOW);
        assertThat(report.failed()).isEmpty();
        assertThat(Queries.values(cache, "select _row_id from ai_gateway_messages"))
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(OlderHome.storedRows(cache))
                .containsAll(older.entrySet().stream()
                        .map(row -> row.getKey() + " " + row.getValue())
                        .toList());
        assertThat(CacheCheck.run(new Cache(cache), false).findings()).isEmpty();

        // Twice, because expired snapshots leave files behind if their expiry died.
        assertThat(tick(cache, NOW.plus(Duration.ofHours(30))).failed()).isEmpty();
        assertThat(tick(cache, NOW.plus(Duration.ofHours(32))).failed()).isEmpty();
        assertThat(Queries.values(cache, "select _row_id from ai_gateway_messages"))
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(CacheCheck.run(new Cache(cache), false).findings()).isEmpty();
        assertThat(Trees.files(cache.resolve("datasets"))).isEmpty();
        assertThat(Trees.files(cache.resolve("spill"))).isEmpty();
        assertThat(unreferenced(cache)).isEmpty();
    }

    private static Report tick(Path cache, Instant at) throws Exception {
        return Ticks.run(cache, config(), Clock.fixed(at, ZoneOffset.UTC), Ticks.FORCED);
    }

    static List<String> unreferenced(Path cache) throws Exception {
        List<String> leaked =
                new ArrayList<>(Trees.files(cache.resolve("tables")).keySet());
        try (io.hypaware.lake.Lake lake = io.hypaware.lake.Lake.open(new Cache(cache))) {
            for (var dataset : io.hypaware.dataset.Datasets.all()) {
                lake.table(dataset)
                        .ifPresent(table -> table.referencedFiles().stream()
                                .map(file ->
                                        cache.resolve("tables").relativize(file).toString())
                                .forEach(leaked::remove));
            }
        }
        return leaked;
    }

    static CacheConfig config() {
        return Configs.withCache("""
                        {"retention": {"default_days": 0, "datasets": {"exchanges": 1}},
                         "maintenance": {"max_snapshot_age_hours": 0, "min_snapshots_to_keep": 1}}""").query().cache();
    }

    /// A tick, at a time when something is to be done at every step, that dies at the n-th time it comes to one.
    static final class Dying {
        public static void main(String[] arguments) throws Exception {
            Path cache = Path.of(arguments[0]);
            int[] left = {Integer.parseInt(arguments[2])};
            Files.createDirectories(cache.resolve("spill/spill-abandoned"));
            Files.writeString(cache.resolve("spill/spill-abandoned/file"), "left by an engine that died");
            OlderHome.setTimes(cache.resolve("spill"), NOW.minus(Duration.ofHours(3)));
            Ticks.run(
                    cache,
                    config(),
                    Clock.offset(Clock.systemUTC(), Duration.ofHours(1).plusMinutes(5)),
                    Ticks.FORCED,
                    step -> die(arguments[1], step, left));
        }

        private static void die(String wanted, Enum<?> step, int[] left) {
            if (step.name().equals(wanted) && --left[0] == 0) {
                Runtime.getRuntime().halt(137);
            }
        }
    }
}
