package io.hypaware.lake;

import com.github.f4b6a3.ulid.UlidCreator;
import io.hypaware.dataset.Dataset;
import io.hypaware.home.Cache;
import io.hypaware.home.HypHome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.jdbc.JdbcCatalog;

/// The Iceberg tables of a cache folder: a catalog in SQLite, and one folder per table and generation.
public final class Lake implements AutoCloseable {

    /// What the catalog calls itself; other clients open it under this name.
    public static final String CATALOG = "hypaware";

    public static final Namespace NAMESPACE = Namespace.of("hypaware");

    /// An older version of the metadata would hide the rows of the last commit, so that no command goes back to one.
    private static final String RESTORE =
            "everything was left alone. Put the metadata file back from a backup of the cache folder";

    private static final String LEFT_ALONE = "everything was left alone. Repair: hyp cache check --repair";

    /// A catalog is made in steps, each of which somebody else may take first; the next attempt finds it taken.
    private static final int MOST_ATTEMPTS = 6;

    private static final int MOST_LOOKS = 6;

    private final JdbcCatalog catalog;
    private final Cache cache;

    private Lake(JdbcCatalog catalog, Cache cache) {
        this.catalog = catalog;
        this.cache = cache;
    }

    /// Opens the lake in a cache folder, and makes an empty one if there is none.
    ///
    /// @throws LakeException if the catalog is missing although there are tables, or cannot be read
    public static Lake open(Cache cache) {
        return open(cache, LocalFiles::new);
    }

    /// @param files makes what reads and writes metadata
    static Lake open(Cache cache, Supplier<FileIO> files) {
        HypHome.privateFolder(cache.tables());
        requireCatalogOfTables(cache);
        for (int attempt = 1; ; attempt++) {
            long begun = System.nanoTime();
            try {
                return initialized(cache, files);
            } catch (LakeException e) {
                throw e;
            } catch (RuntimeException e) {
                boolean quick = System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(1);
                if (attempt == MOST_ATTEMPTS || !quick) {
                    throw new LakeException(
                            cache.catalog() + " cannot be read (" + e.getMessage() + "); " + LEFT_ALONE, e);
                }
                // Whoever took it holds it for milliseconds; all attempts together take less.
                pause(attempt);
            }
        }
    }

    /// An empty catalog in place of a lost one would make every table look like an orphan.
    private static void requireCatalogOfTables(Cache cache) {
        Path file = cache.catalog();
        try {
            // Looked at again: somebody else may have made the catalog, and then a table, between the two looks.
            if (isMissing(file) && !generations(cache.tables()).isEmpty() && isMissing(file)) {
                throw new LakeException(
                        file + " is missing or empty although " + cache.tables() + " holds tables; " + LEFT_ALONE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isMissing(Path catalog) throws IOException {
        return !Files.exists(catalog) || Files.size(catalog) == 0;
    }

    /// Every folder `tables/<dataset>/<generation>` that has metadata.
    static List<Path> generations(Path tables) {
        try (Stream<Path> found = Files.find(tables, 3, (path, _) -> path.endsWith("metadata"))) {
            return found.map(Path::getParent).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Lake initialized(Cache cache, Supplier<FileIO> files) {
        JdbcCatalog catalog = new JdbcCatalog(_ -> files.get(), null, true);
        try {
            catalog.initialize(CATALOG, properties(cache));
            if (!catalog.namespaceExists(NAMESPACE)) {
                catalog.createNamespace(NAMESPACE, Map.of());
            }
        } catch (RuntimeException e) {
            catalog.close();
            throw e;
        }
        return new Lake(catalog, cache);
    }

    /// Opens the lake if there is one.
    public static Optional<Lake> openExisting(Cache cache) {
        return Files.exists(cache.catalog()) || Files.isDirectory(cache.tables())
                ? Optional.of(open(cache))
                : Optional.empty();
    }

    /// The live table of a dataset; empty if nothing was ever flushed.
    ///
    /// @throws LakeException if the catalog or the metadata that it names cannot be read
    public Optional<LakeTable> table(Dataset dataset) {
        Optional<LakeTable> table = known(dataset);
        for (int look = 1; table.isEmpty(); look++) {
            Optional<Path> rows = unknownRows(dataset);
            if (rows.isEmpty()) {
                return table;
            }
            // Somebody may have made it in between, or be about to.
            if (look == MOST_LOOKS) {
                throw new LakeException("the catalog does not know the table " + dataset.name() + " although "
                        + rows.get() + " holds its rows; " + LEFT_ALONE);
            }
            pause(look);
            table = known(dataset);
        }
        return table;
    }

    private Optional<LakeTable> known(Dataset dataset) {
        requireWholeMetadata(dataset);
        try {
            return Optional.of(new LakeTable(dataset, catalog.loadTable(identifier(dataset))));
        } catch (NoSuchTableException e) {
            return Optional.empty();
        } catch (RuntimeException e) {
            throw new LakeException(
                    "the table " + dataset.name() + " cannot be loaded (" + e.getMessage() + "); " + RESTORE, e);
        }
    }

    private static void pause(int look) {
        try {
            Thread.sleep(20L * look);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// A home that was moved or copied still names the place where it was. Its tables must not be taken for
    /// orphans, nor those of the other place be changed.
    private void requireInside(Path metadata) throws IOException {
        Path here = cache.tables();
        boolean inside = metadata.toAbsolutePath().normalize().startsWith(here)
                || (Files.exists(metadata) && metadata.toRealPath().startsWith(here.toRealPath()));
        if (!inside) {
            throw new LakeException("the catalog in " + cache + " names " + metadata
                    + ", which is not in it: the home was moved or copied. Everything was left alone. Move it back, or make a"
                    + " symbolic link to it where it was");
        }
    }

    /// Iceberg would read a torn file twenty times, for minutes, before it says so.
    private void requireWholeMetadata(Dataset dataset) {
        try {
            Path metadata = CatalogGlance.metadataFiles(cache).get(dataset.name());
            if (metadata != null) {
                requireInside(metadata);
                CatalogGlance.requireWhole(metadata);
            }
        } catch (IOException e) {
            throw new LakeException(
                    "the table " + dataset.name() + " cannot be loaded (" + e.getMessage() + "); " + RESTORE, e);
        }
    }

    /// The folders under `tables`, one for each dataset that ever had a table.
    public Path tables() {
        return cache.tables();
    }

    /// The live table of a dataset, made if there is none.
    public LakeTable tableOrCreate(Dataset dataset) {
        return table(dataset).orElseGet(() -> create(dataset));
    }

    @Override
    public void close() {
        catalog.close();
    }

    private LakeTable create(Dataset dataset) {
        Schema schema = IcebergSchema.schema(dataset);
        // A generation is named for when it was made, so that the newest sorts last.
        String generation = UlidCreator.getMonotonicUlid().toString().toLowerCase(Locale.ROOT);
        Path folder = tables().resolve(dataset.name()).resolve(generation);
        HypHome.privateFolder(folder);
        try {
            Table table = catalog.buildTable(identifier(dataset), schema)
                    .withPartitionSpec(IcebergSchema.partitions(dataset, schema))
                    .withSortOrder(IcebergSchema.sortOrder(dataset, schema))
                    .withLocation(folder.toUri().toString().replaceAll("/$", ""))
                    .withProperties(tableProperties())
                    .create();
            return new LakeTable(dataset, table);
        } catch (AlreadyExistsException e) {
            return table(dataset).orElseThrow(() -> e);
        }
    }

    /// A table that the catalog has forgotten is not begun anew beside its rows. What a create left behind that
    /// died has no snapshot and may stay.
    private Optional<Path> unknownRows(Dataset dataset) {
        return generations(tables()).stream()
                .filter(generation -> generation.startsWith(tables().resolve(dataset.name())))
                .filter(generation -> !Recovery.isEmpty(generation))
                .findFirst();
    }

    /// Whether the catalog names a table for the dataset, readable or not.
    boolean isKnown(Dataset dataset) {
        return catalog.listTables(NAMESPACE).contains(identifier(dataset));
    }

    /// For a catalog that was lost: the tables are registered again afterwards.
    static void makeEmptyCatalog(Cache cache) {
        initialized(cache, LocalFiles::new).close();
    }

    /// Makes the catalog name a table's metadata again; only for one that it does not know.
    void register(Dataset dataset, Path metadataFile) {
        catalog.registerTable(identifier(dataset), metadataFile.toUri().toString());
    }

    private static TableIdentifier identifier(Dataset dataset) {
        return TableIdentifier.of(NAMESPACE, dataset.name());
    }

    private static Map<String, String> properties(Cache cache) {
        Map<String, String> properties = new HashMap<>();
        properties.put(CatalogProperties.URI, "jdbc:sqlite:" + cache.catalog());
        properties.put(
                CatalogProperties.WAREHOUSE_LOCATION, cache.tables().toUri().toString());
        properties.put("jdbc.schema-version", "V1");
        properties.put("jdbc.journal_mode", "WAL");
        properties.put("jdbc.synchronous", "FULL");
        properties.put("jdbc.busy_timeout", "60000");
        return properties;
    }

    /// Bounds what a table's own metadata can grow to.
    private static Map<String, String> tableProperties() {
        return Map.of(
                TableProperties.FORMAT_VERSION, "2",
                TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "20",
                TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "true",
                TableProperties.MANIFEST_MIN_MERGE_COUNT, "16",
                TableProperties.PARQUET_COMPRESSION, "zstd");
    }
}
