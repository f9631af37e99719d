package io.hypaware.maintain.purge;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.engine.Engine;
import io.hypaware.query.References;
import java.sql.SQLException;
import java.util.List;

/// Payloads that no row refers to once those that go have gone, directly or as part of another one. What nothing
/// referred to before is among them: nobody can say whose it was.
final class UnreferencedPayloads {

    /// @param payloads that go, and bytes of their values
    /// @param shared that rows which go refer to, and others, too: they stay
    record Size(long payloads, long bytes, long shared) {}

    private final DoomedRows rows;

    private UnreferencedPayloads(DoomedRows rows) {
        this.rows = rows;
    }

    /// Finds them, as the table `doomed_payload`.
    static UnreferencedPayloads of(DoomedRows rows) throws SQLException {
        Engine engine = rows.engine();
        References references = new References(engine);
        for (Dataset dataset : Datasets.all()) {
            references.add(
                    dataset,
                    "(SELECT * FROM rows_" + dataset.name() + " f WHERE NOT coalesce(" + rows.condition(dataset)
                            + ", false))");
        }
        references.followParts();
        engine.execute("CREATE TABLE doomed_payload AS SELECT DISTINCT hash FROM payload"
                + " WHERE hash NOT IN (SELECT hash FROM reference)");
        return new UnreferencedPayloads(rows);
    }

    Size size() throws SQLException {
        String payloads = "rows_" + Datasets.PAYLOADS.name();
        String going = " FROM " + payloads + " WHERE hash IN (SELECT hash FROM doomed_payload)";
        long parts =
                rows.number("SELECT count(DISTINCT part[2:]) FROM (SELECT unnest(from_json(parts, '[\"VARCHAR\"]'))"
                        + " AS part" + going + " AND parts IS NOT NULL) WHERE part[1] = '#'"
                        + " AND part[2:] NOT IN (SELECT hash FROM doomed_payload)");
        return new Size(
                rows.number("SELECT count(*) FROM doomed_payload"),
                rows.number("SELECT coalesce(sum(size), 0)::BIGINT" + going),
                parts);
    }

    void hashes(DoomedRows.Taker<String> taker) throws SQLException {
        rows.hand("SELECT hash FROM doomed_payload", taker);
    }

    /// The files of the lake that have some.
    List<String> files() throws SQLException {
        return rows.engine()
                .strings("SELECT DISTINCT file FROM rows_" + Datasets.PAYLOADS.name()
                        + " WHERE file IS NOT NULL AND hash IN (SELECT hash FROM doomed_payload)");
    }
}
