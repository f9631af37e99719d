package io.hypaware.journal;

import java.nio.file.Path;
import java.sql.ResultSet;
import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Optional;

/// What is written down here of a team's lake beside its rows' cursor: that the user has seen what leaves, and which
/// payloads are there. With a connection of its own; of one thread.
public final class TeamLedger implements AutoCloseable {

    private static final int CACHE_PAGES = 128;

    /// Of a payload that is there.
    private static final long THERE = 0;

    private final Statements statements;
    private final String lake;

    private TeamLedger(Statements statements, String lake) {
        this.statements = statements;
        this.lake = lake;
    }

    /// Nothing where there is no journal.
    ///
    /// @param lake what tells it from any other
    public static Optional<TeamLedger> openExisting(Path journal, String lake) {
        return Statements.openExisting(journal, CACHE_PAGES).map(statements -> new TeamLedger(statements, lake));
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

    @Override
    public void close() {
        statements.close();
    }
}
