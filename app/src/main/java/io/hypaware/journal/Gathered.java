package io.hypaware.journal;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a projection has decided and not written yet. Writing changes nothing here: what fails can be
/// written again. Part of [ProjectionBatch].
final class Gathered {

    private static final String MARK_SEEN = "INSERT OR IGNORE INTO seen (dataset, row_id, day) VALUES (?, ?, ?)";

    private static final String SIGHT = "INSERT INTO sighting (hash, last_us) VALUES (?, ?)"
            + " ON CONFLICT DO UPDATE SET last_us = excluded.last_us WHERE excluded.last_us >= last_us + "
            + ProjectionBatch.SIGHTING_MICROS;

    private static final String INSERT = "INSERT INTO hot_row (dataset, row_id, row) VALUES (?, ?, ?)";

    private static final String PUT_BRANCH = """
            INSERT OR REPLACE INTO branch
              (id, session, conversation, first_print, tip_print, used_order, history, agent, side)
            VALUES (?, ?, ?, ?, ?, (SELECT coalesce(max(used_order), 0) + 1 FROM branch), ?, ?, ?)""";

    private static final String NUMBER = """
            INSERT INTO conversation_number (session, last, day) VALUES (?, ?, ?)
            ON CONFLICT (session) DO UPDATE SET last = excluded.last, day = excluded.day""";

    private static final String LATEST = "INSERT OR REPLACE INTO latest (dataset, name, row) VALUES (?, ?, ?)";

    private static final String ANSWER =
            "INSERT OR REPLACE INTO answered (session, id, branch, size, day) VALUES (?, ?, ?, ?, ?)";

    record Seen(String dataset, String rowId) {}

    /// The last number of a session's conversations.
    record Numbered(int number, long day) {}

    /// An answer by its provider's id.
    record AnswerKey(String session, String id) {}

    /// What a row is the latest of.
    record LatestKey(String dataset, String name) {}

    record HeldRow(String dataset, String rowId, byte[] bytes) {}

    final List<HeldRow> payloads = new ArrayList<>();
    final List<HeldRow> rows = new ArrayList<>();

    /// By mark, the day on which it was made.
    final Map<Seen, Long> seen = new LinkedHashMap<>();

    final Map<String, Long> sightings = new LinkedHashMap<>();
    final Map<String, Numbered> numbers = new LinkedHashMap<>();

    final Map<LatestKey, byte[]> latest = new LinkedHashMap<>();
    final Map<AnswerKey, Answered> answered = new LinkedHashMap<>();

    /// By id, the last used last.
    final Map<Long, Branch> branches = new LinkedHashMap<>();

    /// By recording of a connection, how many of its turns.
    final Map<Long, Integer> turns = new LinkedHashMap<>();

    /// By connection.
    final Map<String, Connections.Carried> carried = new LinkedHashMap<>();

    /// By path, transcripts that are read.
    final Map<String, Transcripts.File> transcripts = new LinkedHashMap<>();

    /// By session, the day on which a transcript told of it.
    final Map<String, Long> told = new LinkedHashMap<>();

    /// What clients report of their own calls.
    final List<CallEvent> callEvents = new ArrayList<>();
    final TelemetryMarks telemetry = new TelemetryMarks();

    /// Exchanges.
    final Set<Long> projected = new LinkedHashSet<>();

    /// The day of the exchange at hand, since 1970.
    long day;

    long payloadBytes;

    /// Of rows and histories.
    long bytes;

    void addRow(HeldRow row) {
        rows.add(row);
        bytes += row.bytes().length;
    }

    void addPayload(HeldRow row) {
        payloads.add(row);
        payloadBytes += row.bytes().length;
    }

    void add(CallEvent event) {
        callEvents.add(event);
        bytes += event.body().inline().length;
    }

    void put(Branch branch) {
        // The last one put is the last one used.
        branches.remove(branch.id());
        branches.put(branch.id(), branch);
        bytes += branch.history().length;
    }

    /// Takes over what another one has gathered after this.
    void take(Gathered other) {
        payloads.addAll(other.payloads);
        rows.addAll(other.rows);
        seen.putAll(other.seen);
        other.sightings.forEach((hash, micros) -> sightings.merge(hash, micros, Math::max));
        numbers.putAll(other.numbers);
        answered.putAll(other.answered);
        latest.putAll(other.latest);
        turns.putAll(other.turns);
        carried.putAll(other.carried);
        transcripts.putAll(other.transcripts);
        told.putAll(other.told);
        callEvents.addAll(other.callEvents);
        other.branches.values().forEach(this::put);
        day = Math.max(day, other.day);
        projected.addAll(other.projected);
        telemetry.take(other.telemetry);
        payloadBytes += other.payloadBytes;
        bytes += other.bytes;
        other.clear();
    }

    void clear() {
        payloads.clear();
        rows.clear();
        seen.clear();
        sightings.clear();
        numbers.clear();
        answered.clear();
        latest.clear();
        turns.clear();
        carried.clear();
        transcripts.clear();
        told.clear();
        callEvents.clear();
        branches.clear();
        projected.clear();
        telemetry.clear();
        payloadBytes = 0;
        bytes = 0;
    }

    /// Writes payloads, each with its mark. Adoption keeps some, too, in another process perhaps: one that has been
    /// marked meanwhile is there.
    void writePayloads(Statements statements) {
        for (HeldRow row : payloads) {
            Seen mark = new Seen(row.dataset(), row.rowId());
            if (write(statements, mark, seen.getOrDefault(mark, 0L))) {
                insert(statements, row);
            }
        }
    }

    /// The payloads are committed, with their marks.
    void clearPayloads() {
        payloads.forEach(row -> seen.remove(new Seen(row.dataset(), row.rowId())));
        payloads.clear();
        payloadBytes = 0;
    }

    /// Writes payloads, then the rows that may refer to them.
    void writeRows(Statements statements) {
        writePayloads(statements);
        rows.forEach(row -> insert(statements, row));
    }

    /// The rows are written to a transaction that stays open.
    void clearRows() {
        clearPayloads();
        rows.clear();
    }

    void writeRest(Statements statements) {
        seen.forEach((mark, day) -> write(statements, mark, day));
        sightings.forEach((hash, micros) -> statements.run(SIGHT, statement -> {
            statement.setString(1, hash);
            statement.setLong(2, micros);
            return statement.executeUpdate();
        }));
        numbers.forEach((session, last) -> statements.run(NUMBER, statement -> {
            statement.setString(1, session);
            statement.setInt(2, last.number());
            statement.setLong(3, last.day());
            return statement.executeUpdate();
        }));
        answered.forEach((key, place) -> statements.run(ANSWER, statement -> {
            statement.setString(1, key.session());
            statement.setString(2, key.id());
            statement.setLong(3, place.branch());
            statement.setInt(4, place.size());
            statement.setLong(5, place.day());
            return statement.executeUpdate();
        }));
        latest.forEach((key, row) -> statements.run(LATEST, statement -> {
            statement.setString(1, key.dataset());
            statement.setString(2, key.name());
            statement.setBytes(3, row);
            return statement.executeUpdate();
        }));
        branches.values().forEach(branch -> write(statements, branch));
        turns.forEach((seq, count) -> Connections.writeTurns(statements, seq, count));
        carried.forEach((id, kept) -> Connections.writeCarried(statements, id, kept, day));
        told.forEach((session, on) -> Transcripts.writeTold(statements, session, on));
        transcripts.values().forEach(file -> Transcripts.write(statements, file));
        callEvents.forEach(event -> CallEvents.write(statements, event));
        telemetry.write(statements);
        for (long seq : projected) {
            statements.run("UPDATE exchange SET state = 2 WHERE seq = ? AND state = 1", statement -> {
                statement.setLong(1, seq);
                if (statement.executeUpdate() != 1) {
                    throw new SQLException("exchange " + seq + " was projected by somebody else");
                }
                return 1;
            });
        }
    }

    /// @return whether it was not marked before
    private static boolean write(Statements statements, Seen mark, long day) {
        return statements.run(MARK_SEEN, statement -> {
            statement.setString(1, mark.dataset());
            statement.setString(2, mark.rowId());
            statement.setLong(3, day);
            return statement.executeUpdate() == 1;
        });
    }

    private static void write(Statements statements, Branch branch) {
        statements.run(PUT_BRANCH, statement -> {
            statement.setLong(1, branch.id());
            statement.setString(2, branch.session());
            statement.setString(3, branch.conversation());
            statement.setString(4, branch.firstPrint());
            statement.setString(5, branch.tipPrint());
            statement.setBytes(6, branch.history());
            statement.setString(7, branch.agent());
            statement.setBoolean(8, branch.side());
            return statement.executeUpdate();
        });
    }

    private static void insert(Statements statements, HeldRow row) {
        statements.run(INSERT, statement -> {
            statement.setString(1, row.dataset());
            statement.setString(2, row.rowId());
            statement.setBytes(3, row.bytes());
            return statement.executeUpdate();
        });
    }
}
