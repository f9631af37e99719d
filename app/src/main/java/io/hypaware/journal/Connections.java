package io.hypaware.journal;

import java.sql.ResultSet;

/// How far connections of more than one call have been projected. Part of [ProjectionBatch].
public final class Connections {

    /// What deflate may refer back to at the end of a recording, of either side.
    public record Windows(byte[] request, byte[] response) {
        public static final Windows EMPTY = new Windows(new byte[0], new byte[0]);
    }

    private static final String TURNS = "INSERT OR REPLACE INTO connection (seq, turns) VALUES (?, ?)";

    private static final String READ = "INSERT INTO connection (seq, turns, read_to) VALUES (?, 0, ?)"
            + " ON CONFLICT DO UPDATE SET read_to = excluded.read_to";

    private static final String WINDOW =
            "INSERT OR REPLACE INTO connection_window (id, request, response, day) VALUES (?, ?, ?, ?)";

    private final Statements statements;

    Connections(Statements statements) {
        this.statements = statements;
    }

    /// How many turns of a recording have been written.
    public int turns(long exchangeSeq) {
        return statements.run("SELECT turns FROM connection WHERE seq = ?", statement -> {
            statement.setLong(1, exchangeSeq);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getInt(1) : 0;
            }
        });
    }

    /// Whether something has passed on a recording since all that it held was projected.
    public boolean isNews(long exchangeSeq) {
        long readTo = statements.run("SELECT read_to FROM connection WHERE seq = ?", statement -> {
            statement.setLong(1, exchangeSeq);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getLong(1) : 0L;
            }
        });
        return readTo != recordedTo(exchangeSeq);
    }

    /// Where a recording ends that goes on: a number that grows with each frame of either side.
    public long recordedTo(long exchangeSeq) {
        return lastFrame(Direction.REQUEST, exchangeSeq) + lastFrame(Direction.RESPONSE, exchangeSeq);
    }

    private long lastFrame(Direction direction, long exchangeSeq) {
        long first = direction.firstKey(exchangeSeq);
        return statements.run("SELECT max(id) FROM frame WHERE id >= ? AND id < ?", statement -> {
            statement.setLong(1, first);
            statement.setLong(2, direction.endKey(exchangeSeq));
            try (ResultSet row = statement.executeQuery()) {
                // The maximum of nothing is read as 0.
                return row.next() ? Math.max(0, row.getLong(1) - first + 1) : 0L;
            }
        });
    }

    /// All turns of a recording that goes on are written that ended before this.
    ///
    /// @param recordedTo as it was before the recording was read
    public void markRead(long exchangeSeq, long recordedTo) {
        statements.run(READ, statement -> {
            statement.setLong(1, exchangeSeq);
            statement.setLong(2, recordedTo);
            return statement.executeUpdate();
        });
    }

    /// What the recording before this one ended with.
    ///
    /// @param connection the exchange that began it
    public Windows windows(String connection) {
        return statements.run("SELECT request, response FROM connection_window WHERE id = ?", statement -> {
            statement.setString(1, connection);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? new Windows(row.getBytes(1), row.getBytes(2)) : Windows.EMPTY;
            }
        });
    }

    static void writeTurns(Statements statements, long exchangeSeq, int turns) {
        statements.run(TURNS, statement -> {
            statement.setLong(1, exchangeSeq);
            statement.setInt(2, turns);
            return statement.executeUpdate();
        });
    }

    static void writeWindows(Statements statements, String connection, Windows windows, long day) {
        statements.run(WINDOW, statement -> {
            statement.setString(1, connection);
            statement.setBytes(2, windows.request());
            statement.setBytes(3, windows.response());
            statement.setLong(4, day);
            return statement.executeUpdate();
        });
    }
}
