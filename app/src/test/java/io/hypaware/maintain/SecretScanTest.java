package io.hypaware.maintain;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static io.hypaware.testing.RecordedCalls.toolResult;
import static io.hypaware.testing.RecordedCalls.toolUse;
import static io.hypaware.testing.SentTelemetry.log;
import static io.hypaware.testing.SentTelemetry.logs;
import static io.hypaware.testing.SentTelemetry.metrics;
import static io.hypaware.testing.SentTelemetry.spans;
import static io.hypaware.testing.SentTelemetry.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.journal.SecretLedger;
import io.hypaware.journal.SecretSighting;
import io.hypaware.read.FoundSecret;
import io.hypaware.read.FoundSecrets;
import io.hypaware.read.Recorded;
import io.hypaware.secret.Secrets;
import io.hypaware.testing.Configs;
import io.hypaware.testing.PlantedSecrets;
import io.hypaware.testing.PlantedSecrets.Planted;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.SentTelemetry;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Secrets that were sent or answered are found once, with their place, and stand nowhere else.
class SecretScanTest {

    private static final long MEMORY = 200_000_000;

    @TempDir
    private Path folder;

    private RecordedCalls calls;
    private Cache cache;
    private final PlantedSecrets planted = new PlantedSecrets(7);

    @BeforeEach
    void recorded() {
        calls = new RecordedCalls(folder);
        cache = new Cache(folder);
    }

    private static Secrets secrets(String... allowed) {
        return Secrets.of(new byte[32], List.of(allowed));
    }

    private long scan(Secrets secrets) throws Exception {
        calls.settle();
        return new SecretScan(cache, MEMORY, secrets).run(Progress.NONE, () -> false);
    }

    private List<FoundSecret> found() throws Exception {
        return new FoundSecrets(cache, new Recorded(cache, MEMORY))
                .list(new FoundSecrets.Wanted(Optional.empty(), Optional.empty(), false), 1_000)
                .found();
    }

    private void readsFile(String session, String file, String result, String answer) {
        ObjectNode use = toolUse("toolu_" + session, "Read");
        use.withObject("input").put("file_path", file);
        calls.call()
                .session(session)
                .messages(message("user", "read it"))
                .answer(use)
                .record();
        calls.call()
                .session(session)
                .messages(
                        message("user", "read it"),
                        message("assistant", use),
                        message("user", toolResult("toolu_" + session, result)))
                .answer(answer)
                .record();
    }

    @Test
    void aSecretIsToldByItsPlace() throws Exception {
        Planted secret = planted.of(0);
        readsFile("one", "/x/.env", "A=1\n" + secret.text(), "It says " + secret.text());
        assertThat(scan(secrets())).isPositive();
        List<FoundSecret> all = found();
        assertThat(all).hasSize(1);
        FoundSecret one = all.getFirst();
        assertThat(one.first().rule()).isEqualTo(secret.rule());
        assertThat(one.first().origin()).isEqualTo("tool result");
        assertThat(one.first().tool()).isEqualTo("Read");
        assertThat(one.first().file()).isEqualTo("/x/.env");
        assertThat(one.first().session()).isEqualTo("one");
        assertThat(one.receiver().provider()).isEqualTo("anthropic");
        assertThat(one.parts()).isEqualTo(2);
        assertThat(one.calls()).isEqualTo(1);
        assertThat(all.toString()).doesNotContain(secret.secret());
    }

    @Test
    void whatSystemTextsAndToolsHoldIsFound() throws Exception {
        Planted large = planted.of(1);
        Planted small = planted.of(2);
        calls.call()
                .session("s")
                .system("words of a system text ".repeat(200) + large.text())
                .messages(message("user", "hello"))
                .answer("hi")
                .record();
        calls.call()
                .session("t")
                .system("short " + small.text())
                .messages(message("user", "hello"))
                .answer("hi")
                .record();
        scan(secrets());
        assertThat(found())
                .extracting(one -> one.first().rule() + " " + one.first().session())
                .containsExactlyInAnyOrder(large.rule() + " s", small.rule() + " t");
    }

    @Test
    void whatWasLookedThroughIsNotAgain() throws Exception {
        readsFile("one", "/x/.env", planted.of(3).text(), "done");
        assertThat(scan(secrets())).isPositive();
        assertThat(scan(secrets())).isZero();
        readsFile("two", "/x/.env", planted.of(4).text(), "done");
        assertThat(scan(secrets())).isPositive();
        assertThat(found()).hasSize(2);
    }

    @Test
    void whatIsAllowedIsNotFoundAndLooksEverythingThroughAgain() throws Exception {
        readsFile("one", "/x/.env", planted.of(0).text() + "\n" + planted.of(4).text(), "done");
        scan(secrets());
        assertThat(found()).hasSize(2);
        String print = found().getFirst().first().fingerprint();
        scan(secrets(print));
        assertThat(found()).hasSize(1);
        scan(secrets("."));
        assertThat(found()).isEmpty();
    }

    @Test
    void whatIsAcceptedIsNotToldAgain() throws Exception {
        readsFile("one", "/x/.env", planted.of(0).text(), "done");
        scan(secrets());
        try (SecretLedger ledger = SecretLedger.openExisting(cache.journal()).orElseThrow()) {
            assertThat(ledger.accept("000000000000", Instant.EPOCH)).isFalse();
            assertThat(ledger.accept(found().getFirst().first().fingerprint(), Instant.EPOCH))
                    .isTrue();
        }
        assertThat(found()).isEmpty();
    }

    @Test
    void dyingBeforeTheCommitMissesNothingAndRepeatsNothing() throws Exception {
        readsFile("one", "/x/.env", planted.of(0).text(), "done");
        calls.settle();
        SecretScan dying = new SecretScan(cache, MEMORY, secrets(), () -> {
            throw new IllegalStateException("died");
        });
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> dying.run(Progress.NONE, () -> false))
                .hasMessage("died");
        assertThat(found()).isEmpty();
        scan(secrets());
        scan(secrets());
        assertThat(sightings().stream().filter(one -> !one.conversation().isEmpty()))
                .hasSize(1);
    }

    private List<SecretSighting> sightings() {
        List<SecretSighting> all = new ArrayList<>();
        try (SecretLedger ledger = SecretLedger.openExisting(cache.journal()).orElseThrow()) {
            ledger.read(Instant.EPOCH, all::add);
        }
        return all;
    }

    @Test
    void theWorkerLooksWhereItIsAskedTo() throws Exception {
        readsFile("one", "/x/.env", planted.of(0).text(), "done");
        Clock clock = Clock.fixed(Instant.parse("2026-03-01T11:00:00Z"), ZoneOffset.UTC);
        new Worker(cache, Configs.defaults(), Writing.whole("gw"), clock).run();
        assertThat(found()).isEmpty();
        Report report = new Worker(cache, Configs.defaults(), Writing.whole("gw"), clock, Optional.of(secrets())).run();
        assertThat(report.failed()).isEmpty();
        assertThat(found()).hasSize(1);
        new Worker(cache, Configs.defaults(), Writing.whole("gw"), clock, Optional.of(secrets())).run();
        assertThat(sightings().stream().filter(one -> !one.conversation().isEmpty()))
                .hasSize(1);
    }

    @Test
    void whatIsOfDaysThatAreNotKeptIsForgotten() throws Exception {
        readsFile("one", "/x/.env", planted.of(0).text(), "done");
        scan(secrets());
        Clock later = Clock.fixed(Instant.parse("2026-09-01T11:00:00Z"), ZoneOffset.UTC);
        new Worker(cache, Configs.defaults(), Writing.whole("gw"), later).run();
        assertThat(sightings()).isEmpty();
    }

    @Test
    void theStatusNamesItWithoutSayingIt() throws Exception {
        readsFile("one", "/x/.env", planted.of(0).text(), "done");
        scan(secrets());
        try (SecretLedger ledger = SecretLedger.openExisting(cache.journal()).orElseThrow()) {
            assertThat(ledger.open(5)).hasSize(1);
            assertThat(ledger.open(5).getFirst().session()).isEqualTo("one");
            ledger.accept(ledger.open(5).getFirst().fingerprint(), Instant.EPOCH);
            assertThat(ledger.open(5)).isEmpty();
        }
    }

    /// Commands with secrets in them are shown without.
    @Test
    void theSecretsThemselvesAreNowhereInWhatIsWrittenDown() throws Exception {
        Planted secret = planted.of(0);
        ObjectNode use = toolUse("toolu_1", "Bash");
        use.putObject("input").put("command", "curl -H 'x: " + secret.text() + "' https://" + "a".repeat(300));
        calls.call()
                .session("s")
                .messages(message("user", "go"))
                .answer(textBlock("I do"), use)
                .record();
        scan(secrets());
        assertThat(found().getFirst().first().file()).startsWith("curl -H 'x: ").contains("[redacted:");
        assertThat(sightings().toString()).doesNotContain(secret.secret());
    }

    /// A smaller one of what `bench/run secrets` does with 100,000 parts.
    @Test
    void allKindsAreFoundAmongMuchElse() throws Exception {
        List<String> texts = new ArrayList<>();
        List<Planted> all = new ArrayList<>();
        for (int i = 0; i < planted.kinds() + 20; i++) {
            Planted one = planted.of(i);
            all.add(one);
            texts.add("line " + i + " of a log\n" + one.text() + "\nand more");
        }
        for (int i = 0; i < texts.size(); i += 3) {
            readsFile(
                    "s" + i,
                    "/work/config" + i,
                    texts.get(i) + " commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
                    i + 1 < texts.size() ? texts.get(i + 1) : "done");
            if (i + 2 < texts.size()) {
                calls.call()
                        .session("p" + i)
                        .messages(message("user", texts.get(i + 2)))
                        .answer("ok")
                        .record();
            }
        }
        scan(secrets());
        List<FoundSecret> found = found();
        assertThat(found)
                .extracting(one -> one.first().rule())
                .containsExactlyInAnyOrderElementsOf(
                        all.stream().map(Planted::rule).toList());
        for (Planted one : all) {
            assertThat(found.toString()).doesNotContain(one.secret());
        }
    }

    @Test
    void whereNoneIsStoredItsMarkSaysThatItWasSent() throws Exception {
        Planted one = planted.of(0);
        calls = new RecordedCalls(folder, new Writing("gw", secrets().redactor()));
        readsFile("s", "/home/u/.env", "TOKEN=" + one.secret(), "I have it");
        scan(secrets());
        assertThat(found()).isEmpty();
        scan(secrets().marked());
        assertThat(found()).singleElement().satisfies(secret -> {
            assertThat(secret.first().rule()).isEqualTo(one.rule());
            assertThat(secret.first().session()).isEqualTo("s");
        });
    }

    @Test
    void whatExportersSendIsLookedThrough() throws Exception {
        SentTelemetry sent = new SentTelemetry(folder);
        sent.send(logs(
                log("with " + planted.of(0).text()).addAttributes(text("session.id", "s")),
                log("large " + planted.of(1).text() + " text".repeat(1_000)).addAttributes(text("session.id", "s"))));
        sent.send(spans(Span.newBuilder()
                .setName("n")
                .addAttributes(text("sql", planted.of(2).text()))));
        sent.send(metrics(Metric.newBuilder()
                .setName("m")
                .setGauge(Gauge.newBuilder()
                        .addDataPoints(NumberDataPoint.newBuilder()
                                .setAsInt(1)
                                .addAttributes(text("of", planted.of(3).text()))))));
        sent.settle();
        scan(secrets());
        assertThat(found())
                .extracting(one -> one.first().origin() + " of " + one.first().tool() + " of "
                        + one.first().session() + ": " + one.first().rule())
                .containsExactlyInAnyOrder(
                        "log record of shop of s: " + planted.of(0).rule(),
                        "log record of shop of s: " + planted.of(1).rule(),
                        "span of shop of : " + planted.of(2).rule(),
                        "data point of shop of : " + planted.of(3).rule());
        assertThat(scan(secrets())).isZero();
    }

    @Test
    void whatOlderCachesHoldOfTelemetryIsLookedThrough() throws Exception {
        Path spool = Files.createDirectories(folder.resolve("datasets/logs/all/_hypaware_spool"));
        Files.writeString(
                spool.resolve("active.jsonl"),
                "{\"version\":1,\"columns\":[],\"rows\":[{\"serviceName\":\"shop\",\"timestamp\":\"2026-02-01T10:00:00.123Z\","
                        + "\"body\":"
                        + RecordedCalls.JSON.writeValueAsString(planted.of(0).text()) + "}]}\n");
        Ticks.at(Instant.parse("2026-02-03T10:00:00Z"), folder);
        assertThat(scan(secrets())).isPositive();
        assertThat(found())
                .extracting(one -> one.first().origin() + ": " + one.first().rule())
                .containsExactly("log record: " + planted.of(0).rule());
        assertThat(scan(secrets())).isZero();
    }
}
