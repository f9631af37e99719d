package io.hypaware.query;

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

/// All rows that are stored, dataset by dataset.
final class EveryRow {

    /// Takes the rows of one dataset.
    @FunctionalInterface
    interface Reader {

        /// @param from a table, or a query in parentheses, with columns of the dataset
        void read(Dataset dataset, String from) throws SQLException;
    }

    /// Hands over rows that are not in the lake, as tables that are dropped afterwards.
    static void pending(Engine engine, Journal journal, Reader reader) throws SQLException {
        try (Journal.HotRows hot = journal.hotRows()) {
            for (Dataset dataset : Datasets.all()) {
                String name = "pending_" + dataset.name();
                try (RowTable rows = new RowTable(engine, name, dataset)) {
                    hot.read(dataset, 0, row -> {
                        rows.add(row.row(), row.seq());
                        return true;
                    });
                }
                reader.read(dataset, name);
                engine.execute("DROP TABLE " + name);
            }
        }
    }

    /// Hands over the lake's rows, as they are now.
    ///
    /// @param name tells this look from others by the same engine
    static void committed(Engine engine, Lake lake, String name, Reader reader) throws SQLException {
        for (Dataset dataset : Datasets.all()) {
            List<LiveFile> files = lake.table(dataset).map(LakeTable::files).orElse(List.of());
            if (!files.isEmpty()) {
                Scan scan = new Scan(engine, name + "_" + dataset.name(), files, new LocalFiles());
                reader.read(
                        dataset,
                        scan.from(dataset, files.stream().map(LiveFile::path).toList()));
            }
        }
    }

    private EveryRow() {}
}
