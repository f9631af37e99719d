package io.hypaware.query;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// Tables besides the datasets, which are fetched when a query names them.
public interface Sources {

    /// None.
    Sources NONE = new Sources() {
        @Override
        public Set<String> names() {
            return Set.of();
        }

        @Override
        public List<Path> fetch(String name, Path folder) throws QueryException {
            throw new QueryException("there is no table " + name);
        }
    };

    /// What queries call them.
    Set<String> names();

    /// Puts a table's Parquet files into a folder, at least one.
    List<Path> fetch(String name, Path folder) throws QueryException;
}
