package io.hypaware.read;

import io.hypaware.query.QueryResult;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/// What is known of an exchange but its bodies. Texts are empty where nothing is known.
///
/// @param connection of which it is a turn, or which it goes on recording
/// @param requestHeaders as JSON, a list of `[name, value]` pairs; so for `responseHeaders`
public record ExchangeFacts(
        String id,
        Instant startedAt,
        String method,
        String path,
        String upstream,
        Optional<Integer> status,
        String outcome,
        String closedBy,
        Optional<Long> firstByteMillis,
        Optional<Long> durationMillis,
        String model,
        String session,
        long requestBytes,
        long responseBytes,
        Optional<String> requestHeaders,
        Optional<String> responseHeaders,
        Optional<String> error,
        String clientName,
        String clientVersion,
        String provider,
        String connection) {

    /// Whether it is a connection that became a WebSocket.
    public boolean isConnection() {
        return status.equals(Optional.of(101));
    }

    /// Of [#SELECT].
    static final int COLUMNS = 21;

    static final String SELECT = "select exchange_id, epoch_us(started_at), method, path, upstream, status, outcome,"
            + " closed_by, ttfb_ms, duration_ms, model, session_id, request_bytes, response_bytes, request_headers,"
            + " response_headers, error, client_name, client_version, provider, connection_id from exchanges";

    static ExchangeFacts of(QueryResult row) throws SQLException {
        return new ExchangeFacts(
                Recorded.text(row, 1),
                Recorded.instant(row, 2),
                Recorded.text(row, 3),
                Recorded.text(row, 4),
                Recorded.text(row, 5),
                Optional.ofNullable(row.getString(6)).map(Integer::valueOf),
                Recorded.text(row, 7),
                Recorded.text(row, 8),
                Optional.ofNullable(row.getString(9)).map(Long::valueOf),
                Optional.ofNullable(row.getString(10)).map(Long::valueOf),
                Recorded.text(row, 11),
                Recorded.text(row, 12),
                Recorded.number(row, 13),
                Recorded.number(row, 14),
                Optional.ofNullable(row.getString(15)),
                Optional.ofNullable(row.getString(16)),
                Optional.ofNullable(row.getString(17)),
                Recorded.text(row, 18),
                Recorded.text(row, 19),
                Recorded.text(row, 20),
                Recorded.text(row, 21));
    }
}
