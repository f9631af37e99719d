package io.hypaware.query;

import io.hypaware.engine.Engine;
import io.hypaware.home.Cache;
import io.hypaware.home.Folders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Copies of tables that a query names besides the datasets, for as long as it runs. What is left of one, its process
/// having died, the sweep of spilled data takes away.
final class FetchedSources implements AutoCloseable {

    private final Engine engine;
    private final Cache cache;
    private final List<Path> folders = new ArrayList<>();

    FetchedSources(Engine engine, Cache cache) {
        this.engine = engine;
        this.cache = cache;
    }

    /// Fetches a table and makes a view of its name; returns the folder that it is in.
    Path fetch(String name, Sources sources) throws QueryException, SQLException {
        try {
            Path folder = Files.createTempDirectory(cache.spill(), "spill-source-");
            folders.add(folder);
            engine.execute("CREATE VIEW " + Engine.identifier(name) + " AS SELECT * FROM read_parquet(["
                    + sources.fetch(name, folder).stream()
                            .map(file -> Engine.literal(file.toString()))
                            .collect(Collectors.joining(", "))
                    + "], union_by_name = true, hive_partitioning = false)");
            return folder;
        } catch (IOException e) {
            throw new QueryException(name + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        for (Path folder : folders) {
            try {
                Folders.deleteIfThere(folder);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
