package io.hypaware.journal;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// What went wrong lately. Part of [Journal].
public final class Problems {

    private final Statements statements;

    Problems(Statements statements) {
        this.statements = statements;
    }

    /// Remembers a failure for `hyp status`, one that is repeated once; the newest hundred are kept.
    void report(Problem problem) {
        statements.run("DELETE FROM problem WHERE place = ? AND message = ?", statement -> {
            statement.setString(1, problem.place());
            statement.setString(2, problem.message());
            return statement.executeUpdate();
        });
        statements.run("INSERT INTO problem (at_us, place, message) VALUES (?, ?, ?)", statement -> {
            statement.setLong(1, Micros.of(problem.at()));
            statement.setString(2, problem.place());
            statement.setString(3, problem.message());
            return statement.executeUpdate();
        });
        statements.run(
                "DELETE FROM problem WHERE rowid NOT IN (SELECT rowid FROM problem ORDER BY rowid DESC LIMIT 100)",
                PreparedStatement::executeUpdate);
    }

    /// Forgets those of places of a kind, but for some.
    ///
    /// @param kind how the places begin
    /// @param still the places that have a problem still
    public void mended(String kind, Set<String> still) {
        for (Problem problem : newest(100)) {
            if (problem.place().startsWith(kind) && !still.contains(problem.place())) {
                statements.run("DELETE FROM problem WHERE place = ?", statement -> {
                    statement.setString(1, problem.place());
                    return statement.executeUpdate();
                });
            }
        }
    }

    /// The newest problems first.
    public List<Problem> newest(int most) {
        return statements.run(
                "SELECT at_us, place, message FROM problem ORDER BY rowid DESC LIMIT " + most, statement -> {
                    List<Problem> problems = new ArrayList<>();
                    try (ResultSet rows = statement.executeQuery()) {
                        while (rows.next()) {
                            problems.add(new Problem(
                                    Micros.toInstant(rows.getLong(1)), rows.getString(2), rows.getString(3)));
                        }
                    }
                    return problems;
                });
    }
}
