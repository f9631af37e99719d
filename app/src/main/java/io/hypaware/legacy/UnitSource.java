package io.hypaware.legacy;

import io.hypaware.dataset.Dataset;
import io.hypaware.engine.Engine;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.Scan;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the rows of one unit are read from: older data files, or rows of a spool that are in the engine.
///
/// @param all a table expression over everything, with `filename` and `file_row_number`
/// @param bytes of the files
record UnitSource(
        String all, OlderRows rows, long bytes, Map<String, LiveFile> files, Optional<Scan> scan, boolean oneSchema) {

    /// Reading each day from its own files may read files again; beyond this it does not pay.
    private static final int MOST_READS = 2;

    static UnitSource of(Engine engine, Dataset dataset, Scan scan, List<LiveFile> files, boolean oneSchema)
            throws SQLException {
        String all = scan.fromWithPlaces(files.stream().map(LiveFile::path).toList(), oneSchema);
        Map<String, LiveFile> byName = new HashMap<>();
        files.forEach(file -> byName.put(file.path().toString(), file));
        long bytes = files.stream().mapToLong(LiveFile::bytes).sum();
        return new UnitSource(all, new OlderRows(engine, dataset, all), bytes, byName, Optional.of(scan), oneSchema);
    }

    static UnitSource of(Engine engine, Dataset dataset, String table) throws SQLException {
        return new UnitSource(table, new OlderRows(engine, dataset, table), 0, Map.of(), Optional.empty(), true);
    }

    /// A table expression over some of the files.
    String some(Collection<String> names) {
        return scan.map(s -> s.fromWithPlaces(names.stream().map(Path::of).toList(), oneSchema))
                .orElse(all);
    }

    /// Whether most files hold rows of several days, by the engine's table `file_day`.
    boolean isReadOftenByDay(Engine engine) throws SQLException {
        if (scan.isEmpty()) {
            return false;
        }
        long read = engine.strings("SELECT f FROM file_day").stream()
                .mapToLong(name -> {
                    LiveFile file = files.get(name);
                    return file == null ? 0 : file.bytes();
                })
                .sum();
        return read > MOST_READS * bytes;
    }
}
