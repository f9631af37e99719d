package io.hypaware.query;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.engine.Engine;
import io.hypaware.engine.RowTable;
import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.LocalFiles;
import io.hypaware.lake.RowCondition;
import io.hypaware.lake.RowCondition.Comparison;
import io.hypaware.lake.Scan;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.duckdb.DuckDBAppender;

/// What this machine has: lake files, and the hot rows that are not in them.
///
/// Consistency (rule R2): the journal's snapshot is taken first, the lake's metadata after it. Whatever was
/// deleted from the journal before was committed to the lake before, so no row is missing; and hot rows at or
/// under the position that the metadata names are left out, so none is there twice.
///
/// @param cache the cache folder, which need not exist yet
record LocalTables(Cache cache) implements StoredTables {

    private static final String SIGHTINGS = "sighting";

    @Override
    public Dataset shown(Dataset dataset) {
        return dataset;
    }

    @Override
    public List<String> owner() {
        return List.of();
    }

    @Override
    public PayloadStore payloads() {
        return new StoredPayloads(cache);
    }

    @Override
    public Set<Path> prepare(Engine engine, Wanted wanted) throws SQLException {
        Set<Path> folders = new LinkedHashSet<>();
        Map<Dataset, List<List<RowCondition>>> conditions = WantedRows.of(engine, wanted, this::shown);
        Scope scope = conditions.entrySet().stream()
                .filter(one -> one.getKey().name().equals(SessionIndex.DATASET))
                .findFirst()
                .flatMap(messages -> sessions(messages.getValue()))
                .map(sessions -> wanted.scope().without(SessionIndex.filesWithout(cache, sessions)))
                .orElse(wanted.scope());
        Optional<Journal> journal = Journal.openExisting(cache.journal());
        try {
            Optional<Journal.HotRows> hot = journal.map(Journal::hotRows);
            try {
                try (AutoCloseableLake lake = new AutoCloseableLake(Lake.openExisting(cache))) {
                    for (Map.Entry<Dataset, List<List<RowCondition>>> one : conditions.entrySet()) {
                        Dataset dataset = one.getKey();
                        Optional<LakeTable> table = lake.lake().flatMap(l -> l.table(dataset));
                        hot(
                                engine,
                                dataset,
                                hot,
                                table.map(LakeTable::journalSeq).orElse(0L));
                        List<LiveFile> files =
                                table.map(t -> t.files(asStored(dataset, one.getValue()))).orElse(List.of()).stream()
                                        .filter(file -> scope.needs(dataset, file))
                                        .toList();
                        base(engine, dataset, files);
                        if (dataset.equals(Datasets.PAYLOADS)
                                && sightings(wanted.sql()).isPresent()) {
                            sightings(engine, hot);
                        }
                        table.ifPresent(t -> folders.add(t.generation().folder()));
                    }
                }
            } finally {
                hot.ifPresent(Journal.HotRows::close);
            }
        } finally {
            journal.ifPresent(Journal::close);
        }
        return folders;
    }

    /// The sessions of all rows of messages that are needed, if the conditions name them.
    private static Optional<List<String>> sessions(List<List<RowCondition>> conditions) {
        List<String> sessions = new ArrayList<>();
        for (List<RowCondition> all : conditions) {
            Optional<RowCondition> named = all.stream()
                    .filter(one -> one.column().equals(SessionIndex.COLUMN) && one.comparison() == Comparison.EQUAL)
                    .findFirst();
            if (named.isEmpty()) {
                return Optional.empty();
            }
            named.get().values().forEach(session -> sessions.add(session.toString()));
        }
        return Optional.of(sessions);
    }

    /// Without conditions on what is stored otherwise than it is shown.
    private static List<List<RowCondition>> asStored(Dataset dataset, List<List<RowCondition>> conditions) {
        return dataset.equals(Datasets.PAYLOADS)
                ? conditions.stream()
                        .map(all -> all.stream()
                                .filter(one -> !one.column().equals(DatasetViews.LAST_SEEN))
                                .toList())
                        .toList()
                : conditions;
    }

    @Override
    public Optional<String> sightings(SafeSql sql) {
        return sql.datasets().contains(Datasets.PAYLOADS) && sql.mayRead(DatasetViews.LAST_SEEN)
                ? Optional.of(SIGHTINGS)
                : Optional.empty();
    }

    /// Makes the table that says when payloads were last seen, where that is after their row was written.
    private static void sightings(Engine engine, Optional<Journal.HotRows> hot) throws SQLException {
        engine.execute("CREATE TABLE " + SIGHTINGS + " (hash VARCHAR, last_seen_at TIMESTAMPTZ)");
        try (DuckDBAppender rows = engine.connection().createAppender(SIGHTINGS)) {
            hot.ifPresent(journal -> journal.readSightings((hash, lastMicros) -> {
                rows.beginRow();
                rows.append(hash);
                rows.appendEpochMicros(lastMicros);
                rows.endRow();
            }));
        }
    }

    /// Makes `hot_<dataset>`: the rows that are not in the lake.
    ///
    /// @param committed position up to which they are
    private static void hot(Engine engine, Dataset dataset, Optional<Journal.HotRows> hot, long committed)
            throws SQLException {
        try (RowTable rows = new RowTable(engine, "hot_" + dataset.name(), dataset)) {
            if (hot.isPresent()) {
                hot.get().read(dataset, committed, row -> {
                    rows.add(row.row(), row.seq());
                    return true;
                });
            }
        }
    }

    /// Makes `stored_<dataset>`: the rows as stored, from lake and journal.
    private static void base(Engine engine, Dataset dataset, List<LiveFile> files) throws SQLException {
        String stored = "SELECT * FROM hot_" + dataset.name();
        if (!files.isEmpty()) {
            Scan scan = new Scan(engine, dataset.name(), files, new LocalFiles());
            stored += " UNION ALL BY NAME SELECT * FROM "
                    + scan.from(dataset, files.stream().map(LiveFile::path).toList());
        }
        engine.execute("CREATE VIEW stored_" + dataset.name() + " AS " + stored);
    }

    /// Each session reads the files anew.
    @Override
    public void close() {}

    /// Closes a lake that may not be there.
    private record AutoCloseableLake(Optional<Lake> lake) implements AutoCloseable {
        @Override
        public void close() {
            lake.ifPresent(Lake::close);
        }
    }
}
