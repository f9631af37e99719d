package io.hypaware.engine;

import io.hypaware.home.Folders;
import io.hypaware.home.ProcessLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDriver;

/// One DuckDB in memory, with a limit that holds: what does not fit spills to a folder of its own, which goes
/// with it.
public final class Engine implements AutoCloseable {

    private static final int MAINTENANCE_THREADS = 2;
    private static final long LARGE_ROW_BYTES = 16 * 1024;

    /// A few rows of a megabyte among thousands of small ones.
    private static final long LARGE_ON_AVERAGE = 4 * 1024;

    /// A group of large rows is held several times over, with thousands of rows at a time on their way.
    private static final int LARGE_ROW_GROUPS = 16;

    private static final int HEAVY_ROW_GROUPS = 8;

    /// How often a row group is held by each thread: read, decoded, gathered, compressed.
    private static final int HELD_TIMES = 4;

    /// Most rows of a row group.
    public static final int ROW_GROUP_ROWS = 10_000;

    private final DuckDBConnection connection;
    private final Path spill;
    private final Optional<ProcessLock> lease;
    private final long memoryBytes;
    private final int threads;
    private long mostRowGroupBytes = Long.MAX_VALUE;

    private Engine(
            DuckDBConnection connection, long memoryBytes, int threads, Path spill, Optional<ProcessLock> lease) {
        this.threads = threads;
        this.memoryBytes = memoryBytes;
        this.connection = connection;
        this.spill = spill;
        this.lease = lease;
    }

    /// Loads what opening one needs; the first of a process takes three times as long as the next ones.
    public static void load() throws SQLException {
        Properties settings = new Properties();
        // Not one for each of the machine's cores.
        settings.setProperty("threads", "1");
        new DuckDBDriver().connect("jdbc:duckdb:", settings).close();
        // Names the spill folder.
        new SecureRandom().nextLong();
    }

    /// @param memoryBytes most memory for data; over it the engine spills
    /// @param spillParent an existing folder in which this engine makes its own
    public static Engine open(long memoryBytes, int threads, Path spillParent) throws SQLException {
        Path spill;
        try {
            spill = Files.createTempDirectory(spillParent, "spill-");
        } catch (IOException e) {
            throw new UncheckedIOException("no spill folder can be made in " + spillParent, e);
        }
        Properties settings = new Properties();
        settings.setProperty("memory_limit", memoryBytes + "B");
        settings.setProperty("threads", Integer.toString(threads));
        settings.setProperty("temp_directory", spill.toString());
        settings.setProperty("preserve_insertion_order", "false");
        settings.setProperty("jdbc_stream_results", "true");
        // Not by the driver manager, which would load the drivers of all databases.
        DuckDBConnection connection =
                new DuckDBDriver().connect("jdbc:duckdb:", settings).unwrap(DuckDBConnection.class);
        Engine engine = new Engine(connection, memoryBytes, threads, spill, lease(spill));
        engine.execute("SET TimeZone = 'UTC'");
        return engine;
    }

    /// An engine for maintenance. What it holds besides data, such as the writer's buffers, it does not count;
    /// that much is left free. Java's garbage is not to stand beside it.
    ///
    /// @param memoryBytes most memory in all
    public static Engine forMaintenance(long memoryBytes, Path spillParent) throws SQLException {
        JavaHeap.keepSmall();
        int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MAINTENANCE_THREADS);
        return open(memoryBytes / 4 * 3, threads, spillParent);
    }

    /// Fits threads and row groups to the rows that come next, so that what is read, decoded, gathered and compressed
    /// at the same time fits.
    ///
    /// @param bytesPerRow decoded, on average where they are heaviest
    public void expect(long bytesPerRow) throws SQLException {
        long rowGroup = bytesPerRow * ROW_GROUP_ROWS;
        boolean large = bytesPerRow > LARGE_ON_AVERAGE;
        boolean heavy = large || rowGroup * threads * HELD_TIMES > memoryBytes;
        mostRowGroupBytes =
                large ? mostLargeBytes(memoryBytes) : heavy ? memoryBytes / HEAVY_ROW_GROUPS : Long.MAX_VALUE;
        execute("SET threads = " + (heavy ? 1 : threads));
    }

    /// The same for rows of which some are large, whatever the others are.
    public void expectLarge() throws SQLException {
        expect(LARGE_ROW_BYTES);
    }

    /// Most bytes of large rows that may come at once: the engine takes thousands of rows at a time, however large.
    public static long mostLargeBytes(long memoryBytes) {
        return memoryBytes / LARGE_ROW_GROUPS;
    }

    public static boolean isLargeRow(long bytes) {
        return bytes > LARGE_ROW_BYTES;
    }

    /// Most bytes of one row group that this engine can read and write at the same time, its buffers included.
    ///
    /// @param wanted what the config says
    public long rowGroupBytes(long wanted) {
        return Math.min(wanted, mostRowGroupBytes);
    }

    /// Tells a sweep that this spill folder is in use, however long nothing is written to it.
    private static Optional<ProcessLock> lease(Path spill) {
        try {
            return ProcessLock.tryTake(spill.resolve(".lease"), "engine");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /// Whether something failed for the limit, rather than for what it read.
    public static boolean isOutOfMemory(Throwable e) {
        return String.valueOf(e.getMessage()).contains("Out of Memory");
    }

    /// Whether rows were too long for this process, to which two thousand of them are handed over at once.
    public static boolean isTooLongToHandOver(Throwable e) {
        return String.valueOf(e.getMessage()).contains("Java heap space");
    }

    /// The limit that this engine was opened with.
    public long memoryBytes() {
        return memoryBytes;
    }

    public DuckDBConnection connection() {
        return connection;
    }

    /// A file beside what is spilled, which goes with it.
    public Path spillFile(String name) {
        return spill.resolve(name);
    }

    public void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /// The first column of every row.
    public List<String> strings(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                found.add(rows.getString(1));
            }
            return found;
        }
    }

    /// A text as an SQL literal.
    public static String literal(String text) {
        String quoted = "'" + text.replace("'", "''") + "'";
        // A NUL would end the statement.
        return text.indexOf(0) < 0 ? quoted : "(" + quoted.replace(Character.toString(0), "' || chr(0) || '") + ")";
    }

    /// A name as a quoted SQL identifier.
    public static String identifier(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    @Override
    public void close() throws SQLException {
        connection.close();
        lease.ifPresent(ProcessLock::close);
        try {
            Folders.delete(spill);
        } catch (IOException e) {
            throw new UncheckedIOException("the spill folder " + spill + " cannot be removed", e);
        }
    }

    /// From here on nothing but the files of some folders can be read or written, and no setting changed.
    public void lockDown(Collection<Path> folders) throws SQLException {
        execute("SET allowed_directories = ["
                + folders.stream().map(folder -> literal(folder + "/")).collect(Collectors.joining(", ")) + "]");
        execute("SET enable_external_access = false");
        execute("SET lock_configuration = true");
    }
}
