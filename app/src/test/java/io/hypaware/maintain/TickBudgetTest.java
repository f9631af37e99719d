package io.hypaware.maintain;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Cache;
import io.hypaware.home.ProcessLock;
import io.hypaware.testing.Configs;
import io.hypaware.testing.OlderHome;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Ticks that run out of time, or find another maintainer at work.
class TickBudgetTest {

    private static final Instant NOW = Instant.now();

    @TempDir
    private Path home;

    @Tag("slow")
    @Test
    void aTickWithoutTimeDoesOneThingAndTheNextGoesOn() throws Exception {
        Path cache = OlderHome.copyTo(home, NOW.minus(Duration.ofDays(3)));
        int ticks = 0;
        Report report;
        do {
            report = Ticks.run(
                    cache,
                    Configs.defaults().query().cache(),
                    hurrying(),
                    Maintenance.Options.background(Duration.ZERO));
            assertThat(report.of(Event.Adopted.class).size()
                            + report.of(Event.Compacted.class).size())
                    .isLessThanOrEqualTo(1);
            ticks++;
        } while (!report.of(Event.Skipped.class).stream()
                        .filter(s -> s.why().contains("no time left"))
                        .toList()
                        .isEmpty()
                && ticks < 20);

        assertThat(ticks).isBetween(4, 19);
        assertThat(OlderHome.storedRows(cache)).hasSize(324);
    }

    @Test
    void aSecondMaintainerSaysWhoIsAtWork() throws Exception {
        Path cache = OlderHome.copyTo(home, NOW.minus(Duration.ofDays(3)));
        try (ProcessLock _ = ProcessLock.tryTake(new Cache(cache).maintenanceLock(), "compaction of the century")
                .orElseThrow()) {
            Assertions.assertThatThrownBy(() -> new Maintenance(
                                    new Cache(cache),
                                    Configs.defaults().query().cache(),
                                    Writing.whole("gw"),
                                    Clock.systemUTC(),
                                    io.hypaware.home.Progress.NONE)
                            .run(Ticks.WHOLE, Duration.ZERO))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("compaction of the century, pid "
                            + ProcessHandle.current().pid());
        }
    }

    /// A second passes whenever someone looks.
    private static Clock hurrying() {
        long[] looks = new long[1];
        InstantSource source = () -> NOW.plusSeconds(looks[0]++);
        return source.withZone(ZoneOffset.UTC);
    }
}
