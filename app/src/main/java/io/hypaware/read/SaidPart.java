package io.hypaware.read;

import io.hypaware.query.QueryResult;
import java.sql.SQLException;
import java.time.Instant;

/// One part of a message, as a row of `ai_gateway_messages` tells it.
///
/// @param text what was said, or a tool's result; empty if there is none
/// @param arguments of a call, as JSON
/// @param carries whether the counts of the whole answer stand on this part
/// @param agent which of the session's agents speaks, by name where it has one; empty for the session itself
/// @param summary whether it stands for an earlier history
public record SaidPart(
        String conversation,
        Instant at,
        String role,
        String type,
        String text,
        String tool,
        String arguments,
        boolean error,
        String exchangeId,
        boolean carries,
        boolean summary,
        String agent) {

    static final String SELECT = "select conversation_id, epoch_us(message_created_at), role, part_type,"
            + " case when part_type = 'note' then concat_ws(' ', provider_type, provider_subtype, content_text) else content_text end,"
            + " tool_name, tool_args::varchar, is_error, exchange_id, output_tokens, is_compact_summary,"
            + " coalesce(agent_name, agent_id)"
            + " from ai_gateway_messages";

    /// Takes one part after the other.
    @FunctionalInterface
    public interface Reader {
        void read(SaidPart part);
    }

    static SaidPart of(QueryResult row) throws SQLException {
        return new SaidPart(
                Recorded.text(row, 1),
                Recorded.instant(row, 2),
                Recorded.text(row, 3),
                Recorded.text(row, 4),
                Recorded.text(row, 5),
                Recorded.text(row, 6),
                Recorded.text(row, 7),
                Boolean.parseBoolean(Recorded.text(row, 8)),
                Recorded.text(row, 9),
                row.getString(10) != null,
                Boolean.parseBoolean(Recorded.text(row, 11)),
                Recorded.text(row, 12));
    }
}
