package io.hypaware.maintain;

import static io.hypaware.testing.SentTelemetry.JSON;
import static io.hypaware.testing.SentTelemetry.PROTOBUF;
import static io.hypaware.testing.SentTelemetry.gzip;
import static io.hypaware.testing.SentTelemetry.log;
import static io.hypaware.testing.SentTelemetry.logs;
import static io.hypaware.testing.SentTelemetry.metrics;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.airlift.compress.v3.zstd.ZstdOutputStream;
import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import io.hypaware.journal.TelemetryRequest.Signal;
import io.hypaware.testing.Configs;
import io.hypaware.testing.SentTelemetry;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What cannot be read is set aside with its bytes, says why, and hides nothing else; what is sent again is there once.
class TelemetryRefusalTest {

    private static final byte[] GOOD = logs(log("good")).toByteArray();

    @TempDir
    private Path home;

    private Path cache;
    private SentTelemetry sent;

    @BeforeEach
    void cache() {
        cache = home.resolve("hypaware/cache");
        sent = new SentTelemetry(cache);
    }

    private List<String> bodies() throws Exception {
        return sent.values("select body ->> '$' from logs order by 1");
    }

    private void isSetAside(Signal signal, String type, String encoding, byte[] body) throws Exception {
        sent.send(signal, type, encoding, body);
        sent.send(logs(log("after")));
        assertThat(bodies()).containsExactly("after");
        assertThat(sent.left()).isEqualTo("0 pending, 1 failed");
        assertThat(sent.problems()).singleElement().asString().contains("could not be projected");
    }

    @Test
    void everyEncodingIsRead() throws Exception {
        sent.send(Signal.LOGS, PROTOBUF, "gzip", gzip(logs(log("gzip")).toByteArray()));
        ByteArrayOutputStream zstd = new ByteArrayOutputStream();
        try (OutputStream out = new ZstdOutputStream(zstd)) {
            out.write(logs(log("zstd")).toByteArray());
        }
        sent.send(Signal.LOGS, PROTOBUF, "zstd", zstd.toByteArray());
        ByteArrayOutputStream deflate = new ByteArrayOutputStream();
        try (OutputStream out = new DeflaterOutputStream(deflate)) {
            out.write(logs(log("deflate")).toByteArray());
        }
        sent.send(Signal.LOGS, PROTOBUF, "deflate", deflate.toByteArray());
        sent.send(Signal.LOGS, PROTOBUF, "Identity", logs(log("plain")).toByteArray());
        assertThat(bodies()).containsExactly("deflate", "gzip", "plain", "zstd");
    }

    @Test
    void aBodyThatBreaksOffIsSetAside() throws Exception {
        isSetAside(Signal.LOGS, PROTOBUF, "", Arrays.copyOf(GOOD, GOOD.length - 3));
    }

    @Test
    void packedBytesThatBreakOffAreSetAside() throws Exception {
        byte[] packed = gzip(GOOD);
        isSetAside(Signal.LOGS, PROTOBUF, "gzip", Arrays.copyOf(packed, packed.length - 12));
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "gzip, gzip", "x"})
    void anUnknownEncodingIsSetAside(String encoding) throws Exception {
        isSetAside(Signal.LOGS, PROTOBUF, encoding, GOOD);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "7",
                "{\"resourceLogs\": {}}",
                "{\"resourceLogs\": [7]}",
                "{\"resourceLogs\": [{\"scopeLogs\": [{\"logRecords\": [{}",
                "{} {}",
                "{\"resourceLogs\": [{\"resource\": {\"attributes\": 7}}]}"
            })
    void whatIsNoRequestInJsonIsSetAside(String json) throws Exception {
        isSetAside(Signal.LOGS, JSON, "", json.getBytes(StandardCharsets.UTF_8));
    }

    @Tag("slow")
    @Test
    void whatUnpacksWithoutEndIsSetAside() throws Exception {
        ByteArrayOutputStream zeros = new ByteArrayOutputStream();
        try (OutputStream out = new java.util.zip.GZIPOutputStream(zeros)) {
            byte[] megabyte = new byte[1 << 20];
            // As one field that is passed by.
            out.write(new byte[] {0x7a, (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, 0x04});
            for (int i = 0; i < 300; i++) {
                out.write(megabyte);
            }
        }
        isSetAside(Signal.LOGS, PROTOBUF, "gzip", zeros.toByteArray());
        assertThat(sent.problems().getFirst()).contains("256 MB");
    }

    @Test
    void deepNestingIsSetAside() throws Exception {
        String json = "{\"resourceLogs\": [{\"scopeLogs\": [{\"logRecords\": [{\"body\": "
                + "{\"arrayValue\": {\"values\": [".repeat(20_000);
        isSetAside(Signal.LOGS, JSON, "", json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aRecordThatCannotBeReadHidesNoOther() throws Exception {
        AnyValue deep = AnyValue.newBuilder().setStringValue("bottom").build();
        for (int i = 0; i < 200; i++) {
            deep = AnyValue.newBuilder()
                    .setArrayValue(ArrayValue.newBuilder().addValues(deep))
                    .build();
        }
        sent.send(logs(log("first"), LogRecord.newBuilder().setBody(deep), log("last")));
        sent.sendJson(Signal.LOGS, """
                {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "of json"}},
                  {"timeUnixNano": "now", "body": {"stringValue": "without a time"}},
                  {"severityNumber": "LOUD"}, {"traceId": "x"}, {"flags": -9999999999}, {"flags": "1e999999999"}]}]}]}
                """);

        assertThat(bodies()).containsExactly("first", "last", "of json");
        assertThat(sent.left()).isEqualTo("0 pending, 2 failed");
        assertThat(sent.problems())
                .satisfiesExactly(
                        p -> assertThat(p).contains("5 of its records"),
                        p -> assertThat(p).contains("1 of its records"));

        // They are kept as they were sent; a later version may read them.
        retry();
        assertThat(bodies()).containsExactly("first", "last", "of json");
        assertThat(sent.left()).isEqualTo("0 pending, 2 failed");
    }

    @Test
    void recordsThatCannotBeReadAreHeldSomeAtATime() throws Exception {
        byte[] text = new byte[3 << 20];
        java.util.Arrays.fill(text, (byte) 'a');
        String much = new String(text, StandardCharsets.ISO_8859_1);
        byte[] bytes = logs(log(much), log("good"), log(much), log(much)).toByteArray();
        for (int i = 0; i < bytes.length - 2; i++) {
            // No text in UTF-8 any more.
            if (bytes[i] == 'a' && bytes[i + 1] == 'a' && bytes[i + 2] == 'a') {
                bytes[i] = (byte) 0xff;
            }
        }
        sent.send(Signal.LOGS, PROTOBUF, "gzip", gzip(bytes));

        assertThat(bodies()).containsExactly("good");
        assertThat(sent.left()).isEqualTo("0 pending, 2 failed");
    }

    @Tag("slow")
    @Test
    void whatIsHardlyReadableIsLeftPacked() throws Exception {
        byte[] bytes = logs(log("x".repeat(4 << 20))).toByteArray();
        bytes[new String(bytes, StandardCharsets.ISO_8859_1).indexOf("xxxx")] = (byte) 0xff;
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < 20; i++) {
            all.write(bytes);
        }
        sent.send(Signal.LOGS, PROTOBUF, "gzip", gzip(all.toByteArray()));

        assertThat(bodies()).isEmpty();
        assertThat(sent.problems()).anySatisfy(p -> assertThat(p).contains("the rest is left"));
    }

    private void retry() {
        try (Journal journal = Journal.open(cache.resolve("journal.db"))) {
            assertThat(journal.telemetry().retryFailed()).isPositive();
        }
    }

    @Test
    void anInvalidTextIsKeptWithItsResource() throws Exception {
        byte[] bytes = logs(log("aaaa"), log("good")).toByteArray();
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("aaaa");
        bytes[at] = (byte) 0xff;
        sent.send(Signal.LOGS, PROTOBUF, "", bytes);
        assertThat(bodies()).containsExactly("good");
        // As if this program could read it: the byte that it cannot is mended where it is kept.
        try (var connection = java.sql.DriverManager.getConnection("jdbc:sqlite:" + cache.resolve("journal.db"));
                var statement = connection.createStatement()) {
            statement.executeUpdate("UPDATE telemetry_request SET body ="
                    + " CAST(unhex(replace(hex(body), 'FF616161', '62616161')) AS BLOB)");
        }
        retry();
        assertThat(sent.values("select serviceName || ' ' || (body ->> '$') || ' ' || scope_name from logs order by 1"))
                .containsExactly("shop baaa tests", "shop good tests");
        assertThat(sent.left()).isEqualTo("0 pending, 0 failed");
    }

    @Test
    void whatIsSentAgainIsThereOnce() throws Exception {
        sent.send(logs(log("one")));
        sent.send(Signal.LOGS, PROTOBUF, "gzip", gzip(logs(log("one")).toByteArray()));
        assertThat(bodies()).containsExactly("one");
        sent.send(logs(log("one")));
        assertThat(bodies()).containsExactly("one");
        // Without a time it may be meant twice.
        sent.send(logs(log("any").clearTimeUnixNano()));
        sent.send(logs(log("any").clearTimeUnixNano()));
        assertThat(bodies()).containsExactly("any", "any", "one");
        assertThat(sent.values("select _row_id from logs")).doesNotHaveDuplicates();
    }

    @Tag("slow")
    @Test
    void moreRecordsThanOneReadingMakesAreLeft() throws Exception {
        ByteString empty = ByteString.copyFrom(new byte[] {0x12, 0});
        ByteString scope = ByteString.copyFrom(java.util.Collections.nCopies(250_000, empty));
        byte[] inner = frame(0x12, scope);
        sent.send(Signal.LOGS, PROTOBUF, "gzip", gzip(frame(0x0a, ByteString.copyFrom(inner))));
        assertThat(sent.values("select count(*) from logs")).containsExactly("200000");
        assertThat(sent.left()).isEqualTo("0 pending, 1 failed");
        retry();
        assertThat(sent.values("select count(*) from logs")).containsExactly("250000");
        assertThat(sent.values("select count(distinct _row_id) from logs")).containsExactly("250000");
        assertThat(sent.left()).isEqualTo("0 pending, 0 failed");
    }

    private static Metric.Builder gaugeOf(int points) {
        Gauge.Builder gauge = Gauge.newBuilder();
        for (int i = 1; i <= points; i++) {
            gauge.addDataPoints(
                    NumberDataPoint.newBuilder().setTimeUnixNano(i).setAsInt(i).setFlags(1));
        }
        return Metric.newBuilder().setName("much").setGauge(gauge);
    }

    @Tag("slow")
    @Test
    void aMetricOfManyPointsIsARowForEach() throws Exception {
        byte[] much = metrics(gaugeOf(220_000)).toByteArray();
        sent.send(Signal.METRICS, PROTOBUF, "", much);
        assertThat(sent.values(
                        "select count(*) || ' ' || count(distinct _row_id) || ' ' || sum(valueInt) from metrics"))
                .containsExactly("220000 220000 24200110000");
        assertThat(sent.left()).isEqualTo("0 pending, 0 failed");
    }

    @Tag("slow")
    @Test
    void pointsThatWereHardlyPaidForAreLeft() throws Exception {
        byte[] much = gzip(metrics(gaugeOf(210_000), gaugeOf(1)).toByteArray());
        assertThat(much.length).isLessThan(3_000_000);
        sent.send(Signal.METRICS, PROTOBUF, "gzip", much);
        assertThat(sent.values("select count(*) from metrics")).containsExactly("200000");
        assertThat(sent.left()).isEqualTo("0 pending, 1 failed");
        retry();
        assertThat(sent.values(
                        "select count(*) || ' ' || count(distinct _row_id) || ' ' || sum(valueInt) from metrics"))
                .containsExactly("210001 210001 22050105001");
        assertThat(sent.left()).isEqualTo("0 pending, 0 failed");
    }

    private static byte[] frame(int tag, ByteString content) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        var coded = com.google.protobuf.CodedOutputStream.newInstance(out);
        coded.writeUInt32NoTag(content.size());
        coded.flush();
        content.writeTo(out);
        return out.toByteArray();
    }

    @Tag("slow")
    @Test
    void whatIsSentOnceAndStandsInManyRowsIsNotMultiplied() throws Exception {
        String large = "x".repeat(2_000_000);
        ExportLogsServiceRequest.Builder request = logs(log("first")).toBuilder();
        var resource = request.getResourceLogsBuilder(0);
        resource.setSchemaUrl(large)
                .getResourceBuilder()
                .getAttributesBuilder(0)
                .getValueBuilder()
                .setStringValue(large);
        var scope = resource.getScopeLogsBuilder(0);
        scope.getScopeBuilder().setName(large).setVersion("1");
        for (int i = 0; i < 20_000; i++) {
            scope.addLogRecords(LogRecord.getDefaultInstance());
        }
        sent.send(request.build());
        assertThat(
                        sent.values(
                                "select max(length(serviceName)) || ' ' || max(length(scope_name)) || ' ' || count(*) from logs"))
                .containsExactly("515 515 20001");
        assertThat(sent.values("select length(resource ->> 'service.name') from logs limit 1"))
                .containsExactly("2000000");
        assertThat(java.nio.file.Files.size(cache.resolve("journal.db"))).isLessThan(120L << 20);
    }

    @Test
    void whatWasSetAsideGoesWithRetention() throws Exception {
        sent.send(Signal.LOGS, PROTOBUF, "", new byte[] {1, 2, 3});
        sent.send(ExportLogsServiceRequest.getDefaultInstance());
        sent.settle();
        assertThat(sent.left()).isEqualTo("0 pending, 1 failed");
        Instant received = Instant.parse("2026-03-01T10:00:00Z");
        worker(received.plus(Duration.ofDays(29)));
        assertThat(sent.left()).isEqualTo("0 pending, 1 failed");
        worker(received.plus(Duration.ofDays(31)));
        assertThat(sent.left()).isEqualTo("0 pending, 0 failed");
    }

    private void worker(Instant at) throws Exception {
        new Worker(
                        new Cache(cache),
                        Configs.withCache("{\"retention\": {\"default_days\": 30}}"),
                        Writing.whole("gw"),
                        Clock.fixed(at, java.time.ZoneOffset.UTC))
                .run();
    }
}
