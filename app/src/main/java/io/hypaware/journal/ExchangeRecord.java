package io.hypaware.journal;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// The writer thread's side of a recording: what of one exchange is in the journal, and how the rest gets there.
final class ExchangeRecord {

    private final ExchangeStart start;
    private final String run;

    // Set by the caller's side.
    private final AtomicBoolean dropped = new AtomicBoolean();
    private volatile boolean truncated;

    // Owned by the writer thread: as of the open transaction, and as of the last commit.
    private final int[] frameCount = new int[2];
    private final int[] committedFrames = new int[2];
    private long seq;
    private boolean inserted;
    private boolean committedInsert;
    private boolean hasHole;
    private boolean headWritten;
    private @Nullable ResponseHead head;

    ExchangeRecord(ExchangeStart start, String run) {
        this.start = requireNonNull(start, "start is null");
        this.run = run;
    }

    List<Header> headers() {
        return start.headers();
    }

    int pathLength() {
        return start.path().length();
    }

    boolean isDropped() {
        return dropped.get();
    }

    /// True the first time.
    boolean markDropped() {
        return dropped.compareAndSet(false, true);
    }

    boolean isTruncated() {
        return truncated;
    }

    void markTruncated() {
        truncated = true;
    }

    /// Gives it its place in the journal; before anything else of it is written.
    void number(long number) {
        seq = number;
    }

    void begin(Connection connection) throws SQLException {
        if (inserted) {
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement("""
                INSERT INTO exchange
                  (seq, id, run, state, started_us, upstream, provider, method, path, request_headers, connection)
                VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?)""")) {
            insert.setLong(1, seq);
            insert.setString(2, start.id());
            insert.setString(3, run);
            insert.setLong(4, Micros.of(start.startedAt()));
            insert.setString(5, start.upstream());
            insert.setString(6, start.provider());
            insert.setString(7, start.method());
            insert.setString(8, start.path());
            insert.setString(9, HeaderJson.write(start.headers()));
            insert.setString(10, start.connection().orElse(null));
            insert.executeUpdate();
        }
        inserted = true;
    }

    void head(Connection connection, ResponseHead responseHead) throws SQLException {
        head = responseHead;
        headWritten = true;
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE exchange SET status = ?, response_headers = ?, ttfb_us = ? WHERE seq = ?")) {
            update.setInt(1, responseHead.status());
            update.setString(2, HeaderJson.write(responseHead.headers()));
            update.setLong(3, responseHead.timeToFirstByte().toNanos() / 1_000);
            update.setLong(4, seq);
            update.executeUpdate();
        }
    }

    /// False if they are not kept, because bytes before them are gone.
    boolean bytes(FrameWriter frames, Direction direction, ByteBuffer bytes) throws SQLException {
        if (hasHole) {
            return false;
        }
        int i = direction.number();
        frameCount[i] += frames.append(direction, direction.firstKey(seq) + frameCount[i], bytes);
        return true;
    }

    /// Writes what the frame writer holds back of this exchange; to be called before it turns to another one.
    void flush(FrameWriter frames) throws SQLException {
        for (Direction direction : Direction.values()) {
            int i = direction.number();
            frameCount[i] += frames.flush(direction, direction.firstKey(seq) + frameCount[i]);
        }
    }

    void end(Connection connection, ExchangeEnd end, long closedOrder) throws SQLException {
        begin(connection);
        if (head != null && !headWritten) {
            head(connection, head);
        }
        try (PreparedStatement update = connection.prepareStatement("""
                UPDATE exchange SET state = 1, closed_order = ?, ended_us = ?, outcome = ?, closed_by = ?,
                  request_bytes = ?, response_bytes = ?, error = ? WHERE seq = ?""")) {
            update.setLong(1, closedOrder);
            update.setLong(2, Micros.of(end.endedAt()));
            update.setString(3, outcome(end).text());
            update.setString(4, end.closedBy());
            update.setLong(5, end.requestBytes());
            update.setLong(6, end.responseBytes());
            update.setString(7, error(end));
            update.setLong(8, seq);
            update.executeUpdate();
        }
    }

    void committed() {
        committedInsert = inserted;
        System.arraycopy(frameCount, 0, committedFrames, 0, 2);
    }

    /// What the transaction had written is gone. The bodies would have a hole, so no more of them is written.
    void rolledBack() {
        hasHole = true;
        headWritten = false;
        inserted = committedInsert;
        System.arraycopy(committedFrames, 0, frameCount, 0, 2);
    }

    /// A capture that lacks something says so, but never hides how the call itself ended.
    private Outcome outcome(ExchangeEnd end) {
        if (end.outcome() != Outcome.COMPLETED) {
            return end.outcome();
        }
        return isDropped() ? Outcome.CAPTURE_DROPPED : truncated ? Outcome.CAPTURE_TRUNCATED : Outcome.COMPLETED;
    }

    private @Nullable String error(ExchangeEnd end) {
        Optional<String> note = isDropped()
                ? Optional.of("part of the call was not recorded")
                : truncated ? Optional.of("a body was recorded up to its cap only") : Optional.empty();
        return end.error()
                .map(e -> note.map(n -> e + "; " + n).orElse(e))
                .or(() -> note)
                .orElse(null);
    }
}
