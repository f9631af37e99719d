package io.hypaware.read;

import io.hypaware.query.QueryException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the calls of sessions were answered with, as their rows counted it, and how many messages are known by which
/// way.
public final class CountedAnswers {

    /// An answer that a call got.
    ///
    /// @param response the provider's id of it; empty where it has none
    /// @param auxKind the kind of small call that it answers, or empty
    /// @param outcome of its call
    public record Answer(String session, String response, String auxKind, String outcome, SessionCall.Tokens tokens) {}

    /// Messages of a session, by who says that there are.
    public record Messages(String session, long byWire, long byTranscript, long byBoth) {}

    private final Recorded recorded;

    public CountedAnswers(Recorded recorded) {
        this.recorded = recorded;
    }

    /// @param session the beginning of its id; all, if none is named
    public List<Answer> answers(Optional<String> session) throws QueryException, SQLException, IOException {
        List<Answer> answers = new ArrayList<>();
        recorded.run(
                "select " + Sessions.KEY
                        + " as session, coalesce(response_id, provider_uuid, ''), coalesce(aux_kind, ''),"
                        + " coalesce(status->>'outcome', ''), coalesce(input_tokens, 0), coalesce(output_tokens, 0),"
                        + " coalesce(cache_read_tokens, 0), coalesce(cache_write_tokens, 0) from ai_gateway_messages"
                        + " where exchange_id is not null and status->>'outcome' is not null and coalesce(input_tokens, output_tokens) is not null"
                        + session.map(id -> " and starts_with(" + Sessions.KEY + ", " + Recorded.literal(id) + ")")
                                .orElse(""),
                row -> answers.add(new Answer(
                        Recorded.text(row, 1),
                        Recorded.text(row, 2),
                        Recorded.text(row, 3),
                        Recorded.text(row, 4),
                        new SessionCall.Tokens(
                                Recorded.number(row, 5),
                                Recorded.number(row, 6),
                                Recorded.number(row, 7),
                                Recorded.number(row, 8)))));
        return answers;
    }

    /// @param session the beginning of its id; all, if none is named
    public List<Messages> messages(Optional<String> session) throws QueryException, SQLException, IOException {
        List<Messages> messages = new ArrayList<>();
        recorded.run(
                "select session, count(*) filter (where wire), count(*) filter (where told), count(*) filter (where wire and told)"
                        + " from (select " + Sessions.KEY
                        + " as session, message_id, bool_or(exchange_id is not null) as wire,"
                        + " bool_or(conversation_source is not null) as told from ai_gateway_messages where aux_kind is null"
                        + session.map(id -> " and starts_with(" + Sessions.KEY + ", " + Recorded.literal(id) + ")")
                                .orElse("")
                        + " group by 1, 2) m group by 1",
                row -> messages.add(new Messages(
                        Recorded.text(row, 1),
                        Recorded.number(row, 2),
                        Recorded.number(row, 3),
                        Recorded.number(row, 4))));
        return messages;
    }
}
