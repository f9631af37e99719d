package io.hypaware.query;

import io.hypaware.dataset.Dataset;
import io.hypaware.engine.Engine;
import io.hypaware.lake.FileFacts;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Parquet files of one table made one, row group by row group.
public final class FileMerge {

    private final Path spill;
    private final long memoryBytes;

    /// @param spill where the engine may put what it cannot hold
    public FileMerge(Path spill, long memoryBytes) {
        this.spill = spill;
        this.memoryBytes = memoryBytes;
    }

    /// Writes all rows of some files to a new one.
    ///
    /// @param form of the new one; field ids of columns that no file has are left out
    /// @return what a table is told of it
    public FileFacts merge(Dataset dataset, List<Path> files, RowExport.Form form, Path to) throws SQLException {
        String from = "read_parquet(["
                + files.stream().map(file -> Engine.literal(file.toString())).collect(Collectors.joining(", "))
                + "], union_by_name = true, hive_partitioning = false)";
        try (Engine engine = Engine.open(memoryBytes, 1, spill)) {
            Map<String, String> ids = new LinkedHashMap<>();
            for (String column : engine.strings("SELECT column_name FROM (DESCRIBE SELECT * FROM " + from + ")")) {
                Optional.ofNullable(form.fieldIds().get(column)).ifPresent(id -> ids.put(column, id));
            }
            engine.execute("COPY (SELECT * FROM " + from + ") TO " + Engine.literal(to.toString()) + " ("
                    + new RowExport.Form(form.format(), form.compression(), ids).options() + ")");
            return FileFacts.read(engine, dataset, to);
        }
    }
}
