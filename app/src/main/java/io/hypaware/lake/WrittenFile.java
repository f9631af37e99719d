package io.hypaware.lake;

import io.hypaware.dataset.Dataset;
import io.hypaware.engine.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.UnicodeUtil;

/// A Parquet file that the engine wrote, with what Iceberg must know of it, read back from its footer.
///
/// @param day days since the epoch, the file's partition
/// @param sorted whether its rows are in the table's order
/// @param rowGroups offsets of the row groups, where a reader may split the file
public record WrittenFile(Path path, int day, boolean sorted, long bytes, Metrics metrics, List<Long> rowGroups) {

    /// Longer bounds help no one and are kept in memory by every reader.
    private static final int BOUND_CHARS = 16;

    /// Reads a file's footer, and the bounds of the columns that queries are narrowed by.
    static WrittenFile of(Engine engine, LakeTable target, Path path, int day, boolean sorted) throws SQLException {
        Dataset dataset = target.dataset();
        Schema schema = target.table().schema();
        Map<Integer, Long> sizes = new HashMap<>();
        Map<Integer, Long> values = new HashMap<>();
        Map<Integer, Long> nulls = new HashMap<>();
        Map<Long, Long> groupRows = new HashMap<>();
        TreeSet<Long> offsets = new TreeSet<>();
        String metadata = """
                SELECT path_in_schema, row_group_id, row_group_num_rows, num_values, stats_null_count,
                  total_compressed_size, coalesce(dictionary_page_offset, data_page_offset)
                FROM parquet_metadata(%s)""".formatted(Engine.literal(path.toString()));
        try (Statement statement = engine.connection().createStatement();
                ResultSet chunk = statement.executeQuery(metadata)) {
            while (chunk.next()) {
                int id = IcebergSchema.fieldId(schema, chunk.getString(1));
                groupRows.put(chunk.getLong(2), chunk.getLong(3));
                values.merge(id, chunk.getLong(4), Long::sum);
                nulls.merge(id, chunk.getLong(5), Long::sum);
                sizes.merge(id, chunk.getLong(6), Long::sum);
                if (id == 1) {
                    offsets.add(chunk.getLong(7));
                }
            }
        }
        Bounds bounds = Bounds.of(engine, dataset, schema, path);
        long rows = groupRows.values().stream().mapToLong(Long::longValue).sum();
        Metrics metrics = new Metrics(rows, sizes, values, nulls, Map.of(), bounds.lower, bounds.upper);
        try {
            return new WrittenFile(path, day, sorted, Files.size(path), metrics, List.copyOf(offsets));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Forces the file and its entry in the folder to disk; to be done before a commit names it.
    public void sync() {
        LocalFiles.sync(path);
        LocalFiles.sync(path.resolveSibling("").toAbsolutePath());
    }

    DataFile toDataFile(Dataset dataset, Table table) {
        return toDataFile(dataset, table, path.toUri().toString());
    }

    /// @param location where it is read
    DataFile toDataFile(Dataset dataset, Table table, String location) {
        PartitionSpec partitions = IcebergSchema.partitions(table);
        PartitionData partition = new PartitionData(partitions.partitionType());
        partition.set(0, day);
        return DataFiles.builder(partitions)
                .withPath(location)
                .withFormat(FileFormat.PARQUET)
                .withPartition(partition)
                .withFileSizeInBytes(bytes)
                .withMetrics(metrics)
                .withSplitOffsets(rowGroups)
                .withSortOrder(sorted ? IcebergSchema.sortOrder(dataset, table) : SortOrder.unsorted())
                .build();
    }

    /// The least and the largest values, by field.
    private static final class Bounds {

        private final Map<Integer, ByteBuffer> lower = new HashMap<>();
        private final Map<Integer, ByteBuffer> upper = new HashMap<>();

        private static Bounds of(Engine engine, Dataset dataset, Schema schema, Path path) throws SQLException {
            List<Types.NestedField> fields = Stream.concat(
                            dataset.clusteredBy().stream(), Stream.of(dataset.primaryTime()))
                    .distinct()
                    .map(schema::findField)
                    .toList();
            String values = fields.stream()
                    .map(field -> {
                        boolean time = field.type().typeId() == Type.TypeID.TIMESTAMP;
                        String name = (time ? "epoch_us(%s)" : "%s").formatted(Engine.identifier(field.name()));
                        return "min(" + name + "), max(" + name + ")";
                    })
                    .collect(Collectors.joining(", "));
            Bounds bounds = new Bounds();
            try (Statement statement = engine.connection().createStatement();
                    ResultSet row = statement.executeQuery(
                            "SELECT " + values + " FROM read_parquet(" + Engine.literal(path.toString()) + ")")) {
                row.next();
                for (int i = 0; i < fields.size(); i++) {
                    bounds.add(fields.get(i), row, 1 + 2 * i);
                }
            }
            return bounds;
        }

        private void add(Types.NestedField field, ResultSet row, int column) throws SQLException {
            if (row.getObject(column) == null) {
                return;
            }
            Type type = field.type();
            switch (type.typeId()) {
                case STRING -> {
                    lower.put(field.fieldId(), text(UnicodeUtil.truncateStringMin(row.getString(column), BOUND_CHARS)));
                    String max = UnicodeUtil.truncateStringMax(row.getString(column + 1), BOUND_CHARS);
                    if (max != null) {
                        upper.put(field.fieldId(), text(max));
                    }
                }
                case INTEGER -> put(field, row.getInt(column), row.getInt(column + 1));
                case DOUBLE -> put(field, row.getDouble(column), row.getDouble(column + 1));
                default -> put(field, row.getLong(column), row.getLong(column + 1));
            }
        }

        private void put(Types.NestedField field, Object least, Object largest) {
            lower.put(field.fieldId(), Conversions.toByteBuffer(field.type(), least));
            upper.put(field.fieldId(), Conversions.toByteBuffer(field.type(), largest));
        }

        private static ByteBuffer text(String text) {
            return Conversions.toByteBuffer(Types.StringType.get(), text);
        }
    }
}
