package io.hypaware.journal;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;

/// How far connections of more than one call have been projected. Part of [ProjectionBatch].
public final class Connections {

    /// What a recording leaves to the one that follows it: what deflate may refer back to, of either side, and calls
    /// whose answers are not whole, as their reader has written them.
    public record Carried(byte[] request, byte[] response, byte[] pending) {
        public static final Carried NOTHING = new Carried(new byte[0], new byte[0], new byte[0]);

        private boolean isNothing() {
            return request.length + response.length + pending.length == 0;
        }
    }

    private static final String TURNS = "INSERT OR REPLACE INTO connection (seq, turns) VALUES (?, ?)";

    private static final String READ = "INSERT INTO connection (seq, turns, read_to) VALUES (?, 0, ?)"
            + " ON CONFLICT DO UPDATE SET read_to = excluded.read_to";

    private static final String EXTENT = "SELECT (SELECT max(id) FROM frame WHERE id >= ? AND id < ?),"
            + " (SELECT max(id) FROM frame WHERE id >= ? AND id < ?)";

    private static final String CARRIED =
            "INSERT OR REPLACE INTO connection_window (id, request, response, pending, day) VALUES (?, ?, ?, ?, ?)";

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

    /// How much of a recording is written: frames of either side, at one moment. A frame of the provider is there no
    /// sooner than those of the client that it answers.
    public record Extent(long request, long response) {

        long frames() {
            return request + response;
        }
    }

    /// Whether something has passed on a recording since all that it held was projected.
    public boolean isNews(long exchangeSeq) {
        long readTo = statements.run("SELECT read_to FROM connection WHERE seq = ?", statement -> {
            statement.setLong(1, exchangeSeq);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getLong(1) : 0L;
            }
        });
        return readTo != extent(exchangeSeq).frames();
    }

    /// How much of a recording is written by now.
    public Extent extent(long exchangeSeq) {
        long request = Direction.REQUEST.firstKey(exchangeSeq);
        long response = Direction.RESPONSE.firstKey(exchangeSeq);
        return statements.run(EXTENT, statement -> {
            statement.setLong(1, request);
            statement.setLong(2, Direction.REQUEST.endKey(exchangeSeq));
            statement.setLong(3, response);
            statement.setLong(4, Direction.RESPONSE.endKey(exchangeSeq));
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new SQLException("no extent");
                }
                // The maximum of nothing is read as 0.
                return new Extent(
                        Math.max(0, row.getLong(1) - request + 1), Math.max(0, row.getLong(2) - response + 1));
            }
        });
    }

    /// All turns of a recording that goes on are written that ended before this.
    ///
    /// @param read how much of it was read
    public void markRead(long exchangeSeq, Extent read) {
        statements.run(READ, statement -> {
            statement.setLong(1, exchangeSeq);
            statement.setLong(2, read.frames());
            return statement.executeUpdate();
        });
    }

    /// What the recording before this one ended with.
    ///
    /// @param connection the exchange that began it
    public Carried carried(String connection) {
        return statements.run("SELECT request, response, pending FROM connection_window WHERE id = ?", statement -> {
            statement.setString(1, connection);
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? new Carried(
                                row.getBytes(1),
                                row.getBytes(2),
                                Objects.requireNonNullElse(row.getBytes(3), new byte[0]))
                        : Carried.NOTHING;
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

    static void writeCarried(Statements statements, String connection, Carried carried, long day) {
        if (carried.isNothing()) {
            statements.run("DELETE FROM connection_window WHERE id = ?", statement -> {
                statement.setString(1, connection);
                return statement.executeUpdate();
            });
            return;
        }
        statements.run(CARRIED, statement -> {
            statement.setString(1, connection);
            statement.setBytes(2, carried.request());
            statement.setBytes(3, carried.response());
            statement.setBytes(4, carried.pending());
            statement.setLong(5, day);
            return statement.executeUpdate();
        });
    }
}
