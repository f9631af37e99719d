package io.hypaware.maintain;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.ProcessLock;
import io.hypaware.lake.Generation;
import io.hypaware.testing.OlderHome;
import io.hypaware.testing.Processes;
import io.hypaware.testing.Trees;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// R5 to R7 in a cache that HypAware for Node left behind.
class OlderSweepTest {

    private static final Instant NOW = Instant.now();
    private static final Instant LONG_AGO = NOW.minus(Duration.ofDays(5));

    @TempDir
    private Path home;

    private Path cache;
    private Path orphan;
    private Path retired;

    @BeforeEach
    void copyTheFixture() throws Exception {
        cache = OlderHome.copyTo(home, LONG_AGO);
        Path messages = cache.resolve("datasets/ai_gateway_messages");
        orphan = messages.resolve("source=codex/table-1779000000000");
        retired = messages.resolve("source=claude/table");
    }

    @Test
    void aGenerationRetiredTwoHoursAgoStaysAndOneOfTwentyFiveHoursGoes() throws Exception {
        new Generation(retired).retire(NOW.minus(Duration.ofHours(2)));
        OlderHome.setTimes(retired, LONG_AGO);
        assertThat(Ticks.at(NOW, cache).of(Event.Waiting.class))
                .anyMatch(w -> w.path().equals(retired.toString()));
        assertThat(retired).exists();

        new Generation(retired).retire(NOW.minus(Duration.ofHours(25)));
        assertThat(Ticks.at(NOW, cache).of(Event.Reclaimed.class))
                .anyMatch(r -> r.path().equals(retired.toString()));
        assertThat(retired).doesNotExist();
    }

    @Test
    void anOrphanGoesWhenNothingWasWrittenInItsWholeTreeForAnHour() throws Exception {
        Path file = Files.list(orphan.resolve("data")).findFirst().orElseThrow();
        OlderHome.setTimes(orphan, NOW.minus(Duration.ofHours(3)));
        Files.setLastModifiedTime(file, FileTime.from(NOW.minus(Duration.ofMinutes(10))));
        assertThat(Ticks.at(NOW, cache).of(Event.Reclaimed.class)).isEmpty();
        assertThat(orphan).exists();

        Files.setLastModifiedTime(file, FileTime.from(NOW.plus(Duration.ofHours(3))));
        assertThat(Ticks.at(NOW, cache).of(Event.Reclaimed.class)).isEmpty();
        assertThat(orphan).exists();

        Files.setLastModifiedTime(file, FileTime.from(NOW.minus(Duration.ofMinutes(61))));
        Report report = Ticks.at(NOW, cache);
        assertThat(report.of(Event.Reclaimed.class)).singleElement().satisfies(r -> {
            assertThat(r.path()).isEqualTo(orphan.toString());
            assertThat(r.bytes()).isGreaterThan(50_000);
        });
        assertThat(orphan).doesNotExist();
        assertThat(OlderHome.storedRows(cache)).hasSize(324);
    }

    @Test
    void aLeaseOfALivingProcessKeepsAnOrphanForEverAndOneOfADeadProcessDoesNot() throws Exception {
        Process holder = Processes.java(Holder.class, home, orphan.toString());
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!ProcessLock.isTaken(orphan.resolve(Generation.LEASE)) && System.nanoTime() < deadline) {
            assertThat(holder.waitFor(10, TimeUnit.MILLISECONDS)).isFalse();
        }
        OlderHome.setTimes(orphan, LONG_AGO);
        assertThat(Ticks.at(NOW.plus(Duration.ofDays(30)), cache).of(Event.Reclaimed.class))
                .noneMatch(r -> r.path().equals(orphan.toString()));
        assertThat(orphan).exists();

        holder.destroyForcibly().waitFor();
        OlderHome.setTimes(orphan, LONG_AGO);
        assertThat(Ticks.at(NOW.plus(Duration.ofDays(30)), cache).of(Event.Reclaimed.class))
                .anyMatch(r -> r.path().equals(orphan.toString()));
    }

    @Test
    void whatWasAdoptedGoesAfterADayWithEverythingInItsFolder() throws Exception {
        Ticks.at(NOW, cache);
        assertThat(Trees.files(cache.resolve("datasets"))).isNotEmpty();
        assertThat(Ticks.at(NOW.plus(Duration.ofHours(23)), cache).of(Event.Reclaimed.class))
                .allMatch(r -> r.path().equals(retired.toString()));

        Report report = Ticks.at(NOW.plus(Duration.ofHours(25)), cache);

        assertThat(report.failed()).isEmpty();
        assertThat(Trees.files(cache.resolve("datasets"))).isEmpty();
    }

    @Test
    void aDryRunListsAndChangesNothing() throws Exception {
        var before = Trees.files(cache);

        Report report = Ticks.run(
                cache,
                io.hypaware.testing.Configs.defaults().query().cache(),
                java.time.Clock.fixed(NOW, java.time.ZoneOffset.UTC),
                Ticks.DRY);

        assertThat(report.of(Event.Reclaimed.class).stream().map(Event.Reclaimed::path))
                .contains(orphan.toString());
        assertThat(report.of(Event.Adopted.class)).hasSize(4);
        assertThat(Trees.files(cache.resolve("datasets"))).isEqualTo(subtree(before, "datasets/"));
        assertThat(cache.resolve("tables")).doesNotExist();
        assertThat(cache.resolve("catalog.db")).doesNotExist();
    }

    private static java.util.TreeMap<String, Long> subtree(java.util.TreeMap<String, Long> files, String prefix) {
        java.util.TreeMap<String, Long> found = new java.util.TreeMap<>();
        files.forEach((path, size) -> {
            if (path.startsWith(prefix)) {
                found.put(path.substring(prefix.length()), size);
            }
        });
        return found;
    }

    /// Holds a lease until it is killed.
    static final class Holder {
        public static void main(String[] arguments) throws Exception {
            ProcessLock.tryTake(
                    Path.of(arguments[0]).resolve(Generation.LEASE),
                    List.of(arguments).getFirst());
            Thread.sleep(Duration.ofMinutes(5));
        }
    }
}
