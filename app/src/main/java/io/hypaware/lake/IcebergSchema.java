package io.hypaware.lake;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.Dataset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// A dataset as an Iceberg schema, partitioned by the day of its primary time.
public final class IcebergSchema {

    static final String PARTITION = "day";

    /// What Iceberg calls the way from a time to its day.
    private static final String DAY = "day";

    /// Iceberg keeps the name of [Dataset#ROW_ID] for itself, and engines refuse a table with such a column. Our files
    /// have that name still: their columns are found by id.
    private static final String ROW_ID = "row_id";

    static Schema schema(Dataset dataset) {
        return schema(dataset.storedColumns());
    }

    /// Columns as fields with ids from 1.
    public static Schema schema(List<Column> columns) {
        List<Types.NestedField> fields = new ArrayList<>();
        int id = 1;
        // The elements of lists have ids of their own, after those of the columns.
        AtomicInteger elements = new AtomicInteger(columns.size() + 1);
        for (Column column : columns) {
            Type type = type(column, elements::getAndIncrement);
            fields.add(
                    column.required()
                            ? Types.NestedField.required(id, fieldName(column.name()), type)
                            : Types.NestedField.optional(id, fieldName(column.name()), type));
            id++;
        }
        return new Schema(fields);
    }

    /// What the table calls a column.
    static String fieldName(String column) {
        return column.equals(Dataset.ROW_ID) ? ROW_ID : column;
    }

    /// A column's field; empty in a table that is older than the column.
    static Optional<Types.NestedField> field(Schema schema, String column) {
        // Tables were made with the name that Iceberg keeps for itself, and have it until they are next written to.
        return Optional.ofNullable(schema.findField(fieldName(column)))
                .or(() -> Optional.ofNullable(schema.findField(column)));
    }

    private static Types.NestedField requiredField(Schema schema, String column) {
        return field(schema, column).orElseThrow(() -> new LakeException("the table has no column " + column));
    }

    /// The columns of a table's files.
    static FileColumns columns(Dataset dataset, Table table) {
        Map<Integer, Column> own = new LinkedHashMap<>();
        for (Column column : dataset.storedColumns()) {
            field(table.schema(), column.name()).ifPresent(field -> own.put(field.fieldId(), column));
        }
        List<Types.NestedField> added = table.schema().columns().stream()
                .filter(field -> !own.containsKey(field.fieldId()))
                .toList();
        return new FileColumns(own, added, table.properties().containsKey(TableProperties.DEFAULT_NAME_MAPPING));
    }

    public static PartitionSpec partitions(Dataset dataset, Schema schema) {
        return PartitionSpec.builderFor(schema)
                .day(dataset.primaryTime(), PARTITION)
                .build();
    }

    /// Whether files have one day each, as ours do.
    static boolean isByDay(PartitionSpec spec) {
        return spec.fields().size() == 1
                && spec.fields().getFirst().transform().toString().equals(DAY);
    }

    /// How our files are partitioned; another engine may have given the table a newer way, for what is written to it
    /// there.
    static PartitionSpec partitions(Table table) {
        return table.specs().values().stream()
                .filter(IcebergSchema::isByDay)
                .findFirst()
                .orElseThrow(() -> new LakeException(table.name() + " has no partitions by day"));
    }

    /// The order that our files are in, as the table knows it; none if another engine has made it forget that.
    static SortOrder sortOrder(Dataset dataset, Table table) {
        SortOrder ours = sortOrder(dataset, table.schema());
        return table.sortOrders().values().stream()
                .filter(order -> order.sameOrder(ours))
                .findFirst()
                .orElse(SortOrder.unsorted());
    }

    static SortOrder sortOrder(Dataset dataset, Schema schema) {
        SortOrder.Builder order = SortOrder.builderFor(schema);
        dataset.clusteredBy().forEach(order::asc);
        return order.build();
    }

    /// @param elementId gives the next id, for a list's element
    static Type type(Column column, IntSupplier elementId) {
        return switch (column.type()) {
            case STRING, JSON -> Types.StringType.get();
            case INT -> Types.IntegerType.get();
            case LONG -> Types.LongType.get();
            case DOUBLE -> Types.DoubleType.get();
            case BOOLEAN -> Types.BooleanType.get();
            case TIMESTAMP -> Types.TimestampType.withZone();
            case BINARY -> Types.BinaryType.get();
            case STRINGS -> Types.ListType.ofOptional(elementId.getAsInt(), Types.StringType.get());
            case LONGS -> Types.ListType.ofOptional(elementId.getAsInt(), Types.LongType.get());
            case DOUBLES -> Types.ListType.ofOptional(elementId.getAsInt(), Types.DoubleType.get());
        };
    }

    /// The column's ids as the engine's `FIELD_IDS` takes them.
    public static String fieldIds(Schema schema, Column column) {
        Types.NestedField field = requiredField(schema, column.name());
        return field.type().isListType()
                ? "{__duckdb_field_id: " + field.fieldId() + ", element: "
                        + field.type().asListType().elementId() + "}"
                : Integer.toString(field.fieldId());
    }

    /// The id of the field that a Parquet path such as `name` or `name, list, element` leads to.
    static int fieldId(Schema schema, String parquetPath) {
        String[] path = parquetPath.split(", ", -1);
        Types.NestedField field = requiredField(schema, path[0]);
        return path.length > 1 && field.type().isListType()
                ? field.type().asListType().elementId()
                : field.fieldId();
    }

    private IcebergSchema() {}
}
