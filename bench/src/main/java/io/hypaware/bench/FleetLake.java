package io.hypaware.bench;

import io.hypaware.bench.FleetStore.Pace;
import io.hypaware.bench.FleetStore.Traffic;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LocalFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.UpdateProperties;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/// One machine's sight of a shared table: a catalog of its own, and appends as a machine makes them, with its position
/// in the same commit. Commits are real; the data files that they name are not there.
final class FleetLake implements AutoCloseable {

    /// Of the widest dataset, so that a file's statistics are what they are.
    private static final String DATASET = "ai_gateway_messages";

    private static final TableIdentifier TABLE = TableIdentifier.of(Lake.NAMESPACE, DATASET);
    private static final int TODAY = 20_000;

    private final JdbcCatalog catalog;

    private FleetLake(JdbcCatalog catalog) {
        this.catalog = catalog;
    }

    /// @param uri of the catalog's database
    static FleetLake open(String uri, Path warehouse, Pace pace, Traffic traffic) {
        JdbcCatalog catalog = new JdbcCatalog(_ -> new FleetStore(pace, traffic), null, true);
        Map<String, String> properties = new HashMap<>();
        properties.put(CatalogProperties.URI, uri);
        properties.put(CatalogProperties.WAREHOUSE_LOCATION, warehouse.toUri().toString());
        properties.put(CatalogProperties.CLIENT_POOL_SIZE, "1");
        properties.put("jdbc.schema-version", "V1");
        if (uri.startsWith("jdbc:sqlite:")) {
            properties.put("jdbc.journal_mode", "WAL");
            properties.put("jdbc.busy_timeout", "60000");
        }
        catalog.initialize(Lake.CATALOG, properties);
        return new FleetLake(catalog);
    }

    /// Makes the table as the program makes its own, with positions of that many machines.
    Table create(int machines) throws IOException {
        Table own = own();
        Namespace namespace = TABLE.namespace();
        if (!catalog.namespaceExists(namespace)) {
            catalog.createNamespace(namespace, Map.of());
        }
        catalog.dropTable(TABLE, false);
        Map<String, String> properties = new HashMap<>(Map.of(
                TableProperties.FORMAT_VERSION, "2",
                TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "50",
                TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "true",
                TableProperties.MANIFEST_MIN_MERGE_COUNT, "16"));
        for (int machine = 0; machine < machines; machine++) {
            properties.put(position(machine), "1 " + UUID.randomUUID());
        }
        return catalog.buildTable(TABLE, own.schema())
                .withPartitionSpec(own.spec())
                .withSortOrder(own.sortOrder())
                .withProperties(properties)
                .create();
    }

    Table table() {
        return catalog.loadTable(TABLE);
    }

    /// The columns, days and order of the program's own table, by its catalog.
    private static Table own() throws IOException {
        Path home = Files.createTempDirectory("hyp-bench");
        Dataset dataset = Datasets.named(DATASET).orElseThrow();
        Cache cache = new Cache(home);
        try (Lake lake = Lake.open(cache)) {
            lake.tableOrCreate(dataset);
        }
        try (JdbcCatalog catalog = new JdbcCatalog(_ -> new LocalFiles(), null, true)) {
            catalog.initialize(
                    Lake.CATALOG,
                    Map.of(
                            CatalogProperties.URI,
                            "jdbc:sqlite:" + cache.catalog(),
                            CatalogProperties.WAREHOUSE_LOCATION,
                            cache.tables().toUri().toString()));
            return catalog.loadTable(TABLE);
        }
    }

    /// Appends files in one commit, and says how far the machine has come.
    static void append(Table table, int machine, Collection<DataFile> files, boolean withPosition) {
        Transaction transaction = table.newTransaction();
        AppendFiles append = transaction.newAppend();
        files.forEach(append::appendFile);
        append.commit();
        if (withPosition) {
            UpdateProperties update = transaction.updateProperties();
            update.set(position(machine), "2 " + UUID.randomUUID()).commit();
        }
        transaction.commitTransaction();
    }

    /// Files as a machine writes them, of days that go back from one.
    static List<DataFile> files(Table table, int count, int days) {
        List<DataFile> files = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            files.add(file(table, TODAY - i % days));
        }
        return files;
    }

    private static DataFile file(Table table, int day) {
        PartitionData partition = new PartitionData(table.spec().partitionType());
        partition.set(0, day);
        return DataFiles.builder(table.spec())
                .withPath(table.location() + "/data/" + UUID.randomUUID() + ".parquet")
                .withFormat(FileFormat.PARQUET)
                .withPartition(partition)
                .withFileSizeInBytes(90_000)
                .withMetrics(metrics(table.schema()))
                .withSplitOffsets(List.of(4L))
                .withSortOrder(table.sortOrder())
                .build();
    }

    /// Counts for all columns, bounds for those of the sort order and a time.
    private static Metrics metrics(Schema schema) {
        Map<Integer, Long> numbers = new HashMap<>();
        Map<Integer, Long> nulls = new HashMap<>();
        Map<Integer, java.nio.ByteBuffer> bounds = new HashMap<>();
        for (Types.NestedField field : schema.columns()) {
            numbers.put(field.fieldId(), 60L);
            nulls.put(field.fieldId(), 0L);
        }
        for (String name : List.of("conversation_id", "message_created_at", "part_index")) {
            Types.NestedField field = schema.findField(name);
            Object value = switch (field.type().typeId()) {
                case STRING -> UUID.randomUUID().toString().substring(0, 16);
                case INTEGER -> 1;
                default -> 86_400_000_000L * TODAY;
            };
            Type type = field.type();
            bounds.put(field.fieldId(), Conversions.toByteBuffer(type, value));
        }
        return new Metrics(60L, numbers, numbers, nulls, Map.of(), bounds, bounds);
    }

    private static String position(int machine) {
        return "hypaware.machine.01jd%022d".formatted(machine);
    }

    @Override
    public void close() {
        catalog.close();
    }
}
