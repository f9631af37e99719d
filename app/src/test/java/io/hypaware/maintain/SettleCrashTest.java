package io.hypaware.maintain;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.dataset.Hashes;
import io.hypaware.home.Cache;
import io.hypaware.privacy.PrivacyList;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Processes;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.SentTelemetry;
import io.hypaware.testing.Trees;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A projection that dies at any step: every body comes back byte for byte, no row is there twice, no reference is
/// without its payload, and the next projection goes on.
class SettleCrashTest {

    private static final String UNHEARD = "a sentence that is not to be recorded";

    @TempDir
    private Path home;

    private Path cache;

    @ParameterizedTest
    @EnumSource(names = {"WRITTEN"})
    void dyingAtAStepLosesAndDoublesNothing(SettleStep step) throws Exception {
        dyingLosesAndDoublesNothing(step);
    }

    @Tag("slow")
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"WRITTEN"})
    void dyingAtAnyStepLosesAndDoublesNothing(SettleStep step) throws Exception {
        dyingLosesAndDoublesNothing(step);
    }

    private void dyingLosesAndDoublesNothing(SettleStep step) throws Exception {
        cache = home.resolve("hypaware/cache");
        RecordedCalls calls = new RecordedCalls(cache);
        PrivacyList.update(new Cache(cache).privacyList(), list -> list.withSession("ignored", Instant.EPOCH));
        TreeMap<String, String> sent = new TreeMap<>();
        Random random = new Random(9);
        for (int i = 0; i < 3; i++) {
            // In one of them some megabytes that no other call has, in all some that are the same.
            int size = i == 1 ? 5_000_000 : 1_300_000;
            StringBuilder text = new StringBuilder("shared ".repeat(150_000));
            while (text.length() < size) {
                text.append(Long.toString(random.nextLong(), 36)).append(i == 1 ? "\\n" : " ");
            }
            byte[] body = ("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]}")
                    .getBytes(StandardCharsets.UTF_8);
            String id = calls.call().session("s" + i).request(body).answer("A").record();
            sent.put(id, Hashes.sha256(body));
        }
        calls.call()
                .session("small")
                .messages(message("user", "x".repeat(3_000)))
                .answer("B")
                .record();

        calls.call().session("ignored").messages(message("user", UNHEARD)).record();
        SentTelemetry telemetry = new SentTelemetry(cache);
        for (int i = 0; i < 3; i++) {
            // One of them takes more than one transaction.
            LogRecord.Builder[] logs = new LogRecord.Builder[i == 1 ? 9_000 : 5];
            Arrays.setAll(logs, n -> SentTelemetry.log("record " + n + " of many"));
            logs[2] = SentTelemetry.log(UNHEARD).addAttributes(SentTelemetry.text("session.id", "ignored"));
            logs[3] = SentTelemetry.log("once " + i);
            telemetry.send(SentTelemetry.logs(logs));
        }

        int died = 0;
        for (int occurrence : step == SettleStep.ERASED ? List.of(1) : List.of(1, 3)) {
            Process dying =
                    Processes.java(Dying.class, cache, cache.toString(), step.name(), Integer.toString(occurrence));
            assertThat(dying.waitFor(60, TimeUnit.SECONDS)).isTrue();
            died += dying.exitValue() == 137 ? 1 : 0;
            assertThat(CacheCheck.run(new Cache(cache), false).findings()).isEmpty();
            assertThat(Queries.values(cache, "select _row_id from ai_gateway_messages"))
                    .doesNotHaveDuplicates();
            new Flush(new Cache(cache), Configs.defaults().query().cache().maintenance(), _ -> {}).run();
        }
        assertThat(CacheCheck.run(new Cache(cache), false).findings()).isEmpty();
        assertThat(died).as("how often " + step + " was come to").isPositive();

        calls.settle();
        assertThat(Queries.values(
                        cache,
                        "select exchange_id || ' ' || sha256(request_body) from exchanges"
                                + " where session_id <> 'small' order by 1"))
                .isEqualTo(sent.entrySet().stream()
                        .map(e -> e.getKey() + " " + e.getValue())
                        .toList());
        assertThat(Queries.values(cache, "select _row_id from ai_gateway_messages"))
                .hasSize(8)
                .doesNotHaveDuplicates();
        assertThat(Queries.values(cache, "select hash from payloads")).doesNotHaveDuplicates();
        assertThat(Queries.values(cache, "select _row_id from logs"))
                .hasSize(9_000 - 1 + 2 * 4)
                .doesNotHaveDuplicates();
        assertThat(telemetry.left()).isEqualTo("0 pending, 0 failed");
        assertThat(CacheCheck.run(new Cache(cache), false).findings()).isEmpty();

        // A day later not even the frames are left whose deletion was cut short.
        Clock tomorrow = Clock.offset(Clock.systemUTC(), Duration.ofHours(25));
        new Worker(
                        new Cache(cache),
                        Configs.withCache("{\"retention\": {\"default_days\": 0}}"),
                        Writing.whole("gw"),
                        tomorrow)
                .run();
        assertThat(frames()).isEqualTo(List.of(0));
        assertThat(Trees.filesWith(home, UNHEARD)).isEmpty();
    }

    @Tag("slow")
    @Test
    void dyingInTheMiddleOfALargeMetricLosesAndDoublesNoPoint() throws Exception {
        cache = home.resolve("hypaware/cache");
        int points = 220_000;
        Gauge.Builder gauge = Gauge.newBuilder();
        for (int i = 1; i <= points; i++) {
            gauge.addDataPoints(NumberDataPoint.newBuilder().setTimeUnixNano(i).setAsInt(i));
        }
        SentTelemetry telemetry = new SentTelemetry(cache);
        telemetry.send(SentTelemetry.metrics(Metric.newBuilder().setName("much").setGauge(gauge)));
        long before = 0;
        for (int occurrence : List.of(3, 1)) {
            Process dying = Processes.java(
                    Dying.class,
                    cache,
                    cache.toString(),
                    SettleStep.TELEMETRY_WRITTEN.name(),
                    Integer.toString(occurrence));
            assertThat(dying.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(dying.exitValue()).isEqualTo(137);
            assertThat(telemetry.left()).isEqualTo("1 pending, 0 failed");
            long now = Long.parseLong(
                    Queries.values(cache, "select count(*) from metrics").getFirst());
            assertThat(now).isGreaterThan(before).isLessThan(points);
            before = now;
            // A part of it is in the lake when the next one goes on.
            new Flush(new Cache(cache), Configs.defaults().query().cache().maintenance(), _ -> {}).run();
        }
        assertThat(telemetry.values(
                        "select count(*) || ' ' || count(distinct _row_id) || ' ' || sum(valueInt) from metrics"))
                .containsExactly(points + " " + points + " " + (long) points * (points + 1) / 2);
        assertThat(telemetry.left()).isEqualTo("0 pending, 0 failed");
    }

    private List<Integer> frames() throws Exception {
        try (var connection = java.sql.DriverManager.getConnection("jdbc:sqlite:" + cache.resolve("journal.db"));
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT count(*) FROM frame")) {
            return List.of(row.getInt(1));
        }
    }

    /// A projection that dies, as by SIGKILL, at the n-th time it comes to a step.
    static final class Dying {
        public static void main(String[] arguments) throws Exception {
            new Settle(
                            new Cache(Path.of(arguments[0])),
                            Writing.whole("gw"),
                            Clock.fixed(Instant.now(), java.time.ZoneOffset.UTC),
                            Processes.dyingAt(arguments[1], Integer.parseInt(arguments[2])))
                    .run();
        }
    }
}
