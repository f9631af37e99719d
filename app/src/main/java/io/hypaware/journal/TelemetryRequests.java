package io.hypaware.journal;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What OpenTelemetry exporters sent and is not projected. Part of [Journal].
public final class TelemetryRequests {

    static final int PENDING = 1;
    static final int FAILED = 3;

    /// A request that waits.
    ///
    /// @param recordsRead how far it is, as its reader counts; 0 at first
    public record Pending(long seq, TelemetryRequest request, long recordsRead) {}

    private final Statements statements;

    TelemetryRequests(Statements statements) {
        this.statements = statements;
    }

    /// The first one behind a position that is pending; they are large, so one at a time.
    public Optional<Pending> next(long afterSeq) {
        return first("state = 1 AND seq > ?", afterSeq);
    }

    /// The first one behind a position that was received by then, whatever has become of it.
    public Optional<Pending> nextReceived(long afterSeq, Instant until) {
        return first("received_us <= " + Micros.of(until) + " AND seq > ?", afterSeq);
    }

    private Optional<Pending> first(String where, long afterSeq) {
        String sql = "SELECT seq, signal, content_type, content_encoding, received_us, body, records_read"
                + " FROM telemetry_request WHERE " + where + " ORDER BY seq LIMIT 1";
        return statements.run(sql, statement -> {
            statement.setLong(1, afterSeq);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                TelemetryRequest request = new TelemetryRequest(
                        TelemetryRequest.Signal.valueOf(row.getString(2).toUpperCase(Locale.ROOT)),
                        row.getString(3),
                        row.getString(4),
                        Micros.toInstant(row.getLong(5)),
                        row.getBytes(6));
                return Optional.of(new Pending(row.getLong(1), request, row.getLong(7)));
            }
        });
    }

    /// Takes one out, whatever has become of it.
    public void delete(long seq) {
        statements.run("DELETE FROM telemetry_request WHERE seq = ?", statement -> {
            statement.setLong(1, seq);
            return statement.executeUpdate();
        });
    }

    public boolean isAnyPending() {
        return statements.run("SELECT 1 FROM telemetry_request WHERE state = 1 LIMIT 1", statement -> {
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        });
    }

    /// A part of a request in its place.
    ///
    /// @param recordsRead how far it is
    public record Rest(TelemetryRequest request, long recordsRead) {}

    /// Puts what is left of one in its place, in one step; what has become of it has become of each.
    public void replace(long seq, List<Rest> rest) {
        String sql = "INSERT INTO telemetry_request"
                + " (signal, content_type, content_encoding, received_us, state, body, records_read)"
                + " SELECT ?, ?, ?, ?, state, ?, ? FROM telemetry_request WHERE seq = ?";
        statements.inTransaction(() -> {
            for (Rest one : rest) {
                TelemetryRequest request = one.request();
                statements.run(sql, statement -> {
                    statement.setString(1, request.signal().dataset());
                    statement.setString(2, request.contentType());
                    statement.setString(3, request.contentEncoding());
                    statement.setLong(4, Micros.of(request.receivedAt()));
                    statement.setBytes(5, request.body());
                    statement.setLong(6, one.recordsRead());
                    statement.setLong(7, seq);
                    return statement.executeUpdate();
                });
            }
            delete(seq);
        });
    }

    /// Adds one that is pending.
    public void add(TelemetryRequest request) {
        insert(statements, request, PENDING);
    }

    static void insert(Statements statements, TelemetryRequest request, int state) {
        String sql = "INSERT INTO telemetry_request"
                + " (signal, content_type, content_encoding, received_us, state, body) VALUES (?, ?, ?, ?, ?, ?)";
        statements.run(sql, statement -> {
            statement.setString(1, request.signal().dataset());
            statement.setString(2, request.contentType());
            statement.setString(3, request.contentEncoding());
            statement.setLong(4, Micros.of(request.receivedAt()));
            statement.setInt(5, state);
            statement.setBytes(6, request.body());
            return statement.executeUpdate();
        });
    }

    /// Sets one aside that cannot be projected; its bytes stay.
    public void setAside(long seq) {
        statements.run("UPDATE telemetry_request SET state = 3 WHERE seq = ? AND state = 1", statement -> {
            statement.setLong(1, seq);
            return statement.executeUpdate();
        });
    }

    /// Makes those pending again that were set aside; how many.
    public int retryFailed() {
        return statements.run(
                "UPDATE telemetry_request SET state = 1 WHERE state = 3", PreparedStatement::executeUpdate);
    }

    /// Deletes those of a signal that were set aside and received before a time; how many.
    public int prune(TelemetryRequest.Signal signal, Instant before) {
        String sql = "DELETE FROM telemetry_request WHERE state = 3 AND signal = ? AND received_us < ?";
        return statements.run(sql, statement -> {
            statement.setString(1, signal.dataset());
            statement.setLong(2, Micros.of(before));
            return statement.executeUpdate();
        });
    }

    JournalStats.Telemetry stats() {
        String sql = "SELECT count(*) FILTER (WHERE state = 1), count(*) FILTER (WHERE state = 3),"
                + " coalesce(sum(length(body)) FILTER (WHERE state = 1), 0) FROM telemetry_request";
        return statements.run(sql, statement -> {
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new JournalStats.Telemetry(row.getLong(1), row.getLong(2), row.getLong(3));
            }
        });
    }
}
