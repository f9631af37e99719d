package io.hypaware.journal;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteErrorCode;

/// Opens SQLite the way the journal needs it: WAL and a busy timeout. Transactions are begun in SQL, because the
/// driver's own begin the next one, and take its lock, as soon as one ends.
final class Sqlite {

    private static final Logger LOG = Logger.getLogger(Sqlite.class.getName());

    private static final int BUSY_TIMEOUT_MILLIS = 60_000;
    private static final int SHORT_TIMEOUT_MILLIS = 50;

    /// Larger than SQLite's default, because most of the journal is 64 KB blobs.
    private static final int PAGE_BYTES = 16_384;

    /// As `PRAGMA auto_vacuum` says it.
    private static final int INCREMENTAL = 2;

    /// 64 MB.
    private static final int CHECKPOINT_PAGES = 4_096;

    static Connection open(Path file, SynchronousMode synchronous, int cachePages) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setSynchronous(synchronous);
        config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        config.setPageSize(PAGE_BYTES);
        config.setCacheSize(cachePages);
        Connection connection = config.createConnection("jdbc:sqlite:" + file);
        try {
            prepare(connection);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
        return connection;
    }

    private static void prepare(Connection connection) throws SQLException {
        // In this order: a new file learns to give pages back only before it becomes a WAL one.
        // Asked first: saying it again writes a page, so that everyone who reads would write.
        if (!isIncremental(connection)) {
            execute(connection, "PRAGMA auto_vacuum = INCREMENTAL");
        }
        becomeWal(connection);
        // What is deleted of a page that is written anyway leaves nothing behind.
        execute(connection, "PRAGMA secure_delete = FAST");
        // Checkpoints at every few megabytes would write each frame twice as often as needed, and sync it.
        execute(connection, "PRAGMA wal_autocheckpoint = " + CHECKPOINT_PAGES);
    }

    private static boolean isIncremental(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet mode = statement.executeQuery("PRAGMA auto_vacuum")) {
            return mode.getInt(1) == INCREMENTAL;
        }
    }

    /// SQLite does not wait, whatever the timeout, while another connection makes the same new file a WAL one.
    private static void becomeWal(Connection connection) throws SQLException {
        long deadline = System.nanoTime() + BUSY_TIMEOUT_MILLIS * 1_000_000L;
        while (true) {
            try {
                execute(connection, "PRAGMA journal_mode = WAL");
                return;
            } catch (SQLException e) {
                if (e.getErrorCode() != SQLiteErrorCode.SQLITE_BUSY.code || System.nanoTime() > deadline) {
                    throw e;
                }
                LockSupport.parkNanos(5_000_000);
            }
        }
    }

    /// Gives pages that hold nothing any more back to the file system; returns whether more can be given.
    static boolean giveBack(Connection connection, int pages) throws SQLException {
        int before = freePages(connection);
        try (Statement statement = connection.createStatement()) {
            // Not execute, which would give back one page only.
            statement.executeUpdate("PRAGMA incremental_vacuum(" + pages + ")");
        }
        int after = freePages(connection);
        return after > 0 && after < before;
    }

    private static int freePages(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet free = statement.executeQuery("PRAGMA freelist_count")) {
            return free.getInt(1);
        }
    }

    /// Empties the WAL file, if no one reads: who writes must not wait for a long query.
    static void truncateWal(Connection connection) throws SQLException {
        execute(connection, "PRAGMA busy_timeout = " + SHORT_TIMEOUT_MILLIS);
        execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        execute(connection, "PRAGMA busy_timeout = " + BUSY_TIMEOUT_MILLIS);
    }

    /// What is deleted from now on is overwritten, or no longer.
    static void overwriteDeleted(Connection connection, boolean on) throws SQLException {
        execute(connection, "PRAGMA secure_delete = " + (on ? "ON" : "FAST"));
    }

    /// Ends a transaction that failed with nothing written.
    static void rollBack(Connection connection) {
        try {
            execute(connection, "ROLLBACK");
        } catch (SQLException e) {
            // SQLite has rolled back by itself, as it does when the disk is full.
            LOG.log(Level.FINE, "nothing to roll back", e);
        }
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private Sqlite() {}
}
