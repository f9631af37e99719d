package io.hypaware.maintain;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.config.HypConfig;
import io.hypaware.home.Cache;
import io.hypaware.testing.Configs;
import io.hypaware.testing.OlderHome;
import io.hypaware.testing.Processes;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.ResponsesCalls;
import io.hypaware.testing.Tapes;
import io.hypaware.testing.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Workers killed at random moments while calls are recorded and queries run: every row that was ever seen stays,
/// and none is there twice. `HYP_KILLS` sets how many are killed.
@Tag("slow")
@Timeout(value = 40, unit = TimeUnit.MINUTES)
class RandomKillTest {

    private static final int KILLS = Integer.parseInt(System.getenv().getOrDefault("HYP_KILLS", "8"));
    /// More would only make every query of the test slower.
    private static final int MOST_CALLS = 10_000;

    private static final int CALLS_A_CONNECTION = 5;
    private static final int TURNS = 3;
    private static final int LONGEST_LIFE_MILLIS = 900;

    @TempDir
    private Path home;

    @Test
    void rowsSurviveEveryKill() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Path cache = OlderHome.copyTo(home, Instant.now().minus(Duration.ofDays(3)));
        RecordedCalls calls = new RecordedCalls(cache);
        calls.call()
                .session("s0")
                .messages(message("user", "first"))
                .answer("A")
                .record();
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger recorded = new AtomicInteger(1);
        AtomicInteger connections = new AtomicInteger();
        Thread load = Thread.ofPlatform().start(() -> {
            while (!stop.get() && recorded.get() < MOST_CALLS) {
                int n = recorded.get();
                calls.call()
                        .session("s" + n)
                        .system("text ".repeat(400) + n % 7)
                        .messages(message("user", "call " + n))
                        .answer("answer " + n)
                        .record();
                if (n % CALLS_A_CONNECTION == 0) {
                    recordConnection(calls, n);
                    connections.incrementAndGet();
                }
                recorded.incrementAndGet();
            }
        });
        Set<String> seen = new HashSet<>();
        try {
            for (int kill = 0; kill < KILLS; kill++) {
                Path ready = cache.resolve("ready-" + kill);
                Process worker = Processes.java(Busy.class, home, cache.toString(), ready.toString());
                long deadline = System.nanoTime() + 30_000_000_000L;
                while (!Files.exists(ready) && System.nanoTime() < deadline) {
                    assertThat(worker.waitFor(5, TimeUnit.MILLISECONDS)).isFalse();
                }
                worker.waitFor(random.nextInt(LONGEST_LIFE_MILLIS), TimeUnit.MILLISECONDS);
                worker.destroyForcibly().waitFor();

                List<String> now = read(cache, "select _row_id from ai_gateway_messages");
                assertThat(now).as("seed " + seed + ", kill " + kill).doesNotHaveDuplicates();
                // Sets: AssertJ compares each row with each, and there are tens of thousands.
                assertThat(missing(seen, now))
                        .as("seed " + seed + ", kill " + kill)
                        .isEmpty();
                seen.addAll(now);
            }
        } finally {
            stop.set(true);
            load.join();
        }
        // By force, because a partition at which three of them happened to die is set aside.
        Report last = Ticks.run(cache, config().query().cache(), Clock.systemUTC(), Ticks.FORCED);
        assertThat(last.failed()).as("seed " + seed).isEmpty();
        List<String> rows = read(cache, "select _row_id from ai_gateway_messages");
        assertThat(rows)
                .as("seed " + seed)
                .doesNotHaveDuplicates()
                .hasSize(2 * recorded.get()
                        + 2 * TURNS * connections.get()
                        + OlderHome.expectedRows().size());
        seen.addAll(OlderHome.expectedRows().keySet());
        assertThat(missing(seen, rows)).as("seed " + seed).isEmpty();
        assertThat(read(cache, "select count(*) from exchanges"))
                .containsExactly(Integer.toString(recorded.get() + (TURNS + 1) * connections.get()));
        assertThat(read(cache, "select count(*) from ai_gateway_messages where system_text like 'text %'"))
                .containsExactly(Integer.toString(2 * recorded.get() - 2));
        assertThat(calls.messages()).isEmpty();
        assertThat(CacheCheck.run(new Cache(cache), false).findings()).isEmpty();

        // When the graces are over, nothing is left that nothing refers to.
        for (int hours : List.of(30, 32)) {
            Clock later = Clock.offset(Clock.systemUTC(), Duration.ofHours(hours));
            assertThat(new Worker(new Cache(cache), config(), Writing.whole("gw"), later)
                            .run()
                            .failed())
                    .isEmpty();
        }
        List<String> after = read(cache, "select _row_id from ai_gateway_messages");
        assertThat(after).hasSameSizeAs(rows).doesNotHaveDuplicates();
        assertThat(missing(new HashSet<>(rows), after)).isEmpty();
        assertThat(MaintenanceCrashTest.unreferenced(cache)).isEmpty();
        assertThat(Trees.files(cache.resolve("datasets"))).isEmpty();
        assertThat(Trees.files(cache.resolve("spill"))).isEmpty();
    }

    /// A WebSocket with some turns.
    private static void recordConnection(RecordedCalls calls, int n) {
        String[] asked = new String[TURNS];
        String[] answered = new String[TURNS];
        for (int turn = 0; turn < TURNS; turn++) {
            String text = "turn " + turn + " of " + n;
            asked[turn] = ResponsesCalls.create(text);
            answered[turn] = ResponsesCalls.completed("resp_" + n + "_" + turn, text);
        }
        try {
            calls.call()
                    .provider("openai")
                    .method("GET")
                    .path("/v1/responses")
                    .session("w" + n)
                    .status(101)
                    .request(Tapes.client(true, asked))
                    .response("x", Tapes.provider(true, answered))
                    .record();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> missing(Set<String> expected, List<String> found) {
        Set<String> missing = new HashSet<>(expected);
        missing.removeAll(new HashSet<>(found));
        return missing;
    }

    private static List<String> read(Path cache, String sql) throws Exception {
        return Queries.values(cache, sql);
    }

    /// Everything is to be done in every round.
    private static HypConfig config() {
        return Configs.withCache("""
                {"retention": {"default_days": 0},
                 "maintenance": {"max_snapshot_age_hours": 0, "min_snapshots_to_keep": 1, "compact_file_count": 2}}""");
    }

    /// A worker that never rests.
    static final class Busy {
        public static void main(String[] arguments) throws Exception {
            Path folder = Path.of(arguments[0]);
            Worker worker = new Worker(
                    new Cache(folder),
                    config(),
                    Writing.whole("gw"),
                    Clock.offset(Clock.systemUTC(), Duration.ofMinutes(65)));
            Files.createFile(Path.of(arguments[1]));
            while (true) {
                worker.run();
            }
        }
    }
}
