package io.hypaware.lake;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.engine.Engine;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.UnicodeUtil;

/// What a table says of one of its Parquet files, so that readers can leave it out: counts of each column, as the
/// file's footer has them, and the least and largest values of those that queries are narrowed by.
///
/// @param columns by their path in the file
/// @param rowGroups offsets of the row groups, where a reader may split the file
public record FileFacts(long rows, Map<String, Counts> columns, List<Bound> bounds, List<Long> rowGroups) {

    /// Longer bounds help no one and are kept in memory by every reader.
    private static final int BOUND_CHARS = 16;

    /// Of one column.
    public record Counts(long values, long nulls, long bytes) {

        private Counts plus(Counts other) {
            return new Counts(values + other.values, nulls + other.nulls, bytes + other.bytes);
        }
    }

    /// Between what the values of a column are; times in microseconds.
    public record Bound(String column, Object least, Object largest) {}

    public FileFacts {
        columns = Map.copyOf(columns);
        bounds = List.copyOf(bounds);
        rowGroups = List.copyOf(rowGroups);
    }

    /// Reads a file's footer, and the bounds of columns that the dataset has and the file, too.
    public static FileFacts read(Engine engine, Dataset dataset, Path path) throws SQLException {
        Map<String, Counts> columns = new HashMap<>();
        Map<Long, Long> groupRows = new TreeMap<>();
        Map<Long, Long> offsets = new TreeMap<>();
        String footer = """
                SELECT path_in_schema, row_group_id, row_group_num_rows, num_values, stats_null_count,
                  total_compressed_size, coalesce(dictionary_page_offset, data_page_offset)
                FROM parquet_metadata(%s)""".formatted(Engine.literal(path.toString()));
        try (Statement statement = engine.connection().createStatement();
                ResultSet chunk = statement.executeQuery(footer)) {
            while (chunk.next()) {
                columns.merge(
                        chunk.getString(1),
                        new Counts(chunk.getLong(4), chunk.getLong(5), chunk.getLong(6)),
                        Counts::plus);
                groupRows.put(chunk.getLong(2), chunk.getLong(3));
                offsets.merge(chunk.getLong(2), chunk.getLong(7), Math::min);
            }
        }
        long rows = groupRows.values().stream().mapToLong(Long::longValue).sum();
        List<Column> narrowing = dataset.narrowedBy().stream()
                .filter(column -> columns.containsKey(column.name()))
                .toList();
        return new FileFacts(rows, columns, bounds(engine, narrowing, path), List.copyOf(offsets.values()));
    }

    private static List<Bound> bounds(Engine engine, List<Column> columns, Path path) throws SQLException {
        if (columns.isEmpty()) {
            return List.of();
        }
        String values = columns.stream()
                .map(column -> {
                    String name = Engine.identifier(column.name());
                    String value = column.type() == ColumnType.TIMESTAMP ? "epoch_us(" + name + ")" : name;
                    return "min(" + value + "), max(" + value + ")";
                })
                .collect(Collectors.joining(", "));
        List<Bound> bounds = new ArrayList<>();
        try (Statement statement = engine.connection().createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT " + values + " FROM read_parquet(" + Engine.literal(path.toString()) + ")")) {
            row.next();
            for (int i = 0; i < columns.size(); i++) {
                Object least = row.getObject(1 + 2 * i);
                if (least != null) {
                    bounds.add(new Bound(columns.get(i).name(), least, row.getObject(2 + 2 * i)));
                }
            }
        }
        return bounds;
    }

    /// The same by the fields of a table.
    public Metrics metrics(Schema schema) {
        Map<Integer, Long> sizes = new LinkedHashMap<>();
        Map<Integer, Long> values = new LinkedHashMap<>();
        Map<Integer, Long> nulls = new LinkedHashMap<>();
        columns.forEach((path, counts) -> {
            int id = IcebergSchema.fieldId(schema, path);
            sizes.put(id, counts.bytes());
            values.put(id, counts.values());
            nulls.put(id, counts.nulls());
        });
        Map<Integer, ByteBuffer> lower = new HashMap<>();
        Map<Integer, ByteBuffer> upper = new HashMap<>();
        for (Bound bound : bounds) {
            Types.NestedField field = schema.findField(bound.column());
            switch (field.type().typeId()) {
                case STRING -> {
                    lower.put(
                            field.fieldId(),
                            bytes(
                                    field.type(),
                                    UnicodeUtil.truncateStringMin(bound.least().toString(), BOUND_CHARS)));
                    String largest =
                            UnicodeUtil.truncateStringMax(bound.largest().toString(), BOUND_CHARS);
                    if (largest != null) {
                        upper.put(field.fieldId(), bytes(field.type(), largest));
                    }
                }
                default -> {
                    lower.put(field.fieldId(), bytes(field.type(), number(field.type(), bound.least())));
                    upper.put(field.fieldId(), bytes(field.type(), number(field.type(), bound.largest())));
                }
            }
        }
        return new Metrics(rows, sizes, values, nulls, Map.of(), lower, upper);
    }

    private static Object number(Type type, Object value) {
        Number number = (Number) value;
        return switch (type.typeId()) {
            case INTEGER -> number.intValue();
            case DOUBLE -> number.doubleValue();
            default -> number.longValue();
        };
    }

    private static ByteBuffer bytes(Type type, Object value) {
        return Conversions.toByteBuffer(type, value);
    }
}
