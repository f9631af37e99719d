package io.hypaware.query;

import io.hypaware.config.TeamLakeConfig;
import io.hypaware.engine.Engine;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Set;

/// User SQL over one consistent view of the datasets, as [StoredTables] have them.
public final class QuerySession implements AutoCloseable {

    private static final int MOST_THREADS = 4;

    private static final long BYTES_A_THREAD = 64L << 20;

    /// Gets each statement's result in turn.
    @FunctionalInterface
    public interface ResultConsumer {
        void accept(QueryResult result) throws SQLException, IOException;
    }

    private final Engine engine;
    private final StoredTables tables;
    private final FetchedSources fetched;
    private final SafeSql sql;
    private final PayloadReader payloads;
    private final String marker;
    private volatile boolean cancelled;
    private volatile Optional<Statement> running = Optional.empty();

    private QuerySession(
            Engine engine, StoredTables tables, FetchedSources fetched, SafeSql sql, PayloadColumns columns) {
        this.payloads = columns.payloads();
        this.marker = columns.marker();
        this.engine = engine;
        this.tables = tables;
        this.fetched = fetched;
        this.sql = sql;
    }

    /// A text as a query says it, whoever wrote it.
    public static String literal(String text) {
        return Engine.literal(text);
    }

    /// Loads what a first session takes longer for than the next ones.
    public static void load() throws SQLException {
        Engine.load();
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
        return open(engine(cache, memoryBytes), cache, sql, new Reach(scope, Sources.NONE, Optional.empty()));
    }

    /// The same over all that is recorded, and tables besides.
    public static QuerySession open(Cache cache, long memoryBytes, String sql, Sources sources)
            throws QueryException, SQLException {
        return open(engine(cache, memoryBytes), cache, sql, new Reach(Scope.ALL, sources, Optional.empty()));
    }

    /// The same over the lake of a team, as it is now; nothing of this machine alone is in it.
    ///
    /// @param cache where what does not fit in memory goes
    /// @throws io.hypaware.lake.LakeException if its catalog cannot be reached
    public static QuerySession open(TeamLakeConfig team, Cache cache, long memoryBytes, String sql)
            throws QueryException, SQLException, InterruptedException {
        return open(team, cache, memoryBytes, sql, Fetching.showing(Progress.NONE));
    }

    /// The same, fetching files of a bucket as it is said.
    public static QuerySession open(TeamLakeConfig team, Cache cache, long memoryBytes, String sql, Fetching fetching)
            throws QueryException, SQLException, InterruptedException {
        Engine engine = engine(cache, memoryBytes);
        TeamTables tables;
        try {
            tables = TeamTables.open(team, cache, engine.spillFile("fetched"), fetching);
        } catch (RuntimeException | InterruptedException e) {
            engine.close();
            throw e;
        }
        return open(engine, cache, sql, new Reach(Scope.ALL, Sources.NONE, Optional.empty()), tables);
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
        return open(engine, cache, sql, reach, new LocalTables(cache));
    }

    private static QuerySession open(Engine engine, Cache cache, String sql, Reach reach, StoredTables tables)
            throws QueryException, SQLException {
        PayloadReader payloads = new PayloadReader(tables.payloads());
        FetchedSources fetched = new FetchedSources(engine, cache);
        try {
            SafeSql safe = SafeSql.check(engine, sql, reach.sources().names());
            PayloadColumns columns = new PayloadColumns(engine, payloads, safe.payloadsOnlyShown());
            Set<Path> folders = new DatasetViews(engine, tables, safe, reach.scope()).create(columns);
            for (String source : safe.sources()) {
                folders.add(fetched.fetch(source, reach.sources()));
            }
            reach.written().ifPresent(folders::add);
            engine.lockDown(folders);
            return new QuerySession(engine, tables, fetched, safe, columns);
        } catch (QueryException | SQLException | RuntimeException e) {
            engine.close();
            payloads.close();
            fetched.close();
            tables.close();
            throw e;
        }
    }

    private static Engine engine(Cache cache, long memoryBytes) throws SQLException {
        int cores = Runtime.getRuntime().availableProcessors();
        return Engine.open(memoryBytes, threads(memoryBytes, cores), cache.spill());
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
        tables.stop();
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
        tables.close();
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
        if (Engine.isTooLongToHandOver(e)) {
            return new QueryException(
                    "the values of these rows are too long for this command's memory, as two thousand rows are read at once;"
                            + " what was written before is not all of the result."
                            + " Ask for a part of them (left, substring), fewer columns or less than two thousand rows with a"
                            + " LIMIT, or write them to a file: hyp export",
                    e);
        }
        return new QueryException(ErrorTexts.plain(message, sql.datasets()), e);
    }
}
