package io.hypaware.session;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.home.Cache;
import io.hypaware.project.ContentCodings;
import io.hypaware.query.QueryException;
import io.hypaware.query.QueryResult;
import io.hypaware.query.QuerySession;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Sessions and their calls, as rows tell them. A call without a session is found by its conversation.
public final class SessionLog {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String KEY = "coalesce(session_id, split_part(conversation_id, '/', 1))";

    /// One row of an exchange's messages stands for it: where it was placed, and what its answer counted.
    private static final String PLACED = """
            select exchange_id, any_value(%s) as session, any_value(conversation_id) as conversation,
              any_value(attributes->>'side_call') filter (where attributes->>'side_call' is not null) as side_call,
              coalesce(sum(input_tokens), 0)::bigint as input, coalesce(sum(output_tokens), 0)::bigint as output,
              coalesce(sum(cache_read_tokens), 0)::bigint as cache_read,
              coalesce(sum(cache_write_tokens), 0)::bigint as cache_write
            from ai_gateway_messages where exchange_id is not null group by exchange_id""".formatted(KEY);

    private final Cache cache;
    private final long memoryBytes;

    /// @param memoryBytes most memory of a query
    public SessionLog(Cache cache, long memoryBytes) {
        this.cache = cache;
        this.memoryBytes = memoryBytes;
    }

    /// The SQL that lists sessions, the last used first. Those of an older cache have messages, but no calls.
    ///
    /// @param narrow only what a terminal has room for
    public static String listing(int most, boolean narrow) {
        String columns = narrow
                ? "session, client, strftime(last, '%m-%d %H:%M') as last, calls, failed, messages, tokens_in, tokens_out,"
                        + " cache_read, cache_write"
                : "*";
        return "select " + columns + " from (select m.*, coalesce(f.failed, 0) as failed from (select " + KEY
                + """
                 as session, any_value(client_name) as client, min(message_created_at) as started,
                  max(message_created_at) as last, count(distinct exchange_id) as calls,
                  count(distinct message_id) as messages, sum(input_tokens)::bigint as tokens_in,
                  sum(output_tokens)::bigint as tokens_out, sum(cache_read_tokens)::bigint as cache_read,
                  sum(cache_write_tokens)::bigint as cache_write
                  from ai_gateway_messages group by 1) m
                left join (select session, count(*) as failed from (""" + PLACED + """
                  ) p join exchanges e using (exchange_id) where e.status >= 400 or e.outcome <> 'completed' group by 1) f
                  using (session))
                order by last desc limit\s""" + most;
    }

    /// The SQL that lists exchanges, the last first.
    ///
    /// @param narrow only what a terminal has room for
    public static String exchanges(int most, Optional<String> session, boolean narrow) {
        String columns = narrow
                ? "exchange_id, strftime(started_at, '%m-%d %H:%M:%S') as started, split_part(path, '?', 1) as path, status,"
                        + " outcome, model, request_bytes as bytes, duration_ms as ms"
                : "exchange_id, started_at, upstream, method, path, status, outcome, model, session_id, request_bytes,"
                        + " response_bytes, ttfb_ms, duration_ms";
        return "select " + columns + " from exchanges"
                + session.map(s -> " where session_id = " + literal(s)
                                + " or exchange_id in (select exchange_id from ai_gateway_messages" + whereSession(s)
                                + ")")
                        .orElse("")
                + " order by started_at desc limit " + most;
    }

    /// Which rows of `ai_gateway_messages` are of a session, as an SQL clause.
    public static String whereSession(String session) {
        return " where " + KEY + " = " + literal(session);
    }

    /// Which rows are of an exchange, as an SQL clause.
    public static String whereExchange(String exchangeId) {
        return " where exchange_id = " + literal(exchangeId);
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /// The session that a name or the beginning of one means.
    ///
    /// @throws QueryException if there is none, or more than one
    public String session(String name) throws QueryException, SQLException, IOException {
        return one(
                "session",
                name,
                "select distinct " + KEY + " as session from ai_gateway_messages where starts_with(lower(" + KEY
                        + "), lower(" + literal(name) + ")) order by 1 limit 20",
                "hyp session list");
    }

    /// The exchange that an id or the beginning of one means.
    ///
    /// @throws QueryException if there is none, or more than one
    public String exchange(String id) throws QueryException, SQLException, IOException {
        return one(
                "exchange",
                id,
                "select exchange_id from exchanges where starts_with(lower(exchange_id), lower(" + literal(id)
                        + ")) order by 1 limit 20",
                "hyp exchange list");
    }

    private String one(String what, String name, String sql, String list)
            throws QueryException, SQLException, IOException {
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

    /// The calls of a session in the order in which they were made.
    public List<Call> calls(String session) throws QueryException, SQLException, IOException {
        String sql = """
                select e.exchange_id, epoch_us(e.started_at), e.duration_ms, e.status, e.outcome, e.model, p.conversation,
                  p.side_call, e.request_headers, p.input, p.output, p.cache_read, p.cache_write
                from (%s) p join exchanges e using (exchange_id)
                where p.session = %s order by e.started_at, e.exchange_id""".formatted(PLACED, literal(session));
        List<Call> calls = new ArrayList<>();
        run(sql, row -> calls.add(call(row)));
        return calls;
    }

    private static Call call(QueryResult row) throws SQLException {
        String status = row.getString(4);
        return new Call(
                text(row, 1),
                Instant.EPOCH.plusNanos(number(row, 2) * 1_000),
                Duration.ofMillis(number(row, 3)),
                Optional.ofNullable(status).map(Integer::valueOf),
                text(row, 5),
                Optional.ofNullable(row.getString(6)),
                text(row, 7),
                Optional.ofNullable(row.getString(8)),
                betas(row.getString(9)),
                new Call.Tokens(number(row, 10), number(row, 11), number(row, 12), number(row, 13)));
    }

    /// The request of a call, element by element.
    ///
    /// @throws IOException if it cannot be read
    public Prompt prompt(Call call) throws IOException {
        return prompt(call.exchangeId());
    }

    /// The same by the exchange's id.
    public Prompt prompt(String exchangeId) throws IOException {
        try {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            copyBody(exchangeId, "request", true, body);
            return Prompt.read(new ByteArrayInputStream(body.toByteArray()));
        } catch (QueryException | SQLException e) {
            throw new IOException("the request of exchange " + exchangeId + " cannot be read: " + e.getMessage(), e);
        }
    }

    /// Writes a body as it was on the wire, in pieces.
    ///
    /// @param which `request` or `response`
    /// @param decoded whether content encodings are undone
    /// @return bytes that passed and were not recorded, so that they are not written either
    /// @throws QueryException if there is no such exchange
    public long copyBody(String exchangeId, String which, boolean decoded, OutputStream out)
            throws QueryException, SQLException, IOException {
        String sql = "select %1$s_body, %1$s_headers, %1$s_bytes from exchanges".formatted(which)
                + whereExchange(exchangeId);
        boolean[] found = new boolean[1];
        long[] missing = new long[1];
        run(sql, row -> {
            found[0] = true;
            String encoding = header(row.getString(2), "content-encoding");
            if (!decoded || encoding.isEmpty()) {
                CountedOutput counted = new CountedOutput(out);
                row.copyBytes(1, counted);
                missing[0] = Math.max(0, Long.parseLong(row.getString(3)) - counted.bytes);
                return;
            }
            byte[] raw = row.getBytes(1);
            try (InputStream in =
                    ContentCodings.decoded(new ByteArrayInputStream(raw == null ? new byte[0] : raw), encoding)) {
                in.transferTo(out);
            }
        });
        if (!found[0]) {
            throw new QueryException("there is no exchange " + exchangeId + "; see: hyp exchange list");
        }
        return missing[0];
    }

    private static final class CountedOutput extends FilterOutputStream {

        private long bytes;

        private CountedOutput(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            bytes++;
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            out.write(source, offset, length);
            bytes += length;
        }
    }

    /// Takes one row.
    @FunctionalInterface
    public interface RowReader {
        void read(QueryResult row) throws SQLException, IOException;
    }

    /// Runs a query over what is recorded.
    public void run(String sql, RowReader reader) throws QueryException, SQLException, IOException {
        try (QuerySession session = QuerySession.open(cache, memoryBytes, sql)) {
            session.run(result -> {
                while (result.next()) {
                    reader.read(result);
                }
            });
        }
    }

    private static String betas(@Nullable String headers) {
        return header(headers, "anthropic-beta");
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

    private static String text(QueryResult row, int column) throws SQLException {
        String value = row.getString(column);
        return value == null ? "" : value;
    }

    private static long number(QueryResult row, int column) throws SQLException {
        String value = row.getString(column);
        return value == null ? 0 : Long.parseLong(value);
    }
}
