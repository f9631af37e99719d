package io.hypaware.journal;

import java.sql.ResultSet;

/// How far connections of more than one call have been projected. Part of [ProjectionBatch].
public final class Connections {

    /// What deflate may refer back to at the end of a recording, of either side.
    public record Windows(byte[] request, byte[] response) {
        public static final Windows EMPTY = new Windows(new byte[0], new byte[0]);
    }

    private static final String TURNS = "INSERT OR REPLACE INTO connection (seq, turns) VALUES (?, ?)";

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
