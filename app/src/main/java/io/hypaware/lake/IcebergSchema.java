package io.hypaware.lake;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.Dataset;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// A dataset as an Iceberg schema, partitioned by the day of its primary time.
final class IcebergSchema {

    static final String PARTITION = "day";

    static Schema schema(Dataset dataset) {
        List<Types.NestedField> fields = new ArrayList<>();
        int id = 1;
        for (Column column : dataset.storedColumns()) {
            fields.add(
                    column.required()
                            ? Types.NestedField.required(id, column.name(), type(column))
                            : Types.NestedField.optional(id, column.name(), type(column)));
            id++;
        }
        return new Schema(fields);
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

    static Type type(Column column) {
        return switch (column.type()) {
            case STRING, JSON -> Types.StringType.get();
            case INT -> Types.IntegerType.get();
            case LONG -> Types.LongType.get();
            case BOOLEAN -> Types.BooleanType.get();
            case TIMESTAMP -> Types.TimestampType.withZone();
            case BINARY -> Types.BinaryType.get();
        };
    }

    private IcebergSchema() {}
}
