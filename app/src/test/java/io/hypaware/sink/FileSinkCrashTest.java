package io.hypaware.sink;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.config.HypConfig;
import io.hypaware.home.Cache;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Processes;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.SinkEnvironments;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever step a sink of files dies at, and whenever it is killed: exported rows are what is recorded, once.
class FileSinkCrashTest {

    private static final Instant LONG_AFTER = Instant.parse("2026-03-02T10:00:00Z");

    private static final int KILLS = Integer.parseInt(System.getenv().getOrDefault("HYP_KILLS", "3"));

    private static final String PARQUET = "@hypaware/format-parquet";
    private static final String JSONL = "@hypaware/format-jsonl";

    @TempDir
    private Path home;

    private int sessions;

    private void record(RecordedCalls calls, int more) {
        for (int i = 0; i < more; i++) {
            calls.call()
                    .session("s" + sessions++)
                    .messages(message("user", "question " + sessions))
                    .answer("answer")
                    .record();
        }
        calls.settle();
    }

    /// Each session has two parts: what was asked and answered.
    private void requireAllOnce(String writer) throws Exception {
        String files = home.resolve("exports/ai_gateway_messages/date=*/*").toString();
        String read = writer.equals(PARQUET) ? "read_parquet" : "read_json";
        try (var engine = DriverManager.getConnection("jdbc:duckdb:");
                var statement = engine.createStatement();
                ResultSet row = statement.executeQuery(
                        "select count(*), count(distinct part_id) from " + read + "('" + files + "')")) {
            row.next();
            assertThat(row.getLong(2)).isEqualTo(2L * sessions);
            assertThat(row.getLong(1)).isEqualTo(2L * sessions);
        }
    }

    @Test
    void dyingAtAStepLosesAndDoublesNothing() throws Exception {
        Cache cache = new Cache(home.resolve("hypaware/cache"));
        RecordedCalls calls = new RecordedCalls(cache.folder());
        Map<SinkStep, Integer> cameTo = new HashMap<>();
        for (SinkStep step : SinkStep.values()) {
            record(calls, 1);
            Process dying = Processes.java(Dying.class, home, home.toString(), PARQUET, step.name());
            assertThat(dying.waitFor(60, TimeUnit.SECONDS)).isTrue();
            cameTo.put(step, dying.exitValue());
            run(home, PARQUET, _ -> {});
            requireAllOnce(PARQUET);
        }
        assertThat(cameTo)
                .hasSize(SinkStep.values().length)
                .allSatisfy((_, exit) -> assertThat(exit).isEqualTo(137));
    }

    @ParameterizedTest
    @ValueSource(strings = {PARQUET, JSONL})
    void killedAtAnyTimeLosesAndDoublesNothing(String writer) throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Cache cache = new Cache(home.resolve("hypaware/cache"));
        RecordedCalls calls = new RecordedCalls(cache.folder());
        for (int kill = 0; kill < KILLS; kill++) {
            record(calls, 3);
            Process killed = Processes.java(Dying.class, home, home.toString(), writer, "none");
            if (!killed.waitFor(400 + random.nextInt(2_000), TimeUnit.MILLISECONDS)) {
                killed.destroyForcibly().waitFor();
            }
            if (kill % 10 == 9) {
                run(home, writer, _ -> {});
                requireAllOnce(writer);
            }
        }
        List<Sinks.Ran> ran = run(home, writer, _ -> {});
        assertThat(ran).extracting(Sinks.Ran::error).as("seed " + seed).containsExactly("");
        requireAllOnce(writer);
    }

    private static List<Sinks.Ran> run(Path home, String writer, Consumer<SinkStep> steps) throws InterruptedException {
        HypConfig config = Configs.withSinks("""
                {"files": {"writer": "%s", "destination": "@hypaware/local-fs",
                 "config": {"dir": "%s", "batch_rows": 3}}}""".formatted(writer, home.resolve("exports")));
        return new Sinks(config, SinkEnvironments.at(LONG_AFTER, new Cache(home.resolve("hypaware/cache")), steps))
                .force(Optional.empty());
    }

    /// A run that dies, as by SIGKILL, when it comes to a step.
    static final class Dying {
        public static void main(String[] arguments) throws Exception {
            run(Path.of(arguments[0]), arguments[1], Processes.dyingAt(arguments[2]));
        }
    }
}
