package io.hypaware.journal;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.locks.LockSupport;
import org.sqlite.SQLiteConfig.SynchronousMode;

/// Writes a database of ours anew, so that no page holds anything of what was deleted. Free pages given back would not
/// do: what was deleted before somebody asked for more than that is still in pages that live.
public final class Vacuum {

    private static final int CACHE_PAGES = 512;
    private static final int ATTEMPTS = 100;
    private static final long PAUSE_NANOS = 100_000_000;

    /// @return whether the log is empty, too, which takes that nobody reads what was before; they are waited for
    public static boolean of(Path file) throws SQLException {
        try (Connection connection = Sqlite.open(file, SynchronousMode.FULL, CACHE_PAGES)) {
            Sqlite.execute(connection, "PRAGMA secure_delete = ON");
            Sqlite.execute(connection, "VACUUM");
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                if (isTruncated(connection)) {
                    return true;
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            return false;
        }
    }

    /// The log of a database is written over and cut to nothing.
    static boolean isTruncated(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(TRUNCATE)")) {
            return row.next() && row.getInt(1) == 0;
        }
    }

    private Vacuum() {}
}
