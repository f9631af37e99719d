package io.hypaware.mcp;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.hypaware.query.Deadline;
import io.hypaware.query.QueryException;
import io.hypaware.query.QueryResult;
import io.hypaware.query.QuerySession;
import io.hypaware.secret.Redactor;
import java.io.IOException;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/// The user's SQL, as `hyp query sql` takes it, within bounds.
final class QuerySql implements Tool {

    @Override
    public String name() {
        return "query_sql";
    }

    @Override
    public String title() {
        return "Query with SQL";
    }

    @Override
    public String description() {
        return "Read-only SQL (DuckDB's dialect) over the recorded datasets: ai_gateway_messages (one row for each part"
                + " of a message: session_id, message_created_at, role, part_type, content_text, tool_name, tool_args,"
                + " model, input_tokens, output_tokens, cwd, ...) and exchanges (one row for each call: exchange_id,"
                + " started_at, status, outcome, model, duration_ms, ...); SHOW TABLES and DESCRIBE <dataset> tell the"
                + " rest. One statement; no files, no network, no settings.";
    }

    @Override
    public List<Param> params() {
        return List.of(
                Param.text("sql", 20_000, "One statement.").required(),
                Param.number("max_rows", 1, 1_000, 50, "Most rows."),
                Param.number("cell_chars", 10, 100_000, 500, "Most characters of each cell."),
                Param.number("timeout_seconds", 1, 300, 30, "After which the query is stopped."),
                BYTES);
    }

    @Override
    public Answer answer(Arguments arguments, Question question) throws QueryException, SQLException, IOException {
        Deadline deadline = Deadline.in(Duration.ofSeconds(arguments.number("timeout_seconds")));
        Answer answer = new Answer("rows", arguments.number("max_bytes"), question.redactor());
        try (QuerySession session = QuerySession.open(
                        question.cache(),
                        question.memoryBytes(),
                        arguments.text("sql"),
                        question.scope().foreign());
                Deadline.Watch _ = deadline.watch(session)) {
            boolean[] isAnswered = new boolean[1];
            session.run(result -> {
                if (isAnswered[0]) {
                    throw new IOException("more than one statement was given; ask one at a time");
                }
                isAnswered[0] = true;
                rows(result, arguments, answer, question.redactor());
            });
        } catch (QueryException e) {
            throw deadline.explained(e);
        }
        return answer;
    }

    private static void rows(QueryResult result, Arguments arguments, Answer answer, Redactor redactor)
            throws SQLException {
        ResultSetMetaData meta = result.getMetaData();
        ArrayNode columns = answer.facts().putArray("columns");
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            columns.add(meta.getColumnName(i));
        }
        int most = arguments.number("max_rows");
        int longest = arguments.number("cell_chars");
        while (result.next()) {
            if (answer.count() == most) {
                answer.facts().put("more", true);
                answer.note("there are more rows; raise max_rows, or let the SQL sum up");
                return;
            }
            ArrayNode row = Answer.JSON.createArrayNode();
            for (int i = 1; i <= meta.getColumnCount(); i++) {
                cell(row, result, i, text -> Answer.shortened(text, longest), redactor);
            }
            if (!answer.add(row)) {
                answer.facts().put("more", true);
                answer.note("there are more rows than fit; raise max_bytes, take fewer columns, or let the SQL sum up");
                return;
            }
        }
    }

    /// A column's name tells what its values are, as that of a password does.
    private static void cell(
            ArrayNode row, QueryResult result, int column, UnaryOperator<String> shortened, Redactor redactor)
            throws SQLException {
        Object value = result.getObject(column);
        switch (value) {
            case null -> row.addNull();
            case Long number -> row.add(number);
            case Integer number -> row.add(number);
            case Double number when Double.isFinite(number) -> row.add(number);
            case Boolean is -> row.add(is);
            default -> {
                String name = result.getMetaData().getColumnName(column) + "=";
                String text = name + result.getString(column);
                row.add(shortened.apply(redactor.of(text).piece(name.length(), text.length())));
            }
        }
    }
}
