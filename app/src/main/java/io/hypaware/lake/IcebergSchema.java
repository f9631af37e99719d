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
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// A dataset as an Iceberg schema, partitioned by the day of its primary time.
final class IcebergSchema {

    static final String PARTITION = "day";

    /// Iceberg keeps the name of [Dataset#ROW_ID] for itself, and engines refuse a table with such a column. Our files
    /// have that name still: their columns are found by id.
    private static final String ROW_ID = "row_id";

    static Schema schema(Dataset dataset) {
        List<Types.NestedField> fields = new ArrayList<>();
        int id = 1;
        // The elements of lists have ids of their own, after those of the columns.
        AtomicInteger elements = new AtomicInteger(dataset.storedColumns().size() + 1);
        for (Column column : dataset.storedColumns()) {
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

    /// The columns of a dataset that a table has, by the ids that they have in its files.
    static Map<Integer, Column> columns(Dataset dataset, Schema schema) {
        Map<Integer, Column> columns = new LinkedHashMap<>();
        for (Column column : dataset.storedColumns()) {
            field(schema, column.name()).ifPresent(field -> columns.put(field.fieldId(), column));
        }
        return columns;
    }

    static PartitionSpec partitions(Dataset dataset, Schema schema) {
        return PartitionSpec.builderFor(schema)
                .day(dataset.primaryTime(), PARTITION)
                .build();
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
    static String fieldIds(Schema schema, Column column) {
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
