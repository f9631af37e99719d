package io.hypaware.maintain;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.read.Recorded;
import io.hypaware.read.SearchableParts;
import io.hypaware.search.PartSearch;
import io.hypaware.testing.Configs;
import io.hypaware.testing.OlderHome;
import io.hypaware.testing.Processes;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What was adopted is indexed in the order of its times, some at a time: whoever is interrupted goes on where it was.
@Tag("slow")
class AdoptedFeedTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-06-20T00:00:00Z"), ZoneOffset.UTC);
    private static final long MEMORY = 100L << 20;
    private static final long AT_A_TIME = 8;

    /// Of what was adopted.
    private static final long MOST_OF_PIECE = 4 * AT_A_TIME;

    private static final int MOST_RUNS = 15;

    /// The first four are of what was not adopted.
    private static final int SIXTH = 6;

    @TempDir
    private Path home;

    private Cache cache;
    private long texts;

    @BeforeEach
    void adopted() throws Exception {
        cache = new Cache(OlderHome.copyTo(home, Instant.parse("2026-11-01T00:00:00Z"), OlderHome.Days.NINETEEN));
        new Maintenance(cache, Configs.defaults().query().cache(), Writing.whole("gw"), CLOCK, Progress.NONE)
                .run(Maintenance.Options.background(Duration.ofMinutes(5)), Duration.ZERO);
        texts = parts();
        assertThat(texts).isGreaterThan(2 * MOST_OF_PIECE);
        feed(cache, _ -> {}).forget();
    }

    @Test
    void aPieceAtATimeAndNoneTwice() throws Exception {
        List<Long> fed = new ArrayList<>();
        for (int run = 0; run < MOST_RUNS; run++) {
            SearchFeed feed = feed(cache, _ -> {});
            fed.add(feed.run(Optional.empty(), Progress.NONE, () -> true).orElseThrow());
            // Who searches goes on, and says that something is missing until then.
            assertThat(feed.due() > 0)
                    .isEqualTo(fed.stream().mapToLong(Long::longValue).sum() < texts);
        }
        assertThat(fed)
                .allMatch(one -> one <= MOST_OF_PIECE)
                .filteredOn(one -> one > 0)
                .hasSizeGreaterThan(2);
        assertThat(fed.stream().mapToLong(Long::longValue).sum()).isEqualTo(texts);
        assertThat(parts()).isEqualTo(texts);
    }

    @ParameterizedTest
    @EnumSource
    void dyingAtAStepRepeatsAndMissesNothing(FeedStep step) throws Exception {
        Process dying = Processes.java(Dying.class, home, cache.folder().toString(), step.name());
        assertThat(dying.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(dying.exitValue()).isEqualTo(137);
        long done = parts();
        assertThat(done).isBetween(1L, texts - 1);
        assertThat(feed(cache, _ -> {})
                        .run(Optional.empty(), Progress.NONE, () -> false)
                        .orElseThrow())
                .isEqualTo(texts - done);
        assertThat(parts()).isEqualTo(texts);
    }

    /// Feeding that dies, as by SIGKILL, when it comes to a step.
    static final class Dying {
        public static void main(String[] arguments) throws Exception {
            feed(new Cache(Path.of(arguments[0])), Processes.dyingAt(arguments[1], SIXTH))
                    .run(Optional.empty(), Progress.NONE, () -> false);
        }
    }

    private static SearchFeed feed(Cache cache, Consumer<FeedStep> steps) {
        return new SearchFeed(cache, new SearchableParts(new Recorded(cache, MEMORY)), AT_A_TIME, steps);
    }

    private long parts() throws Exception {
        try (PartSearch index = PartSearch.open(cache.search()).orElseThrow()) {
            return index.parts();
        }
    }
}
