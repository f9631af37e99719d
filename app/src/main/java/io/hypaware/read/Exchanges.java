package io.hypaware.read;

import io.hypaware.journal.CapturedExchange;
import io.hypaware.journal.Outcome;
import io.hypaware.project.Body;
import io.hypaware.project.ContentCodings;
import io.hypaware.project.Exchange;
import io.hypaware.project.Json;
import io.hypaware.query.QueryException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Exchanges: what was on the wire.
public final class Exchanges {

    /// What tells one from another: when, what, and how it ended.
    private static final String ABOUT = "concat_ws('  ', strftime(started_at, '%Y-%m-%d %H:%M:%S'),"
            + " method || ' ' || split_part(path, '?', 1), coalesce(status::varchar, outcome), model)";

    private final Recorded recorded;

    /// Made when first asked for.
    private Optional<WholeRequests> wholes = Optional.empty();

    public Exchanges(Recorded recorded) {
        this.recorded = recorded;
    }

    /// The SQL that lists exchanges, the last first.
    ///
    /// @param narrow only what a terminal has room for
    public static String listing(int most, Optional<String> session, Optional<String> connection, boolean narrow) {
        String columns = narrow
                ? "left(exchange_id, 16) as exchange, " + Recorded.shortTime("started_at", "%m-%d %H:%M:%S")
                        + " as started,"
                        + " method || ' ' || split_part(path, '?', 1) as call, status,"
                        + " outcome, model, request_bytes as bytes, duration_ms as ms"
                : "exchange_id, started_at, upstream, method, path, status, outcome, model, session_id, request_bytes,"
                        + " response_bytes, ttfb_ms, duration_ms";
        return "select " + columns + " from exchanges where true"
                + session.map(s -> " and (session_id = " + Recorded.literal(s)
                                + " or exchange_id in (select exchange_id from ai_gateway_messages"
                                + Sessions.whereSession(s)
                                + "))")
                        .orElse("")
                + connection.map(c -> " and " + overConnection(c)).orElse("")
                + " order by started_at desc limit " + most;
    }

    /// Which rows are calls over a connection, as an SQL condition.
    private static String overConnection(String connection) {
        return "status is distinct from 101 and connection_id = " + Recorded.literal(connection);
    }

    /// Which rows are of an exchange, as an SQL clause.
    private static String whereExchange(String exchangeId) {
        return " where exchange_id = " + Recorded.literal(exchangeId);
    }

    /// The exchange that an id or the beginning of one means.
    ///
    /// @throws QueryException if there is none, or more than one
    public String named(String id) throws QueryException, SQLException, IOException {
        return recorded.one(
                "exchange",
                id,
                "select exchange_id, " + ABOUT + " from exchanges where starts_with(lower(exchange_id), lower("
                        + Recorded.literal(id) + ")) order by 1 limit 20",
                "hyp exchange list");
    }

    /// The connection that an id, or the beginning of one, means: its own, or one of a call over it.
    public String connection(String id) throws QueryException, SQLException, IOException {
        ExchangeFacts facts = facts(named(id));
        return facts.connection().isEmpty() ? facts.id() : facts.connection();
    }

    /// What is known of an exchange.
    public ExchangeFacts facts(String exchangeId) throws QueryException, SQLException, IOException {
        List<ExchangeFacts> found = new ArrayList<>();
        recorded.run(ExchangeFacts.SELECT + whereExchange(exchangeId), row -> found.add(ExchangeFacts.of(row)));
        if (found.isEmpty()) {
            throw new QueryException("there is no exchange " + exchangeId + "; see: hyp exchange list");
        }
        return found.getFirst();
    }

    /// Takes one exchange after the other.
    @FunctionalInterface
    interface ExchangeReader {
        void read(ExchangeFacts facts, Exchange exchange) throws IOException;
    }

    /// Hands over exchanges as they were captured, with their bodies as they were on the wire.
    void each(List<String> exchangeIds, ExchangeReader reader) throws QueryException, SQLException, IOException {
        String ids = exchangeIds.stream().map(Recorded::literal).collect(Collectors.joining(", "));
        String sql = ExchangeFacts.SELECT.replace(" from exchanges", ", request_body, response_body from exchanges")
                + " where exchange_id in (" + ids + ")";
        recorded.run(sql, row -> {
            ExchangeFacts facts = ExchangeFacts.of(row);
            reader.read(
                    facts,
                    new Exchange(
                            captured(facts),
                            body(row.getBytes(ExchangeFacts.COLUMNS + 1)),
                            body(row.getBytes(ExchangeFacts.COLUMNS + 2))));
        });
    }

    private static Body body(byte @Nullable [] bytes) {
        byte[] all = bytes == null ? new byte[0] : bytes;
        return new Body(() -> new ByteArrayInputStream(all));
    }

    private static CapturedExchange captured(ExchangeFacts facts) {
        return new CapturedExchange(
                0,
                facts.id(),
                facts.startedAt(),
                facts.startedAt(),
                facts.upstream(),
                facts.provider(),
                facts.method(),
                facts.path(),
                Recorded.headers(facts.requestHeaders()),
                facts.status(),
                Recorded.headers(facts.responseHeaders()),
                Optional.empty(),
                Outcome.of(facts.outcome()),
                facts.closedBy(),
                facts.requestBytes(),
                facts.responseBytes(),
                facts.error(),
                Optional.empty());
    }

    /// How many calls a connection carried.
    public long turns(String connection) throws QueryException, SQLException, IOException {
        long[] turns = new long[1];
        recorded.run(
                "select count(*) from exchanges where " + overConnection(connection),
                row -> turns[0] = Recorded.number(row, 1));
        return turns[0];
    }

    /// What its answer counted; empty if it counted nothing.
    public Optional<SessionCall.Tokens> tokens(String exchangeId) throws QueryException, SQLException, IOException {
        List<SessionCall.Tokens> found = new ArrayList<>();
        recorded.run(
                "select sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(cache_write_tokens)"
                        + " from ai_gateway_messages" + whereExchange(exchangeId)
                        + " having sum(output_tokens) is not null",
                row -> found.add(new SessionCall.Tokens(
                        Recorded.number(row, 1),
                        Recorded.number(row, 2),
                        Recorded.number(row, 3),
                        Recorded.number(row, 4))));
        return found.stream().findFirst();
    }

    /// The session that its messages are of; nothing if it brought none.
    public Optional<String> session(String exchangeId) throws QueryException, SQLException, IOException {
        List<String> found = new ArrayList<>();
        recorded.run(
                "select any_value(" + Sessions.KEY + ") from ai_gateway_messages" + whereExchange(exchangeId)
                        + " having count(*) > 0",
                row -> found.add(Recorded.text(row, 1)));
        return found.stream().findFirst();
    }

    /// Hands over the parts that are new in an exchange, and its answer's.
    public void parts(String exchangeId, SaidPart.Reader reader) throws QueryException, SQLException, IOException {
        recorded.run(
                SaidPart.SELECT + whereExchange(exchangeId) + " order by message_index, part_index",
                row -> reader.read(SaidPart.of(row)));
    }

    /// The request of an exchange, element by element.
    ///
    /// @throws IOException if it cannot be read
    public Prompt prompt(String exchangeId) throws IOException {
        try {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            copyBody(exchangeId, "request", true, body);
            byte[] request = body.toByteArray();
            // Where the provider keeps the history, the model saw more than was sent.
            boolean goesOn = new String(request, StandardCharsets.ISO_8859_1).contains("\"previous_response_id\":\"");
            if (goesOn) {
                WholeRequests.Whole whole = wholes().of(exchangeId);
                request = Json.MAPPER.writeValueAsBytes(whole.request());
            }
            return Prompt.read(new ByteArrayInputStream(request));
        } catch (QueryException | SQLException e) {
            throw new IOException("the request of exchange " + exchangeId + " cannot be read: " + e.getMessage(), e);
        }
    }

    private WholeRequests wholes() {
        if (wholes.isEmpty()) {
            wholes = Optional.of(new WholeRequests(recorded));
        }
        return wholes.get();
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
        recorded.run(sql, row -> {
            found[0] = true;
            String encoding = Recorded.header(row.getString(2), "content-encoding");
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
}
