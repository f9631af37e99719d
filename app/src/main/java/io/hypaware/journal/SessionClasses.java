package io.hypaware.journal;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What was decided of sessions: whether they are recorded, and may leave the machine. Kept for as long as one may be
/// taken up again.
public final class SessionClasses {

    /// Why a session is ignored of which the user has said so.
    public static final String OPTED_OUT = "hyp session ignore";

    private static final String COLUMNS = "session, class, folder, client, why, since_us, day";

    private static final String PUT =
            "INSERT OR REPLACE INTO session_class (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?)";

    /// What was decided.
    ///
    /// @param is the class, as people write it
    /// @param folder where the session works; empty if that was not known
    /// @param client as rows name it; empty if that was not known
    /// @param why what decided it, for people
    /// @param sinceMicros of the first call that it is about; 0 for all of the session
    /// @param day on which it was decided, since 1970
    public record Decided(
            String session, String is, String folder, String client, String why, long sinceMicros, long day) {}

    private final Statements statements;

    SessionClasses(Statements statements) {
        this.statements = statements;
    }

    public Optional<Decided> of(String session) {
        return read("WHERE session = ?", session).stream().findFirst();
    }

    /// Whether anything was ever recorded of a session, or decided, as far as the journal remembers.
    public boolean isHeardOf(String session) {
        return statements.run(
                "SELECT 1 FROM session_class WHERE session = ?1 UNION ALL SELECT 1 FROM branch WHERE session = ?1"
                        + " UNION ALL SELECT 1 FROM told WHERE session = ?1 LIMIT 1",
                statement -> {
                    statement.setString(1, session);
                    try (ResultSet row = statement.executeQuery()) {
                        return row.next();
                    }
                });
    }

    /// Those decided whose ids begin so.
    public List<Decided> beginningWith(String beginning) {
        return read("WHERE substr(session, 1, length(?1)) = ?1 ORDER BY session LIMIT 20", beginning);
    }

    /// All of a class, the last decided first.
    public List<Decided> all(String is) {
        return read("WHERE class = ? ORDER BY day DESC, session", is);
    }

    /// Those of which the folder was not known.
    public List<Decided> withoutFolder() {
        return read("WHERE folder = ?", "");
    }

    public void put(Decided decided) {
        statements.run(PUT, statement -> {
            statement.setString(1, decided.session());
            statement.setString(2, decided.is());
            statement.setString(3, decided.folder());
            statement.setString(4, decided.client());
            statement.setString(5, decided.why());
            statement.setLong(6, decided.sinceMicros());
            statement.setLong(7, decided.day());
            return statement.executeUpdate();
        });
    }

    /// Forgets what was decided; the next call of the session decides anew.
    public void forget(String session) {
        statements.run("DELETE FROM session_class WHERE session = ?", statement -> {
            statement.setString(1, session);
            return statement.executeUpdate();
        });
    }

    private List<Decided> read(String where, String value) {
        return statements.run("SELECT " + COLUMNS + " FROM session_class " + where, statement -> {
            statement.setString(1, value);
            List<Decided> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(decided(rows));
                }
            }
            return found;
        });
    }

    private static Decided decided(ResultSet row) throws SQLException {
        return new Decided(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                row.getLong(6),
                row.getLong(7));
    }
}
