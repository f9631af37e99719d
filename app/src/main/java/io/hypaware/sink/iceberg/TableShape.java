package io.hypaware.sink.iceberg;

import io.hypaware.dataset.Dataset;
import io.hypaware.lake.IcebergSchema;
import io.hypaware.lake.stored.TableCommits;
import io.hypaware.store.StoreException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Schema;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.mapping.MappingUtil;
import org.apache.iceberg.mapping.NameMappingParser;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// What a table has to be like to take a dataset's rows: columns, and the day as its partition.
final class TableShape {

    private final Dataset dataset;
    private final Schema schema;

    TableShape(Dataset dataset) {
        this.dataset = dataset;
        this.schema = IcebergSchema.schema(dataset.columns());
    }

    /// Whether the place is free, or has a table that takes our rows.
    boolean isOurs(TableCommits commits) throws StoreException {
        TableMetadata known = commits.current();
        return known == null ? !commits.isSomebodyElses() : fits(known);
    }

    private boolean fits(TableMetadata known) {
        Schema theirs = known.schema();
        return schema.columns().stream().allMatch(ours -> takes(theirs.findField(ours.name()), ours))
                && theirs.columns().stream()
                        .allMatch(field -> field.isOptional() || schema.findField(field.name()) != null)
                && theirs.findField(dataset.primaryTime()) != null
                && known.spec().compatibleWith(IcebergSchema.partitions(dataset, theirs));
    }

    /// Whether a field takes our values; one that is missing is added. The elements of lists have ids, which differ.
    private static boolean takes(Types.@Nullable NestedField theirs, Types.NestedField ours) {
        return theirs == null || (plain(theirs).equals(plain(ours)) && (theirs.isOptional() || ours.isRequired()));
    }

    private static String plain(Types.NestedField field) {
        return field.type().toString().replaceAll("\\d+: ", "");
    }

    /// The table, made if there is none, with all columns.
    BaseTable prepared(TableCommits commits) {
        if (commits.current() == null) {
            create(commits);
        }
        BaseTable table = new BaseTable(commits, dataset.name());
        List<Types.NestedField> missing = schema.columns().stream()
                .filter(field -> table.schema().findField(field.name()) == null)
                .toList();
        if (!missing.isEmpty()) {
            UpdateSchema update = table.updateSchema();
            missing.forEach(field -> update.addColumn(field.name(), field.type()));
            update.commit();
        }
        return table;
    }

    /// The metadata of a table without rows.
    TableMetadata empty(String location) {
        return TableMetadata.newTableMetadata(
                schema, IcebergSchema.partitions(dataset, schema), location, properties());
    }

    /// The field ids that files have to have, as the engine's `FIELD_IDS` takes them, by column.
    static Map<String, String> fieldIds(Dataset dataset, Schema stands) {
        Map<String, String> ids = new LinkedHashMap<>();
        dataset.columns().forEach(column -> ids.put(column.name(), IcebergSchema.fieldIds(stands, column)));
        return ids;
    }

    private void create(TableCommits commits) {
        try {
            commits.commit(null, empty(commits.location()));
        } catch (CommitFailedException e) {
            // Somebody else was quicker.
            commits.refresh();
        }
    }

    private Map<String, String> properties() {
        return Map.of(
                TableProperties.FORMAT_VERSION, "2",
                TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "20",
                TableProperties.MANIFEST_MIN_MERGE_COUNT, "16",
                TableProperties.COMMIT_NUM_RETRIES, "8",
                TableProperties.DEFAULT_NAME_MAPPING, NameMappingParser.toJson(MappingUtil.create(schema)));
    }
}
