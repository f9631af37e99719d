package io.hypaware.testing;

import io.hypaware.lake.stored.StoredTable;
import io.hypaware.store.Destination;
import io.hypaware.store.ObjectKey;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// What a reader of Iceberg tables in a destination finds: rows of the files that the last snapshot names.
public final class ExportedTables {

    /// One column of a query.
    ///
    /// @param before the query up to what is read
    public static List<String> read(Destination from, String table, Path temp, String before, String after)
            throws Exception {
        StoredTable stored = StoredTable.read(from, new ObjectKey("iceberg/datasets/" + table))
                .orElseThrow();
        List<Path> copies = new ArrayList<>();
        for (StoredTable.DataFile file : stored.files()) {
            Path copy = temp.resolve("copy-" + copies.size() + ".parquet");
            try (InputStream in = from.get(file.key()).orElseThrow()) {
                Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
            }
            if (Files.size(copy) != file.bytes()) {
                throw new AssertionError(file.key() + " is " + Files.size(copy) + " bytes long, not " + file.bytes());
            }
            copies.add(copy);
        }
        return rows(
                copies.stream().map(copy -> "'" + copy + "'").collect(Collectors.joining(", ", "[", "]")),
                before,
                after);
    }

    /// One column of a query over Parquet files, times in UTC.
    ///
    /// @param files as SQL says them
    public static List<String> rows(String files, String before, String after) throws Exception {
        try (var engine = DriverManager.getConnection("jdbc:duckdb:");
                var statement = engine.createStatement()) {
            statement.execute("set timezone = 'UTC'");
            try (ResultSet row = statement.executeQuery(
                    before + " from read_parquet(" + files + ", union_by_name = true) " + after)) {
                List<String> found = new ArrayList<>();
                while (row.next()) {
                    found.add(row.getString(1));
                }
                return found;
            }
        }
    }

    private ExportedTables() {}
}
