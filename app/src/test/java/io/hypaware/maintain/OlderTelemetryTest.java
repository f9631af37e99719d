package io.hypaware.maintain;

import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.lake.LocalFiles;
import io.hypaware.testing.Queries;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Telemetry that HypAware for Node recorded is rows of the same datasets, with what ours have besides left out.
class OlderTelemetryTest {

    @TempDir
    private Path home;

    @Tag("slow")
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

    /// As the older program keeps what it has flushed: a table of format 3, in which JSON is a variant.
    @Test
    void olderTablesAreAdoptedWholeAndOnce() throws Exception {
        Path cache = home.resolve("hypaware/cache");
        String logs = "SELECT 'l' || i AS _hyp_cache_row_id, 'shop' AS serviceName,"
                + " TIMESTAMPTZ '2026-02-01 10:00:00.123456+00' + to_seconds(i) AS timestamp, i %% 24 AS severityNumber,"
                + " ('said ' || i)::VARIANT AS body, {'session.id': 's-' || i %% 7, 'n': i}::VARIANT AS attributes,"
                + " {'service.name': 'shop'}::VARIANT AS resource, 'scope' AS scope_name FROM range(%d, %d) t(i)";
        // Ten of them are in both files.
        table(cache, "logs", List.of(logs.formatted(0, 1_500), logs.formatted(1_490, 2_500)));
        table(cache, "traces", List.of("""
                SELECT 't1' AS _hyp_cache_row_id, 'shop' AS serviceName, '5b8efff798038103d269b633813fc60c' AS traceId,
                  'eee19b7ec3c1b174' AS spanId, 'sell' AS name, 3 AS kind, 1500.25 AS durationMs,
                  TIMESTAMPTZ '2026-02-01 10:00:00.000001+00' AS startTimestamp,
                  TIMESTAMPTZ '2026-02-01 10:00:01.500251+00' AS endTimestamp,
                  {'code': 2, 'message': NULL}::VARIANT AS status, [{'name': 'e'}]::VARIANT AS events"""));
        table(cache, "metrics", List.of("""
                SELECT 'm1' AS _hyp_cache_row_id, 'shop' AS serviceName, 'calls' AS metricName, 'sum' AS metricType,
                  true AS isMonotonic, 2 AS aggregationTemporality, 9007199254740993 AS valueInt, 'int' AS valueType,
                  TIMESTAMPTZ '2026-02-01 10:00:00+00' AS timestamp
                UNION ALL BY NAME
                SELECT 'm2' AS _hyp_cache_row_id, 'shop' AS serviceName, 'took' AS metricName, 'histogram' AS metricType,
                  2 AS aggregationTemporality, 3 AS count, 7.5 AS sum, [1, 2]::VARIANT AS bucketCounts,
                  [5.0]::VARIANT AS explicitBounds, TIMESTAMPTZ '2026-02-01 10:00:01+00' AS timestamp"""));

        for (int day = 3; day < 5; day++) {
            Report report = Ticks.at(Instant.parse("2026-02-0" + day + "T10:00:00Z"), cache);
            assertThat(report.failed()).isEmpty();
            assertThat(Queries.values(
                            cache,
                            "select (count(*), count(distinct body ->> '$'), sum(severityNumber),"
                                    + " count(*) filter (received_at = timestamp), min(timestamp), count(distinct session_id),"
                                    + " sum((attributes ->> 'n')::int), max(scope_name))::varchar from logs"))
                    .containsExactly("(2500, 2500, %d, 2500, '2026-02-01 10:00:00.123456+00', 7, %d, scope)"
                            .formatted(
                                    IntStream.range(0, 2_500).map(i -> i % 24).sum(), 2_500 * 2_499 / 2));
            assertThat(
                            Queries.values(
                                    cache,
                                    "select (received_at, endTimestamp, spanId, kind, durationMs, status ->> 'code', events ->> '$[0].name')::varchar from traces"))
                    .containsExactly(
                            "('2026-02-01 10:00:00.000001+00', '2026-02-01 10:00:01.500251+00', eee19b7ec3c1b174, 3, 1500.25, 2, e)");
            assertThat(Queries.values(
                            cache,
                            "select (metricName, isMonotonic, valueInt, count, sum, bucketCounts::varchar, explicitBounds ->> '$[0]')::varchar"
                                    + " from metrics order by received_at"))
                    .containsExactly(
                            "(calls, true, 9007199254740993, NULL, NULL, NULL, NULL)",
                            "(took, NULL, NULL, 3, 7.5, '[1,2]', 5.0)");
        }
    }

    private static final Map<String, Type> TYPES = types();

    private static Map<String, Type> types() {
        Map<String, Type> types = new LinkedHashMap<>();
        for (String json :
                List.of("body", "attributes", "resource", "status", "events", "bucketCounts", "explicitBounds")) {
            types.put(json, Types.VariantType.get());
        }
        for (String time : List.of("timestamp", "startTimestamp", "endTimestamp")) {
            types.put(time, Types.TimestampType.withZone());
        }
        for (String number : List.of("severityNumber", "kind", "aggregationTemporality")) {
            types.put(number, Types.IntegerType.get());
        }
        for (String number : List.of("valueInt", "count")) {
            types.put(number, Types.LongType.get());
        }
        for (String number : List.of("durationMs", "sum")) {
            types.put(number, Types.DoubleType.get());
        }
        types.put("isMonotonic", Types.BooleanType.get());
        return types;
    }

    /// A table with a data file, and a snapshot, for each query.
    private void table(Path cache, String dataset, List<String> queries) throws Exception {
        Path partition = cache.resolve("datasets/" + dataset + "/all");
        Path folder = Files.createDirectories(partition.resolve("table-1")).toRealPath();
        Files.writeString(
                partition.resolve("cursor.json"),
                "{\"epoch\":0,\"rowCount\":null,\"compaction\":null,\"layout\":\"source-table\",\"tableDir\":\"table-1\"}");
        Files.createDirectories(folder.resolve("data"));
        try (Connection engine = DriverManager.getConnection("jdbc:duckdb:");
                Statement sql = engine.createStatement();
                JdbcCatalog catalog = new JdbcCatalog(_ -> new LocalFiles(), null, true)) {
            catalog.initialize(
                    "older",
                    Map.of(
                            CatalogProperties.URI,
                            "jdbc:sqlite:" + home.resolve(dataset + ".db"),
                            CatalogProperties.WAREHOUSE_LOCATION,
                            home.toUri().toString()));
            catalog.createNamespace(Namespace.of("older"));
            List<Types.NestedField> fields = new ArrayList<>();
            try (ResultSet columns = sql.executeQuery("DESCRIBE " + queries.getFirst())) {
                while (columns.next()) {
                    String name = columns.getString(1);
                    fields.add(Types.NestedField.optional(
                            fields.size() + 1, name, TYPES.getOrDefault(name, Types.StringType.get())));
                }
            }
            Table table = catalog.createTable(
                    TableIdentifier.of("older", dataset),
                    new Schema(fields),
                    PartitionSpec.unpartitioned(),
                    folder.toUri().toString().replaceAll("/$", ""),
                    Map.of(TableProperties.FORMAT_VERSION, "3"));
            String columns = fields.stream()
                    .map(field -> "\"" + field.name() + "\"::" + sqlType(field.type()) + " AS \"" + field.name() + "\"")
                    .collect(Collectors.joining(", "));
            String ids = fields.stream()
                    .map(field -> "\"" + field.name() + "\": " + field.fieldId())
                    .collect(Collectors.joining(", "));
            for (int i = 0; i < queries.size(); i++) {
                Path file = folder.resolve("data/" + i + ".parquet");
                sql.execute("COPY (SELECT " + columns + " FROM (" + queries.get(i) + ")) TO '" + file
                        + "' (FORMAT parquet, FIELD_IDS {" + ids + "})");
                long rows;
                try (ResultSet count = sql.executeQuery("SELECT count(*) FROM (" + queries.get(i) + ")")) {
                    count.next();
                    rows = count.getLong(1);
                }
                table.newAppend()
                        .appendFile(DataFiles.builder(table.spec())
                                .withPath(file.toUri().toString())
                                .withFormat(FileFormat.PARQUET)
                                .withFileSizeInBytes(Files.size(file))
                                .withRecordCount(rows)
                                .build())
                        .commit();
            }
        }
    }

    private static String sqlType(Type type) {
        return switch (type.typeId()) {
            case VARIANT -> "VARIANT";
            case TIMESTAMP -> "TIMESTAMPTZ";
            case INTEGER -> "INTEGER";
            case LONG -> "BIGINT";
            case DOUBLE -> "DOUBLE";
            case BOOLEAN -> "BOOLEAN";
            default -> "VARCHAR";
        };
    }

    private static void spool(Path cache, String dataset, String rows) throws Exception {
        Path folder = Files.createDirectories(cache.resolve("datasets/" + dataset + "/all/_hypaware_spool"));
        Files.writeString(
                folder.resolve("active.jsonl"),
                "{\"version\":1,\"columns\":[],\"rows\":[" + rows.replace("\n", "") + "]}\n");
    }
}
