package io.hypaware.maintain;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.testing.Queries;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Telemetry that HypAware for Node recorded is rows of the same datasets, with what ours have besides left out.
class OlderTelemetryTest {

    @TempDir
    private Path home;

    @Test
    void olderLogsTracesAndMetricsAreAdopted() throws Exception {
        Path cache = home.resolve("hypaware/cache");
        spool(cache, "logs", """
                {"_hyp_cache_row_id":"l1","serviceName":"shop","timestamp":"2026-02-01T10:00:00.123Z","severityNumber":9,
                 "body":"said","flags":1,"resource":{"service.name":"shop"},"attributes":{"session.id":"s-1","n":1}},
                {"_hyp_cache_row_id":"l2","serviceName":"shop","timestamp":null,
                 "observedTimestamp":"2026-02-02T10:00:00.000Z","body":{"a":[1]}},
                {"_hyp_cache_row_id":"l1","serviceName":"shop","timestamp":"2026-02-01T10:00:00.123Z","body":"said"}""");
        spool(cache, "traces", """
                {"serviceName":"shop","traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"sell",
                 "kind":3,"startTimestamp":"2026-02-01T10:00:00.000Z","endTimestamp":"2026-02-01T10:00:01.500Z","durationMs":1500,
                 "status":{"code":2,"message":null},"events":[{"name":"e"}],"links":null}""");
        spool(cache, "metrics", """
                {"serviceName":"shop","metricName":"m","metricType":"sum","isMonotonic":true,"aggregationTemporality":2,
                 "timestamp":"2026-02-01T10:00:00.000Z","valueInt":"7","valueType":"int","count":null}""");

        Report report = Ticks.at(Instant.parse("2026-02-03T10:00:00Z"), cache);

        assertThat(report.failed()).isEmpty();
        assertThat(Queries.values(
                        cache,
                        "select (received_at, timestamp, serviceName, severityNumber, body, flags, session_id,"
                                + " attributes ->> 'n', time_unix_nano)::VARCHAR from logs order by received_at"))
                .containsExactly(
                        "('2026-02-01 10:00:00.123+00', '2026-02-01 10:00:00.123+00', shop, 9, '\"said\"', 1, s-1, 1, NULL)",
                        "('2026-02-02 10:00:00+00', NULL, shop, NULL, '{\"a\":[1]}', NULL, NULL, NULL, NULL)");
        assertThat(Queries.values(
                        cache,
                        "select (received_at, spanId, kind, durationMs, status ->> 'code', events ->> '$[0].name')::VARCHAR"
                                + " from traces"))
                .containsExactly("('2026-02-01 10:00:00+00', eee19b7ec3c1b174, 3, 1500.0, 2, e)");
        assertThat(
                        Queries.values(
                                cache,
                                "select (received_at, metricName, isMonotonic, aggregationTemporality, valueInt)::VARCHAR from metrics"))
                .containsExactly("('2026-02-01 10:00:00+00', m, true, 2, 7)");
    }

    private static void spool(Path cache, String dataset, String rows) throws Exception {
        Path folder = Files.createDirectories(cache.resolve("datasets/" + dataset + "/all/_hypaware_spool"));
        Files.writeString(
                folder.resolve("active.jsonl"),
                "{\"version\":1,\"columns\":[],\"rows\":[" + rows.replace("\n", "") + "]}\n");
    }
}
