package io.hypaware.interop;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static io.hypaware.testing.RecordedCalls.toolUse;

import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.maintain.Flush;
import io.hypaware.maintain.Maintenance;
import io.hypaware.maintain.Report;
import io.hypaware.maintain.Writing;
import io.hypaware.testing.Configs;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.SentTelemetry;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;

/// The lake of a home into which calls and telemetry are recorded and flushed.
final class RecordedLake {

    private static final Instant BEGIN = Instant.parse("2026-03-01T10:00:00.123456Z");
    private static final double[] VALUES = {0.1, -0.0, Double.NaN, Double.POSITIVE_INFINITY, 1e300};

    private final Path home;
    private final RecordedCalls calls;
    private final SentTelemetry telemetry;
    private int recorded;

    RecordedLake(Path home) {
        this.home = home;
        this.calls = new RecordedCalls(cache());
        this.telemetry = new SentTelemetry(cache());
    }

    Path cache() {
        return home.resolve("hypaware/cache");
    }

    /// Records a call and a record of each signal, of one of three days, and flushes them: a file for each table.
    void record() throws Exception {
        int i = recorded++;
        Instant at = BEGIN.plus(Duration.ofDays(i % 3)).plusSeconds(i);
        long nanos = at.getEpochSecond() * 1_000_000_000 + 123_456_789;
        calls.call()
                .startedAt(at)
                .session("s" + i)
                .system("You are of help. ".repeat(200) + i % 2)
                .tools("read", "write")
                .messages(message("user", "h\u00e9llo \u0000 \uD83D\uDE00 \"quoted\"\n" + i))
                .answer(textBlock("A" + i), toolUse("t" + i, "read"))
                .record();
        telemetry.send(SentTelemetry.logs(LogRecord.newBuilder()
                .setTimeUnixNano(nanos)
                .setBody(AnyValue.newBuilder().setStringValue("log " + i))));
        telemetry.send(SentTelemetry.metrics(Metric.newBuilder()
                .setName("gauge")
                .setGauge(Gauge.newBuilder()
                        .addDataPoints(NumberDataPoint.newBuilder()
                                .setTimeUnixNano(nanos)
                                .setAsDouble(VALUES[i % VALUES.length])))));
        telemetry.send(SentTelemetry.spans(Span.newBuilder()
                .setName("span " + i)
                .setTraceId(SentTelemetry.id("0102030405060708090a0b0c0d0e0f10"))
                .setSpanId(SentTelemetry.id("%016x".formatted(i + 1)))
                .setStartTimeUnixNano(nanos)
                .setEndTimeUnixNano(nanos + 1)));
        calls.settle();
        new Flush(new Cache(cache()), Configs.defaults().query().cache().maintenance(), _ -> {}).run();
    }

    /// One round of maintenance that keeps all rows, some time from now.
    Report maintain(Duration from) throws Exception {
        return maintain(from, false);
    }

    /// One that compacts whatever it may.
    Report force() throws Exception {
        return maintain(Duration.ZERO, true);
    }

    private Report maintain(Duration from, boolean force) throws Exception {
        Clock clock = Clock.fixed(Instant.now().plus(from), ZoneOffset.UTC);
        return new Maintenance(
                        new Cache(cache()),
                        Configs.withCache("{\"retention\": {\"default_days\": 0}}")
                                .query()
                                .cache(),
                        Writing.whole("gw"),
                        clock,
                        Progress.NONE)
                .run(
                        new Maintenance.Options(Optional.empty(), false, force, false, false, Optional.empty()),
                        Duration.ofMinutes(2));
    }
}
