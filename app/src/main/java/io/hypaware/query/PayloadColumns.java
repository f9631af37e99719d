package io.hypaware.query;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.engine.Engine;
import io.hypaware.payload.Payload;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBDataChunkReader;
import org.duckdb.DuckDBFunctions;
import org.duckdb.DuckDBReadableVector;
import org.duckdb.DuckDBScalarFunction;
import org.duckdb.DuckDBWritableVector;

/// Puts the values of payload columns in place of their hashes, in one of three ways.
///
/// Where a statement only shows them, the engine sorts and filters hashes, and [QueryResult] reads the values of the
/// rows that are left. Where it computes with them and they are few, they are joined. Where they are many, a
/// function reads them as the rows come by.
final class PayloadColumns {

    /// More distinct values than this are read as they come by.
    private static final int MOST_JOINED = 2_000;

    /// Of the engine's memory, for values that are joined.
    private static final int JOINED_SHARE = 4;

    /// They pass through this process's own memory.
    private static final long MOST_JOINED_BYTES = 32L << 20;

    /// Values that are read at a time as rows come by.
    private static final long BATCH_BYTES = 16L << 20;

    private static final String TEXT_FUNCTION = "hyp_payload_text";
    private static final String BASE64_FUNCTION = "hyp_payload_base64";

    private final Engine engine;
    private final PayloadReader payloads;
    private final boolean onlyShown;
    private final String marker;
    private boolean registered;
    private int restrictions;

    /// An expression for a column, and the join that it needs.
    record Expression(String sql, Optional<String> join) {}

    PayloadColumns(Engine engine, PayloadReader payloads, boolean onlyShown) {
        this.engine = engine;
        this.payloads = payloads;
        this.onlyShown = onlyShown;
        byte[] secret = new byte[12];
        new SecureRandom().nextBytes(secret);
        this.marker = "\uE000" + HexFormat.of().formatHex(secret) + ":";
    }

    PayloadReader payloads() {
        return payloads;
    }

    /// What a shown hash stands behind.
    String marker() {
        return marker;
    }

    /// The column's value, over the rows `s` of `stored_<dataset>`.
    Expression expression(Dataset dataset, Column column) throws SQLException, QueryException {
        String stored = "s." + Engine.identifier(column.name());
        boolean binary = column.type() == ColumnType.BINARY;
        String hash = hash(stored, binary);
        if (onlyShown) {
            String shown = Engine.literal(marker) + " || " + hash;
            return new Expression(
                    "CASE WHEN regexp_full_match(" + hash + ", '[0-9a-f]{64}') THEN "
                            + (binary ? "encode(" + shown + ")" : shown) + " ELSE " + stored + " END",
                    Optional.empty());
        }
        Optional<List<String>> few = fewHashes(dataset, hash);
        if (few.isPresent()) {
            String table = "values_" + dataset.name() + "_" + column.name();
            load(table, few.get(), binary);
            return new Expression(
                    "coalesce(" + table + ".value, " + stored + ")",
                    Optional.of("LEFT JOIN " + table + " ON " + table + ".hash = " + hash));
        }
        return read(hash, stored, binary);
    }

    /// The column's value over rows `s` that hold what is stored, read as they come by.
    Expression asTheyCome(Column column) throws SQLException {
        String stored = "s." + Engine.identifier(column.name());
        boolean binary = column.type() == ColumnType.BINARY;
        return read(hash(stored, binary), stored, binary);
    }

    /// The hash that a column holds. What is not text is none, and must not be an error.
    static String hash(String stored, boolean binary) {
        return binary ? "CASE WHEN octet_length(" + stored + ") = 64 THEN TRY(decode(" + stored + ")) END" : stored;
    }

    private Expression read(String hash, String stored, boolean binary) throws SQLException {
        register();
        String value = binary ? "from_base64(" + BASE64_FUNCTION + "(" + hash + "))" : TEXT_FUNCTION + "(" + hash + ")";
        return new Expression("coalesce(" + value + ", " + stored + ")", Optional.empty());
    }

    /// Rows whose value may meet a condition, as a condition on what is stored: the values are tested once each.
    Optional<String> restriction(Dataset dataset, Column column, Expression value, String condition) {
        String name = Engine.identifier(column.name());
        String kept = "kept_" + restrictions++;
        try {
            engine.execute("CREATE TABLE " + kept + " AS SELECT ref FROM (SELECT s." + name + " AS ref, " + value.sql()
                    + " AS " + name + " FROM (SELECT DISTINCT " + name + " FROM stored_" + dataset.name() + ") s "
                    + value.join().orElse("") + ") WHERE " + condition);
            String some = "s." + name + " IN (SELECT ref FROM " + kept + ")";
            boolean none = !engine.strings("SELECT 1 FROM " + kept + " WHERE ref IS NULL")
                    .isEmpty();
            return Optional.of(none ? "(s." + name + " IS NULL OR " + some + ")" : some);
        } catch (SQLException e) {
            // A value that the query may never come to fails it; then each row is tested, as it says.
            return Optional.empty();
        }
    }

    /// The payloads that the column refers to, if they are few and small enough to be joined.
    private Optional<List<String>> fewHashes(Dataset dataset, String hash) throws SQLException, QueryException {
        List<String> found = engine.strings("SELECT DISTINCT h FROM (SELECT " + hash + " AS h FROM stored_"
                + dataset.name() + " s) WHERE strlen(h) = 64 LIMIT " + (MOST_JOINED + 1));
        List<String> hashes = found.stream().filter(Payload::isHash).toList();
        if (hashes.size() > MOST_JOINED) {
            return Optional.empty();
        }
        Map<String, Long> sizes = payloads.sizes(hashes);
        long bytes = sizes.values().stream().mapToLong(Long::longValue).sum();
        return bytes > Math.min(MOST_JOINED_BYTES, engine.memoryBytes() / JOINED_SHARE)
                ? Optional.empty()
                : Optional.of(List.copyOf(sizes.keySet()));
    }

    private void load(String table, List<String> hashes, boolean binary) throws SQLException, QueryException {
        engine.execute("CREATE TABLE " + table + " (hash VARCHAR, value " + (binary ? "BLOB" : "VARCHAR") + ")");
        try (DuckDBAppender rows = engine.connection().createAppender(table)) {
            for (Map.Entry<String, byte[]> value : payloads.values(hashes).entrySet()) {
                rows.beginRow();
                rows.append(value.getKey());
                if (binary) {
                    rows.append(value.getValue());
                } else {
                    rows.append(new String(value.getValue(), StandardCharsets.UTF_8));
                }
                rows.endRow();
            }
        }
    }

    private void register() throws SQLException {
        if (!registered) {
            registered = true;
            register(TEXT_FUNCTION, bytes -> bytes);
            register(BASE64_FUNCTION, bytes -> Base64.getEncoder().encode(bytes));
        }
    }

    @FunctionalInterface
    private interface Encoding {
        byte[] encode(byte[] value);
    }

    private void register(String name, Encoding encoding) throws SQLException {
        Connection connection = engine.connection();
        DuckDBScalarFunction function = (hashes, values) -> read(hashes, values, encoding);
        try (var builder = DuckDBFunctions.scalarFunction()) {
            builder.withName(name)
                    .withParameter(DuckDBColumnType.VARCHAR)
                    .withReturnType(DuckDBColumnType.VARCHAR)
                    .withVectorizedFunction(function)
                    .register(connection);
        }
    }

    /// Reads the values of one batch of rows, some megabytes at a time; what is not a payload is null.
    private void read(DuckDBDataChunkReader hashes, DuckDBWritableVector values, Encoding encoding)
            throws QueryException {
        DuckDBReadableVector column = hashes.vector(0);
        int count = Math.toIntExact(hashes.rowCount());
        List<String> wanted = new ArrayList<>(count);
        for (int row = 0; row < count; row++) {
            wanted.add(column.isNull(row) ? "" : column.getString(row));
        }
        Map<String, Long> sizes = payloads.sizes(
                wanted.stream().filter(Payload::isHash).distinct().toList());
        long all =
                wanted.stream().mapToLong(hash -> sizes.getOrDefault(hash, 0L)).sum();
        if (all > engine.memoryBytes()) {
            throw new QueryException("Out of Memory: payloads of one batch of rows");
        }
        int begin = 0;
        while (begin < count) {
            int end = begin;
            long bytes = 0;
            while (end < count && (end == begin || bytes < BATCH_BYTES)) {
                bytes += sizes.getOrDefault(wanted.get(end), 0L);
                end++;
            }
            write(wanted.subList(begin, end), begin, sizes, values, encoding);
            begin = end;
        }
    }

    private void write(
            List<String> wanted, int begin, Map<String, Long> sizes, DuckDBWritableVector values, Encoding encoding)
            throws QueryException {
        Map<String, byte[]> found = payloads.values(
                wanted.stream().filter(sizes::containsKey).distinct().toList());
        Map<String, byte[]> encoded = new HashMap<>();
        found.forEach((hash, value) -> encoded.put(hash, encoding.encode(value)));
        for (int row = 0; row < wanted.size(); row++) {
            byte[] value = encoded.get(wanted.get(row));
            if (value == null) {
                values.setNull(begin + row);
            } else {
                values.setStringUtf8Batch(begin + row, new byte[][] {value});
            }
        }
    }
}
