package io.hypaware.journal;

import io.hypaware.dataset.Datasets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// What leaves the journal: frames whose bodies are kept, exchanges that are done with, what no later call can need,
/// and the space of it all.
public final class Pruning {

    private static final int PRUNE_FRAMES = 64;

    /// 8 MB.
    private static final int SHRINK_PAGES = 512;

    /// Some months of work; a history forgotten would be recorded once more if its session went on.
    private static final int MOST_BRANCHES = 20_000;

    /// A session may be taken up again after months; a number given twice would join two conversations.
    private static final int NUMBERS_KEPT_DAYS = 400;

    /// Ids that are looked at in one transaction, while which the gateway waits.
    private static final int MOST_FORGOTTEN = 10_000;

    static final String NEXT_DATASET = "SELECT min(dataset) FROM seen WHERE dataset > ?";
    static final String RANGE_END =
            "SELECT row_id FROM seen WHERE dataset = ? AND row_id > ? ORDER BY row_id LIMIT 1 OFFSET "
                    + (MOST_FORGOTTEN - 1);
    static final String FORGET_REST = "DELETE FROM seen WHERE dataset = ? AND row_id > ? AND day < ?";
    static final String FORGET_RANGE = FORGET_REST + " AND row_id <= ?";

    private final Statements statements;

    Pruning(Statements statements) {
        this.statements = statements;
    }

    /// Deletes frames, then exchanges, that were projected and ended before `before`.
    public void pruneRaw(Instant before) {
        List<Long> seqs = query("SELECT seq FROM exchange WHERE state = 2 AND ended_us < ? ORDER BY seq", statement -> {
            statement.setLong(1, Micros.of(before));
            List<Long> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(rows.getLong(1));
                }
            }
            return found;
        });
        for (long seq : seqs) {
            deleteFrames(List.of(seq));
            deleteExchange(seq);
        }
    }

    /// Deletes the frames of exchanges that are projected: their bodies are kept as payloads.
    ///
    /// @param seqs exchanges; those that are not projected keep their frames
    public void deleteFramesOfProjected(List<Long> seqs) {
        deleteFrames(seqs.stream().filter(this::isProjected).toList());
    }

    /// The same, and no byte of them stays in the file, nor in its log where nobody reads it.
    public void eraseFramesOfProjected(List<Long> seqs) {
        overwriting(() -> deleteFramesOfProjected(seqs));
    }

    /// Takes exchanges out that are not to be recorded: no byte of them stays in the file, and none in its log where
    /// nobody reads it.
    public void erase(List<Long> seqs) {
        overwriting(() -> {
            deleteFrames(seqs);
            seqs.forEach(this::deleteExchange);
        });
    }

    /// What is deleted meanwhile leaves no byte, as [#erase] says.
    public void overwriting(Runnable deletion) {
        try {
            Sqlite.overwriteDeleted(statements.connection(), true);
            try {
                deletion.run();
            } finally {
                Sqlite.overwriteDeleted(statements.connection(), false);
            }
        } catch (SQLException e) {
            throw new JournalException("what is not to be kept cannot be taken out of the journal", e);
        }
        shrink();
    }

    private void deleteExchange(long seq) {
        for (String sql : List.of(
                "DELETE FROM connection_window WHERE id = (SELECT coalesce(connection, id) FROM exchange WHERE seq = ?)",
                "DELETE FROM connection WHERE seq = ?",
                "DELETE FROM exchange WHERE seq = ?")) {
            query(sql, statement -> {
                statement.setLong(1, seq);
                return statement.executeUpdate();
            });
        }
    }

    private boolean isProjected(long exchangeSeq) {
        return query("SELECT 1 FROM exchange WHERE seq = ? AND state = 2", statement -> {
            statement.setLong(1, exchangeSeq);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        });
    }

    /// Some frames in a transaction: the gateway waits while one is written.
    private void deleteFrames(List<Long> exchangeSeqs) {
        int uncommitted = 0;
        for (long seq : exchangeSeqs) {
            int deleted = PRUNE_FRAMES;
            while (deleted == PRUNE_FRAMES) {
                if (uncommitted == 0) {
                    query("BEGIN IMMEDIATE", PreparedStatement::execute);
                }
                deleted = query(
                        "DELETE FROM frame WHERE id IN (SELECT id FROM frame WHERE id >= ? AND id < ? LIMIT ?)",
                        statement -> {
                            statement.setLong(1, Direction.REQUEST.firstKey(seq));
                            statement.setLong(2, Direction.RESPONSE.endKey(seq));
                            statement.setInt(3, PRUNE_FRAMES);
                            return statement.executeUpdate();
                        });
                uncommitted += 1 + deleted;
                if (uncommitted > PRUNE_FRAMES) {
                    query("COMMIT", PreparedStatement::execute);
                    uncommitted = 0;
                }
            }
        }
        if (uncommitted > 0) {
            query("COMMIT", PreparedStatement::execute);
        }
    }

    /// Gives space that was freed back to the file system, a little at a time: the gateway waits for each.
    public void shrink() {
        try {
            while (Sqlite.giveBack(statements.connection(), SHRINK_PAGES)) {
                // each call is a transaction of its own
            }
            Sqlite.truncateWal(statements.connection());
        } catch (SQLException e) {
            throw new JournalException("the journal cannot be made smaller", e);
        }
    }

    /// Forgets what no later call can need: ids of rows whose exchange is gone, and the histories used longest
    /// ago. Payloads stay known, because a row may refer to them at any time.
    public void pruneKnown(Instant before) {
        query("DELETE FROM conversation_number WHERE day < ?", statement -> {
            statement.setLong(1, TimeUnit.SECONDS.toDays(before.getEpochSecond()) - NUMBERS_KEPT_DAYS);
            return statement.executeUpdate();
        });
        query("DELETE FROM session_class WHERE day < ?", statement -> {
            statement.setLong(1, TimeUnit.SECONDS.toDays(before.getEpochSecond()) - NUMBERS_KEPT_DAYS);
            return statement.executeUpdate();
        });
        query("DELETE FROM connection_window WHERE day < ?", statement -> {
            statement.setLong(1, TimeUnit.SECONDS.toDays(before.getEpochSecond()));
            return statement.executeUpdate();
        });
        query("DELETE FROM answered WHERE day < ?", statement -> {
            statement.setLong(1, TimeUnit.SECONDS.toDays(before.getEpochSecond()));
            return statement.executeUpdate();
        });
        forgetSeen(TimeUnit.SECONDS.toDays(before.getEpochSecond()));
        query(
                "DELETE FROM branch WHERE used_order <= (SELECT max(used_order) FROM branch) - " + MOST_BRANCHES,
                PreparedStatement::executeUpdate);
    }

    /// Forgets ids of rows, range by range of the key. Those of payloads, of which there are as many as ever came, are
    /// not looked at.
    private void forgetSeen(long firstDay) {
        Optional<String> dataset = textOf(NEXT_DATASET, "");
        while (dataset.isPresent()) {
            Optional<String> from = Optional.of("");
            while (from.isPresent() && !dataset.get().equals(Datasets.PAYLOADS.name())) {
                Optional<String> end = textOf(RANGE_END, dataset.get(), from.get());
                forget(dataset.get(), from.get(), end, firstDay);
                from = end;
            }
            dataset = textOf(NEXT_DATASET, dataset.get());
        }
    }

    private void forget(String dataset, String after, Optional<String> to, long firstDay) {
        query(to.isPresent() ? FORGET_RANGE : FORGET_REST, statement -> {
            statement.setString(1, dataset);
            statement.setString(2, after);
            statement.setLong(3, firstDay);
            if (to.isPresent()) {
                statement.setString(4, to.get());
            }
            return statement.executeUpdate();
        });
    }

    private Optional<String> textOf(String sql, String... arguments) {
        return query(sql, statement -> {
            for (int i = 0; i < arguments.length; i++) {
                statement.setString(i + 1, arguments[i]);
            }
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
            }
        });
    }

    /// Forgets payloads that nothing refers to, and writes down that their rows are to leave the lake, in one step:
    /// who needs one from now on stores it again, above this position.
    public void collect(Collection<String> hashes, long upToSeq) {
        statements.inTransaction(() -> {
            for (String hash : hashes) {
                query("DELETE FROM seen WHERE dataset = 'payloads' AND row_id = ?", statement -> {
                    statement.setString(1, hash);
                    return statement.executeUpdate();
                });
                query("DELETE FROM sighting WHERE hash = ?", statement -> {
                    statement.setString(1, hash);
                    return statement.executeUpdate();
                });
                query("INSERT OR REPLACE INTO collected (hash, up_to_seq) VALUES (?, ?)", statement -> {
                    statement.setString(1, hash);
                    statement.setLong(2, upToSeq);
                    return statement.executeUpdate();
                });
            }
        });
    }

    /// Payloads whose rows are to leave the lake, each with the position up to which they are meant.
    public Map<String, Long> collected() {
        return query("SELECT hash, up_to_seq FROM collected", statement -> {
            Map<String, Long> found = new LinkedHashMap<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.put(rows.getString(1), rows.getLong(2));
                }
            }
            return found;
        });
    }

    /// Their rows have left.
    public void clearCollected() {
        query("DELETE FROM collected", PreparedStatement::executeUpdate);
    }

    private <T> T query(String sql, Statements.Work<T> work) {
        return statements.run(sql, work);
    }
}
