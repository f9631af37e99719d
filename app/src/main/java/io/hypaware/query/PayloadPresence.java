package io.hypaware.query;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.engine.Engine;
import io.hypaware.journal.Journal;
import io.hypaware.lake.Lake;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// Whether all payloads are there that rows name, or that other payloads have as parts: told in one pass, which holds
/// eight bytes of each. A payload that nothing refers to any more may lack a part; whether one is missing that a row
/// needs, [References] say.
public final class PayloadPresence {

    private final Engine engine;

    /// Queries of hashes, each with whether it is only named.
    private final List<String> sources = new ArrayList<>();

    public PayloadPresence(Engine engine) throws SQLException {
        this.engine = engine;
        engine.execute("CREATE TABLE pending (h UBIGINT, is_named BOOLEAN)");
        sources.add("FROM pending");
    }

    /// Adds rows that are not in the lake.
    public void addHot(Journal journal) throws SQLException {
        EveryRow.pending(engine, journal, (dataset, from) -> {
            for (String source : sources(dataset, from)) {
                engine.execute("INSERT INTO pending " + source);
            }
        });
    }

    /// Adds the lake's rows, as they are now.
    public void addLake(Lake lake) throws SQLException {
        EveryRow.committed(engine, lake, "present", (dataset, from) -> sources.addAll(sources(dataset, from)));
    }

    /// Whether one is named that is not there.
    public boolean isAnyMissing() throws SQLException {
        return !engine.strings("SELECT 1 FROM (" + String.join(" UNION ALL ", sources)
                        + ") GROUP BY h HAVING bool_and(is_named) LIMIT 1")
                .isEmpty();
    }

    private static List<String> sources(Dataset dataset, String from) {
        if (dataset.equals(Datasets.PAYLOADS)) {
            return List.of(
                    "SELECT hash(hash) AS h, false AS is_named FROM " + from,
                    "SELECT hash(part[2:]) AS h, true AS is_named FROM"
                            + " (SELECT unnest(from_json(parts, '[\"VARCHAR\"]')) AS part FROM " + from
                            + " WHERE parts IS NOT NULL) WHERE part[1] = '#'");
        }
        return dataset.columns().stream()
                .filter(Column::payload)
                .map(column -> "SELECT hash(named) AS h, true AS is_named FROM (SELECT "
                        + PayloadColumns.hash(Engine.identifier(column.name()), column.type() == ColumnType.BINARY)
                        + " AS named FROM " + from + ") WHERE regexp_full_match(named, '" + References.HASH + "')")
                .toList();
    }
}
