package io.hypaware.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.gateway.GatewayStats;
import io.hypaware.home.HypHome;
import io.hypaware.journal.JournalStats;
import io.hypaware.testing.Configs;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// When a worker is started: by default for 32 MB, for anything after 15 minutes, and for a round after an hour.
class WorkerSchedulerTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, 14, false",
        "0, 0, 0, 59, false",
        "0, 0, 0, 60, true",
        "1, 100, 0, 14, false",
        "1, 100, 0, 15, true",
        "0, 0, 100, 15, true",
        "9, 33554431, 0, 0, false",
        "9, 33554432, 0, 0, true",
        "0, 0, 33554432, 0, true",
    })
    void aWorkerIsDue(long pending, long pendingBytes, long hotBytes, int minutes, boolean due) {
        JournalStats stats = new JournalStats(
                0,
                0,
                pending,
                0,
                0,
                pendingBytes,
                JournalStats.Telemetry.NONE,
                Map.of("exchanges", new JournalStats.Hot(1, hotBytes, 1)));
        assertThat(WorkerScheduler.isDue(
                        stats,
                        Duration.ofMinutes(minutes),
                        Configs.defaults().query().cache().maintenance()))
                .isEqualTo(due);
    }

    @CsvSource({"1, 4194303, 0, false", "1, 4194304, 0, true", "1, 1, 14, false", "1, 1, 15, true", "0, 0, 15, false"})
    @ParameterizedTest
    void telemetryAloneMakesAWorkerDue(long pending, long bytes, int minutes, boolean due) {
        JournalStats stats =
                new JournalStats(0, 0, 0, 0, 0, 0, new JournalStats.Telemetry(pending, 0, bytes), Map.of());
        assertThat(WorkerScheduler.isDue(
                        stats,
                        Duration.ofMinutes(minutes),
                        Configs.defaults().query().cache().maintenance()))
                .isEqualTo(due);
    }

    @Test
    void figuresAreDueForWhoLooksAtThemAndOnceAMinute() {
        Instant now = Instant.parse("2026-03-10T12:00:00Z");
        StatusLine line = new StatusLine(new HypHome(Path.of("nowhere")), true, Clock.fixed(now, ZoneOffset.UTC));
        JournalStats waiting = new JournalStats(0, 0, 1, 0, 0, 1, JournalStats.Telemetry.NONE, Map.of());
        assertThat(WorkerScheduler.areFiguresDue(waiting, Duration.ofMinutes(1), line))
                .isFalse();
        line.text("", GatewayStats.NONE, StatusLineTest.RECORDER);
        assertThat(WorkerScheduler.areFiguresDue(waiting, Duration.ofMinutes(1), line))
                .isTrue();
        assertThat(WorkerScheduler.areFiguresDue(waiting, Duration.ofSeconds(59), line))
                .isFalse();
    }
}
