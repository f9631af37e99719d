package io.hypaware.query;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.engine.Engine;
import io.hypaware.journal.Journal;
import io.hypaware.lake.Lake;
import java.sql.SQLException;

/// Which payloads rows refer to, directly or as parts of others, as tables of an engine: `reference`
/// (hash, of_column) and `payload` (hash, parts).
public final class References {

    /// What a hash looks like.
    static final String HASH = "[0-9a-f]{64}";

    private final Engine engine;

    public References(Engine engine) throws SQLException {
        this.engine = engine;
        engine.execute("CREATE TABLE reference (hash VARCHAR, of_column VARCHAR)");
        engine.execute("CREATE TABLE payload (hash VARCHAR, parts VARCHAR)");
    }

    /// Adds what the lake's rows refer to, and the lake's payloads.
    public void addLake(Lake lake) throws SQLException {
        EveryRow.committed(engine, lake, "references", this::add);
    }

    /// Adds what pending rows refer to, and pending payloads.
    public void addHot(Journal journal) throws SQLException {
        EveryRow.pending(engine, journal, this::add);
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
                engine.execute("INSERT INTO reference SELECT DISTINCT h, " + of + " FROM (SELECT "
                        + PayloadColumns.hash(name, column.type() == ColumnType.BINARY) + " AS h FROM " + from
                        + ") WHERE regexp_full_match(h, '" + HASH + "')");
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
