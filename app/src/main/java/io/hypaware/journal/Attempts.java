package io.hypaware.journal;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;

/// What maintenance is at, on disk, so that a process that dies says at what. Three deaths in a row at one place
/// set the place aside.
public final class Attempts {

    public static final int MOST_DEATHS = 3;

    private final Statements statements;

    Attempts(Statements statements) {
        this.statements = statements;
    }

    /// Counts what earlier processes died at; to be called by a process that has the field to itself. Returns
    /// the places.
    public List<String> countDeaths() {
        List<String> places = places("running = 1");
        run("UPDATE attempt SET deaths = deaths + 1, running = 0 WHERE running = 1", PreparedStatement::executeUpdate);
        return places;
    }

    /// Work at a place begins.
    public void begin(String place) {
        run("""
                INSERT INTO attempt (place, running, deaths) VALUES (?, 1, 0)
                ON CONFLICT (place) DO UPDATE SET running = 1""", statement -> {
            statement.setString(1, place);
            return statement.executeUpdate();
        });
    }

    /// Work at a place ended, well or with an error that was caught.
    public void end(String place) {
        run("DELETE FROM attempt WHERE place = ?", statement -> {
            statement.setString(1, place);
            return statement.executeUpdate();
        });
    }

    /// The process is told to end, which is not a death of what it was at.
    public void interrupted() {
        run("UPDATE attempt SET running = 0", PreparedStatement::executeUpdate);
    }

    /// Places at which too many processes have died.
    public List<String> setAside() {
        return places("deaths >= " + MOST_DEATHS);
    }

    private List<String> places(String where) {
        return run("SELECT place FROM attempt WHERE " + where + " ORDER BY place", statement -> {
            List<String> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(rows.getString(1));
                }
            }
            return found;
        });
    }

    private <T> T run(String sql, Statements.Work<T> work) {
        return statements.run(sql, work);
    }
}
