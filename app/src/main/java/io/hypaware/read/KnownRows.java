package io.hypaware.read;

import io.hypaware.home.Recent;
import io.hypaware.project.known.KnownPart;
import io.hypaware.project.known.PartKey;
import io.hypaware.query.QueryException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// The parts of messages that have rows, for who asks whether another way brings them once more.
public final class KnownRows {

    /// Which texts are hashed by the engine, that hands over two thousand rows at once: long ones without white space
    /// at either end, which is no part of what is hashed.
    private static final String HASHED = """
            strlen(content_text) > 4096
              and left(content_text, 1) between '!' and '~' and right(content_text, 1) between '!' and '~'""";

    /// An answer is named by `provider_uuid` where only the wire says it: transcripts name their lines there.
    /// Rows of HypAware for Node say where they are from, and have no name where no transcript had told of
    /// them yet.
    private static final String SELECT = """
            select _row_id, message_id, part_index, conversation_id, %1$s as session,
              role, part_type, tool_call_id, tool_result_for,
              case when part_type in ('text', 'thinking') and (%2$s) is not true then content_text end as said, thinking_signature,
              case when role = 'assistant' then coalesce(response_id, case when conversation_source is null then provider_uuid end) end as response,
              provider_uuid,
              epoch_us(message_created_at) as at, exchange_id is not null as heard, conversation_source is not null and provider_uuid is not null as told,
              output_tokens, coalesce(aux_kind, '') as aux, coalesce(previous_message_id->>'$[0]', '') as previous,
              case when part_type in ('text', 'thinking') and (%2$s) then sha256(content_text) end as hash
            from ai_gateway_messages""".formatted(Sessions.KEY, HASHED);

    /// Nobody says after which message another one stands that is longer ago.
    private static final int MOST_MESSAGES = 50_000;

    private static final String ORDER =
            " order by message_created_at, conversation_id, message_index, part_index, _row_id";

    /// A message of which there are rows.
    ///
    /// @param answer whether the assistant says it
    /// @param after the last message of the assistant before it; empty at the beginning
    private record Said(boolean answer, String after) {}

    private final Recorded recorded;

    public KnownRows(Recorded recorded) {
        this.recorded = recorded;
    }

    /// The sessions of which there are rows.
    public Set<String> sessions() throws QueryException, SQLException, IOException {
        Set<String> sessions = new HashSet<>();
        recorded.run(
                "select distinct " + Sessions.KEY + " as session from ai_gateway_messages",
                row -> sessions.add(Recorded.text(row, 1)));
        return sessions;
    }

    /// Hands over the parts of one session, to who cannot go on without.
    ///
    /// @throws IllegalStateException if they cannot be read
    public void ofSession(String session, Consumer<KnownPart> known) {
        try {
            read(List.of(session), known);
        } catch (QueryException | SQLException | IOException e) {
            throw new IllegalStateException("the rows of session " + session + " cannot be read: " + e.getMessage(), e);
        }
    }

    /// Hands over the parts of some sessions, in the order in which they were said. What small calls beside a
    /// conversation say is none of it.
    public void read(Collection<String> sessions, Consumer<KnownPart> known)
            throws QueryException, SQLException, IOException {
        if (sessions.isEmpty()) {
            return;
        }
        String in = sessions.stream().map(Recorded::literal).collect(Collectors.joining(", "));
        String where = " where " + Sessions.KEY + " in (" + in + ")";
        Set<String> beside = new HashSet<>();
        // Rows of earlier versions say on the first part of each answer alone who speaks.
        Map<String, String> agents = new HashMap<>();
        Recorded some = recorded.of(sessions);
        some.run(
                "select conversation_id, max(coalesce(agent_id, attributes->>'agent_id',"
                        + " case when attributes->>'query_source' like 'agent:%' then '*' end)),"
                        + " max(coalesce(aux_kind, attributes->>'side_call')) filter (where coalesce(aux_kind, '') not in ('note', 'local'))"
                        + " is not null and conversation_id <> any_value(" + Sessions.KEY + ")"
                        + " from ai_gateway_messages" + where + " group by conversation_id",
                row -> {
                    agents.put(Recorded.text(row, 1), Recorded.text(row, 2));
                    if (Boolean.parseBoolean(Recorded.text(row, 3))) {
                        beside.add(Recorded.text(row, 1));
                    }
                });
        if (agents.isEmpty()) {
            return;
        }
        Map<String, Said> messages = new Recent<>(MOST_MESSAGES);
        Map<String, String> shared = new HashMap<>();
        some.run(SELECT + where + ORDER, row -> {
            String conversation = shared.computeIfAbsent(Recorded.text(row, 4), same -> same);
            if (beside.contains(conversation)) {
                return;
            }
            String message = Recorded.text(row, 2);
            String role = Recorded.text(row, 6);
            String previous = Recorded.text(row, 19);
            boolean answer = role.equals("assistant") && Recorded.text(row, 18).isEmpty();
            Said before = messages.getOrDefault(previous, new Said(true, ""));
            String after = before.answer() ? previous : before.after();
            messages.putIfAbsent(message, new Said(answer, after));
            known.accept(new KnownPart(
                    Recorded.text(row, 1),
                    message,
                    Math.toIntExact(Recorded.number(row, 3)),
                    conversation,
                    shared.computeIfAbsent(Recorded.text(row, 5), same -> same),
                    agents.getOrDefault(conversation, ""),
                    PartKey.of(new PartKey.Columns(
                            role,
                            Recorded.text(row, 7),
                            Recorded.text(row, 8),
                            Recorded.text(row, 9),
                            Recorded.text(row, 10),
                            Recorded.text(row, 20),
                            Recorded.text(row, 11))),
                    Recorded.text(row, 12),
                    Recorded.text(row, 13),
                    after,
                    Recorded.number(row, 14),
                    Boolean.parseBoolean(Recorded.text(row, 15)),
                    Boolean.parseBoolean(Recorded.text(row, 16)),
                    Recorded.number(row, 17),
                    Recorded.text(row, 18).equals("local")));
        });
    }
}
