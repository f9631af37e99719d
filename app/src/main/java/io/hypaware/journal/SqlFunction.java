package io.hypaware.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/// Work with one prepared statement.
@FunctionalInterface
interface SqlFunction<T extends @Nullable Object> {

    T apply(PreparedStatement statement) throws SQLException;

    static <T extends @Nullable Object> T run(Connection connection, String sql, SqlFunction<T> work) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            return work.apply(statement);
        } catch (SQLException e) {
            throw new JournalException(
                    "the journal failed at \"" + sql.strip().lines().findFirst().orElse("") + "\"", e);
        }
    }
}
