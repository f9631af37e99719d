package io.hypaware.lake;

import io.hypaware.dataset.Dataset;
import io.hypaware.engine.Engine;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.iceberg.util.ContentFileUtil;
import org.duckdb.DuckDBAppender;

/// Live rows of data files as a table expression of the engine, deleted rows left out.
///
/// Deletion vectors and position deletes are read into a table of the engine, once per scan.
public final class Scan {

    /// Folder names of older caches look like partition values, which they are not.
    private static final String ONE_SCHEMA = ", hive_partitioning = false";

    private static final String ANY_SCHEMA = ", union_by_name = true" + ONE_SCHEMA;

    private static final String WITHOUT_PLACES = "SELECT * EXCLUDE (filename, file_row_number)";

    private static final String PLACES = ", filename = true, file_row_number = true";

    private final Engine engine;
    private final FileIO io;
    private final FileColumns columns;
    private final String deletedTable;
    private final Set<Path> withDeletes = new HashSet<>();
    private long deleted;

    /// @param name makes this scan's helper table unique within the engine
    /// @param io reads delete files
    /// @throws LakeException if a file, or deletes of one, are of a kind that is not supported
    public Scan(Engine engine, String name, Collection<LiveFile> files, FileIO io) throws SQLException {
        this.engine = engine;
        this.io = io;
        // All of one table.
        this.columns = files.stream().findFirst().map(LiveFile::columns).orElse(FileColumns.BY_NAME);
        this.deletedTable = "deleted_" + name;
        for (LiveFile file : files) {
            if (!file.deletes().isEmpty()) {
                if (withDeletes.isEmpty()) {
                    engine.execute("CREATE OR REPLACE TEMP TABLE " + Engine.identifier(deletedTable)
                            + " (file VARCHAR, pos BIGINT)");
                }
                withDeletes.add(file.path());
                for (DeleteFile delete : file.deletes()) {
                    readDeletes(file, delete);
                }
            }
        }
        if (columns.mayLackIds() && !files.isEmpty()) {
            requireIds(files.stream().map(LiveFile::path).toList());
        }
        if (!withDeletes.isEmpty()) {
            deleted = Long.parseLong(engine.strings(
                            "SELECT count(*) FROM (SELECT DISTINCT * FROM " + Engine.identifier(deletedTable) + ")")
                    .getFirst());
        }
    }

    /// How many rows of the files are deleted.
    public long deletedRows() {
        return deleted;
    }

    /// A parenthesised query over some of the files, with all their columns by name.
    public String from(Collection<Path> files) {
        return from(files, schema(false), WITHOUT_PLACES);
    }

    /// The same for files of a dataset: columns that a file does not have, because it is older, are null.
    public String from(Dataset dataset, Collection<Path> files) {
        return from(dataset, from(files));
    }

    /// The same with the columns that other engines have added, for rows that are written again.
    ///
    /// @throws LakeException if there is one that cannot be written again as it is
    String whole(Dataset dataset, Collection<Path> files) {
        String schema = columns.areByName() ? ANY_SCHEMA : ", schema = " + columns.sqlWithAdded() + ONE_SCHEMA;
        return from(dataset, from(files, schema, WITHOUT_PLACES));
    }

    private static String from(Dataset dataset, String rows) {
        String columns = dataset.storedColumns().stream()
                .map(c -> "NULL::" + c.type().storedSql() + " AS " + Engine.identifier(c.name()))
                .collect(Collectors.joining(", "));
        return "(SELECT " + columns + " WHERE false UNION ALL BY NAME SELECT * FROM " + rows + ")";
    }

    /// Like [#from], with the columns `filename` and `file_row_number` besides.
    ///
    /// @param oneSchema whether all files are known to have the same columns, which spares opening each to find out
    public String fromWithPlaces(Collection<Path> files, boolean oneSchema) {
        return from(files, PLACES + schema(oneSchema), "SELECT *");
    }

    /// Files of a table say which column is which by ids: other engines name them as the table does, which is not
    /// always as we do.
    private String schema(boolean oneSchema) {
        if (columns.areByName()) {
            return oneSchema ? ONE_SCHEMA : ANY_SCHEMA;
        }
        return ", schema = " + columns.sql() + ONE_SCHEMA;
    }

    private String from(Collection<Path> files, String options, String selectLeft) {
        List<Path> whole = files.stream().filter(f -> !withDeletes.contains(f)).toList();
        List<Path> partial = files.stream().filter(withDeletes::contains).toList();
        List<String> parts = new ArrayList<>();
        if (!whole.isEmpty()) {
            parts.add("SELECT * FROM read_parquet(" + list(whole) + options + ")");
        }
        if (!partial.isEmpty()) {
            parts.add((selectLeft + " FROM read_parquet(%s%s) f ANTI JOIN %s d"
                            + " ON f.filename = d.file AND f.file_row_number = d.pos")
                    .formatted(
                            list(partial),
                            options.startsWith(PLACES) ? options : PLACES + options,
                            Engine.identifier(deletedTable)));
        }
        return "(" + String.join(" UNION ALL BY NAME ", parts) + ")";
    }

    /// A file without ids would be read as rows of nothing but nulls.
    private void requireIds(List<Path> files) throws SQLException {
        List<String> without = engine.strings("SELECT file_name FROM parquet_schema(" + list(files)
                + ") GROUP BY file_name HAVING count(field_id) = 0 ORDER BY file_name LIMIT 1");
        if (!without.isEmpty()) {
            throw new LakeException(
                    without.getFirst() + " was taken into the table by another engine as it was, without"
                            + " the ids of its columns, which is not supported; rewrite it with that engine");
        }
    }

    private static String list(List<Path> files) {
        return files.stream().map(f -> Engine.literal(f.toString())).collect(Collectors.joining(", ", "[", "]"));
    }

    private void readDeletes(LiveFile file, DeleteFile delete) throws SQLException {
        if (delete.content() != FileContent.POSITION_DELETES) {
            throw new LakeException(file.path() + " has equality deletes (" + delete.location()
                    + "), which are not supported; rewrite the table with the engine that made them");
        }
        if (ContentFileUtil.isDV(delete)) {
            try (DuckDBAppender rows = engine.connection().createAppender("temp", "main", deletedTable)) {
                vector(delete).forEach(position -> append(rows, file.path(), position));
            }
        } else if (delete.format() == FileFormat.PARQUET) {
            String sql = "INSERT INTO " + Engine.identifier(deletedTable)
                    + " SELECT ?, pos FROM read_parquet(?) WHERE file_path = ?";
            try (PreparedStatement insert = engine.connection().prepareStatement(sql)) {
                insert.setString(1, file.path().toString());
                insert.setString(
                        2,
                        LocalFiles.path(io.newInputFile(delete.location()).location())
                                .toString());
                insert.setString(3, file.file().location());
                insert.executeUpdate();
            }
        } else {
            throw new LakeException(delete.location() + " holds deletes as " + delete.format()
                    + ", which is not supported; rewrite the table with the engine that made them");
        }
    }

    private static void append(DuckDBAppender rows, Path file, long position) {
        try {
            rows.beginRow();
            rows.append(file.toString());
            rows.append(position);
            rows.endRow();
        } catch (SQLException e) {
            throw new LakeException("the engine does not take a deleted position", e);
        }
    }

    private PositionDeleteIndex vector(DeleteFile delete) {
        long offset = java.util.Objects.requireNonNull(delete.contentOffset(), "a vector without offset");
        long size = java.util.Objects.requireNonNull(delete.contentSizeInBytes(), "a vector without size");
        try (InputStream in = open(delete, offset)) {
            byte[] bytes = in.readNBytes(Math.toIntExact(size));
            return PositionDeleteIndex.deserialize(bytes, delete);
        } catch (IOException e) {
            throw new UncheckedIOException(delete.location() + " cannot be read", e);
        }
    }

    private InputStream open(DeleteFile delete, long offset) throws IOException {
        SeekableInputStream in = io.newInputFile(delete.location()).newStream();
        in.seek(offset);
        return in;
    }

    /// The rows that a Parquet file says it has, from its footer.
    public static long rowsInFooter(Engine engine, Path file) throws SQLException {
        try (Statement statement = engine.connection().createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT num_rows FROM parquet_file_metadata(" + Engine.literal(file.toString()) + ")")) {
            row.next();
            return row.getLong(1);
        }
    }
}
