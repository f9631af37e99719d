package io.hypaware.sink;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.config.HypConfig;
import io.hypaware.home.Cache;
import io.hypaware.store.Destination;
import io.hypaware.store.LocalFolder;
import io.hypaware.store.S3Bucket;
import io.hypaware.testing.Configs;
import io.hypaware.testing.ExportedTables;
import io.hypaware.testing.Processes;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.S3Server;
import io.hypaware.testing.SinkEnvironments;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever step a sink of files dies at, and whenever it is killed: exported rows are what is recorded, once.
class FileSinkCrashTest {

    private static final Instant LONG_AFTER = Instant.parse("2026-03-02T10:00:00Z");

    private static final int KILLS = Integer.parseInt(System.getenv().getOrDefault("HYP_KILLS", "3"));

    private static final String PARQUET = "@hypaware/format-parquet";
    private static final String JSONL = "@hypaware/format-jsonl";
    private static final String ICEBERG = "@hypaware/format-iceberg";

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
    private void requireAllOnce(Sent sent) throws Exception {
        assertThat(sent.counted(home)).isEqualTo(2L * sessions + " " + 2L * sessions);
    }

    /// How it goes, and where to.
    ///
    /// @param bucket empty for a folder
    private record Sent(String writer, String bucket, int port) {

        private static final String COUNTED = "select count(*) || ' ' || count(distinct part_id)";

        private static Sent toFolder(String writer) {
            return new Sent(writer, "", 0);
        }

        private static Sent toBucket(String writer) throws Exception {
            return new Sent(writer, S3Server.get().bucket(), S3Server.get().port());
        }

        /// In the way of one argument.
        private String text() {
            return writer + " " + port + " " + bucket;
        }

        private static Sent of(String text) {
            String[] parts = text.split(" ", 3);
            return new Sent(parts[0], parts[2], Integer.parseInt(parts[1]));
        }

        private String sink(Path home) {
            String place = bucket.isEmpty()
                    ? "\"dir\": \"%s\"".formatted(home.resolve("exports"))
                    : """
                    "bucket": "%s", "endpoint_url": "http://127.0.0.1:%d", "force_path_style": true""".formatted(bucket, port);
            return """
                    {"files": {"writer": "%s", "destination": "%s", "config": {%s, "batch_rows": 3}}}""".formatted(writer, bucket.isEmpty() ? "@hypaware/local-fs" : "@hypaware/s3", place);
        }

        private String counted(Path home) throws Exception {
            Path folder =
                    bucket.isEmpty() ? home.resolve("exports") : S3Server.get().files(bucket);
            if (writer.equals(ICEBERG)) {
                try (Destination from = bucket.isEmpty()
                        ? new LocalFolder(folder, Clock.systemUTC())
                        : S3Bucket.open(S3Server.config(bucket, "", port))) {
                    return ExportedTables.read(from, "ai_gateway_messages", home, COUNTED, "")
                            .getFirst();
                }
            }
            // Whoever was killed leaves parts of files, under names of their own.
            String read = writer.equals(PARQUET) ? "read_parquet" : "read_json";
            String end = writer.equals(PARQUET) ? "parquet" : "jsonl.gz";
            try (var engine = DriverManager.getConnection("jdbc:duckdb:");
                    var statement = engine.createStatement();
                    ResultSet row = statement.executeQuery(COUNTED + " from " + read + "('" + folder
                            + "/ai_gateway_messages/date=*/*." + end + "')")) {
                row.next();
                return row.getString(1);
            }
        }
    }

    private static List<Sent> all() throws Exception {
        S3Server.useCredentials();
        return List.of(
                Sent.toFolder(PARQUET),
                Sent.toFolder(JSONL),
                Sent.toFolder(ICEBERG),
                Sent.toBucket(PARQUET),
                Sent.toBucket(JSONL),
                Sent.toBucket(ICEBERG));
    }

    @ParameterizedTest
    @ValueSource(strings = {PARQUET, ICEBERG})
    void dyingAtAStepLosesAndDoublesNothing(String writer) throws Exception {
        Sent sent = Sent.toFolder(writer);
        Cache cache = new Cache(home.resolve("hypaware/cache"));
        RecordedCalls calls = new RecordedCalls(cache.folder());
        Map<SinkStep, Integer> cameTo = new HashMap<>();
        for (SinkStep step : SinkStep.values()) {
            record(calls, 1);
            Process dying = Processes.java(Dying.class, home, home.toString(), sent.text(), step.name());
            assertThat(dying.waitFor(60, TimeUnit.SECONDS)).isTrue();
            cameTo.put(step, dying.exitValue());
            run(home, sent, _ -> {});
            requireAllOnce(sent);
        }
        assertThat(cameTo)
                .hasSize(SinkStep.values().length)
                .allSatisfy((_, exit) -> assertThat(exit).isEqualTo(137));
    }

    @ParameterizedTest
    @MethodSource("all")
    void killedAtAnyTimeLosesAndDoublesNothing(Sent sent) throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Cache cache = new Cache(home.resolve("hypaware/cache"));
        RecordedCalls calls = new RecordedCalls(cache.folder());
        for (int kill = 0; kill < KILLS; kill++) {
            record(calls, 3);
            Process killed = Processes.java(Dying.class, home, home.toString(), sent.text(), "none");
            if (!killed.waitFor(400 + random.nextInt(2_000), TimeUnit.MILLISECONDS)) {
                killed.destroyForcibly().waitFor();
            }
            if (kill % 10 == 9) {
                run(home, sent, _ -> {});
                requireAllOnce(sent);
            }
        }
        List<Sinks.Ran> ran = run(home, sent, _ -> {});
        assertThat(ran).extracting(Sinks.Ran::error).as("seed " + seed).containsExactly("");
        requireAllOnce(sent);
    }

    private static List<Sinks.Ran> run(Path home, Sent sent, Consumer<SinkStep> steps) throws InterruptedException {
        HypConfig config = Configs.withSinks(sent.sink(home));
        return new Sinks(config, SinkEnvironments.at(LONG_AFTER, new Cache(home.resolve("hypaware/cache")), steps))
                .force(Optional.empty());
    }

    /// A run that dies, as by SIGKILL, when it comes to a step.
    static final class Dying {
        public static void main(String[] arguments) throws Exception {
            S3Server.useCredentials();
            run(Path.of(arguments[0]), Sent.of(arguments[1]), Processes.dyingAt(arguments[2]));
        }
    }
}
