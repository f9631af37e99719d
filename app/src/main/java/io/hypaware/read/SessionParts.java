package io.hypaware.read;

import io.hypaware.query.QueryException;
import io.hypaware.query.QueryResult;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What was said in a session, in pages: so many parts after another one, with the beginnings of their texts.
public final class SessionParts {

    /// What a part says: a call its arguments, a note its kind, too.
    private static final String TEXT = "coalesce(case part_type when 'tool_call' then tool_args::varchar"
            + " when 'note' then concat_ws(' ', provider_type, provider_subtype, content_text)"
            + " else content_text end, '')";

    /// In which they were said. The row's id tells apart what has the same place.
    private static final String ORDER = "(message_created_at, conversation_id, message_index, part_index, _row_id)";

    private final Recorded recorded;

    public SessionParts(Recorded recorded) {
        this.recorded = recorded;
    }

    /// One part.
    ///
    /// @param id of its row, which stays the same
    /// @param text as much of it as was asked for
    /// @param characters of the whole text
    /// @param agent which of the session's agents speaks; empty for the session itself
    /// @param output tokens of the answer that it ends, if it does
    public record Part(
            String id,
            String conversation,
            Instant at,
            String role,
            String type,
            String tool,
            String text,
            long characters,
            boolean error,
            boolean summary,
            String exchangeId,
            String agent,
            Optional<Long> output) {

        static Part of(QueryResult row) throws SQLException {
            return new Part(
                    Recorded.text(row, 1),
                    Recorded.text(row, 2),
                    Recorded.instant(row, 3),
                    Recorded.text(row, 4),
                    Recorded.text(row, 5),
                    Recorded.text(row, 6),
                    Recorded.text(row, 7),
                    Recorded.number(row, 8),
                    Boolean.parseBoolean(Recorded.text(row, 9)),
                    Boolean.parseBoolean(Recorded.text(row, 10)),
                    Recorded.text(row, 11),
                    Recorded.text(row, 12),
                    Optional.ofNullable(row.getString(13)).map(Long::valueOf));
        }
    }

    private static String select(String text) {
        return "select _row_id, conversation_id, epoch_us(message_created_at), role, part_type, tool_name, " + text
                + ", length(" + TEXT + "), is_error, is_compact_summary, exchange_id, coalesce(agent_name, agent_id),"
                + " output_tokens from ai_gateway_messages";
    }

    /// Some parts of a session, in their order.
    ///
    /// @param after the id of the part before them; nothing for the first
    /// @param characters most of each text
    /// @param most parts
    /// @throws QueryException if that part is not there any more
    public List<Part> page(String session, Optional<String> after, int characters, int most)
            throws QueryException, SQLException, IOException {
        String from = after.map(id -> " and " + ORDER + " > (select " + ORDER + " from ai_gateway_messages"
                        + whereRow(session, id) + ")")
                .orElse("");
        List<Part> parts = new ArrayList<>();
        recorded.run(
                select("left(" + TEXT + ", " + characters + ")") + Sessions.whereSession(session)
                        + " and aux_kind is distinct from 'note'" + from + " order by " + ORDER + " limit " + most,
                row -> parts.add(Part.of(row)));
        if (parts.isEmpty() && after.isPresent()) {
            // Nothing is after it, or it has gone.
            one(session, after.get(), 0, 0);
        }
        return parts;
    }

    /// The same of what is new in an exchange.
    public List<Part> ofExchange(String exchange, int characters, int most)
            throws QueryException, SQLException, IOException {
        List<Part> parts = new ArrayList<>();
        recorded.run(
                select("left(" + TEXT + ", " + characters + ")") + " where exchange_id = "
                        + Recorded.literal(exchange) + " and aux_kind is distinct from 'note' order by " + ORDER
                        + " limit " + most,
                row -> parts.add(Part.of(row)));
        return parts;
    }

    /// One part, with its text from a character on.
    public Part one(String session, String id, long from, int characters)
            throws QueryException, SQLException, IOException {
        List<Part> found = new ArrayList<>();
        recorded.run(
                select("substring(" + TEXT + ", " + (from + 1) + ", " + characters + ")") + whereRow(session, id),
                row -> found.add(Part.of(row)));
        if (found.isEmpty()) {
            throw new QueryException("session " + session + " has no part " + id
                    + "; it may have been removed since. Ask for the session without it");
        }
        return found.getFirst();
    }

    private static String whereRow(String session, String id) {
        return Sessions.whereSession(session) + " and _row_id = " + Recorded.literal(id);
    }
}
