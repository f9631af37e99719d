package io.hypaware.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.dataset.Row;
import io.hypaware.project.ExchangeRow;
import io.hypaware.testing.FakeProvider;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.TestGateway;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig.SynchronousMode;

/// What the recorder keeps, and what it does when it cannot.
class JournalWriterTest {

    @TempDir
    private Path folder;

    @Test
    void whatMemoryHasNoRoomForWaitsInAFileAndIsWhole() throws Exception {
        byte[] piece = new byte[60_000];
        Path spill = file().resolveSibling("queue.spill");
        JournalWriter writer =
                JournalWriter.open(file(), 1 << 20, 1 << 27, Spill.open(spill, 100_000_000, Duration.ofMinutes(1)));
        Recording recording = writer.begin(start("large"));
        for (int i = 0; i < 1_000; i++) {
            java.util.Arrays.fill(piece, (byte) i);
            recording.requestBytes(Chunk.of(piece));
        }
        recording.end(end(60_000_000, 0));
        writer.close();
        assertThat(writer.stats().dropped()).isZero();
        assertThat(spill).doesNotExist();
        try (Journal journal = Journal.open(file());
                var body = journal.body(1, Direction.REQUEST)) {
            for (int i = 0; i < 1_000; i++) {
                java.util.Arrays.fill(piece, (byte) i);
                assertThat(body.readNBytes(piece.length)).isEqualTo(piece);
            }
            assertThat(body.read()).isNegative();
        }
    }

    @Test
    void whatIsDroppedIsCountedByItsBytes() throws Exception {
        long offered = 0;
        JournalWriter writer = JournalWriter.open(file(), 1 << 20, 1 << 27, file().resolveSibling(""), 5_000_000);
        Recording recording = writer.begin(start("large"));
        for (int i = 0; i < 2_000; i++) {
            recording.requestBytes(Chunk.of(new byte[60_000]));
            offered += 60_000;
        }
        recording.end(end(offered, 0));
        writer.close();
        long kept = offered - writer.stats().droppedBytes();
        try (Journal journal = Journal.open(file());
                var body = journal.body(1, Direction.REQUEST)) {
            assertThat(body.readAllBytes()).hasSize((int) kept);
        }
    }

    @Test
    void bodiesComeBackByteForByteHoweverTheyWereCut() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] body = new byte[1_000_000];
        random.nextBytes(body);
        try (JournalWriter writer = JournalWriter.open(file(), 1 << 26, 1 << 26)) {
            Recording recording = writer.begin(start("a"));
            int at = 0;
            while (at < body.length) {
                int length = Math.min(body.length - at, 1 + random.nextInt(100_000));
                recording.responseBytes(Chunk.of(java.util.Arrays.copyOfRange(body, at, at + length)));
                at += length;
            }
            recording.end(end(0, body.length));
        }
        try (Journal journal = Journal.open(file())) {
            long seq = journal.pending(1).getFirst();
            try (InputStream in = journal.body(seq, Direction.RESPONSE)) {
                assertThat(in.readAllBytes()).as("seed " + seed).isEqualTo(body);
            }
            assertThat(journal.exchange(seq).outcome()).isEqualTo(Outcome.COMPLETED);
        }
    }

    @Test
    void whatAGatewayLeftOpenWhenItDiedIsClosedAtTheNextStart() throws Exception {
        JournalWriter died = JournalWriter.open(file(), 1 << 20, 1 << 20);
        Recording recording = died.begin(start("a"));
        recording.requestBytes(Chunk.of("request".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        recording.responseBytes(Chunk.of("half".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        died.close(); // its end was never recorded

        JournalWriter.open(file(), 1 << 20, 1 << 20).close();

        try (Journal journal = Journal.open(file())) {
            CapturedExchange exchange = journal.exchange(journal.pending(1).getFirst());
            assertThat(exchange.outcome()).isEqualTo(Outcome.GATEWAY_ERROR);
            assertThat(exchange.requestBytes()).isEqualTo(7);
            assertThat(exchange.responseBytes()).isEqualTo(4);
        }
    }

    @Test
    void twoWriteAtOnceAndEachClosesItsOwnUntilItIsGone() throws Exception {
        Path run = file().resolveSibling("");
        JournalWriter before = JournalWriter.open(file(), 1 << 20, 1 << 20, run, 1 << 20);
        Recording answered = before.begin(start("answered"));
        before.begin(start("abandoned"));
        try (JournalWriter after = JournalWriter.open(file(), 1 << 20, 1 << 20, run, 1 << 20)) {
            for (int i = 0; i < 20; i++) {
                after.begin(start("new" + i)).end(end(0, 0));
                Recording old = before.begin(start("old" + i));
                old.responseBytes(Chunk.of(new byte[] {1}));
                old.end(end(0, 1));
            }
            answered.end(end(0, 0));
            awaitClosed(41);
            try (Journal journal = Journal.open(file())) {
                assertThat(journal.pending(100).stream()
                                .map(seq -> journal.exchange(seq).outcome()))
                        .containsOnly(Outcome.COMPLETED);
            }
            before.close();
            awaitClosed(42);
            try (Journal journal = Journal.open(file())) {
                assertThat(journal.pending(100).stream()
                                .map(journal::exchange)
                                .filter(exchange -> exchange.outcome() == Outcome.GATEWAY_ERROR)
                                .map(CapturedExchange::id))
                        .containsExactly("abandoned");
            }
        }
        try (Stream<Path> files = Files.list(run)) {
            assertThat(files.filter(file -> file.toString().endsWith(".lock"))).isEmpty();
        }
    }

    private void awaitClosed(int count) throws InterruptedException {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (true) {
            try (Journal journal = Journal.open(file())) {
                if (journal.pending(1_000).size() == count) {
                    return;
                }
                assertThat(System.nanoTime())
                        .as("closed by now: %s", journal.pending(1_000))
                        .isLessThan(deadline);
            }
            Thread.sleep(20);
        }
    }

    @Test
    void whileTheJournalCannotBeOpenedCallsWaitInTheQueueAndAreRecordedAfterwards() throws Exception {
        Files.createDirectory(file());
        try (JournalWriter writer = JournalWriter.open(file(), 1 << 20, 1 << 20)) {
            Recording recording = writer.begin(start("early"));
            recording.responseBytes(Chunk.of(new byte[10_000]));
            recording.end(end(0, 10_000));
            TestGateway.await(() -> writer.stats().lastError().isPresent());
            assertThat(writer.stats().open()).isFalse();
            assertThat(writer.stats().lastError().orElseThrow()).contains("cannot be opened");
            Files.delete(file());
            TestGateway.await(() -> writer.stats().recorded() == 1);
            assertThat(writer.stats().open()).isTrue();
        }
        try (Journal journal = Journal.open(file());
                var body = journal.body(1, Direction.RESPONSE)) {
            assertThat(body.readAllBytes()).hasSize(10_000);
        }
    }

    @Test
    void aFullQueueDropsAndCountsAndNeverWaits() throws Exception {
        try (JournalWriter writer = JournalWriter.open(file(), 1_000_000, 1 << 30)) {
            Recording recording = writer.begin(start("a"));
            long began = System.nanoTime();
            for (int i = 0; i < 1_000; i++) {
                recording.responseBytes(Chunk.of(new byte[100_000]));
            }
            recording.end(end(0, 100_000_000));
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
            assertThat(writer.stats().dropped()).isEqualTo(1);
            assertThat(writer.stats().droppedBytes()).isGreaterThan(50_000_000);
        }
        try (Journal journal = Journal.open(file())) {
            CapturedExchange exchange = journal.exchange(journal.pending(1).getFirst());
            assertThat(exchange.outcome()).isEqualTo(Outcome.CAPTURE_DROPPED);
            assertThat(exchange.responseBytes()).isEqualTo(100_000_000);
        }
    }

    /// A disk that is full, as SQLite sees it: no page can be added to the file.
    @Test
    void onAFullDiskTheCallCompletesAndTheDropIsSaid() throws Exception {
        byte[] large = new byte[2_000_000];
        new Random(1).nextBytes(large);
        Connection connection = Sqlite.open(file(), SynchronousMode.NORMAL, 100);
        JournalSchema.ensure(connection);
        Sqlite.execute(connection, "PRAGMA max_page_count = 60");
        JournalWriter writer = JournalWriter.of(connection, 1 << 26, 1 << 26);
        try (FakeProvider provider = new FakeProvider((_, out) -> out.respond(200, List.of(), large));
                TestGateway gateway =
                        new TestGateway(folder, TestGateway.config("anthropic", provider.url(), ""), writer)) {
            for (int i = 0; i < 3; i++) {
                HttpResponse<byte[]> answer = HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(URI.create(gateway.url() + "/v1/messages"))
                                        .POST(HttpRequest.BodyPublishers.ofByteArray(large))
                                        .build(),
                                HttpResponse.BodyHandlers.ofByteArray());
                assertThat(answer.body()).isEqualTo(large);
                assertThat(provider.requests().get(i).body()).isEqualTo(large);
            }
            TestGateway.await(() -> writer.stats().dropped() == 3);
            assertThat(writer.stats().lastError().orElseThrow()).contains("full");
            TestGateway.await(() -> writer.stats().queuedBytes() == 0);

            // Room again: what was dropped is said in the rows, and the next call is recorded whole.
            Sqlite.execute(connection, "PRAGMA max_page_count = 1000000");
            HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(gateway.url() + "/v1/messages/count_tokens"))
                                    .POST(HttpRequest.BodyPublishers.ofString("{}"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofByteArray());
            List<Row> rows = gateway.rows(ExchangeRow.DATASET, 4);
            assertThat(rows.stream().map(r -> RecordedCalls.text(r, "outcome")))
                    .containsExactlyInAnyOrder("capture_dropped", "capture_dropped", "capture_dropped", "completed");
            assertThat(rows.stream().map(r -> RecordedCalls.text(r, "response_bytes")))
                    .containsOnly("2000000");
        }
    }

    @Test
    void afterTheEndAnExchangeHoldsNothing() throws Exception {
        try (JournalWriter writer = JournalWriter.open(file(), 1 << 26, 1 << 26)) {
            IntStream.range(0, 2_000).forEach(i -> {
                Recording recording = writer.begin(start("x" + i));
                recording.requestBytes(Chunk.of(new byte[10_000]));
                recording.end(end(10_000, 0));
                if (i % 100 == 0) {
                    TestGateway.await(() -> writer.stats().queuedBytes() == 0);
                }
            });
            TestGateway.await(() -> writer.stats().recorded() == 2_000);
            TestGateway.await(() -> writer.stats().queuedBytes() == 0);
        }
    }

    /// A journal that stands still: another process holds its lock while calls with 10 KB of headers arrive.
    @Test
    void whileTheJournalStandsStillMemoryIsBoundedAndWhatIsLostIsCounted() throws Exception {
        List<Header> headers = List.of(new Header("x-large", "x".repeat(10_000)));
        try (JournalWriter writer = JournalWriter.open(file(), 1 << 20, 1 << 20);
                Connection other = Sqlite.open(file(), SynchronousMode.NORMAL, 100)) {
            Sqlite.execute(other, "BEGIN IMMEDIATE");
            for (int i = 0; i < 3_000; i++) {
                Recording recording = writer.begin(new ExchangeStart(
                        "y" + i,
                        Instant.now(),
                        "anthropic",
                        "anthropic",
                        "POST",
                        "/v1/messages",
                        headers,
                        Optional.empty()));
                recording.end(end(0, 0));
            }
            assertThat(writer.stats().dropped()).isGreaterThan(2_000);
            assertThat(writer.stats().queuedBytes()).isLessThan(8 << 20);
            Sqlite.execute(other, "ROLLBACK");
            TestGateway.await(() -> writer.stats().recorded() + writer.stats().dropped() == 3_000);
        }
    }

    @Test
    void whoeverOpensANewJournalAtTheSameTimeGetsIt() throws Exception {
        for (int round = 0; round < 10; round++) {
            Path file = folder.resolve("journal-" + round + ".db");
            List<CompletableFuture<Void>> opening = IntStream.range(0, 6)
                    .mapToObj(i ->
                            CompletableFuture.runAsync(() -> Journal.open(file).close()))
                    .toList();
            for (CompletableFuture<Void> each : opening) {
                each.get(30, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void theEventsOfAnAnswerShareAFewBlocks() throws Exception {
        byte[] event = new byte[150];
        try (JournalWriter writer = JournalWriter.open(file(), 1 << 20, 1 << 20);
                Connection other = Sqlite.open(file(), SynchronousMode.NORMAL, 100)) {
            Sqlite.execute(other, "BEGIN IMMEDIATE");
            Recording recording = writer.begin(start("a"));
            for (int i = 0; i < 5_000; i++) {
                recording.responseBytes(Chunk.of(event));
            }
            recording.end(end(0, 750_000));
            assertThat(writer.stats().dropped()).isZero();
            Sqlite.execute(other, "ROLLBACK");
            TestGateway.await(() -> writer.stats().recorded() == 1);
        }
        try (Journal journal = Journal.open(file());
                InputStream in = journal.body(journal.pending(1).getFirst(), Direction.RESPONSE)) {
            assertThat(in.readAllBytes()).hasSize(750_000);
        }
    }

    private Path file() {
        return folder.resolve("journal.db");
    }

    private static ExchangeStart start(String id) {
        return new ExchangeStart(
                id, Instant.now(), "anthropic", "anthropic", "POST", "/v1/messages", List.of(), Optional.empty());
    }

    private static ExchangeEnd end(long request, long response) {
        return new ExchangeEnd(Instant.now(), Outcome.COMPLETED, "upstream", request, response, Optional.empty());
    }
}
