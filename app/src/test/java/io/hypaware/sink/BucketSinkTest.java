package io.hypaware.sink;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Cache;
import io.hypaware.journal.SinkLedger;
import io.hypaware.store.S3Bucket;
import io.hypaware.testing.Configs;
import io.hypaware.testing.ExportedTables;
import io.hypaware.testing.FaultyProxy;
import io.hypaware.testing.FaultyProxy.Fate;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.S3Server;
import io.hypaware.testing.SinkEnvironments;
import io.hypaware.testing.Trees;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rows in a bucket, of a server that speaks S3 and a network in trouble before it.
class BucketSinkTest {

    private static final Instant NOW = Instant.parse("2026-03-02T10:00:20Z");

    private static final String PARQUET = "@hypaware/format-parquet";
    private static final String ICEBERG = "@hypaware/format-iceberg";

    @TempDir
    private Path home;

    private Cache cache;
    private RecordedCalls calls;
    private S3Server server;
    private String bucket;

    @BeforeEach
    void open() throws Exception {
        S3Server.useCredentials();
        server = S3Server.get();
        bucket = server.bucket();
        cache = new Cache(home.resolve("hypaware/cache"));
        calls = new RecordedCalls(cache.folder());
        for (String session : List.of("one", "two", "three")) {
            calls.call()
                    .session(session)
                    .messages(message("user", "question " + session))
                    .answer("answer")
                    .record();
        }
        calls.settle();
    }

    private String sink(String name, String writer, int port) {
        return """
                "%s": {"writer": "%s", "destination": "@hypaware/s3", "config": {"bucket": "%s",
                  "endpoint_url": "http://127.0.0.1:%d", "force_path_style": true, "batch_rows": 3,
                  "datasets": ["ai_gateway_messages"]}}""".formatted(name, writer, bucket, port);
    }

    private List<Sinks.Ran> run(String... sinks) throws Exception {
        return new Sinks(Configs.withSinks("{" + String.join(", ", sinks) + "}"), SinkEnvironments.at(NOW, cache))
                .force(Optional.empty());
    }

    private void assertAllOnceInFiles() throws Exception {
        try (var engine = DriverManager.getConnection("jdbc:duckdb:");
                var statement = engine.createStatement();
                ResultSet row = statement.executeQuery("select count(*) || ' ' || count(distinct part_id)"
                        + " from read_parquet('" + server.files(bucket) + "/ai_gateway_messages/date=*/*.parquet')")) {
            row.next();
            assertThat(row.getString(1)).isEqualTo("6 6");
        }
    }

    private void assertAllOnceInTable() throws Exception {
        try (S3Bucket direct = S3Bucket.open(S3Server.config(bucket, "", server.port()))) {
            assertThat(ExportedTables.read(
                            direct,
                            "ai_gateway_messages",
                            home,
                            "select count(*) || ' ' || count(distinct part_id)",
                            ""))
                    .containsExactly("6 6");
        }
    }

    @Test
    void bothFormsGoToABucketAndNoKeyIsWrittenDown() throws Exception {
        assertThat(run(sink("files", PARQUET, server.port()), sink("tables", ICEBERG, server.port())))
                .extracting(Sinks.Ran::error)
                .containsExactly("", "");
        assertAllOnceInFiles();
        assertAllOnceInTable();
        assertThat(run(sink("files", PARQUET, server.port()), sink("tables", ICEBERG, server.port())))
                .extracting(ran -> ran.outcome().orElseThrow().text())
                .allMatch(text -> text.startsWith("0 rows"));
        assertThat(Trees.filesWith(home, S3Server.SECRET_KEY)).isEmpty();
        assertThat(Trees.filesWith(server.files(bucket), S3Server.SECRET_KEY)).isEmpty();
    }

    @Tag("slow")
    @Test
    void aNetworkInTroubleLosesAndDoublesNothing() throws Exception {
        AtomicInteger puts = new AtomicInteger();
        Function<String, Fate> trouble = line -> !line.startsWith("PUT ")
                ? new Fate.Passed()
                : switch (puts.incrementAndGet() % 4) {
                    case 1 -> new Fate.CutAfter(200);
                    case 2 -> new Fate.AnswerLost();
                    case 3 -> new Fate.Answered(503, "Retry-After: 1\r\n", "<Error><Code>SlowDown</Code></Error>");
                    default -> new Fate.Passed();
                };
        try (FaultyProxy proxy = new FaultyProxy(server.port(), trouble)) {
            String files = sink("files", PARQUET, proxy.port());
            String tables = sink("tables", ICEBERG, proxy.port());
            List<Sinks.Ran> ran = run(files, tables);
            for (int again = 0;
                    again < 5 && ran.stream().anyMatch(one -> !one.error().isEmpty());
                    again++) {
                ran = run(files, tables);
            }
            assertThat(ran).extracting(Sinks.Ran::error).containsExactly("", "");
        }
        assertAllOnceInFiles();
        assertAllOnceInTable();
    }

    @Test
    void aBucketThatIsThrottledIsLeftAloneAndStopsNoOther() throws Exception {
        try (FaultyProxy proxy = new FaultyProxy(
                server.port(),
                _ -> new Fate.Answered(503, "Retry-After: 7200\r\n", "<Error><Code>SlowDown</Code></Error>"))) {
            List<Sinks.Ran> ran = run(sink("a", ICEBERG, proxy.port()), sink("b", PARQUET, server.port()));
            assertThat(ran.getFirst().error()).startsWith("s3_throttled: ");
            assertThat(ran.getLast().error()).isEmpty();
        }
        try (SinkLedger ledger = SinkLedger.openExisting(cache.journal()).orElseThrow()) {
            assertThat(ledger.state("a").next().orElseThrow()).isEqualTo(NOW.plusSeconds(7_200));
            assertThat(ledger.state("a").error()).doesNotContain(S3Server.ACCESS_KEY);
        }
    }

    @Test
    void whatCannotBeReachedHasItsKind() throws Exception {
        String missing = sink("a", PARQUET, server.port()).replace(bucket, "no-such-bucket");
        String unknown = sink("b", PARQUET, server.port())
                .replace("\"force_path_style\"", "\"profile\": \"no-such-profile\", \"force_path_style\"");
        assertThat(run(missing, unknown).stream().map(Sinks.Ran::error))
                .satisfiesExactly(
                        one -> assertThat(one).startsWith("s3_bucket_missing: "),
                        other -> assertThat(other).startsWith("s3_credentials_missing: "));
    }
}
