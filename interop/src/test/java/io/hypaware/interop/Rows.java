package io.hypaware.interop;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;

/// The rows of a table as an engine sees them, each as a text of all its values, to compare engines by.
final class Rows {

    static List<String> spark(Spark spark, Dataset dataset) throws IOException {
        String columns = columns(
                dataset,
                Rows::tableName,
                "`",
                Map.of(
                        ColumnType.TIMESTAMP,
                        "unix_micros(%s)",
                        ColumnType.BINARY,
                        "hex(%s)",
                        ColumnType.DOUBLE,
                        "cast(%s AS string)"));
        List<String> rows = new ArrayList<>();
        for (JsonNode row : spark.rows("SELECT " + columns + " FROM hypaware.hypaware." + dataset.name())) {
            Map<String, String> values = new TreeMap<>();
            for (Column column : dataset.storedColumns()) {
                JsonNode value = row.path(column.name());
                if (!value.isMissingNode()) {
                    values.put(column.name(), text(column, value.asText()));
                }
            }
            rows.add(values.toString());
        }
        return rows.stream().sorted().toList();
    }

    /// By a DuckDB that knows nothing of Iceberg, from files that only HypAware has written.
    static List<String> duckDb(List<String> files, Dataset dataset) throws SQLException {
        String columns = columns(
                dataset,
                UnaryOperator.identity(),
                "\"",
                Map.of(ColumnType.TIMESTAMP, "epoch_us(%s)", ColumnType.BINARY, "hex(%s)"));
        String list = files.stream().map(file -> "'" + file + "'").collect(Collectors.joining(", "));
        List<String> rows = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT " + columns + " FROM read_parquet([" + list + "], union_by_name = true)")) {
            while (row.next()) {
                Map<String, String> values = new TreeMap<>();
                for (Column column : dataset.storedColumns()) {
                    Object value = row.getObject(column.name());
                    if (value != null) {
                        values.put(column.name(), text(column, value.toString()));
                    }
                }
                rows.add(values.toString());
            }
        }
        return rows.stream().sorted().toList();
    }

    static List<String> generic(Table table, Dataset dataset) throws IOException {
        List<String> rows = new ArrayList<>();
        try (CloseableIterable<Record> records = IcebergGenerics.read(table).build()) {
            for (Record row : records) {
                Map<String, String> values = new TreeMap<>();
                for (Column column : dataset.storedColumns()) {
                    Object value = row.getField(tableName(column.name()));
                    if (value != null) {
                        values.put(column.name(), text(column, generic(value)));
                    }
                }
                rows.add(values.toString());
            }
        }
        return rows.stream().sorted().toList();
    }

    private static String generic(Object value) {
        return switch (value) {
            case OffsetDateTime time -> Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, time.toInstant()));
            case ByteBuffer bytes -> {
                byte[] copy = new byte[bytes.remaining()];
                bytes.duplicate().get(copy);
                yield HexFormat.of().withUpperCase().formatHex(copy);
            }
            default -> value.toString();
        };
    }

    private static String text(Column column, String value) {
        return column.type() == ColumnType.DOUBLE ? Double.toString(Double.parseDouble(value)) : value;
    }

    private static String tableName(String column) {
        return column.equals(Dataset.ROW_ID) ? "row_id" : column;
    }

    private static String columns(
            Dataset dataset, UnaryOperator<String> name, String quote, Map<ColumnType, String> forms) {
        return dataset.storedColumns().stream()
                .map(column ->
                        forms.getOrDefault(column.type(), "%s").formatted(quote + name.apply(column.name()) + quote)
                                + " AS " + quote + column.name() + quote)
                .collect(Collectors.joining(", "));
    }

    private Rows() {}
}
