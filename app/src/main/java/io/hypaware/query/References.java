package io.hypaware.query;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.engine.Engine;
import io.hypaware.engine.RowTable;
import io.hypaware.journal.Journal;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.LocalFiles;
import io.hypaware.lake.Scan;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// Which payloads rows refer to, directly or as parts of others, as tables of an engine: `reference`
/// (hash, of_column) and `payload` (hash, parts).
public final class References {

    private static final String HASH = "[0-9a-f]{64}";

    private final Engine engine;
    private int tables;

    public References(Engine engine) throws SQLException {
        this.engine = engine;
        engine.execute("CREATE TABLE reference (hash VARCHAR, of_column VARCHAR)");
        engine.execute("CREATE TABLE payload (hash VARCHAR, parts VARCHAR)");
    }

    /// Adds what the lake's rows refer to, and the lake's payloads.
    public void addLake(Lake lake) throws SQLException {
        for (Dataset dataset : Datasets.all()) {
            Optional<LakeTable> table = lake.table(dataset);
            List<LiveFile> files = table.map(LakeTable::files).orElse(List.of());
            if (!files.isEmpty()) {
                Scan scan = new Scan(engine, "references_" + dataset.name(), files, new LocalFiles());
                add(
                        dataset,
                        scan.from(dataset, files.stream().map(LiveFile::path).toList()));
            }
        }
    }

    /// Adds what pending rows refer to, and pending payloads.
    public void addHot(Journal journal) throws SQLException {
        try (Journal.HotRows hot = journal.hotRows()) {
            for (Dataset dataset : Datasets.all()) {
                String name = "hot_" + tables++;
                try (RowTable rows = new RowTable(engine, name, dataset)) {
                    hot.read(dataset, 0, row -> {
                        rows.add(row.row(), row.seq());
                        return true;
                    });
                }
                add(dataset, name);
                engine.execute("DROP TABLE " + name);
            }
        }
    }

    /// Adds the parts of what is referred to, until there are no more.
    public void followParts() throws SQLException {
        long before = -1;
        long now = count("reference");
        while (now > before) {
            before = now;
            engine.execute("INSERT INTO reference SELECT DISTINCT part[2:], 'a part of ' || hash FROM ("
                    + "SELECT hash, unnest(from_json(parts, '[\"VARCHAR\"]')) AS part FROM payload"
                    + " WHERE parts IS NOT NULL AND hash IN (SELECT hash FROM reference))"
                    + " WHERE part[1] = '#' AND part[2:] NOT IN (SELECT hash FROM reference)");
            now = count("reference");
        }
    }

    /// Adds the parts of what is referred to, of those payloads alone that are.
    ///
    /// @param payloads a table of all of them
    public void followPartsOf(String payloads) throws SQLException {
        long before = -1;
        long now = count("payload");
        while (now > before) {
            before = now;
            engine.execute("INSERT INTO payload SELECT hash, any_value(parts) FROM " + payloads
                    + " WHERE parts IS NOT NULL AND hash IN (SELECT hash FROM reference)"
                    + " AND hash NOT IN (SELECT hash FROM payload) GROUP BY hash");
            followParts();
            now = count("payload");
        }
    }

    /// Adds what rows refer to, or payloads.
    ///
    /// @param from a table, or a query in parentheses, with columns of the dataset
    public void add(Dataset dataset, String from) throws SQLException {
        if (dataset.equals(Datasets.PAYLOADS)) {
            engine.execute("INSERT INTO payload SELECT hash, parts FROM " + from);
            return;
        }
        for (Column column : dataset.columns()) {
            String name = Engine.identifier(column.name());
            String of = Engine.literal(dataset.name() + "." + column.name());
            if (column.payload()) {
                String hash = column.type() == ColumnType.BINARY
                        ? "CASE WHEN octet_length(" + name + ") = 64 THEN TRY(decode(" + name + ")) END"
                        : name;
                engine.execute("INSERT INTO reference SELECT DISTINCT h, " + of + " FROM (SELECT " + hash
                        + " AS h FROM " + from + ") WHERE regexp_full_match(h, '" + HASH + "')");
            } else if (column.type() == ColumnType.JSON) {
                // Images and documents are named inside of frames and arguments. What only looks like a hash does no
                // harm.
                engine.execute("INSERT INTO reference SELECT DISTINCT unnest(regexp_extract_all(" + name + ", '" + HASH
                        + "')), NULL FROM " + from + " WHERE regexp_matches(" + name + ", '" + HASH + "')");
            }
        }
    }

    private long count(String table) throws SQLException {
        return Long.parseLong(engine.strings("SELECT count(*) FROM " + table).getFirst());
    }
}
