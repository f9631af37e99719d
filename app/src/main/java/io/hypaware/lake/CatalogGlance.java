package io.hypaware.lake;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.home.Cache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.sqlite.SQLiteConfig;

/// How large the tables are, read from catalog and metadata files as they lie on disk. `hyp status` must answer
/// at once, and starting Iceberg takes longer than reading what one snapshot's summary says.
public final class CatalogGlance {

    private static final ObjectMapper JSON = new ObjectMapper();

    /// A table as its current snapshot describes it.
    public record Table(LakeTable.Size size, long journalSeq) {}

    /// By dataset; empty if there is no lake yet.
    public static Map<String, Table> of(Cache cache) throws IOException {
        Map<String, Table> tables = new HashMap<>();
        for (Map.Entry<String, Path> table : metadataFiles(cache).entrySet()) {
            tables.put(table.getKey(), read(table.getValue()));
        }
        return tables;
    }

    /// The metadata file that the catalog names for each dataset.
    static Map<String, Path> metadataFiles(Cache cache) throws IOException {
        Path catalog = cache.catalog();
        Map<String, Path> tables = new HashMap<>();
        if (!Files.exists(catalog)) {
            return tables;
        }
        SQLiteConfig readOnly = new SQLiteConfig();
        readOnly.setReadOnly(true);
        readOnly.setBusyTimeout(10_000);
        try (Connection connection = readOnly.createConnection("jdbc:sqlite:" + catalog);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT table_name, metadata_location FROM iceberg_tables"
                        + " WHERE catalog_name = '" + Lake.CATALOG + "'")) {
            while (rows.next()) {
                tables.put(rows.getString(1), LocalFiles.path(rows.getString(2)));
            }
        } catch (SQLException e) {
            throw new IOException(catalog + ": " + e.getMessage(), e);
        }
        return tables;
    }

    /// Reads a metadata file to its end.
    ///
    /// @throws IOException if it is missing or torn
    static void requireWhole(Path metadata) throws IOException {
        try (JsonParser json = JSON.createParser(metadata.toFile())) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException(metadata + " is empty or not metadata");
            }
            json.skipChildren();
        }
    }

    private static Table read(Path metadata) throws IOException {
        JsonNode json = JSON.readTree(metadata.toFile());
        long journalSeq = json.path("properties").path(LakeTable.JOURNAL_SEQ).asLong(0);
        long current = json.path("current-snapshot-id").asLong(-1);
        for (JsonNode snapshot : json.path("snapshots")) {
            if (snapshot.path("snapshot-id").asLong() == current) {
                JsonNode summary = snapshot.path("summary");
                return new Table(
                        new LakeTable.Size(
                                summary.path("total-records").asLong(0),
                                summary.path("total-data-files").asLong(0),
                                summary.path("total-files-size").asLong(0)),
                        journalSeq);
            }
        }
        return new Table(new LakeTable.Size(0, 0, 0), journalSeq);
    }

    private CatalogGlance() {}
}
