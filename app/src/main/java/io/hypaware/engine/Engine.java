package io.hypaware.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.duckdb.DuckDBConnection;

/// One DuckDB in memory, with a limit that holds: what does not fit spills to a folder of its own, which goes with it.
public final class Engine implements AutoCloseable {

    private final DuckDBConnection connection;
    private final Path spill;

    private Engine(DuckDBConnection connection, Path spill) {
        this.connection = connection;
        this.spill = spill;
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
        DuckDBConnection connection =
                DriverManager.getConnection("jdbc:duckdb:", settings).unwrap(DuckDBConnection.class);
        Engine engine = new Engine(connection, spill);
        engine.execute("SET TimeZone = 'UTC'");
        return engine;
    }

    public DuckDBConnection connection() {
        return connection;
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
        return "'" + text.replace("'", "''") + "'";
    }

    /// A name as a quoted SQL identifier.
    public static String identifier(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    @Override
    public void close() throws SQLException {
        connection.close();
        try (Stream<Path> files = Files.walk(spill)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the spill folder " + spill + " cannot be removed", e);
        }
    }
}
