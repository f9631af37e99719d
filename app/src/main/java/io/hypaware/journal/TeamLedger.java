package io.hypaware.journal;

import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/// What is written down here of a team's lake beside its rows' cursor: that the user has seen what leaves, and which
/// payloads are there; the latter of sinks, too, that tell large values by their hashes. With a connection of its own;
/// of one thread.
public final class TeamLedger implements AutoCloseable {

    private static final int CACHE_PAGES = 128;

    /// Of a payload that is there.
    private static final long THERE = 0;

    private final Path journal;
    private final Statements statements;
    private final String lake;

    private TeamLedger(Path journal, Statements statements, String lake) {
        this.journal = journal;
        this.statements = statements;
        this.lake = lake;
    }

    /// Nothing where there is no journal.
    ///
    /// @param lake what tells it from any other
    public static Optional<TeamLedger> openExisting(Path journal, String lake) {
        return Statements.openExisting(journal, CACHE_PAGES)
                .map(statements -> new TeamLedger(journal, statements, lake));
    }

    /// When the user agreed that rows go there.
    public Optional<Instant> consent() {
        return statements.run("SELECT at_us FROM team_consent WHERE lake = ?", statement -> {
            statement.setString(1, lake);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(Micros.toInstant(row.getLong(1))) : Optional.empty();
            }
        });
    }

    public void agree(Instant now) {
        statements.run("INSERT OR IGNORE INTO team_consent (lake, at_us) VALUES (?, ?)", statement -> {
            statement.setString(1, lake);
            statement.setLong(2, Micros.of(now));
            return statement.executeUpdate();
        });
    }

    /// Takes the user's agreement back.
    public void withdraw() {
        statements.run("DELETE FROM team_consent WHERE lake = ?", statement -> {
            statement.setString(1, lake);
            return statement.executeUpdate();
        });
    }

    /// Whether a payload is there, or goes with a batch.
    public boolean has(String hash) {
        return statements.run("SELECT 1 FROM team_payload WHERE lake = ? AND hash = ?", statement -> {
            statement.setString(1, lake);
            statement.setBytes(2, HexFormat.of().parseHex(hash));
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        });
    }

    /// Writes down which payloads go with a batch, before they do.
    public void intend(long batch, Collection<String> hashes) {
        statements.inTransaction(() -> hashes.forEach(hash ->
                statements.run("INSERT OR IGNORE INTO team_payload (lake, hash, batch) VALUES (?, ?, ?)", statement -> {
                    statement.setString(1, lake);
                    statement.setBytes(2, HexFormat.of().parseHex(hash));
                    statement.setLong(3, batch);
                    return statement.executeUpdate();
                })));
    }

    /// Writes down that the payloads of a batch are there.
    public void there(long batch) {
        statements.run("UPDATE team_payload SET batch = " + THERE + " WHERE lake = ? AND batch = ?", statement -> {
            statement.setString(1, lake);
            statement.setLong(2, batch);
            return statement.executeUpdate();
        });
    }

    /// Writes down that a batch did not bring its payloads.
    public void forget(long batch) {
        statements.run("DELETE FROM team_payload WHERE lake = ? AND batch = ?", statement -> {
            statement.setString(1, lake);
            statement.setLong(2, batch);
            return statement.executeUpdate();
        });
    }

    /// A payload that the lake has forgotten.
    ///
    /// @param run of the collection that did
    public record Forgotten(String hash, String run) {}

    /// Takes payloads for ones that are not there: all that the lake has forgotten by now. One that was sent again
    /// since the same run has forgotten it stays.
    public void forget(Collection<Forgotten> all) {
        statements.inTransaction(() -> {
            Set<Forgotten> known = forgotten();
            ofLake("DELETE FROM team_forgotten WHERE lake = ?", PreparedStatement::executeUpdate);
            for (Forgotten one : all) {
                byte[] hash = HexFormat.of().parseHex(one.hash());
                if (!known.contains(one)) {
                    ofLake("DELETE FROM team_payload WHERE lake = ? AND hash = ?", statement -> {
                        statement.setBytes(2, hash);
                        return statement.executeUpdate();
                    });
                }
                ofLake("INSERT OR IGNORE INTO team_forgotten (lake, hash, run) VALUES (?, ?, ?)", statement -> {
                    statement.setBytes(2, hash);
                    statement.setString(3, one.run());
                    return statement.executeUpdate();
                });
            }
        });
    }

    /// Takes every payload for one that is not there.
    public void forgetAll() {
        ofLake("DELETE FROM team_payload WHERE lake = ?", PreparedStatement::executeUpdate);
    }

    private Set<Forgotten> forgotten() {
        return ofLake("SELECT hash, run FROM team_forgotten WHERE lake = ?", statement -> {
            Set<Forgotten> found = new HashSet<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    found.add(new Forgotten(HexFormat.of().formatHex(row.getBytes(1)), row.getString(2)));
                }
            }
            return found;
        });
    }

    private <T> T ofLake(String sql, Statements.Work<T> work) {
        return statements.run(sql, statement -> {
            statement.setString(1, lake);
            return work.apply(statement);
        });
    }

    /// How far was read what the lake has forgotten, in the lake's own words.
    public Optional<String> fence() {
        return ofLake("SELECT fence FROM team_fence WHERE lake = ?", statement -> {
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
            }
        });
    }

    public void reached(String fence) {
        ofLake("INSERT OR REPLACE INTO team_fence (lake, fence) VALUES (?, ?)", statement -> {
            statement.setString(2, fence);
            return statement.executeUpdate();
        });
    }

    /// Forces to disk what was written down, before anyone is told of it.
    public void sync() {
        Statements.sync(journal);
    }

    @Override
    public void close() {
        statements.close();
    }
}
