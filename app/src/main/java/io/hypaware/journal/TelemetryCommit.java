package io.hypaware.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Writes requests of exporters, each whole, on the writer thread's connection. Who sent one is told only after the
/// commit.
final class TelemetryCommit {

    private static final Logger LOG = Logger.getLogger(TelemetryCommit.class.getName());

    /// Most bytes that may wait for workers: over it they have been away for long, and the disk is for calls.
    private static final long MOST_WAITING_BYTES = 1L << 30;

    private static final long LOOK_NANOS = 1_000_000_000;

    private final Connection connection;
    private final long limit;
    private boolean known;
    private long waiting;
    private long lookedNanos;

    TelemetryCommit(Connection connection) {
        this(connection, MOST_WAITING_BYTES);
    }

    TelemetryCommit(Connection connection, long limit) {
        this.connection = connection;
        this.limit = limit;
    }

    /// All of them or none; no error leaves.
    void commit(List<QueueEntry.Telemetry> entries) {
        try {
            long bytes = entries.stream()
                    .mapToLong(entry -> entry.request().body().length)
                    .sum();
            if (!hasRoom(bytes)) {
                fail(entries, new TelemetryBacklogException(limit));
                return;
            }
            Sqlite.execute(connection, "BEGIN IMMEDIATE");
            insert(entries);
            Sqlite.execute(connection, "COMMIT");
            waiting += bytes;
        } catch (SQLException | RuntimeException e) {
            LOG.log(Level.FINE, "telemetry could not be written", e);
            Sqlite.rollBack(connection);
            fail(entries, e);
            return;
        }
        entries.forEach(entry -> entry.written().complete(null));
    }

    private void insert(List<QueueEntry.Telemetry> entries) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("""
                INSERT INTO telemetry_request (signal, content_type, content_encoding, received_us, state, body)
                VALUES (?, ?, ?, ?, 1, ?)""")) {
            for (QueueEntry.Telemetry entry : entries) {
                TelemetryRequest request = entry.request();
                insert.setString(1, request.signal().dataset());
                insert.setString(2, request.contentType());
                insert.setString(3, request.contentEncoding());
                insert.setLong(4, Micros.of(request.receivedAt()));
                insert.setBytes(5, request.body());
                insert.executeUpdate();
            }
        }
    }

    /// Whether there is room for more. What workers have taken meanwhile is asked only where that decides.
    private boolean hasRoom(long bytes) throws SQLException {
        if (known && waiting + bytes <= limit) {
            return true;
        }
        if (!known || System.nanoTime() - lookedNanos > LOOK_NANOS) {
            try (Statement statement = connection.createStatement();
                    ResultSet sum =
                            statement.executeQuery("SELECT coalesce(sum(length(body)), 0) FROM telemetry_request")) {
                waiting = sum.getLong(1);
            }
            known = true;
            lookedNanos = System.nanoTime();
        }
        return waiting + bytes <= limit;
    }

    private static void fail(List<QueueEntry.Telemetry> entries, Exception cause) {
        entries.forEach(entry -> entry.written().completeExceptionally(cause));
    }
}
