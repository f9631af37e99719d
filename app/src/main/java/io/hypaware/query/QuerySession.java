package io.hypaware.query;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.dataset.Facts;
import io.hypaware.engine.Completed;
import io.hypaware.engine.Engine;
import io.hypaware.engine.RowTable;
import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import io.hypaware.lake.Lake;
import io.hypaware.lake.LakeTable;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.LocalFiles;
import io.hypaware.lake.Scan;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.duckdb.DuckDBAppender;

/// User SQL over one consistent view of the datasets: lake files, and the hot rows that are not in them.
///
/// Consistency (rule R2): the journal's snapshot is taken first, the lake's metadata after it. Whatever was
/// deleted from the journal before was committed to the lake before, so no row is missing; and hot rows at or
/// under the position that the metadata names are left out, so none is there twice.
public final class QuerySession implements AutoCloseable {

    private static final int MOST_THREADS = 4;

    private static final long BYTES_A_THREAD = 64L << 20;

    private static final String LAST_SEEN = "last_seen_at";

    /// Gets each statement's result in turn.
    @FunctionalInterface
    public interface ResultConsumer {
        void accept(QueryResult result) throws SQLException, IOException;
    }

    private final Engine engine;
    private final FetchedSources fetched;
    private final SafeSql sql;
    private final PayloadReader payloads;
    private final String marker;
    private volatile boolean cancelled;
    private volatile Optional<Statement> running = Optional.empty();

    private QuerySession(Engine engine, FetchedSources fetched, SafeSql sql, PayloadReader payloads, String marker) {
        this.payloads = payloads;
        this.marker = marker;
        this.engine = engine;
        this.fetched = fetched;
        this.sql = sql;
    }

    /// A text as a query says it, whoever wrote it.
    public static String literal(String text) {
        return Engine.literal(text);
    }

    /// Checks the SQL and prepares what it reads.
    ///
    /// @param cache the cache folder, which need not exist yet
    /// @throws QueryException if the SQL is not a query over datasets
    public static QuerySession open(Cache cache, long memoryBytes, String sql) throws QueryException, SQLException {
        return open(cache, memoryBytes, sql, Scope.ALL);
    }

    /// The same over a part of what is recorded.
    public static QuerySession open(Cache cache, long memoryBytes, String sql, Scope scope)
            throws QueryException, SQLException {
        int cores = Runtime.getRuntime().availableProcessors();
        return open(
                Engine.open(memoryBytes, threads(memoryBytes, cores), cache.spill()),
                cache,
                sql,
                new Reach(scope, Sources.NONE, Optional.empty()));
    }

    /// The same over all that is recorded, and tables besides.
    public static QuerySession open(Cache cache, long memoryBytes, String sql, Sources sources)
            throws QueryException, SQLException {
        int cores = Runtime.getRuntime().availableProcessors();
        return open(
                Engine.open(memoryBytes, threads(memoryBytes, cores), cache.spill()),
                cache,
                sql,
                new Reach(Scope.ALL, sources, Optional.empty()));
    }

    /// What a session sees.
    ///
    /// @param written where it may write files, too
    private record Reach(Scope scope, Sources sources, Optional<Path> written) {}

    /// One over all that is recorded, whose rows may be written to files of a folder.
    static QuerySession forExport(Cache cache, long memoryBytes, String sql, Path folder)
            throws QueryException, SQLException {
        return open(
                Engine.open(memoryBytes, 1, cache.spill()),
                cache,
                sql,
                new Reach(Scope.ALL, Sources.NONE, Optional.of(folder)));
    }

    private static QuerySession open(Engine engine, Cache cache, String sql, Reach reach)
            throws QueryException, SQLException {
        PayloadReader payloads = PayloadReader.open(cache);
        FetchedSources fetched = new FetchedSources(engine, cache);
        try {
            SafeSql safe = SafeSql.check(engine, sql, reach.sources().names());
            PayloadColumns columns = new PayloadColumns(engine, payloads, safe.payloadsOnlyShown());
            Set<Path> folders = prepare(engine, cache, safe, columns, reach.scope());
            for (String source : safe.sources()) {
                folders.add(fetched.fetch(source, reach.sources()));
            }
            reach.written().ifPresent(folders::add);
            engine.lockDown(folders);
            return new QuerySession(engine, fetched, safe, payloads, columns.marker());
        } catch (QueryException | SQLException | RuntimeException e) {
            engine.close();
            payloads.close();
            fetched.close();
            throw e;
        }
    }

    /// Each thread holds what it sorts and joins: with several of them, little memory is too little.
    static int threads(long memoryBytes, int cores) {
        return Math.clamp(memoryBytes / BYTES_A_THREAD, 1, Math.clamp(cores, 1, MOST_THREADS));
    }

    /// Runs the statements in order.
    ///
    /// @throws QueryException if one fails; the message is for the user
    public void run(ResultConsumer consumer) throws QueryException, IOException {
        for (int i = 0; i < sql.statements().size(); i++) {
            run(i, consumer);
        }
    }

    /// Runs one of the statements.
    public void run(int number, ResultConsumer consumer) throws QueryException, IOException {
        String text = sql.statements().get(number);
        try (Statement statement = engine.connection().createStatement()) {
            running = Optional.of(statement);
            if (cancelled) {
                throw new QueryException("the query was stopped");
            }
            try (ResultSet result = statement.executeQuery(text)) {
                consumer.accept(new QueryResult(result, payloads, marker));
            }
        } catch (SQLException e) {
            throw explained(cause(text, e));
        } finally {
            running = Optional.empty();
        }
    }

    Engine engine() {
        return engine;
    }

    PayloadReader payloads() {
        return payloads;
    }

    /// One of the statements, as it was checked.
    String statement(int number) {
        return sql.statements().get(number);
    }

    /// Stops what runs, from another thread.
    public void cancel() {
        cancelled = true;
        running.ifPresent(statement -> {
            try {
                statement.cancel();
            } catch (SQLException e) {
                // it has just ended
            }
        });
    }

    @Override
    public void close() throws SQLException {
        engine.close();
        payloads.close();
        fetched.close();
    }

    /// A streamed result that fails before its first row does not say why. Running it without its rows does.
    private SQLException cause(String text, SQLException e) {
        if (cancelled || !String.valueOf(e.getMessage()).contains("Invalid result set")) {
            return e;
        }
        try (Statement statement = engine.connection().createStatement();
                ResultSet _ = statement.executeQuery("EXPLAIN ANALYZE " + text)) {
            return e;
        } catch (SQLException told) {
            return told;
        }
    }

    QueryException explained(SQLException e) {
        String message = String.valueOf(e.getMessage());
        if (cancelled) {
            return new QueryException("the query was stopped");
        }
        if (Engine.isOutOfMemory(e)) {
            return new QueryException(
                    "the query needs more memory than its limit of %d MB, even with spilling to disk. Narrow it (fewer columns,"
                                    .formatted(engine.memoryBytes() / 1_000_000)
                            + " a LIMIT, a shorter time), or raise query.memory_bytes in the config",
                    e);
        }
        return new QueryException(ErrorTexts.plain(message, sql.datasets()), e);
    }

    /// @return the folders of the tables that are read
    private static Set<Path> prepare(Engine engine, Cache cache, SafeSql safe, PayloadColumns payloads, Scope scope)
            throws SQLException, QueryException {
        Set<Path> folders = new LinkedHashSet<>();
        Optional<Journal> journal = Journal.openExisting(cache.journal());
        try {
            Optional<Journal.HotRows> hot = journal.map(Journal::hotRows);
            try {
                try (AutoCloseableLake lake = new AutoCloseableLake(Lake.openExisting(cache))) {
                    Map<Dataset, Facts> completed = completed(safe);
                    for (Dataset dataset : withFacts(safe.datasets(), completed)) {
                        Optional<LakeTable> table = lake.lake().flatMap(l -> l.table(dataset));
                        base(engine, dataset, hot, table, scope);
                        if (showsSightings(dataset, safe)) {
                            sightings(engine, hot);
                        }
                        table.ifPresent(t -> folders.add(t.generation().folder()));
                    }
                    for (Facts facts : completed.values()) {
                        complete(engine, facts, safe);
                    }
                }
            } finally {
                hot.ifPresent(Journal.HotRows::close);
            }
        } finally {
            journal.ifPresent(Journal::close);
        }
        scope.withhold(engine);
        for (Dataset dataset : safe.datasets()) {
            engine.execute(view(dataset, safe, payloads, scope));
        }
        return folders;
    }

    /// What completes the datasets that are read, where a column that it completes may be.
    private static Map<Dataset, Facts> completed(SafeSql safe) {
        Map<Dataset, Facts> completed = new LinkedHashMap<>();
        for (Dataset dataset : safe.datasets()) {
            Datasets.factsAbout(dataset)
                    .filter(facts -> facts.columns().stream().anyMatch(column -> safe.mayRead(column.name())))
                    .ifPresent(facts -> completed.put(dataset, facts));
        }
        return completed;
    }

    private static Set<Dataset> withFacts(Set<Dataset> datasets, Map<Dataset, Facts> completed) {
        Set<Dataset> all = new LinkedHashSet<>(datasets);
        completed.values().forEach(facts -> all.add(facts.dataset()));
        return all;
    }

    /// Makes `stored_<dataset>` again, with what was learned of its rows; most caches have learned nothing.
    private static void complete(Engine engine, Facts facts, SafeSql safe) throws SQLException {
        String stored = "stored_" + facts.about().name();
        String known = "stored_" + facts.dataset().name();
        if (engine.strings("SELECT 1 FROM " + known + " LIMIT 1").isEmpty()) {
            return;
        }
        engine.execute("ALTER VIEW " + stored + " RENAME TO bare_" + stored);
        engine.execute("CREATE VIEW " + stored + " AS "
                + Completed.sql(facts, "bare_" + stored, known, column -> safe.mayRead(column.name())));
    }

    private static boolean showsSightings(Dataset dataset, SafeSql safe) {
        return dataset.equals(Datasets.PAYLOADS) && safe.mayRead(LAST_SEEN);
    }

    /// Makes the table that says when payloads were last seen, where that is after their row was written.
    private static void sightings(Engine engine, Optional<Journal.HotRows> hot) throws SQLException {
        engine.execute("CREATE TABLE sighting (hash VARCHAR, last_seen_at TIMESTAMPTZ)");
        try (DuckDBAppender rows = engine.connection().createAppender("sighting")) {
            hot.ifPresent(journal -> journal.readSightings((hash, lastMicros) -> {
                rows.beginRow();
                rows.append(hash);
                rows.appendEpochMicros(lastMicros);
                rows.endRow();
            }));
        }
    }

    /// Makes `stored_<dataset>`: the rows as stored, from lake and journal.
    private static void base(
            Engine engine, Dataset dataset, Optional<Journal.HotRows> hot, Optional<LakeTable> table, Scope scope)
            throws SQLException {
        try (RowTable rows = new RowTable(engine, "hot_" + dataset.name(), dataset)) {
            long committed = table.map(LakeTable::journalSeq).orElse(0L);
            if (hot.isPresent()) {
                hot.get().read(dataset, committed, row -> {
                    rows.add(row.row(), row.seq());
                    return true;
                });
            }
        }
        List<LiveFile> files = table.map(LakeTable::files).orElse(List.of()).stream()
                .filter(file -> scope.needs(dataset, file))
                .toList();
        String stored = "SELECT * FROM hot_" + dataset.name();
        if (!files.isEmpty()) {
            Scan scan = new Scan(engine, dataset.name(), files, new LocalFiles());
            stored += " UNION ALL BY NAME SELECT * FROM "
                    + scan.from(dataset, files.stream().map(LiveFile::path).toList());
        }
        engine.execute("CREATE VIEW stored_" + dataset.name() + " AS " + stored);
    }

    /// The dataset as users see it: payload values in place of their hashes, the stored extras only where they
    /// are named.
    private static String view(Dataset dataset, SafeSql safe, PayloadColumns payloads, Scope scope)
            throws SQLException, QueryException {
        List<String> columns = new ArrayList<>();
        List<String> joins = new ArrayList<>();
        Optional<String> visible = scope.visible(dataset);
        List<String> restrictions = new ArrayList<>(visible.stream().toList());
        // The engine takes no condition past a limit.
        boolean isGuarded = scope.isForeign() && visible.isPresent();
        for (Column column : dataset.columns()) {
            String name = Engine.identifier(column.name());
            if (column.payload() && safe.mayRead(column.name())) {
                PayloadColumns.Expression value = payloads.expression(dataset, column);
                value.join().ifPresent(joins::add);
                columns.add(value.sql() + " AS " + name);
                for (SafeSql.PayloadCondition condition :
                        isGuarded ? List.<SafeSql.PayloadCondition>of() : safe.conditions()) {
                    if (condition.column().equals(column.name())) {
                        payloads.restriction(dataset, column, value, condition.sql())
                                .ifPresent(restrictions::add);
                    }
                }
            } else if (column.name().equals(LAST_SEEN) && showsSightings(dataset, safe)) {
                joins.add("LEFT JOIN sighting ON sighting.hash = s.hash");
                columns.add("greatest(s." + name + ", sighting.last_seen_at) AS " + name);
            } else {
                columns.add("s." + name);
            }
        }
        for (String extra : List.of(Dataset.ROW_ID, Dataset.SEQ)) {
            if (safe.names(extra)) {
                columns.add("s." + extra);
            }
        }
        return "CREATE VIEW " + dataset.name() + " AS SELECT " + String.join(", ", columns) + " FROM stored_"
                + dataset.name() + " s " + String.join(" ", joins)
                + (restrictions.isEmpty() ? "" : " WHERE " + String.join(" AND ", restrictions))
                + (isGuarded ? " LIMIT " + Long.MAX_VALUE : "");
    }

    /// Closes a lake that may not be there.
    private record AutoCloseableLake(Optional<Lake> lake) implements AutoCloseable {
        @Override
        public void close() {
            lake.ifPresent(Lake::close);
        }
    }
}
