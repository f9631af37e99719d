package io.hypaware.backfill;

import io.hypaware.journal.Micros;
import io.hypaware.project.transcript.Line;
import io.hypaware.project.transcript.TranscriptFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;

/// An agent's own SQLite database with tables `session`, `message` and `part`, as OpenCode keeps it. It is opened to
/// read only, while its agent may be writing.
final class SessionDatabase {

    private static final int BUSY_TIMEOUT_MILLIS = 5_000;

    /// Texts are not read to find out which sessions are new, so their length is not known.
    private static final long ABOUT_A_PART = 2_048;

    private static final Map<String, Set<String>> COLUMNS = Map.of(
            "session", Set.of("id", "parent_id", "directory", "version", "agent", "time_created", "time_updated"),
            "message", Set.of("id", "session_id", "time_created", "time_updated", "data"),
            "part", Set.of("id", "message_id", "session_id", "data"));

    /// Messages are written after their parts, so that parts need not be looked at for when they changed. The count of
    /// them is read from an index.
    private static final String SESSIONS = """
            select s.id, s.time_created,
              max(s.time_updated, coalesce((select max(m.time_updated) from message m where m.session_id = s.id), 0)),
              (select count(*) from part p where p.session_id = s.id)
            from session s where exists (select 1 from message m where m.session_id = s.id) order by s.id""";

    /// The sessions that it holds, by id.
    static List<TranscriptFile> sessions(TranscriptFormat format, Path database) throws IOException {
        try (Connection connection = open(database);
                PreparedStatement statement = connection.prepareStatement(SESSIONS);
                ResultSet row = statement.executeQuery()) {
            List<TranscriptFile> sessions = new ArrayList<>();
            while (row.next()) {
                sessions.add(new TranscriptFile(
                        format,
                        database.resolveSibling(""),
                        database,
                        Optional.of(
                                new TranscriptFile.SessionRow(Line.clean(row.getString(1)), micros(row.getLong(2)))),
                        row.getLong(4) * ABOUT_A_PART,
                        micros(row.getLong(3))));
            }
            return sessions;
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    private static long micros(long millis) {
        return Micros.of(Line.time(millis).orElse(Instant.EPOCH));
    }

    /// @throws SQLException if it has other tables than are known, too
    static Connection open(Path database) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        Connection connection = config.createConnection("jdbc:sqlite:" + database);
        try {
            check(connection);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
        return connection;
    }

    private static void check(Connection connection) throws SQLException {
        for (String table : new TreeSet<>(COLUMNS.keySet())) {
            Set<String> missing = new TreeSet<>(COLUMNS.getOrDefault(table, Set.of()));
            try (PreparedStatement statement = connection.prepareStatement("select name from pragma_table_info(?)")) {
                statement.setString(1, table);
                try (ResultSet column = statement.executeQuery()) {
                    while (column.next()) {
                        missing.remove(column.getString(1));
                    }
                }
            }
            if (!missing.isEmpty()) {
                throw new SQLException("its layout is not known here: table " + table + " lacks "
                        + String.join(", ", missing) + ". A newer HypAware may know it");
            }
        }
    }

    static IOException failure(SQLException e) {
        int code = e.getErrorCode() & 0xff;
        String why = e.getMessage();
        if (code == SQLiteErrorCode.SQLITE_BUSY.code || code == SQLiteErrorCode.SQLITE_LOCKED.code) {
            why = "another program keeps it locked; it is read with the next import";
        } else if (code == SQLiteErrorCode.SQLITE_NOTADB.code || code == SQLiteErrorCode.SQLITE_CORRUPT.code) {
            why = "it is damaged, or no SQLite database";
        }
        return new IOException(why, e);
    }

    private SessionDatabase() {}
}
