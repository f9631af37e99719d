package io.hypaware.query;

import io.hypaware.dataset.Hashes;
import io.hypaware.engine.Engine;
import io.hypaware.home.Cache;
import io.hypaware.home.Folders;
import io.hypaware.lake.LiveFile;
import io.hypaware.lake.LocalFiles;
import io.hypaware.lake.Scan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.sqlite.SQLiteConfig;

/// Which files of messages have rows of which sessions, so that a query of some sessions opens the files of those
/// alone. Sessions are known by eight bytes of a hash each.
///
/// A file never changes, so that what is known of it stays true; one that is not known is opened. Lost, the index is
/// made again.
public final class SessionIndex implements AutoCloseable {

    /// Messages.
    static final String DATASET = "ai_gateway_messages";

    /// Of messages; a row that says its session is of that one.
    static final String COLUMN = "session_id";

    /// The session of a row of messages, in SQL.
    public static final String KEY = "coalesce(" + COLUMN + ", split_part(conversation_id, '/', 1))";

    /// A file with more sessions is opened whoever is asked for.
    private static final int MOST_SESSIONS = 100_000;

    private static final int BUSY_MILLIS = 10_000;
    private static final int HASH_DIGITS = 16;
    private static final Logger LOG = Logger.getLogger(SessionIndex.class.getName());

    private static final List<String> TABLES = List.of(
            "CREATE TABLE IF NOT EXISTS file (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, is_full INTEGER NOT NULL)",
            "CREATE TABLE IF NOT EXISTS session (hash INTEGER NOT NULL, file INTEGER NOT NULL, PRIMARY KEY (hash, file))"
                    + " WITHOUT ROWID");

    private final Connection connection;

    private SessionIndex(Connection connection) {
        this.connection = connection;
    }

    /// Opens the index, and makes an empty one where there is none, or none that can be read.
    public static SessionIndex open(Cache cache) throws SQLException, IOException {
        try {
            return opened(cache);
        } catch (SQLException e) {
            LOG.log(Level.WARNING, "the index of sessions cannot be read, and is made again", e);
            Folders.deleteIfThere(cache.sessionIndex());
            return opened(cache);
        }
    }

    private static SessionIndex opened(Cache cache) throws SQLException {
        Connection connection = connection(cache, false);
        try (Statement statement = connection.createStatement()) {
            for (String table : TABLES) {
                statement.execute(table);
            }
            return new SessionIndex(connection);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static Connection connection(Cache cache, boolean isReadOnly) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(isReadOnly);
        config.setBusyTimeout(BUSY_MILLIS);
        return config.createConnection("jdbc:sqlite:" + cache.sessionIndex());
    }

    /// Names of files that have no row of any of some sessions, as far as that is known.
    public static Set<String> filesWithout(Cache cache, Collection<String> sessions) {
        if (!Files.exists(cache.sessionIndex())) {
            return Set.of();
        }
        String hashes =
                sessions.stream().map(session -> Long.toString(hash(session))).collect(Collectors.joining(", "));
        try (Connection connection = connection(cache, true)) {
            return strings(
                    connection,
                    "SELECT name FROM file WHERE NOT is_full AND id NOT IN (SELECT file FROM session WHERE hash IN ("
                            + hashes + "))");
        } catch (SQLException e) {
            // The worker mends it; until then all files are opened.
            LOG.log(Level.INFO, "the index of sessions cannot be read", e);
            return Set.of();
        }
    }

    private static Set<String> strings(Connection connection, String sql) throws SQLException {
        Set<String> found = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
        }
        return found;
    }

    /// The first eight bytes of its hash.
    private static long hash(String session) {
        return Long.parseUnsignedLong(
                Hashes.sha256(session.getBytes(StandardCharsets.UTF_8)).substring(0, HASH_DIGITS), HASH_DIGITS);
    }

    static String name(LiveFile file) {
        return String.valueOf(file.path().getFileName());
    }

    /// Files that are not known yet.
    public List<LiveFile> unknown(Collection<LiveFile> files) throws SQLException {
        Set<String> known = strings(connection, "SELECT name FROM file");
        return files.stream().filter(file -> !known.contains(name(file))).toList();
    }

    /// Forgets files that are gone.
    public void keepOnly(Collection<LiveFile> live) throws SQLException {
        Set<String> gone = strings(connection, "SELECT name FROM file");
        live.forEach(file -> gone.remove(name(file)));
        if (!gone.isEmpty()) {
            inTransaction(() -> {
                try (PreparedStatement sessions = connection.prepareStatement(
                                "DELETE FROM session WHERE file = (SELECT id FROM file WHERE name = ?)");
                        PreparedStatement file = connection.prepareStatement("DELETE FROM file WHERE name = ?")) {
                    for (String name : gone) {
                        sessions.setString(1, name);
                        sessions.executeUpdate();
                        file.setString(1, name);
                        file.executeUpdate();
                    }
                }
            });
        }
    }

    /// Reads some files, and knows them from then on.
    public void learn(Engine engine, List<LiveFile> files) throws SQLException {
        Map<String, Set<Long>> sessions = new HashMap<>();
        files.forEach(file -> sessions.put(name(file), new HashSet<>()));
        Scan scan = new Scan(engine, "learned", files, new LocalFiles());
        String rows = scan.fromWithPlaces(files.stream().map(LiveFile::path).toList(), false);
        try (Statement statement = engine.connection().createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT DISTINCT filename, " + KEY + " FROM " + rows + " WHERE " + KEY + " IS NOT NULL")) {
            while (row.next()) {
                Set<Long> known =
                        sessions.get(String.valueOf(Path.of(row.getString(1)).getFileName()));
                if (known != null && known.size() <= MOST_SESSIONS) {
                    known.add(hash(row.getString(2)));
                }
            }
        }
        inTransaction(() -> write(sessions));
    }

    private void write(Map<String, Set<Long>> sessions) throws SQLException {
        try (PreparedStatement file =
                        connection.prepareStatement("INSERT INTO file (name, is_full) VALUES (?, ?) RETURNING id");
                PreparedStatement session = connection.prepareStatement("INSERT INTO session VALUES (?, ?)")) {
            for (Map.Entry<String, Set<Long>> one : sessions.entrySet()) {
                boolean isFull = one.getValue().size() > MOST_SESSIONS;
                file.setString(1, one.getKey());
                file.setBoolean(2, isFull);
                long id;
                try (ResultSet row = file.executeQuery()) {
                    row.next();
                    id = row.getLong(1);
                }
                for (long hash : isFull ? Set.<Long>of() : one.getValue()) {
                    session.setLong(1, hash);
                    session.setLong(2, id);
                    session.addBatch();
                }
                session.executeBatch();
            }
        }
    }

    /// Changes that are made together or not at all.
    @FunctionalInterface
    private interface Change {
        void make() throws SQLException;
    }

    private void inTransaction(Change change) throws SQLException {
        connection.setAutoCommit(false);
        try {
            change.make();
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
