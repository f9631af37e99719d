package io.hypaware.read;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.home.Cache;
import io.hypaware.journal.Header;
import io.hypaware.journal.Micros;
import io.hypaware.query.QueryException;
import io.hypaware.query.QueryResult;
import io.hypaware.query.QuerySession;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What is recorded, asked in SQL; the pieces that [Sessions] and [Exchanges] have in common.
public final class Recorded {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Cache cache;
    private final long memoryBytes;

    /// @param memoryBytes most memory of a query
    public Recorded(Cache cache, long memoryBytes) {
        this.cache = cache;
        this.memoryBytes = memoryBytes;
    }

    /// Takes one row.
    @FunctionalInterface
    interface RowReader {
        void read(QueryResult row) throws SQLException, IOException;
    }

    /// A query, one statement, and who takes its rows.
    record Question(String sql, RowReader reader) {}

    /// Runs a query over what is recorded.
    void run(String sql, RowReader reader) throws QueryException, SQLException, IOException {
        run(List.of(new Question(sql, reader)));
    }

    /// Runs queries one after the other over what is recorded at one moment. Opening that costs more than most queries.
    void run(List<Question> questions) throws QueryException, SQLException, IOException {
        try (Moment moment = at(questions.stream().map(Question::sql).toList())) {
            for (Question question : questions) {
                moment.next(question.reader());
            }
        }
    }

    /// Opens what is recorded by now, for queries that are run one by one.
    Moment at(List<String> sql) throws QueryException, SQLException {
        return new Moment(QuerySession.open(cache, memoryBytes, String.join(";\n", sql)));
    }

    /// What is recorded at one moment.
    static final class Moment implements AutoCloseable {

        private final QuerySession session;
        private int next;

        private Moment(QuerySession session) {
            this.session = session;
        }

        /// Runs the next query.
        void next(RowReader reader) throws QueryException, IOException {
            session.run(next++, result -> {
                while (result.next()) {
                    reader.read(result);
                }
            });
        }

        @Override
        public void close() throws SQLException {
            session.close();
        }
    }

    /// The one record that an id, or the beginning of one, means.
    ///
    /// @param what is looked for, in an error's words
    /// @param sql gives the ids that begin so
    /// @param list the command that shows all
    String one(String what, String name, String sql, String list) throws QueryException, SQLException, IOException {
        List<String> found = new ArrayList<>();
        run(sql, row -> found.add(String.valueOf(row.getString(1))));
        if (found.contains(name)) {
            return name;
        }
        if (found.isEmpty()) {
            throw new QueryException("there is no " + what + " " + name + "; see: " + list);
        }
        if (found.size() > 1) {
            throw new QueryException("more than one " + what + " begins with " + name + ": "
                    + String.join(", ", found.subList(0, Math.min(5, found.size()))));
        }
        return found.getFirst();
    }

    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /// Headers out of their JSON: a list of `[name, value]` pairs.
    static List<Header> headers(Optional<String> json) {
        List<Header> headers = new ArrayList<>();
        try {
            for (JsonNode header : JSON.readTree(json.orElse("[]"))) {
                headers.add(new Header(header.path(0).asText(), header.path(1).asText()));
            }
        } catch (JsonProcessingException e) {
            return List.of();
        }
        return headers;
    }

    /// A header's values, joined; empty if there is none.
    static String header(@Nullable String headers, String name) {
        if (headers == null) {
            return "";
        }
        try {
            List<String> values = new ArrayList<>();
            for (JsonNode header : JSON.readTree(headers)) {
                if (header.path(0).asText().equalsIgnoreCase(name)) {
                    values.add(header.path(1).asText());
                }
            }
            return String.join(",", values);
        } catch (JsonProcessingException e) {
            return "";
        }
    }

    /// A text; empty if there is none.
    static String text(QueryResult row, int column) throws SQLException {
        String value = row.getString(column);
        return value == null ? "" : value;
    }

    static long number(QueryResult row, int column) throws SQLException {
        String value = row.getString(column);
        return value == null ? 0 : Long.parseLong(value);
    }

    /// @param column of microseconds since the epoch
    static Instant instant(QueryResult row, int column) throws SQLException {
        return Micros.toInstant(number(row, column));
    }
}
