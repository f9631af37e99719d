package io.hypaware.journal;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.dataset.Row;
import io.hypaware.dataset.RowJson;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The journal as worker and queries see it: closed exchanges to project, hot rows, what is known of
/// conversations. One instance serves one thread.
public final class Journal implements AutoCloseable {

    private static final int CACHE_PAGES = 512;
    private static final int PRUNE_ROWS = 2_000;

    private final Path file;
    private final Statements statements;

    private Journal(Path file, Statements statements) {
        this.file = file;
        this.statements = statements;
    }

    /// Opens the journal, and makes it if there is none. A power cut may take the last commits with it, never one
    /// without those after it; see [#sync].
    public static Journal open(Path file) {
        return new Journal(file, Statements.open(file, CACHE_PAGES));
    }

    /// Like [#open], but does not make a journal where there is none.
    public static Optional<Journal> openExisting(Path file) {
        return Files.exists(file) ? Optional.of(open(file)) : Optional.empty();
    }

    /// Closed exchanges of one call that are not projected, in the order in which they began: the calls of one
    /// conversation follow one another, and its first call is what names it.
    public List<Long> pending(int most) {
        return seqs("state = 1 AND status IS NOT 101 ORDER BY started_us, seq LIMIT " + most);
    }

    /// Those of the exchanges that are not projected, in their order.
    public List<Long> stillPending(List<Long> seqs) {
        return seqs.stream()
                .filter(seq -> query("SELECT 1 FROM exchange WHERE seq = ? AND state = 1", statement -> {
                    statement.setLong(1, seq);
                    try (ResultSet row = statement.executeQuery()) {
                        return row.next();
                    }
                }))
                .toList();
    }

    /// Connections that became WebSockets, open or not projected yet, in the order in which they were written, which is
    /// that of the recordings of one, whatever the clock does.
    public List<Long> connections() {
        return seqs("state < 2 AND status = 101 ORDER BY seq");
    }

    private List<Long> seqs(String where) {
        return query("SELECT seq FROM exchange WHERE " + where, statement -> {
            List<Long> seqs = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    seqs.add(rows.getLong(1));
                }
            }
            return seqs;
        });
    }

    public CapturedExchange exchange(long seq) {
        return query("SELECT * FROM exchange WHERE seq = ?", statement -> {
            statement.setLong(1, seq);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new SQLException("no exchange " + seq);
                }
                return CapturedExchange.of(row);
            }
        });
    }

    /// A recorded body, read frame by frame.
    public InputStream body(long exchangeSeq, Direction direction) {
        return new FrameStream(statements, exchangeSeq, direction, Long.MAX_VALUE);
    }

    /// Its first frames.
    public InputStream body(long exchangeSeq, Direction direction, long frames) {
        return new FrameStream(statements, exchangeSeq, direction, frames);
    }

    /// Where exchanges become rows. Of one at a time, who holds the lock of projection.
    ///
    /// @param written told after each transaction
    public ProjectionBatch projectionBatch(Runnable written) {
        return new ProjectionBatch(statements, written);
    }

    /// Forces to disk what was committed. The lake syncs its commits: what one of them depends on is synced before. The
    /// write lock is not held during this, as it is where SQLite syncs with each commit.
    public void sync() {
        Statements.sync(file);
    }

    /// What maintenance is at.
    public Attempts attempts() {
        return new Attempts(statements);
    }

    /// What was decided of sessions.
    public SessionClasses sessionClasses() {
        return new SessionClasses(statements);
    }

    /// What clients report of their own calls.
    public CallEvents callEvents() {
        return new CallEvents(statements);
    }

    /// What leaves the journal.
    public Pruning pruning() {
        return new Pruning(statements);
    }

    /// What is to be purged, and what of it leaves the journal.
    public Purges purges() {
        return new Purges(statements, file);
    }

    /// What OpenTelemetry exporters sent.
    public TelemetryRequests telemetry() {
        return new TelemetryRequests(statements);
    }

    /// A consistent view of hot rows; close it.
    public HotRows hotRows() {
        return new HotRows(statements);
    }

    /// A payload that is not in the lake yet.
    public Optional<Row> hotPayload(String hash) {
        return query("SELECT row FROM hot_row WHERE dataset = 'payloads' AND row_id = ?", statement -> {
            statement.setString(1, hash);
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(RowJson.read(Datasets.PAYLOADS, hash, row.getBytes(1)))
                        : Optional.empty();
            }
        });
    }

    /// On which day payloads came, as far as that is known: their rows in the lake are of that day.
    public Map<String, LocalDate> payloadDays(Collection<String> hashes) {
        return query("SELECT day FROM seen WHERE dataset = 'payloads' AND row_id = ?", statement -> {
            Map<String, LocalDate> days = new HashMap<>();
            for (String hash : hashes) {
                statement.setString(1, hash);
                try (ResultSet row = statement.executeQuery()) {
                    if (row.next()) {
                        days.put(hash, LocalDate.ofEpochDay(row.getLong(1)));
                    }
                }
            }
            return days;
        });
    }

    /// The newest hot row's position; 0 if there is none.
    public long lastHotSeq() {
        return statements.number("SELECT coalesce(max(seq), 0) FROM hot_row");
    }

    /// The last position that was ever given to a row; 0 in a new journal.
    public long lastAssignedSeq() {
        return statements.lastPosition();
    }

    /// Goes on after a position that another journal came to: this one is new or older, and the lake holds that
    /// one's rows.
    public void continueAfter(long seq) {
        query("DELETE FROM sqlite_sequence WHERE name = 'hot_row'", PreparedStatement::executeUpdate);
        query("INSERT INTO sqlite_sequence (name, seq) SELECT 'hot_row', ? WHERE ? > 0", statement -> {
            statement.setLong(1, seq);
            statement.setLong(2, seq);
            return statement.executeUpdate();
        });
    }

    public boolean hasHotRows(Dataset dataset) {
        String sql = "SELECT 1 FROM hot_row WHERE dataset = ? AND dataset = ? LIMIT 1";
        return statements.exists(sql, dataset.name(), dataset.name());
    }

    /// Deletes hot rows that the lake holds.
    public void deleteHotRows(Dataset dataset, long upToSeq) {
        int deleted = PRUNE_ROWS;
        while (deleted == PRUNE_ROWS) {
            deleted = query(
                    "DELETE FROM hot_row WHERE seq IN (SELECT seq FROM hot_row WHERE dataset = ? AND seq <= ? LIMIT ?)",
                    statement -> {
                        statement.setString(1, dataset.name());
                        statement.setLong(2, upToSeq);
                        statement.setInt(3, PRUNE_ROWS);
                        return statement.executeUpdate();
                    });
        }
    }

    /// Sets an exchange aside whose projection failed; its frames stay.
    public void markFailed(long exchangeSeq, Problem problem) {
        query("UPDATE exchange SET state = 3 WHERE seq = ? AND state = 1", statement -> {
            statement.setLong(1, exchangeSeq);
            return statement.executeUpdate();
        });
        report(problem);
    }

    /// Makes exchanges pending again whose projection failed.
    public int retryFailed() {
        return query("UPDATE exchange SET state = 1 WHERE state = 3", PreparedStatement::executeUpdate);
    }

    /// Remembers a failure for `hyp status`.
    public void report(Problem problem) {
        problems().report(problem);
    }

    /// What went wrong lately.
    public Problems problems() {
        return new Problems(statements);
    }

    /// The latest rows of a dataset, each of what it is about.
    public List<Row> latest(Dataset dataset) {
        return query("SELECT name, row FROM latest WHERE dataset = ? ORDER BY name", statement -> {
            statement.setString(1, dataset.name());
            List<Row> latest = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    latest.add(RowJson.read(dataset, rows.getString(1), rows.getBytes(2)));
                }
            }
            return latest;
        });
    }

    public JournalStats stats() {
        Map<String, JournalStats.Hot> hot = query(
                "SELECT dataset, count(*), sum(length(row)), min(seq) FROM hot_row GROUP BY dataset", statement -> {
                    Map<String, JournalStats.Hot> found = new LinkedHashMap<>();
                    try (ResultSet rows = statement.executeQuery()) {
                        while (rows.next()) {
                            found.put(
                                    rows.getString(1),
                                    new JournalStats.Hot(rows.getLong(2), rows.getLong(3), rows.getLong(4)));
                        }
                    }
                    return found;
                });
        return query("""
                SELECT count(*) FILTER (WHERE state = 0), count(*) FILTER (WHERE state = 0 AND status = 101),
                  count(*) FILTER (WHERE state = 1),
                  count(*) FILTER (WHERE state = 3), count(*) FILTER (WHERE outcome = 'capture_dropped'),
                  sum(request_bytes + response_bytes) FILTER (WHERE state = 1)
                FROM exchange""", statement -> {
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new JournalStats(
                        row.getLong(1),
                        row.getLong(2),
                        row.getLong(3),
                        row.getLong(4),
                        row.getLong(5),
                        row.getLong(6),
                        telemetry().stats(),
                        hot);
            }
        });
    }

    @Override
    public void close() {
        statements.close();
    }

    private <T> T query(String sql, Statements.Work<T> work) {
        return statements.run(sql, work);
    }

    /// Hot rows as they are at one moment, whatever is flushed or projected meanwhile.
    public static final class HotRows implements AutoCloseable {

        private final Statements statements;

        private HotRows(Statements statements) {
            this.statements = statements;
            // A deferred transaction takes its snapshot at its first read.
            statements.run("BEGIN DEFERRED");
            statements.run("SELECT count(*) FROM (SELECT 1 FROM hot_row LIMIT 1)", statement -> {
                try (ResultSet row = statement.executeQuery()) {
                    return row.next();
                }
            });
        }

        /// When payloads were last seen again, in microseconds, by hash.
        public void readSightings(SightingConsumer consumer) {
            statements.run("SELECT hash, last_us FROM sighting", statement -> {
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        consumer.accept(rows.getString(1), rows.getLong(2));
                    }
                }
                return true;
            });
        }

        /// Rows of one dataset in journal order, from the first above `afterSeq`, until the consumer has had
        /// enough.
        public void read(Dataset dataset, long afterSeq, HotRowConsumer consumer) {
            statements.run(
                    "SELECT seq, row_id, row FROM hot_row WHERE dataset = ? AND seq > ? ORDER BY seq", statement -> {
                        statement.setString(1, dataset.name());
                        statement.setLong(2, afterSeq);
                        try (ResultSet rows = statement.executeQuery()) {
                            boolean more = true;
                            while (more && rows.next()) {
                                byte[] bytes = rows.getBytes(3);
                                more = consumer.accept(new HotRow(
                                        rows.getLong(1),
                                        RowJson.read(dataset, rows.getString(2), bytes),
                                        bytes.length));
                            }
                        }
                        return true;
                    });
        }

        @Override
        public void close() {
            statements.run("COMMIT");
        }
    }

    /// Takes one row; false ends the reading.
    @FunctionalInterface
    public interface HotRowConsumer {
        boolean accept(HotRow row) throws SQLException;
    }

    /// Takes when a payload was last seen.
    @FunctionalInterface
    public interface SightingConsumer {
        void accept(String hash, long lastMicros) throws SQLException;
    }
}
