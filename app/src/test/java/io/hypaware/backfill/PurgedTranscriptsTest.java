package io.hypaware.backfill;

import static io.hypaware.testing.RecordedCalls.textBlock;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.journal.Journal;
import io.hypaware.maintain.Worker;
import io.hypaware.maintain.Writing;
import io.hypaware.maintain.purge.Purge;
import io.hypaware.project.transcript.TranscriptFormats;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.TwoWays;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A purged session does not come back with the next import, unless somebody asks for it.
class PurgedTranscriptsTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-02T00:00:00Z"), ZoneOffset.UTC);

    @TempDir
    private Path folder;

    @Test
    void noTranscriptBringsAPurgedSessionBack() throws Exception {
        TwoWays gone = new TwoWays("gone").says("a question of its own").answers(textBlock("an answer of its own"));
        TwoWays stays = new TwoWays("stays").says("another question").answers(textBlock("another answer"));
        Path user = folder.resolve("user");
        gone.write(user);
        stays.write(user);
        RecordedCalls calls = new RecordedCalls(folder.resolve("home/hypaware/cache"));
        Cache cache = new Cache(calls.cache());
        run(cache, user);
        assertThat(sessions(cache)).containsExactly("gone", "stays");

        // As another part of the program asks for it; the worker does it.
        try (Journal journal = Journal.open(cache.journal())) {
            Purge.session(journal, "gone", CLOCK.instant());
        }
        new Worker(cache, Configs.defaults(), Writing.whole("gw"), CLOCK).run();
        assertThat(sessions(cache)).containsExactly("stays");
        try (Journal journal = Journal.open(cache.journal())) {
            assertThat(journal.purges().open()).isEmpty();
        }

        assertThat(run(cache, user).read()).isZero();
        gone.says("and on").answers(textBlock("on and on"));
        gone.write(user);
        run(cache, user);
        assertThat(sessions(cache)).containsExactly("stays");

        assertThat(Backfill.allowAgain(cache, "gone")).isTrue();
        assertThat(Backfill.allowAgain(cache, "never there")).isFalse();
        run(cache, user);
        assertThat(sessions(cache)).containsExactly("gone", "stays");
        assertThat(Queries.values(calls.cache(), "select count(*) from ai_gateway_messages where session_id = 'gone'"))
                .containsExactly("4");
    }

    @Test
    void aDayToComeKeepsNoLaterTranscriptOut() throws Exception {
        Path user = folder.resolve("user");
        TwoWays before = new TwoWays("before").says("a question").answers(textBlock("an answer"));
        before.write(user);
        RecordedCalls calls = new RecordedCalls(folder.resolve("home/hypaware/cache"));
        Cache cache = new Cache(calls.cache());
        run(cache, user);

        // Ordered when no line of the other session was said yet.
        try (Journal journal = Journal.open(cache.journal())) {
            journal.purges()
                    .order("before", "2999-01-01T00:00:00Z", CLOCK.instant().minus(Duration.ofDays(2)));
        }
        new Worker(cache, Configs.defaults(), Writing.whole("gw"), CLOCK).run();
        assertThat(sessions(cache)).isEmpty();

        TwoWays after = new TwoWays("after").says("another question").answers(textBlock("another answer"));
        after.write(user);
        run(cache, user);
        assertThat(sessions(cache)).contains("after");
    }

    private static Backfill.Report run(Cache cache, Path user) throws Exception {
        var claude = TranscriptFormats.all().stream()
                .filter(format -> format.client().equals("claude"))
                .findFirst()
                .orElseThrow();
        return new Backfill(cache, Configs.defaults(), Writing.whole("gw"), CLOCK)
                .run(claude, new TranscriptFiles(Map.of(), user).find(claude), Backfill.Options.ALL, Progress.NONE);
    }

    private static List<String> sessions(Cache cache) throws Exception {
        return Queries.values(cache.folder(), "select distinct session_id from ai_gateway_messages order by 1");
    }
}
