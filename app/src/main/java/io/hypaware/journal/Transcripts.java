package io.hypaware.journal;

import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Which transcripts have been read, and whose sessions they told of. Part of [ProjectionBatch].
public final class Transcripts {

    private static final String COLUMNS = "path, client, size, modified_us, head, root, session, left_out_us";

    private static final String PUT = "INSERT OR REPLACE INTO transcript (" + COLUMNS + ") VALUES (?,?,?,?,?,?,?,?)";

    private static final String TELL =
            "INSERT INTO told (session, day) VALUES (?, ?) ON CONFLICT DO UPDATE SET day = max(day, excluded.day)";

    /// A transcript as it was when it was read.
    ///
    /// @param modifiedMicros when the file was written last
    /// @param head hash of its beginning, by which it is known where a file was written anew under its name
    /// @param root the name of its first message, which files have in common that copy each other
    /// @param session that it is of
    /// @param leftOutMicros lines from before then were left out; 0 if none were
    public record File(
            String path,
            String client,
            long size,
            long modifiedMicros,
            String head,
            String root,
            String session,
            long leftOutMicros) {}

    private final Statements statements;
    private final Gathered whole;
    private final Gathered current;

    Transcripts(Statements statements, Gathered whole, Gathered current) {
        this.statements = statements;
        this.whole = whole;
        this.current = current;
    }

    /// Marks a transcript as read, with the rows that are written at the same time.
    public void put(File file) {
        current.transcripts.put(file.path(), file);
    }

    /// Marks a session as one of which there are rows that no call has said.
    public void tell(String session, long day) {
        current.told.put(session, day);
    }

    /// Whether there may be rows of a session that no call has said.
    public boolean hasTold(String session) {
        return current.told.containsKey(session)
                || whole.told.containsKey(session)
                || statements.run("SELECT 1 FROM told WHERE session = ?", statement -> {
                    statement.setString(1, session);
                    try (ResultSet row = statement.executeQuery()) {
                        return row.next();
                    }
                });
    }

    /// Since when transcripts may tell of a session, in microseconds: what was purged does not come back.
    public long toldSince(String session) {
        return statements.run("SELECT coalesce(max(before_us), ?) FROM purged WHERE hash IN (?, ?)", statement -> {
            statement.setLong(1, Long.MIN_VALUE);
            statement.setString(2, Purges.hash(session));
            statement.setString(3, Purges.EVERY_SESSION);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    /// All that were read, by path; one that is gone tells still which sessions copied it.
    public Map<String, File> all() {
        Map<String, File> byPath = new LinkedHashMap<>();
        read("SELECT " + COLUMNS + " FROM transcript ORDER BY path").forEach(file -> byPath.put(file.path(), file));
        return byPath;
    }

    private List<File> read(String sql) {
        return statements.run(sql, statement -> {
            List<File> files = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    files.add(new File(
                            row.getString(1),
                            row.getString(2),
                            row.getLong(3),
                            row.getLong(4),
                            row.getString(5),
                            row.getString(6),
                            row.getString(7),
                            row.getLong(8)));
                }
            }
            return files;
        });
    }

    static void write(Statements statements, File file) {
        statements.run(PUT, statement -> {
            statement.setString(1, file.path());
            statement.setString(2, file.client());
            statement.setLong(3, file.size());
            statement.setLong(4, file.modifiedMicros());
            statement.setString(5, file.head());
            statement.setString(6, file.root());
            statement.setString(7, file.session());
            statement.setLong(8, file.leftOutMicros());
            return statement.executeUpdate();
        });
    }

    static void writeTold(Statements statements, String session, long day) {
        statements.run(TELL, statement -> {
            statement.setString(1, session);
            statement.setLong(2, day);
            return statement.executeUpdate();
        });
    }
}
