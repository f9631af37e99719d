package io.hypaware.journal;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.SynchronousMode;

/// Opens SQLite the way the journal needs it: WAL and a busy timeout. Transactions are begun in SQL, because the
/// driver's own begin the next one, and take its lock, as soon as one ends.
final class Sqlite {

    private static final int BUSY_TIMEOUT_MILLIS = 60_000;

    /// Larger than SQLite's default, because most of the journal is 64 KB blobs.
    private static final int PAGE_BYTES = 16_384;

    /// 64 MB.
    private static final int CHECKPOINT_PAGES = 4_096;

    static Connection open(Path file, SynchronousMode synchronous, int cachePages) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(JournalMode.WAL);
        config.setSynchronous(synchronous);
        config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        config.setPageSize(PAGE_BYTES);
        config.setCacheSize(cachePages);
        Connection connection = config.createConnection("jdbc:sqlite:" + file);
        // Checkpoints at every few megabytes would write each frame twice as often as needed, and sync it.
        execute(connection, "PRAGMA wal_autocheckpoint = " + CHECKPOINT_PAGES);
        return connection;
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private Sqlite() {}
}
