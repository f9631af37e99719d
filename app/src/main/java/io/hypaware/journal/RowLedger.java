package io.hypaware.journal;

import io.hypaware.journal.RowBatch.RowRange;
import io.hypaware.journal.RowBatch.Withheld;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/// Which rows have gone to which receiver. A batch is written down before it goes, so that whoever dies does the same
/// again; and as done in the same step as what was left out of it. With a connection of its own; of one thread.
public final class RowLedger implements AutoCloseable {

    private static final int CACHE_PAGES = 128;

    private static final int ORIGIN_BYTES = 5;

    /// Of a range that is not of one day.
    private static final int EVERY_DAY = Integer.MIN_VALUE;

    private static final String POSITIONS = "positions";
    private static final String ADOPTED = "adopted";
    private static final String RELEASED = "released";

    private final Statements statements;
    private final String sink;

    private RowLedger(Statements statements, String sink) {
        this.statements = statements;
        this.sink = sink;
    }

    /// Opens what is written down of one receiver; nothing where there is no journal.
    public static Optional<RowLedger> openExisting(Path journal, String sink) {
        return Statements.openExisting(journal, CACHE_PAGES).map(statements -> new RowLedger(statements, sink));
    }

    /// Who this journal is to receivers. A journal that takes the place of a lost one is another.
    public String origin() {
        return statements.run("SELECT id FROM row_origin", this::text).orElseGet(() -> {
            byte[] id = new byte[ORIGIN_BYTES];
            new SecureRandom().nextBytes(id);
            statements.run("INSERT OR IGNORE INTO row_origin (only_one, id) VALUES (1, ?)", statement -> {
                statement.setString(1, HexFormat.of().formatHex(id));
                return statement.executeUpdate();
            });
            return statements.run("SELECT id FROM row_origin", this::text).orElseThrow();
        });
    }

    private Optional<String> text(PreparedStatement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
        }
    }

    /// The last position that was given to a row.
    public long lastPosition() {
        return statements.lastPosition();
    }

    /// Up to where all rows have gone, or are written down as left out.
    public long position(String dataset) {
        return of(dataset, "SELECT position FROM row_cursor", row -> row.next() ? row.getLong(1) : 0L);
    }

    /// How many batches have gone.
    public long batches(String dataset) {
        return of(dataset, "SELECT batches FROM row_cursor", row -> row.next() ? row.getLong(1) : 0L);
    }

    @FunctionalInterface
    private interface Reader<T> {
        T read(ResultSet rows) throws SQLException;
    }

    private <T> T of(String dataset, String select, Reader<T> reader) {
        return statements.run(select + " WHERE sink = ? AND dataset = ?", statement -> {
            statement.setString(1, sink);
            statement.setString(2, dataset);
            try (ResultSet rows = statement.executeQuery()) {
                return reader.read(rows);
            }
        });
    }

    /// The batch that is to go next, if it was written down already.
    public Optional<RowBatch> intended(String dataset) {
        return of(
                dataset,
                "SELECT number, kind, after_seq, last_seq, day, keys FROM row_batch",
                row -> row.next() ? Optional.of(batch(dataset, row)) : Optional.empty());
    }

    private RowBatch batch(String dataset, ResultSet row) throws SQLException {
        long number = row.getLong(1);
        int day = row.getInt(5);
        Optional<Integer> ofDay = row.wasNull() ? Optional.empty() : Optional.of(day);
        RowRange range = new RowRange(row.getLong(3), row.getLong(4), ofDay);
        String keys = row.getString(6);
        return new RowBatch(
                dataset,
                number,
                range,
                row.getString(2).equals(RELEASED) ? released(dataset, number) : List.of(),
                keys.isEmpty() ? List.of() : List.of(keys.split("\n", -1)));
    }

    private List<Withheld> released(String dataset, long number) {
        return statements.run("""
                SELECT session, after_seq, last_seq, day FROM row_withheld WHERE sink = ? AND dataset = ? AND batch = ?
                ORDER BY session, last_seq, day""", statement -> {
            statement.setString(1, sink);
            statement.setString(2, dataset);
            statement.setLong(3, number);
            List<Withheld> found = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    int day = row.getInt(4);
                    found.add(new Withheld(
                            row.getString(1),
                            new RowRange(
                                    row.getLong(2),
                                    row.getLong(3),
                                    day == EVERY_DAY ? Optional.empty() : Optional.of(day))));
                }
            }
            return found;
        });
    }

    /// Sessions of which rows were left out.
    public Set<String> withheld(String dataset) {
        return of(dataset, "SELECT DISTINCT session FROM row_withheld", rows -> {
            Set<String> sessions = new TreeSet<>();
            while (rows.next()) {
                sessions.add(rows.getString(1));
            }
            return sessions;
        });
    }

    /// Whether all of an adopted partition has gone.
    public boolean isDone(String dataset, int number) {
        return adopted(dataset, "is_done", number).orElse(0) == 1;
    }

    /// Up to which day the rows of an adopted partition have gone.
    public OptionalInt day(String dataset, int number) {
        return adopted(dataset, "day", number);
    }

    private OptionalInt adopted(String dataset, String column, int number) {
        return statements.run(
                "SELECT " + column + " FROM row_adopted WHERE sink = ? AND dataset = ? AND number = ?", statement -> {
                    statement.setString(1, sink);
                    statement.setString(2, dataset);
                    statement.setInt(3, number);
                    try (ResultSet row = statement.executeQuery()) {
                        return row.next() ? OptionalInt.of(row.getInt(1)) : OptionalInt.empty();
                    }
                });
    }

    /// Writes down that an adopted partition has no more days.
    public void doneAdopted(String dataset, int number) {
        statements.run(
                "INSERT INTO row_adopted (sink, dataset, number, day, is_done) VALUES (?, ?, ?, 0, 1)"
                        + " ON CONFLICT DO UPDATE SET is_done = 1",
                statement -> {
                    statement.setString(1, sink);
                    statement.setString(2, dataset);
                    statement.setInt(3, number);
                    return statement.executeUpdate();
                });
    }

    /// Writes down which rows go next.
    public RowBatch intend(String dataset, RowRange range) {
        statements.inTransaction(() -> intend(dataset, range.isAdopted() ? ADOPTED : POSITIONS, range));
        return intended(dataset).orElseThrow();
    }

    /// Writes down that what was left out of some sessions goes next.
    ///
    /// @param most ranges of rows
    public RowBatch intendRelease(String dataset, Collection<String> sessions, int most) {
        statements.inTransaction(() -> {
            intend(dataset, RELEASED, RowRange.positions(0, 0));
            int left = most;
            for (String session : sessions) {
                if (left > 0) {
                    left -= release(dataset, session, left);
                }
            }
        });
        return intended(dataset).orElseThrow();
    }

    private int release(String dataset, String session, int most) {
        return statements.run("""
                UPDATE row_withheld SET batch = (SELECT number FROM row_batch WHERE sink = ?1 AND dataset = ?2)
                WHERE sink = ?1 AND dataset = ?2 AND session = ?3 AND (last_seq, day) IN (
                  SELECT last_seq, day FROM row_withheld WHERE sink = ?1 AND dataset = ?2 AND session = ?3
                  ORDER BY last_seq, day LIMIT ?4)""", statement -> {
            statement.setString(1, sink);
            statement.setString(2, dataset);
            statement.setString(3, session);
            statement.setInt(4, most);
            return statement.executeUpdate();
        });
    }

    /// Writes down that up to a position there are no rows of the dataset.
    public void skip(String dataset, long last) {
        statements.inTransaction(() -> {
            put(dataset);
            went(dataset, RowRange.positions(last, last));
        });
    }

    private void put(String dataset) {
        statements.run("INSERT OR IGNORE INTO row_cursor (sink, dataset) VALUES (?, ?)", statement -> {
            statement.setString(1, sink);
            statement.setString(2, dataset);
            return statement.executeUpdate();
        });
    }

    private void intend(String dataset, String kind, RowRange range) {
        put(dataset);
        statements.run("""
                INSERT INTO row_batch (sink, dataset, number, kind, after_seq, last_seq, day)
                SELECT sink, dataset, batches + 1, ?, ?, ?, ? FROM row_cursor WHERE sink = ? AND dataset = ?""", statement -> {
            statement.setString(1, kind);
            statement.setLong(2, range.after());
            statement.setLong(3, range.last());
            if (range.day().isPresent()) {
                statement.setInt(4, range.day().get());
            } else {
                statement.setNull(4, java.sql.Types.INTEGER);
            }
            statement.setString(5, sink);
            statement.setString(6, dataset);
            return statement.executeUpdate();
        });
    }

    /// Writes down under which names the batch goes, before it does. What an earlier attempt has named stays named.
    public void names(RowBatch batch, Collection<String> keys) {
        Set<String> all = new TreeSet<>(batch.keys());
        all.addAll(keys);
        statements.run("UPDATE row_batch SET keys = ? WHERE sink = ? AND dataset = ? AND number = ?", statement -> {
            statement.setString(1, String.join("\n", all));
            statement.setString(2, sink);
            statement.setString(3, batch.dataset());
            statement.setLong(4, batch.number());
            return statement.executeUpdate();
        });
    }

    /// Writes down that the receiver has a batch, and what was left out of it.
    ///
    /// @param leftOut sessions that rows of the batch are of, and that stay on this machine
    public void done(RowBatch batch, Collection<String> leftOut) {
        statements.inTransaction(() -> {
            int taken =
                    statements.run("DELETE FROM row_batch WHERE sink = ? AND dataset = ? AND number = ?", statement -> {
                        statement.setString(1, sink);
                        statement.setString(2, batch.dataset());
                        statement.setLong(3, batch.number());
                        return statement.executeUpdate();
                    });
            if (taken != 1) {
                throw new IllegalStateException("batch " + batch.number() + " of " + batch.dataset() + " for " + sink
                        + " is done with already: somebody else sends, too");
            }
            if (batch.isRelease()) {
                released(batch, leftOut);
            } else {
                went(batch.dataset(), batch.range());
                leftOut.forEach(session -> withhold(batch.dataset(), session, batch.range()));
            }
            statements.run("UPDATE row_cursor SET batches = ? WHERE sink = ? AND dataset = ?", statement -> {
                statement.setLong(1, batch.number());
                statement.setString(2, sink);
                statement.setString(3, batch.dataset());
                return statement.executeUpdate();
            });
        });
    }

    private void went(String dataset, RowRange range) {
        if (range.isAdopted()) {
            statements.run(
                    "INSERT INTO row_adopted (sink, dataset, number, day) VALUES (?, ?, ?, ?)"
                            + " ON CONFLICT DO UPDATE SET day = excluded.day",
                    statement -> {
                        statement.setString(1, sink);
                        statement.setString(2, dataset);
                        statement.setLong(3, -range.last());
                        statement.setInt(4, range.day().orElseThrow());
                        return statement.executeUpdate();
                    });
        } else {
            statements.run("UPDATE row_cursor SET position = ? WHERE sink = ? AND dataset = ?", statement -> {
                statement.setLong(1, range.last());
                statement.setString(2, sink);
                statement.setString(3, dataset);
                return statement.executeUpdate();
            });
        }
    }

    /// Where it was left out of the batch before, too, that is one range.
    private void withhold(String dataset, String session, RowRange range) {
        int day = range.day().orElse(EVERY_DAY);
        int grown = range.isAdopted()
                ? 0
                : statements.run("""
                UPDATE row_withheld SET last_seq = ?
                WHERE sink = ? AND dataset = ? AND session = ? AND last_seq = ? AND day = ?""", statement -> {
                    statement.setLong(1, range.last());
                    statement.setString(2, sink);
                    statement.setString(3, dataset);
                    statement.setString(4, session);
                    statement.setLong(5, range.after());
                    statement.setInt(6, day);
                    return statement.executeUpdate();
                });
        if (grown == 0) {
            statements.run(
                    "INSERT OR IGNORE INTO row_withheld (sink, dataset, session, after_seq, last_seq, day)"
                            + " VALUES (?, ?, ?, ?, ?, ?)",
                    statement -> {
                        statement.setString(1, sink);
                        statement.setString(2, dataset);
                        statement.setString(3, session);
                        statement.setLong(4, range.after());
                        statement.setLong(5, range.last());
                        statement.setInt(6, day);
                        return statement.executeUpdate();
                    });
        }
    }

    /// What was marked again meanwhile stays written down as left out.
    private void released(RowBatch batch, Collection<String> leftOut) {
        for (Withheld withheld : batch.released()) {
            String end = leftOut.contains(withheld.session())
                    ? "UPDATE row_withheld SET batch = NULL"
                    : "DELETE FROM row_withheld";
            statements.run(end + " WHERE sink = ? AND dataset = ? AND batch = ? AND session = ?", statement -> {
                statement.setString(1, sink);
                statement.setString(2, batch.dataset());
                statement.setLong(3, batch.number());
                statement.setString(4, withheld.session());
                return statement.executeUpdate();
            });
        }
    }

    @Override
    public void close() {
        statements.close();
    }
}
