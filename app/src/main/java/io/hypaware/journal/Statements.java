package io.hypaware.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig.SynchronousMode;

/// A connection with its prepared statements, which are kept: preparing one costs more than most of what they do.
/// Of one thread.
final class Statements implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Statements.class.getName());

    private static final int MOST_KEPT = 64;

    /// Work with one prepared statement, which leaves no result open.
    @FunctionalInterface
    interface Work<T extends @Nullable Object> {
        T apply(PreparedStatement statement) throws SQLException;
    }

    private final Connection connection;
    private final Map<String, PreparedStatement> kept = new LinkedHashMap<>(16, 0.75f, true);

    /// @param connection the object's own from then on
    Statements(Connection connection) {
        this.connection = connection;
    }

    /// Opens the journal, and makes it if there is none.
    static Statements open(Path journal, int cachePages) {
        try {
            Connection connection = Sqlite.open(journal, SynchronousMode.NORMAL, cachePages);
            JournalSchema.ensure(connection);
            return new Statements(connection);
        } catch (SQLException e) {
            throw new JournalException("the journal " + journal + " cannot be opened", e);
        }
    }

    /// The same; nothing where there is no journal.
    static Optional<Statements> openExisting(Path journal, int cachePages) {
        return Files.exists(journal) ? Optional.of(open(journal, cachePages)) : Optional.empty();
    }

    Connection connection() {
        return connection;
    }

    /// Forces to disk what was committed; see [Journal#sync].
    static void sync(Path journal) {
        Path log = journal.resolveSibling(journal.getFileName() + "-wal");
        // Another name than the database's: closing that one would take SQLite's locks on it away.
        try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
            channel.force(true);
        } catch (NoSuchFileException e) {
            // All of it is in the database, which SQLite has synced.
        } catch (IOException e) {
            throw new JournalException("the journal " + journal + " cannot be synced", e);
        }
    }

    <T extends @Nullable Object> T run(String sql, Work<T> work) {
        try {
            PreparedStatement statement = prepared(sql);
            try {
                T result = work.apply(statement);
                // What was bound may be large.
                statement.clearParameters();
                return result;
            } catch (SQLException | RuntimeException e) {
                kept.remove(sql);
                statement.close();
                throw e;
            }
        } catch (SQLException e) {
            throw new JournalException(
                    "the journal failed at \"" + sql.strip().lines().findFirst().orElse("") + "\"", e);
        }
    }

    /// Runs a statement that gives nothing back.
    void run(String sql) {
        run(sql, PreparedStatement::execute);
    }

    /// Does work in one transaction, or none of it.
    void inTransaction(Runnable work) {
        run("BEGIN IMMEDIATE");
        boolean committed = false;
        try {
            work.run();
            run("COMMIT");
            committed = true;
        } finally {
            if (!committed) {
                rollback();
            }
        }
    }

    /// Undoes what the transaction has done, where there still is one.
    void rollback() {
        try {
            run("ROLLBACK");
        } catch (JournalException e) {
            // SQLite has rolled back by itself, as it does when the disk is full.
            LOG.log(Level.FINE, "nothing to roll back", e);
        }
    }

    /// The number that a query gives.
    long number(String sql) {
        return run(sql, statement -> {
            try (ResultSet row = statement.executeQuery()) {
                return row.getLong(1);
            }
        });
    }

    /// The last position that was ever given to a row; 0 in a new journal.
    long lastPosition() {
        return number("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'hot_row'), 0)");
    }

    /// Whether a query with two texts finds anything.
    boolean exists(String sql, String first, String second) {
        return run(sql, statement -> {
            statement.setString(1, first);
            statement.setString(2, second);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        });
    }

    private PreparedStatement prepared(String sql) throws SQLException {
        PreparedStatement known = kept.get(sql);
        if (known != null) {
            return known;
        }
        if (kept.size() >= MOST_KEPT) {
            var eldest = kept.values().iterator();
            eldest.next().close();
            eldest.remove();
        }
        PreparedStatement statement = connection.prepareStatement(sql);
        kept.put(sql, statement);
        return statement;
    }

    @Override
    public void close() {
        try {
            for (PreparedStatement statement : kept.values()) {
                statement.close();
            }
            connection.close();
        } catch (SQLException e) {
            throw new JournalException("the journal cannot be closed", e);
        }
    }
}
