package io.hypaware.sink.rows;

import io.hypaware.dataset.Dataset;
import io.hypaware.journal.RowBatch;
import io.hypaware.query.RowExport;
import java.util.ArrayList;
import java.util.List;

/// Which rows a batch is made of.
public final class RowSelection {

    /// In SQL over stored rows `s`.
    public static String sql(Dataset dataset, RowBatch batch) {
        if (!batch.isRelease()) {
            return range(dataset, batch.range());
        }
        // Nothing, if what was left out was purged.
        List<String> parts = new ArrayList<>(List.of("false"));
        for (RowBatch.Withheld part : batch.released()) {
            parts.add("(" + RowExport.isOf(dataset, part.session()) + " AND " + range(dataset, part.range()) + ")");
        }
        return "(" + String.join(" OR ", parts) + ")";
    }

    private static String range(Dataset dataset, RowBatch.RowRange range) {
        return "s._seq > " + range.after() + " AND s._seq <= " + range.last()
                + range.day()
                        .map(day -> " AND " + RowExport.day(dataset) + " = " + day)
                        .orElse("");
    }

    private RowSelection() {}
}
