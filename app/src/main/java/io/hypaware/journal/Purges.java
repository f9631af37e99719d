package io.hypaware.journal;

import io.hypaware.dataset.Hashes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;

/// What is to be purged. An order is written down before anything of it goes, and goes itself when nothing is left.
/// Part of [Journal].
public final class Purges {

    /// One session, by its id: what is asked for most, and what a transaction of somebody else may ask for.
    public static final String SESSION = "session";

    /// What an order asked for has gone, and is not said any more.
    public static final String GONE = "gone";

    /// More would keep the recorder waiting.
    private static final int AT_A_TIME = 500;

    /// What was said before a time is known under this.
    static final String EVERY_SESSION = "";

    /// @param kind what `argument` says: which session, folder, time or expression
    /// @param upToSeq the last position that is meant; empty until it was begun
    public record Order(long id, String kind, String argument, Instant at, OptionalLong upToSeq) {}

    private final Statements statements;
    private final Path file;

    Purges(Statements statements, Path file) {
        this.statements = statements;
        this.file = file;
    }

    /// Writes an order down; within the caller's transaction, if there is one.
    public long order(String kind, String argument, Instant at) {
        // Counted first: whoever reads meanwhile is to see that something goes, even when it has gone.
        update(
                "INSERT INTO purge_count (only_one, orders) VALUES (1, 1) ON CONFLICT DO UPDATE SET orders = orders + 1");
        statements.run("INSERT INTO purge (kind, argument, ordered_us) VALUES (?, ?, ?)", statement -> {
            statement.setString(1, kind);
            statement.setString(2, argument);
            statement.setLong(3, Micros.of(at));
            return statement.executeUpdate();
        });
        return statements.run("SELECT max(id) FROM purge", Purges::number);
    }

    /// Orders that are not done, the first one first.
    public List<Order> open() {
        return statements.run("SELECT id, kind, argument, ordered_us, up_to_seq FROM purge ORDER BY id", statement -> {
            List<Order> orders = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    long upTo = row.getLong(5);
                    OptionalLong upToSeq = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(upTo);
                    orders.add(new Order(
                            row.getLong(1),
                            row.getString(2),
                            row.getString(3),
                            Micros.toInstant(row.getLong(4)),
                            upToSeq));
                }
            }
            return orders;
        });
    }

    /// What an order means.
    ///
    /// @param whole sessions of which nothing stays: no transcript tells of them again, where no time is said
    /// @param partly sessions of which some goes: of what is from before the order, no transcript tells again
    /// @param upToSeq the last position that is meant
    /// @param before transcripts bring nothing back that was said before then; the epoch for whatever they say
    public record Meaning(Collection<String> whole, Collection<String> partly, long upToSeq, Instant before) {
        public Meaning {
            whole = List.copyOf(whole);
            partly = List.copyOf(partly);
        }
    }

    /// Decides, once and for all, what an order means.
    public void choose(Order order, Meaning meaning) {
        statements.inTransaction(() -> {
            for (String session : meaning.whole()) {
                statements.run("INSERT OR IGNORE INTO purge_session (purge, session) VALUES (?, ?)", statement -> {
                    statement.setLong(1, order.id());
                    statement.setString(2, session);
                    return statement.executeUpdate();
                });
                if (meaning.before().equals(Instant.EPOCH)) {
                    bar(hash(session), Long.MAX_VALUE);
                }
            }
            meaning.partly().forEach(session -> bar(hash(session), Micros.of(order.at())));
            if (meaning.before().isAfter(Instant.EPOCH)) {
                bar(EVERY_SESSION, Micros.of(meaning.before()));
            }
            statements.run("UPDATE purge SET up_to_seq = ? WHERE id = ?", statement -> {
                statement.setLong(1, meaning.upToSeq());
                statement.setLong(2, order.id());
                return statement.executeUpdate();
            });
        });
    }

    private void bar(String hash, long beforeMicros) {
        statements.run(
                "INSERT INTO purged (hash, before_us) VALUES (?, ?)"
                        + " ON CONFLICT DO UPDATE SET before_us = max(before_us, excluded.before_us)",
                statement -> {
                    statement.setString(1, hash);
                    statement.setLong(2, beforeMicros);
                    return statement.executeUpdate();
                });
    }

    /// The sessions of an order, once it was decided.
    public List<String> sessions(long id) {
        return statements.run("SELECT session FROM purge_session WHERE purge = ? ORDER BY session", statement -> {
            statement.setLong(1, id);
            List<String> sessions = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    sessions.add(row.getString(1));
                }
            }
            return sessions;
        });
    }

    /// Lets transcripts tell of a purged session again; whether it was one.
    public boolean allowAgain(String session) {
        return statements.run("DELETE FROM purged WHERE hash = ?", statement -> {
                    statement.setString(1, hash(session));
                    return statement.executeUpdate();
                })
                > 0;
    }

    static String hash(String session) {
        return Hashes.sha256(("session " + session).getBytes(StandardCharsets.UTF_8));
    }

    /// What is deleted from now on is written over.
    public void writeOverWhatGoes() {
        statements.run("PRAGMA secure_delete = ON", PreparedStatement::execute);
    }

    /// Forgets the conversations of an order's sessions, and which transcripts told of them.
    public void forgetSessions(long id) {
        String these = "(SELECT session FROM purge_session WHERE purge = " + id + ")";
        statements.inTransaction(() -> {
            update("DELETE FROM branch WHERE session IN " + these + " OR (session = '' AND conversation IN " + these
                    + ")");
            update("DELETE FROM conversation_number WHERE session IN " + these);
            update("DELETE FROM answered WHERE session IN " + these);
            update("DELETE FROM told WHERE session IN " + these);
            update("DELETE FROM transcript WHERE session IN " + these);
            update("DELETE FROM secret_sighting WHERE session IN " + these);
            update("DELETE FROM sink_span WHERE session IN (SELECT id FROM sink_session WHERE session IN " + these
                    + ")");
            update("DELETE FROM sink_session WHERE session IN " + these);
            update("UPDATE sink SET pass_session = '' WHERE pass_session IN " + these);
            update("DELETE FROM row_withheld WHERE session IN " + these);
            // One that is ignored would be recorded again.
            update("DELETE FROM session_class WHERE class <> 'ignore' AND session IN " + these);
            update("DELETE FROM problem WHERE EXISTS (SELECT 1 FROM purge_session p WHERE p.purge = " + id
                    + " AND instr(place || ' ' || message, p.session) > 0)");
        });
    }

    /// Forgets everything of conversations, whose they are.
    public void forgetAllConversations() {
        statements.inTransaction(() -> {
            for (String table : List.of(
                    "branch", "conversation_number", "answered", "told", "connection_window", "problem", "latest")) {
                update("DELETE FROM " + table);
            }
            update("DELETE FROM secret_sighting");
            update("DELETE FROM sink_span");
            update("DELETE FROM sink_session");
            update("UPDATE sink SET pass_session = ''");
            update("DELETE FROM row_withheld");
            update("DELETE FROM session_class WHERE class <> 'ignore'");
        });
    }

    /// Forgets exchanges: what waits of them, and what is written about them.
    public void forgetExchanges(Collection<String> ids) {
        statements.inTransaction(() -> {
            for (String id : ids) {
                long seq = withText("SELECT coalesce(max(seq), 0) FROM exchange WHERE id = ?", id, Purges::number);
                if (seq > 0) {
                    statements.run("DELETE FROM frame WHERE id >= ? AND id < ?", statement -> {
                        statement.setLong(1, Direction.REQUEST.firstKey(seq));
                        statement.setLong(2, Direction.RESPONSE.endKey(seq));
                        return statement.executeUpdate();
                    });
                    update("DELETE FROM connection WHERE seq = " + seq);
                    update("DELETE FROM exchange WHERE seq = " + seq);
                }
                withText("DELETE FROM connection_window WHERE id = ?", id, PreparedStatement::executeUpdate);
                withText(
                        "DELETE FROM problem WHERE place = ?", Problem.EXCHANGE + id, PreparedStatement::executeUpdate);
                withText("DELETE FROM latest WHERE instr(row, ?) > 0", id, PreparedStatement::executeUpdate);
            }
        });
    }

    /// Exchanges that are no rows: they could not be projected, or wait until it is known whether they are recorded.
    ///
    /// @param until those that wait, if they ended before
    public List<Long> unprojected(Instant until) {
        String sql = "SELECT seq FROM exchange WHERE state = 3 OR (state = 1 AND ended_us <= ?) ORDER BY seq";
        return statements.run(sql, statement -> {
            statement.setLong(1, Micros.of(until));
            List<Long> seqs = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    seqs.add(row.getLong(1));
                }
            }
            return seqs;
        });
    }

    /// The journal's own texts, which say how its tables are made.
    public String schema() {
        return statements.run("SELECT coalesce(group_concat(sql, char(10)), '') FROM sqlite_master", statement -> {
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getString(1) : "";
            }
        });
    }

    /// How many calls are being recorded now; what they say is there afterwards.
    public long beingRecorded() {
        return statements.run("SELECT count(*) FROM exchange WHERE state = 0", Purges::number);
    }

    /// Deletes hot rows by their positions.
    public void deleteHotRows(Collection<Long> seqs) {
        statements.inTransaction(() -> {
            for (long seq : seqs) {
                update("DELETE FROM hot_row WHERE seq = " + seq);
            }
        });
    }

    /// Forgets that rows were there, so that they may come again.
    public void forgetRows(String dataset, Collection<String> rowIds) {
        statements.inTransaction(() -> {
            for (String id : rowIds) {
                statements.run("DELETE FROM seen WHERE dataset = ? AND row_id = ?", statement -> {
                    statement.setString(1, dataset);
                    statement.setString(2, id);
                    return statement.executeUpdate();
                });
            }
        });
    }

    /// Forgets payloads that nothing refers to, those of them that wait for the lake at once; their rows in the lake up
    /// to a position are to leave it, as [Pruning#collect] says.
    public void forgetPayloads(Collection<String> hashes, long upToSeq) {
        new Pruning(statements).collect(hashes, upToSeq);
        statements.inTransaction(() -> {
            for (String hash : hashes) {
                withText(
                        "DELETE FROM hot_row WHERE dataset = 'payloads' AND row_id = ?",
                        hash,
                        PreparedStatement::executeUpdate);
            }
        });
    }

    /// Takes what is to leave the lake, one by one.
    @FunctionalInterface
    public interface CollectedReader {
        void read(String hash, long upToSeq) throws SQLException;
    }

    /// The payloads whose rows are to leave the lake.
    public void readCollected(CollectedReader reader) {
        statements.run("SELECT hash, up_to_seq FROM collected", statement -> {
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    reader.read(row.getString(1), row.getLong(2));
                }
            }
            return true;
        });
    }

    /// Hands over many in small numbers, each for a transaction of its own: the recorder waits for each.
    public static int atATime() {
        return AT_A_TIME;
    }

    /// An order is done but for the space that it took: what it asked for is not said any more.
    public void blank(long id) {
        statements.inTransaction(() -> {
            update("UPDATE purge SET kind = '" + GONE + "', argument = '' WHERE id = " + id);
            update("DELETE FROM purge_session WHERE purge = " + id);
        });
    }

    public void done(long id) {
        update("DELETE FROM purge WHERE id = " + id);
    }

    /// Writes the database anew without what was deleted, and empties its log.
    ///
    /// @return whether the log could be emptied: it cannot while somebody reads what was before
    public boolean rebuild() {
        try {
            return Vacuum.of(file);
        } catch (SQLException e) {
            throw new JournalException("the journal " + file + " cannot be written anew", e);
        }
    }

    private void update(String sql) {
        statements.run(sql, PreparedStatement::executeUpdate);
    }

    private <T> T withText(String sql, String text, Statements.Work<T> work) {
        return statements.run(sql, statement -> {
            statement.setString(1, text);
            return work.apply(statement);
        });
    }

    private static long number(PreparedStatement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }
}
