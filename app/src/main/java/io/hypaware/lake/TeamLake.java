package io.hypaware.lake;

import io.hypaware.config.TeamLakeConfig;
import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.lake.rest.RestCatalogs;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.Schema;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SessionCatalog.SessionContext;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.rest.RESTSessionCatalog;

/// The lake of a team: an Iceberg catalog and a warehouse to which many machines append. Nothing here deletes or
/// rewrites; see [AppendOnlyFiles].
public final class TeamLake implements AutoCloseable {

    /// Whose row it is: the machine's journal, as `hypaware.machine.<id>` names it.
    public static final String MACHINE = Dataset.MACHINE;

    /// And the person's name, as the machine's config says it.
    public static final String USER = Dataset.USER;

    /// Two machines that begin at once each find what the other has made, at the next attempt.
    private static final int MOST_ATTEMPTS = 5;

    /// A catalog that does not answer must not hold a worker for ever. Seconds, as the driver takes them.
    private static final Map<String, String> PATIENCE =
            Map.of("jdbc.connectTimeout", "10", "jdbc.socketTimeout", "60", "jdbc.tcpKeepAlive", "true");

    private final Catalog catalog;
    private final List<Closeable> opened;
    private final Namespace namespace;
    private final BackOff backOff;

    /// @param opened with it, and to be closed with it
    private TeamLake(Catalog catalog, List<Closeable> opened, Namespace namespace, BackOff backOff) {
        this.catalog = catalog;
        this.opened = opened;
        this.namespace = namespace;
        this.backOff = backOff;
    }

    /// Reaches the catalog, and makes what it does not have.
    ///
    /// @throws LakeException if it cannot be reached
    public static TeamLake open(TeamLakeConfig config) throws InterruptedException {
        BackOff backOff = new BackOff();
        return backOff.until(
                MOST_ATTEMPTS,
                "the team's catalog " + config.shownCatalog() + " cannot be used",
                () -> initialized(config, backOff));
    }

    private static TeamLake initialized(TeamLakeConfig config, BackOff backOff) {
        Warehouse warehouse = new Warehouse(config);
        warehouse.requireThere();
        TeamLake lake;
        try {
            lake = config.isRest() ? rest(config, warehouse, backOff) : jdbc(config, warehouse, backOff);
        } catch (RuntimeException e) {
            warehouse.close();
            throw e;
        }
        try {
            lake.makeNamespace();
            return lake;
        } catch (RuntimeException e) {
            lake.close();
            throw e;
        }
    }

    private static TeamLake rest(TeamLakeConfig config, Warehouse warehouse, BackOff backOff) {
        RESTSessionCatalog sessions = RestCatalogs.open(Lake.CATALOG, config, warehouse::files);
        return new TeamLake(
                sessions.asCatalog(SessionContext.createEmpty()),
                List.of(sessions, warehouse),
                Namespace.of(config.namespace()),
                backOff);
    }

    private static TeamLake jdbc(TeamLakeConfig config, Warehouse warehouse, BackOff backOff) {
        Map<String, String> properties = new HashMap<>(PATIENCE);
        properties.putAll(config.properties());
        properties.put(CatalogProperties.URI, config.catalog());
        properties.put(CatalogProperties.WAREHOUSE_LOCATION, config.warehouseLocation());
        properties.putIfAbsent("jdbc.schema-version", "V1");
        JdbcCatalog catalog = new JdbcCatalog(warehouse::files, null, true);
        try {
            catalog.initialize(Lake.CATALOG, properties);
        } catch (RuntimeException e) {
            catalog.close();
            throw e;
        }
        return new TeamLake(catalog, List.of(catalog, warehouse), Namespace.of(config.namespace()), backOff);
    }

    private void makeNamespace() {
        if (catalog instanceof SupportsNamespaces namespaces && !namespaces.namespaceExists(namespace)) {
            namespaces.createNamespace(namespace, new HashMap<>());
        }
    }

    /// A dataset as the team's lake has it: with whose rows they are.
    public static Dataset shared(Dataset dataset) {
        List<Column> columns = Stream.concat(
                        dataset.columns().stream(),
                        Stream.of(
                                Column.required(MACHINE, ColumnType.STRING), Column.required(USER, ColumnType.STRING)))
                .toList();
        return new Dataset(dataset.name(), dataset.primaryTime(), dataset.clusteredBy(), columns);
    }

    Catalog catalog() {
        return catalog;
    }

    Namespace namespace() {
        return namespace;
    }

    /// The team's table of a dataset, if anyone has made it.
    public Optional<TeamTable> table(Dataset dataset) {
        try {
            return Optional.of(
                    new TeamTable(new LakeTable(shared(dataset), catalog.loadTable(identifier(dataset))), backOff));
        } catch (NoSuchTableException e) {
            return Optional.empty();
        }
    }

    /// The team's table of a dataset, made if there is none, with all columns that the dataset has here.
    public TeamTable tableOrCreate(Dataset dataset) throws InterruptedException {
        return backOff.until(
                MOST_ATTEMPTS, "the team's table " + identifier(dataset) + " can be neither made nor read", () -> {
                    TeamTable table = table(dataset).orElseGet(() -> create(dataset));
                    table.addMissingColumns();
                    return table;
                });
    }

    private TeamTable create(Dataset dataset) {
        Dataset shared = shared(dataset);
        Schema schema = IcebergSchema.schema(shared);
        return new TeamTable(
                new LakeTable(
                        shared,
                        catalog.buildTable(identifier(dataset), schema)
                                .withPartitionSpec(IcebergSchema.partitions(shared, schema))
                                .withSortOrder(IcebergSchema.sortOrder(shared, schema))
                                .withProperties(tableProperties())
                                .create()),
                backOff);
    }

    /// Earlier metadata goes with the commit of an engine that deletes.
    private static Map<String, String> tableProperties() {
        // Iceberg asks such a map whether it has null as a key, which one of the JDK's own kind refuses.
        return new HashMap<>(Map.of(
                TableProperties.FORMAT_VERSION, "2",
                TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "50",
                TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "true",
                TableProperties.MANIFEST_MIN_MERGE_COUNT, "16",
                // For who rewrites while others append.
                TableProperties.COMMIT_NUM_RETRIES, "10",
                TableProperties.PARQUET_COMPRESSION, "zstd"));
    }

    /// Takes the right to maintain this lake.
    ///
    /// @param owner whom others are told of
    /// @throws LakeException if somebody else has it
    public TeamLease lease(Clock clock, String owner) {
        return TeamLease.take(catalog, identifier(TeamLease.TABLE), clock, owner);
    }

    /// Which payloads this lake has forgotten, if it ever has.
    public Optional<ForgottenPayloads> forgotten() {
        return ForgottenPayloads.of(catalog, identifier(ForgottenPayloads.TABLE));
    }

    /// The same, made if there is none.
    public ForgottenPayloads forgottenOrCreate() {
        return forgotten()
                .orElseGet(() -> ForgottenPayloads.create(
                        catalog, identifier(ForgottenPayloads.TABLE), ForgottenPayloads.properties(tableProperties())));
    }

    /// Lets rows in only from whoever has read up to there which payloads are forgotten.
    public void raise(Fence fence) throws InterruptedException {
        for (Dataset dataset : Datasets.all()) {
            Optional<TeamTable> table = dataset.equals(Datasets.PAYLOADS) ? Optional.empty() : table(dataset);
            if (table.isPresent()) {
                table.get().raise(fence);
            }
        }
    }

    /// Requires that this version knows each table and column there is: any other may name payloads.
    ///
    /// @throws LakeException if there is one that it does not
    public void requireKnown() {
        TeamPlaces.unknown(catalog, namespace).ifPresent(what -> {
            throw new LakeException(what + " that this version does not know; it may name payloads, so that none is"
                    + " forgotten or dropped");
        });
    }

    /// The tables of this lake, and where they have their files.
    ///
    /// @param warehouse as the config says it
    public List<TeamPlaces.Place> places(String warehouse) {
        return TeamPlaces.of(catalog, namespace, warehouse);
    }

    private TableIdentifier identifier(Dataset dataset) {
        return identifier(dataset.name());
    }

    private TableIdentifier identifier(String table) {
        return TableIdentifier.of(namespace, table);
    }

    @Override
    public void close() {
        for (Closeable one : opened) {
            try {
                one.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
