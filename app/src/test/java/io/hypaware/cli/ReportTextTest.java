package io.hypaware.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.maintain.Event;
import io.hypaware.maintain.Maintenance;
import io.hypaware.maintain.Report;
import io.hypaware.maintain.Writing;
import io.hypaware.testing.Configs;
import io.hypaware.testing.OlderHome;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Nothing that a tick did goes untold, and what is done is told while the rest goes on.
class ReportTextTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-06-20T00:00:00Z"), ZoneOffset.UTC);

    @TempDir
    private Path home;

    @Test
    void everyKindOfEventIsTold() {
        Set<Class<?>> told = Stream.concat(
                        ReportText.KINDS.stream(),
                        // Of these two, one line says the sums.
                        Stream.of(Event.Settled.class, Event.Flushed.class))
                .collect(Collectors.toSet());
        assertThat(told).containsExactlyInAnyOrder(Event.class.getPermittedSubclasses());
    }

    @Test
    void anAdoptionIsToldBeforeTheIndexBegins() throws Exception {
        Cache cache = new Cache(OlderHome.copyTo(home, CLOCK.instant(), OlderHome.Days.NINETEEN));
        StringWriter said = new StringWriter();
        ReportText text = new ReportText(new PrintWriter(said));
        List<String> beforeTheIndex = new ArrayList<>();
        Report report = new Maintenance(
                        cache, Configs.defaults().query().cache(), Writing.whole("gw"), CLOCK, Progress.NONE)
                .run(Maintenance.Options.background(Duration.ofMinutes(5)), Duration.ZERO, soFar -> {
                    text.tell(soFar);
                    if (!Files.exists(cache.search())) {
                        beforeTheIndex.add(said.toString());
                    }
                });
        text.end(report);

        assertThat(beforeTheIndex.getLast()).contains("adopted  ").doesNotContain("parts indexed");
        assertThat(said.toString()).contains("parts indexed").startsWith(beforeTheIndex.getLast());
        assertThat(said.toString().lines()).doesNotHaveDuplicates();
    }
}
