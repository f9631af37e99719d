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
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.S3Server;
import io.hypaware.testing.SinkEnvironments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever step a sink of files dies at, and whenever it is killed: exported rows are what is recorded, once.
class FileSinkCrashTest {

    private static final Instant LONG_AFTER = Instant.parse("2026-03-02T10:00:00Z");

    private static final int KILLS = Integer.parseInt(System.getenv().getOrDefault("HYP_KILLS", "3"));

    /// A large value that many rows refer to; what is asked is one that a single row does.
    private static final String OF_ALL = "be brief ".repeat(400);

    private static final String PARQUET = "@hypaware/format-parquet";
    private static final String JSONL = "@hypaware/format-jsonl";
    private static final String ICEBERG = "@hypaware/format-iceberg";

    /// A file that says that a process has begun.
    private static final String BEGUN = "begun";

    private static final int LONGEST_LIFE_MILLIS = 2_000;

    private static final String COUNTED = "select count(*) || ' ' || count(distinct part_id)";

    @TempDir
    private Path home;

    private int sessions;

    private void record(RecordedCalls calls, int more) {
        for (int i = 0; i < more; i++) {
            calls.call()
                    .session("s" + sessions++)
                    .system(OF_ALL)
                    .messages(message("user", ("question " + sessions + " ").repeat(200)))
                    .answer("answer")
                    .record();
        }
        calls.settle();
    }

    /// Each session has two parts: what was asked and answered.
    private void requireAllOnce(Sent sent) throws Exception {
        assertThat(sent.read(home, "ai_gateway_messages", COUNTED, ""))
                .containsExactly(2L * sessions + " " + 2L * sessions);
        if (sent.byReference()) {
            List<String> hashes = sent.read(home, "payloads", "select hash", "order by 1");
            assertThat(hashes).hasSizeGreaterThan(sessions).doesNotHaveDuplicates();
            assertThat(hashes).isEqualTo(Queries.values(cache().folder(), "select hash from payloads order by 1"));
            assertThat(sent.read(home, "ai_gateway_messages", "select distinct system_text", "where role = 'user'"))
                    .hasSize(1)
                    .isSubsetOf(hashes);
        }
    }

    private Cache cache() {
        return new Cache(home.resolve("hypaware/cache"));
    }

    /// How it goes, and where to.
    ///
    /// @param byReference whether large values go beside the rows
    /// @param bucket empty for a folder
    private record Sent(String writer, boolean byReference, String bucket, int port) {

        private static Sent toFolder(String writer, boolean byReference) {
            return new Sent(writer, byReference, "", 0);
        }

        private static Sent toBucket(String writer, boolean byReference) throws Exception {
            return new Sent(
                    writer, byReference, S3Server.get().bucket(), S3Server.get().port());
        }

        /// In the way of one argument.
        private String text() {
            return writer + " " + byReference + " " + port + " " + bucket;
        }

        private static Sent of(String text) {
            String[] parts = text.split(" ", 4);
            return new Sent(parts[0], Boolean.parseBoolean(parts[1]), parts[3], Integer.parseInt(parts[2]));
        }

        private String sink(Path home) {
            String place = bucket.isEmpty()
                    ? "\"dir\": \"%s\"".formatted(home.resolve("exports"))
                    : """
                    "bucket": "%s", "endpoint_url": "http://127.0.0.1:%d", "force_path_style": true""".formatted(bucket, port);
            return """
                    {"files": {"writer": "%s", "destination": "%s", "config": {%s, "batch_rows": 3%s}}}""".formatted(
                            writer,
                            bucket.isEmpty() ? "@hypaware/local-fs" : "@hypaware/s3",
                            place,
                            byReference ? ", \"payloads\": \"reference\"" : "");
        }

        /// The first column of what has gone.
        private List<String> read(Path home, String dataset, String before, String after) throws Exception {
            Path folder =
                    bucket.isEmpty() ? home.resolve("exports") : S3Server.get().files(bucket);
            if (writer.equals(ICEBERG)) {
                try (Destination from = bucket.isEmpty()
                        ? new LocalFolder(folder, Clock.systemUTC())
                        : S3Bucket.open(S3Server.config(bucket, "", port))) {
                    return ExportedTables.read(from, dataset, home, before, after);
                }
            }
            // Whoever was killed leaves parts of files, under names of their own.
            String read = writer.equals(PARQUET) ? "read_parquet" : "read_json";
            String end = writer.equals(PARQUET) ? "parquet" : "jsonl.gz";
            try (var engine = DriverManager.getConnection("jdbc:duckdb:");
                    var statement = engine.createStatement();
                    ResultSet row = statement.executeQuery(before + " from " + read + "('" + folder + "/" + dataset
                            + "/date=*/*." + end + "') " + after)) {
                List<String> values = new ArrayList<>();
                while (row.next()) {
                    values.add(row.getString(1));
                }
                return values;
            }
        }
    }

    private static List<Sent> all() throws Exception {
        S3Server.useCredentials();
        List<Sent> all = new ArrayList<>();
        for (String writer : List.of(PARQUET, JSONL, ICEBERG)) {
            all.add(Sent.toFolder(writer, false));
            all.add(Sent.toBucket(writer, false));
        }
        for (String writer : List.of(PARQUET, ICEBERG)) {
            all.add(Sent.toFolder(writer, true));
            all.add(Sent.toBucket(writer, true));
        }
        return all;
    }

    /// Between what has arrived and what is known of it.
    @ParameterizedTest
    @ValueSource(strings = {PARQUET, ICEBERG})
    void dyingBeforeItIsWrittenDownLosesAndDoublesNothing(String writer) throws Exception {
        dyingLosesAndDoublesNothing(writer, SinkStep.DELIVERED, SinkStep.WRITTEN_DOWN);
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(strings = {PARQUET, ICEBERG})
    void dyingAtAStepLosesAndDoublesNothing(String writer) throws Exception {
        dyingLosesAndDoublesNothing(writer, SinkStep.values());
    }

    private void dyingLosesAndDoublesNothing(String writer, SinkStep... steps) throws Exception {
        Sent sent = Sent.toFolder(writer, false);
        RecordedCalls calls = new RecordedCalls(cache().folder());
        Map<SinkStep, Integer> cameTo = new HashMap<>();
        for (SinkStep step : steps) {
            record(calls, 1);
            Process dying = Processes.java(Dying.class, home, home.toString(), sent.text(), step.name());
            assertThat(dying.waitFor(60, TimeUnit.SECONDS)).isTrue();
            cameTo.put(step, dying.exitValue());
            run(home, sent, _ -> {});
            requireAllOnce(sent);
        }
        assertThat(cameTo)
                .hasSize(steps.length)
                .allSatisfy((_, exit) -> assertThat(exit).isEqualTo(137));
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource("all")
    void killedAtAnyTimeLosesAndDoublesNothing(Sent sent) throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        RecordedCalls calls = new RecordedCalls(cache().folder());
        int deaths = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            record(calls, 3);
            Files.deleteIfExists(home.resolve(BEGUN));
            Process killed = Processes.java(Dying.class, home, home.toString(), sent.text(), "none");
            awaitBegun(killed);
            if (!killed.waitFor(random.nextInt(LONGEST_LIFE_MILLIS), TimeUnit.MILLISECONDS)) {
                killed.destroyForcibly().waitFor();
                deaths++;
            }
            if (kill % 10 == 9) {
                run(home, sent, _ -> {});
                requireAllOnce(sent);
            }
        }
        System.out.println(sent + ": " + deaths + " of " + KILLS + " died at their work");
        List<Sinks.Ran> ran = run(home, sent, _ -> {});
        assertThat(ran).extracting(Sinks.Ran::error).as("seed " + seed).containsExactly("");
        requireAllOnce(sent);
    }

    /// However slow the machine is: who is killed before it begins shows nothing.
    private void awaitBegun(Process process) throws InterruptedException {
        for (int i = 0; i < 6_000 && process.isAlive() && !Files.exists(home.resolve(BEGUN)); i++) {
            Thread.sleep(10);
        }
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
            Path home = Path.of(arguments[0]);
            Consumer<SinkStep> dying = Processes.dyingAt(arguments[2]);
            run(home, Sent.of(arguments[1]), step -> {
                begun(home.resolve(BEGUN));
                dying.accept(step);
            });
        }

        private static void begun(Path file) {
            try {
                Files.write(file, new byte[0]);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
