package io.hypaware.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.query.QueryException;
import io.hypaware.query.QueryResult;
import io.hypaware.query.ResultWriter;
import io.hypaware.session.Prompt;
import io.hypaware.session.SessionLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One exchange as a page for people.
final class ExchangePage {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_TEXT = 2_000;

    static void print(SessionLog log, String exchange, PrintWriter out)
            throws QueryException, SQLException, IOException {
        String where = SessionLog.whereExchange(exchange);
        log.run(
                "select exchange_id, started_at, method, path, upstream, status, outcome, closed_by, ttfb_ms, duration_ms,"
                        + " model, session_id, request_bytes, response_bytes, request_headers, response_headers, error,"
                        + " client_name, client_version from exchanges" + where,
                row -> head(row, out));
        request(log, exchange, out);
        log.run(
                "select sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(cache_write_tokens)"
                        + " from ai_gateway_messages" + where + " having sum(output_tokens) is not null",
                row -> out.printf(
                        "tokens    in %s, out %s, read from the cache %s, written to it %s%n",
                        text(row, 1), text(row, 2), text(row, 3), text(row, 4)));
        log.run(
                "select role, part_type, content_text, tool_name, tool_args::varchar from ai_gateway_messages" + where
                        + " order by message_index, part_index",
                row -> part(row, out));
        out.println();
        out.println("bodies byte for byte: hyp exchange show " + exchange + " --raw request | response");
        out.flush();
    }

    private static void head(QueryResult row, PrintWriter out) throws SQLException, IOException {
        out.printf("exchange  %s%n", text(row, 1));
        out.printf("          %s %s to %s at %s%n", text(row, 3), text(row, 4), text(row, 5), text(row, 2));
        out.printf(
                "          status %s, %s, closed by %s; first byte after %s ms, %s ms in all%n",
                text(row, 6), text(row, 7), text(row, 8), text(row, 9), text(row, 10));
        out.printf(
                "          client %s %s, model %s, session %s%n",
                text(row, 18), text(row, 19), text(row, 11), text(row, 12));
        if (row.getString(17) != null) {
            out.printf("error     %s%n", Results.line(text(row, 17), MOST_TEXT));
        }
        out.printf("bytes     request %s, response %s%n", text(row, 13), text(row, 14));
        headers("request", row.getString(15), out);
        headers("response", row.getString(16), out);
    }

    private static void headers(String which, @Nullable String headers, PrintWriter out) throws IOException {
        if (headers != null) {
            out.println(which + " headers");
            for (JsonNode header : JSON.readTree(headers)) {
                out.printf(
                        "  %s: %s%n",
                        Results.line(header.path(0).asText(), 200),
                        Results.line(header.path(1).asText(), 200));
            }
        }
    }

    private static void request(SessionLog log, String exchange, PrintWriter out) {
        try {
            Prompt prompt = log.prompt(exchange);
            out.printf(
                    "prompt    %d tools (%s), %d system blocks (%s), %d message blocks (%s); %s%n",
                    prompt.of(Prompt.Kind.TOOL).size(),
                    bytes(prompt.of(Prompt.Kind.TOOL)),
                    prompt.of(Prompt.Kind.SYSTEM).size(),
                    bytes(prompt.of(Prompt.Kind.SYSTEM)),
                    prompt.of(Prompt.Kind.MESSAGE).size(),
                    bytes(prompt.of(Prompt.Kind.MESSAGE)),
                    prompt.marked() == 0 ? "no cache mark" : "the last cache mark is on element " + prompt.marked());
        } catch (IOException e) {
            out.println("prompt    the request is no prompt that can be read");
        }
    }

    private static String bytes(List<Prompt.Element> elements) {
        return StatusText.size(
                elements.stream().mapToLong(Prompt.Element::bytes).sum());
    }

    private static void part(QueryResult row, PrintWriter out) throws SQLException {
        String text = text(row, 3);
        String shown = text(row, 2).equals("tool_call") ? text(row, 4) + " " + text(row, 5) : text;
        out.printf("%n%s, %s%n  %s%n", text(row, 1), text(row, 2), Results.line(shown, MOST_TEXT));
    }

    private static String text(QueryResult row, int column) throws SQLException {
        String value = row.getString(column);
        return value == null ? "-" : ResultWriter.shown(value);
    }

    private ExchangePage() {}
}
