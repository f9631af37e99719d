package io.hypaware.journal;

import io.hypaware.dataset.Column;
import io.hypaware.dataset.ColumnType;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.dataset.Row;
import io.hypaware.dataset.RowJson;
import io.hypaware.payload.Part;
import io.hypaware.payload.Payload;
import io.hypaware.payload.ValueBuilder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The one transaction in which an exchange becomes rows: what was seen, the rows, the conversation and the
/// exchange's state change together or not at all.
public final class ProjectionTransaction implements AutoCloseable {

    private static final String MARK_SEEN = "INSERT OR IGNORE INTO seen (dataset, row_id, day) VALUES (?, ?, ?)";

    private static final String SIGHT = "INSERT INTO sighting (hash, last_us) VALUES (?, ?)"
            + " ON CONFLICT DO UPDATE SET last_us = excluded.last_us WHERE excluded.last_us >= last_us + "
            + TimeUnit.MINUTES.toMicros(5);

    private static final String INSERT = "INSERT INTO hot_row (dataset, row_id, row) VALUES (?, ?, ?)";

    private final Connection connection;
    private final FirstSeen firstSeen;
    private final PreparedStatement markSeen;
    private final PreparedStatement sight;
    private final PreparedStatement insert;
    private long payloadBytes;
    private boolean open = true;

    ProjectionTransaction(Connection connection, FirstSeen firstSeen) {
        this.connection = connection;
        this.firstSeen = firstSeen;
        try {
            // A request is made of hundreds of elements.
            this.markSeen = connection.prepareStatement(MARK_SEEN);
            this.sight = connection.prepareStatement(SIGHT);
            this.insert = connection.prepareStatement(INSERT);
        } catch (SQLException e) {
            throw new JournalException("the journal cannot be written", e);
        }
        run("BEGIN IMMEDIATE", PreparedStatement::execute);
    }

    /// Whether the exchange still waits; another process may have been faster.
    public boolean isPending(long exchangeSeq) {
        return run("SELECT 1 FROM exchange WHERE seq = ? AND state = 1", statement -> {
            statement.setLong(1, exchangeSeq);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        });
    }

    /// Branches in which one agent of a session speaks, the last used first.
    ///
    /// @param agent empty for the session itself
    public List<Branch> branchesOf(String session, String agent, int most) {
        return branches("session = ? AND agent = ?", List.of(session, agent), most);
    }

    /// Branches without a session that begin with this message or end with one of these answers, the last used
    /// first.
    public List<Branch> branchesByHistory(String firstPrint, Collection<String> answerPrints, int most) {
        List<String> prints = answerPrints.stream().distinct().limit(200).toList();
        String in = String.join(",", prints.stream().map(_ -> "?").toList());
        List<String> parameters = new ArrayList<>(List.of(firstPrint));
        parameters.addAll(prints);
        return branches("session = '' AND (first_print = ? OR tip_print IN (" + in + "))", parameters, most);
    }

    /// A number for a further conversation of a session, never given before.
    public int nextConversation(String session, Instant at) {
        return run("""
                INSERT INTO conversation_number (session, last, day) VALUES (?, 2, ?)
                ON CONFLICT (session) DO UPDATE SET last = last + 1, day = excluded.day
                RETURNING last""", statement -> {
            statement.setString(1, session);
            statement.setLong(2, TimeUnit.SECONDS.toDays(at.getEpochSecond()));
            try (ResultSet row = statement.executeQuery()) {
                return row.getInt(1);
            }
        });
    }

    /// Whether a row with this id was ever added.
    public boolean isSeen(Dataset dataset, String rowId) {
        return run("SELECT 1 FROM seen WHERE dataset = ? AND row_id = ?", statement -> {
            statement.setString(1, dataset.name());
            statement.setString(2, rowId);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        });
    }

    public boolean hasConversation(String session, String conversation) {
        return run("SELECT 1 FROM branch WHERE session = ? AND conversation = ? LIMIT 1", statement -> {
            statement.setString(1, session);
            statement.setString(2, conversation);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        });
    }

    /// Stores a branch, in place of the one with its id if it has one.
    public void put(Branch branch) {
        run("""
                INSERT OR REPLACE INTO branch
                  (id, session, conversation, first_print, tip_print, used_order, history, agent)
                VALUES (nullif(?, 0), ?, ?, ?, ?, (SELECT coalesce(max(used_order), 0) + 1 FROM branch), ?, ?)""", statement -> {
            statement.setLong(1, branch.id());
            statement.setString(2, branch.session());
            statement.setString(3, branch.conversation());
            statement.setString(4, branch.firstPrint());
            statement.setString(5, branch.tipPrint());
            statement.setBytes(6, branch.history());
            statement.setString(7, branch.agent());
            return statement.executeUpdate();
        });
    }

    /// Adds a row unless one with its id was ever added. Large values of payload columns go to `payloads`, once.
    public void add(Row row, Instant at) {
        if (!markSeen(row.dataset(), row.rowId(), at)) {
            return;
        }
        Row stored = row;
        for (Column column : row.dataset().columns()) {
            if (column.payload()) {
                Object value = row.value(column.name()).orElse(null);
                String hash = value == null ? null : addIfLarge(value, at);
                if (hash != null) {
                    stored = stored.with(
                            column.name(),
                            column.type() == ColumnType.BINARY ? hash.getBytes(StandardCharsets.UTF_8) : hash);
                }
            }
        }
        insert(stored);
    }

    /// Stores a value once, whatever its size; returns its hash.
    public String addPayload(byte[] bytes, Instant at) {
        return Payload.keep(bytes, payloads(at));
    }

    /// Where elements and values made of them are stored, each once.
    public ValueBuilder.Store payloads(Instant at) {
        return payload -> put(payload, at);
    }

    /// Bytes of payloads that were new.
    public long payloadBytes() {
        return payloadBytes;
    }

    /// Ends the transaction: the exchange is projected.
    public void commitProjected(long exchangeSeq) {
        run("UPDATE exchange SET state = 2 WHERE seq = ?", statement -> {
            statement.setLong(1, exchangeSeq);
            return statement.executeUpdate();
        });
        commit();
    }

    /// Ends the transaction.
    public void commit() {
        run("COMMIT", PreparedStatement::execute);
        open = false;
    }

    /// Undoes everything that was not committed.
    @Override
    public void close() {
        try (markSeen;
                sight;
                insert) {
            if (open) {
                open = false;
                run("ROLLBACK", PreparedStatement::execute);
            }
        } catch (SQLException e) {
            throw new JournalException("a transaction of the journal cannot be closed", e);
        }
    }

    private @Nullable String addIfLarge(Object value, Instant at) {
        return switch (value) {
            case String text
            when text.length() > Datasets.PAYLOAD_INLINE_BYTES / 4 -> {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                yield Payload.isLarge(bytes.length) ? addPayload(bytes, at) : null;
            }
            case byte[] bytes when Payload.isLarge(bytes.length) -> addPayload(bytes, at);
            default -> null;
        };
    }

    private void put(Payload payload, Instant at) {
        if (!markSeen(Datasets.PAYLOADS, payload.hash(), at)) {
            if (!firstSeen.holds(payload.hash(), Micros.of(at))) {
                sightAgain(payload.hash(), at);
            }
            return;
        }
        firstSeen.add(payload.hash(), Micros.of(at));
        Row.Builder row = Row.of(Datasets.PAYLOADS)
                .set("hash", payload.hash())
                .set("size", payload.size())
                .set("first_seen_at", Micros.of(at))
                .set("last_seen_at", Micros.of(at));
        switch (payload.content()) {
            case Payload.Content.Text(String text) -> row.set("text", text);
            case Payload.Content.Bytes(byte[] bytes) -> row.set("bytes", bytes);
            case Payload.Content.Parts(List<Part> parts) -> row.set("parts", Part.toJson(parts));
        }
        payloadBytes += insert(row.build(payload.hash()));
    }

    /// Marks a row's id, or a key that is like one; whether it was not marked before.
    public boolean markSeen(Dataset dataset, String rowId, Instant at) {
        try {
            markSeen.setString(1, dataset.name());
            markSeen.setString(2, rowId);
            markSeen.setLong(3, TimeUnit.SECONDS.toDays(at.getEpochSecond()));
            return markSeen.executeUpdate() == 1;
        } catch (SQLException e) {
            throw new JournalException("the journal failed at \"" + MARK_SEEN + "\"", e);
        }
    }

    /// To five minutes: what every call of a session repeats is not written with every call.
    private void sightAgain(String hash, Instant at) {
        try {
            sight.setString(1, hash);
            sight.setLong(2, Micros.of(at));
            sight.executeUpdate();
        } catch (SQLException e) {
            throw new JournalException("the journal failed at \"" + SIGHT + "\"", e);
        }
    }

    /// @return bytes that were stored
    private int insert(Row row) {
        byte[] bytes = RowJson.write(row);
        try {
            insert.setString(1, row.dataset().name());
            insert.setString(2, row.rowId());
            insert.setBytes(3, bytes);
            insert.executeUpdate();
            return bytes.length;
        } catch (SQLException e) {
            throw new JournalException("the journal failed at \"" + INSERT + "\"", e);
        }
    }

    private List<Branch> branches(String where, List<String> parameters, int most) {
        String sql = "SELECT id, session, agent, conversation, first_print, tip_print, history FROM branch WHERE "
                + where + " ORDER BY used_order DESC LIMIT " + most;
        return run(sql, statement -> {
            for (int i = 0; i < parameters.size(); i++) {
                statement.setString(i + 1, parameters.get(i));
            }
            List<Branch> found = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    found.add(new Branch(
                            row.getLong(1),
                            row.getString(2),
                            row.getString(3),
                            row.getString(4),
                            row.getString(5),
                            row.getString(6),
                            row.getBytes(7)));
                }
            }
            return found;
        });
    }

    private <T> T run(String sql, SqlFunction<T> work) {
        return SqlFunction.run(connection, sql, work);
    }
}
