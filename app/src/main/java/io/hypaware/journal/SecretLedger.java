package io.hypaware.journal;

import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/// Where secrets were found, and how far they were looked for. With a connection of its own; of one thread.
public final class SecretLedger implements AutoCloseable {

    private static final int CACHE_PAGES = 64;

    /// More are counted by nobody: whoever plants so many gets no more of the disk.
    private static final long MOST_SIGHTINGS = 200_000;

    private static final String COLUMNS =
            "fingerprint, place, rule, origin, times, at_us, session, conversation, exchange, tool, file";

    private final Statements statements;

    private SecretLedger(Statements statements) {
        this.statements = statements;
    }

    /// Nothing where there is no journal.
    public static Optional<SecretLedger> openExisting(Path journal) {
        return Statements.openExisting(journal, CACHE_PAGES).map(SecretLedger::new);
    }

    /// How far rows were looked through in a scope; 0 for not at all.
    ///
    /// @param part empty for rows that have positions, else a partition's number
    public long position(String scope, String part) {
        return statements.run("SELECT position FROM secret_scan WHERE part = ? AND scope = ?", statement -> {
            statement.setString(1, part);
            statement.setString(2, scope);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        });
    }

    /// Writes down what was found, and how far that reaches, in one step. What another scope has found is forgotten.
    public void commit(String scope, String part, long position, List<SecretSighting> found) {
        statements.inTransaction(() -> {
            boolean isOther = statements.run("DELETE FROM secret_scan WHERE scope <> ?", statement -> {
                statement.setString(1, scope);
                return statement.executeUpdate() > 0;
            });
            if (isOther) {
                statements.run("DELETE FROM secret_sighting");
            }
            long room = MOST_SIGHTINGS - count();
            found.stream().limit(Math.max(0, room)).forEach(this::put);
            statements.run("INSERT OR REPLACE INTO secret_scan (part, scope, position) VALUES (?, ?, ?)", statement -> {
                statement.setString(1, part);
                statement.setString(2, scope);
                statement.setLong(3, position);
                return statement.executeUpdate();
            });
        });
    }

    private void put(SecretSighting sighting) {
        statements.run(
                "INSERT OR IGNORE INTO secret_sighting (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                statement -> {
                    statement.setString(1, sighting.fingerprint());
                    statement.setString(2, sighting.place());
                    statement.setString(3, sighting.rule());
                    statement.setString(4, sighting.origin());
                    statement.setInt(5, sighting.times());
                    statement.setLong(6, Micros.of(sighting.at()));
                    statement.setString(7, sighting.session());
                    statement.setString(8, sighting.conversation());
                    statement.setString(9, sighting.exchange());
                    statement.setString(10, sighting.tool());
                    statement.setString(11, sighting.file());
                    return statement.executeUpdate();
                });
    }

    private long count() {
        return statements.run("SELECT count(*) FROM secret_sighting", statement -> {
            try (ResultSet row = statement.executeQuery()) {
                return row.getLong(1);
            }
        });
    }

    /// Hands over what was found from a time on, by fingerprint, the first sighting of each first.
    public void read(Instant since, Consumer<SecretSighting> reader) {
        statements.run(
                "SELECT " + COLUMNS + " FROM secret_sighting WHERE at_us >= ? ORDER BY fingerprint, at_us, place",
                statement -> {
                    statement.setLong(1, Micros.of(since));
                    try (ResultSet row = statement.executeQuery()) {
                        while (row.next()) {
                            reader.accept(sighting(row));
                        }
                    }
                    return true;
                });
    }

    private static SecretSighting sighting(ResultSet row) throws SQLException {
        return new SecretSighting(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getInt(5),
                Micros.toInstant(row.getLong(6)),
                row.getString(7),
                row.getString(8),
                row.getString(9),
                row.getString(10),
                row.getString(11));
    }

    /// Secrets that are not accepted, as they were seen first, the newest first.
    public List<SecretSighting> open(int most) {
        return statements.run(
                "SELECT " + COLUMNS
                        + " FROM (SELECT *, row_number() OVER (PARTITION BY fingerprint ORDER BY session = '', at_us,"
                        + " place) AS n FROM secret_sighting) WHERE n = 1"
                        + " AND fingerprint NOT IN (SELECT fingerprint FROM secret_accepted) ORDER BY at_us DESC LIMIT "
                        + most,
                statement -> {
                    List<SecretSighting> found = new ArrayList<>();
                    try (ResultSet row = statement.executeQuery()) {
                        while (row.next()) {
                            found.add(sighting(row));
                        }
                    }
                    return found;
                });
    }

    /// Says that the user has dealt with a secret; false if it was not found.
    public boolean accept(String fingerprint, Instant at) {
        boolean isKnown = statements.exists(
                "SELECT 1 FROM secret_sighting WHERE fingerprint = ? AND fingerprint = ? LIMIT 1",
                fingerprint,
                fingerprint);
        if (isKnown) {
            statements.run("INSERT OR IGNORE INTO secret_accepted (fingerprint, at_us) VALUES (?, ?)", statement -> {
                statement.setString(1, fingerprint);
                statement.setLong(2, Micros.of(at));
                return statement.executeUpdate();
            });
        }
        return isKnown;
    }

    public Set<String> accepted() {
        return statements.run("SELECT fingerprint FROM secret_accepted", statement -> {
            Set<String> all = new TreeSet<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    all.add(row.getString(1));
                }
            }
            return all;
        });
    }

    /// Forgets what is of days that are not kept any more.
    public void forgetBefore(Instant firstKept) {
        statements.run("DELETE FROM secret_sighting WHERE at_us < ?", statement -> {
            statement.setLong(1, Micros.of(firstKept));
            return statement.executeUpdate();
        });
    }

    @Override
    public void close() {
        statements.close();
    }
}
