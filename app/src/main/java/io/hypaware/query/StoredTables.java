package io.hypaware.query;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Facts;
import io.hypaware.engine.Engine;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Where the rows are that a session reads.
interface StoredTables extends AutoCloseable {

    /// What a session wants to read.
    ///
    /// @param completing facts that are read only to complete other rows
    record Wanted(SafeSql sql, Collection<Facts> completing, Scope scope) {}

    /// A dataset as users see it here.
    Dataset shown(Dataset dataset);

    /// Columns that say whose a row is, besides its id.
    List<String> owner();

    /// Makes `stored_<dataset>` of what is wanted: the rows as stored.
    ///
    /// @return the folders of their files
    Set<Path> prepare(Engine engine, Wanted wanted) throws SQLException, QueryException;

    /// A table of the engine that says when payloads were last seen, where that may be after their row was written.
    Optional<String> sightings(SafeSql sql);

    /// The payloads that rows refer to.
    PayloadStore payloads();

    /// Has what runs in another thread end soon.
    default void stop() {}

    @Override
    void close();
}
