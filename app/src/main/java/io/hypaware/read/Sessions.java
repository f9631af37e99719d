package io.hypaware.read;

import io.hypaware.project.otel.TelemetryDatasets;
import io.hypaware.query.QueryException;
import io.hypaware.query.QueryResult;
import io.hypaware.query.SessionIndex;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Sessions and their calls, as rows tell them. A call without a session is found by its conversation.
public final class Sessions {

    /// How much the clocks of an agent and of this machine may.
    static final Duration CLOCKS_DIFFER = Duration.ofDays(1);

    static final String KEY = SessionIndex.KEY;

    /// One row of an exchange's messages stands for it: where it was placed, and what its answer counted. A row that it
    /// only repeats may have the count of an earlier answer, which a transcript told; it has no outcome.
    ///
    /// @param condition on rows besides, as SQL
    static String placed(String condition) {
        return """
            select exchange_id, any_value(%s) as session, any_value(conversation_id) as conversation,
              any_value(attributes->>'side_call') filter (where attributes->>'side_call' is not null) as side_call,
              coalesce(sum(input_tokens) filter (where status->>'outcome' is not null), 0)::bigint as input,
              coalesce(sum(output_tokens) filter (where status->>'outcome' is not null), 0)::bigint as output,
              coalesce(sum(cache_read_tokens) filter (where status->>'outcome' is not null), 0)::bigint as cache_read,
              coalesce(sum(cache_write_tokens) filter (where status->>'outcome' is not null), 0)::bigint as cache_write
            from ai_gateway_messages where exchange_id is not null%s group by exchange_id""".formatted(KEY, condition);
    }

    private final Recorded recorded;

    public Sessions(Recorded recorded) {
        this.recorded = recorded;
    }

    /// The session of a row.
    ///
    /// @param table its name in the query
    static String keyOf(String table) {
        return KEY.replace("session_id", table + ".session_id").replace("conversation_id", table + ".conversation_id");
    }

    /// Whether a row of `ai_gateway_messages` is of one of some sessions, as SQL.
    static String isOneOf(Collection<String> sessions) {
        return KEY + " in (" + Recorded.literals(sessions) + ")";
    }

    /// Which rows of `ai_gateway_messages` are of a session, as an SQL clause.
    static String whereSession(String session) {
        return " where " + KEY + " = " + Recorded.literal(session);
    }

    /// What is recorded of a session.
    private Recorded of(String session) {
        return recorded.of(List.of(session));
    }

    /// The session that a name or the beginning of one means.
    ///
    /// @throws QueryException if there is none, or more than one
    public String named(String name) throws QueryException, SQLException, IOException {
        List<String> whole = new ArrayList<>();
        of(name).run(
                        "select " + KEY + " from ai_gateway_messages" + whereSession(name) + " limit 1",
                        row -> whole.add(Recorded.text(row, 1)));
        if (!whole.isEmpty()) {
            return name;
        }
        try {
            return recorded.one("session", name, beginning(name), "hyp session list");
        } catch (QueryException e) {
            refuseConversation(name);
            throw e;
        }
    }

    /// The id of the one whose id begins so, of those of which only telemetry is recorded, too.
    public String recordedAs(String name) throws QueryException, SQLException, IOException {
        String begins = " where starts_with(lower(session_id), lower(" + Recorded.literal(name) + "))";
        String reported = Stream.of(TelemetryDatasets.LOGS, TelemetryDatasets.TRACES, TelemetryDatasets.METRICS)
                .map(dataset -> " union all select distinct session_id, 'telemetry' from " + dataset.name() + begins)
                .collect(Collectors.joining());
        String all = "select session, min(about) from (select session, about from (" + beginning(name) + ")" + reported
                + ") group by 1 order by 1 limit 20";
        List<String> found = new ArrayList<>();
        recorded.run(all, row -> found.add(Recorded.text(row, 1)));
        return found.isEmpty() ? named(name) : recorded.one("session", name, all, "hyp session list");
    }

    /// Sessions whose ids begin so, with what tells each apart; some of them, if they are many.
    public Map<String, String> beginningWith(String name) throws QueryException, SQLException, IOException {
        Map<String, String> found = new HashMap<>();
        recorded.run(beginning(name), row -> found.put(Recorded.text(row, 1), Recorded.text(row, 2)));
        return found;
    }

    /// What people know some sessions by, in a line: when, where, and what was asked first.
    public Map<String, String> lines(List<String> sessions) throws QueryException, SQLException, IOException {
        Map<String, String> lines = new HashMap<>();
        if (!sessions.isEmpty()) {
            recorded.of(sessions)
                    .run(
                            "select " + KEY
                                    + ", strftime(min(message_created_at), '%Y-%m-%d %H:%M'), coalesce(max(cwd), '-'),"
                                    + " coalesce(arg_min(left(content_text, 60), message_created_at) filter (role = 'user' and part_type"
                                    + " = 'text'), '') from ai_gateway_messages where " + KEY + " in ("
                                    + Recorded.literals(sessions) + ") group by 1",
                            row -> lines.put(
                                    Recorded.text(row, 1),
                                    Recorded.text(row, 2) + "  " + Recorded.text(row, 3) + "  "
                                            + Recorded.text(row, 4)));
        }
        return lines;
    }

    private static String beginning(String name) {
        return "select " + KEY + " as session, concat_ws('  ', strftime(max(message_created_at), '%Y-%m-%d %H:%M'),"
                + " any_value(client_name), arg_max(cwd, message_created_at) filter (where cwd is not null)) as about"
                + " from ai_gateway_messages where starts_with(lower(" + KEY + "), lower(" + Recorded.literal(name)
                + ")) group by 1 order by 1 limit 20";
    }

    /// A conversation, or an agent, is shown with its session.
    private void refuseConversation(String name) throws QueryException, SQLException, IOException {
        List<String> of = new ArrayList<>();
        String literal = Recorded.literal(name);
        recorded.run(
                "select any_value(" + KEY + ") from ai_gateway_messages where (conversation_id = " + literal
                        + " or starts_with(agent_id, " + literal + ")) and " + KEY + " <> " + literal
                        + " and not exists (select 1 from ai_gateway_messages s where starts_with(coalesce(s.session_id,"
                        + " s.conversation_id), " + literal + ")) having count(*) > 0",
                row -> of.add(Recorded.text(row, 1)));
        if (!of.isEmpty() && !of.getFirst().isEmpty()) {
            throw new QueryException(name + " is a conversation of session " + of.getFirst()
                    + ", which shows it, too: hyp session show " + of.getFirst());
        }
    }

    /// The calls of a session in the order in which they were made.
    public List<SessionCall> calls(String session) throws QueryException, SQLException, IOException {
        List<SessionCall> calls = new ArrayList<>();
        List<String> one = List.of(session);
        Recorded its = of(session);
        its.run(List.of(calls(one, callIds(its, one), calls::add)));
        return calls;
    }

    /// Between what the ids of calls are; they begin with their time, so that only files of theirs are read.
    record CallIds(String least, String largest) {

        /// As a condition.
        ///
        /// @param table name of `exchanges` in the query
        String of(String table) {
            return table + ".exchange_id between " + Recorded.literal(least) + " and " + Recorded.literal(largest);
        }
    }

    /// Those of the calls of some sessions.
    ///
    /// @param theirs what is recorded of them
    static CallIds callIds(Recorded theirs, Collection<String> sessions)
            throws QueryException, SQLException, IOException {
        List<CallIds> found = new ArrayList<>();
        theirs.run(
                "select min(exchange_id), max(exchange_id) from ai_gateway_messages where " + KEY + " in ("
                        + Recorded.literals(sessions) + ")",
                row -> found.add(new CallIds(Recorded.text(row, 1), Recorded.text(row, 2))));
        return found.getFirst();
    }

    /// Hands over the calls of some sessions in the order in which they were made.
    static Recorded.Question calls(Collection<String> sessions, CallIds ids, Consumer<SessionCall> reader) {
        return calls(placed(" and " + isOneOf(sessions)), ids.of("e"), reader);
    }

    /// Hands over the calls of all sessions of some time in the order in which they were made; those that were
    /// answered,
    /// at least.
    static Recorded.Question calls(Slice time, Consumer<SessionCall> reader) {
        // Only files of these days are read for it: an answer is not older than its call, but by what clocks differ.
        return calls(
                placed(" and " + time.wider(CLOCKS_DIFFER).has("message_created_at")),
                time.has("e.started_at"),
                reader);
    }

    private static Recorded.Question calls(String placed, String where, Consumer<SessionCall> reader) {
        String sql = """
                select e.exchange_id, epoch_us(e.started_at), e.duration_ms, e.status, e.outcome, e.model, p.conversation,
                  p.side_call, e.request_headers, p.input, p.output, p.cache_read, p.cache_write, e.provider, p.session
                from (%s) p join exchanges e using (exchange_id)
                where %s order by e.started_at, e.exchange_id""".formatted(placed, where);
        return new Recorded.Question(sql, row -> reader.accept(call(row)));
    }

    private static SessionCall call(QueryResult row) throws SQLException {
        String status = row.getString(4);
        return new SessionCall(
                Recorded.text(row, 1),
                Recorded.text(row, 15),
                Recorded.instant(row, 2),
                Duration.ofMillis(Recorded.number(row, 3)),
                Optional.ofNullable(status).map(Integer::valueOf),
                Recorded.text(row, 5),
                Optional.ofNullable(row.getString(6)),
                Recorded.text(row, 7),
                Optional.ofNullable(row.getString(8)),
                betas(row.getString(9)),
                Recorded.text(row, 14),
                new SessionCall.Tokens(
                        Recorded.number(row, 10),
                        Recorded.number(row, 11),
                        Recorded.number(row, 12),
                        Recorded.number(row, 13)));
    }

    private static String betas(@Nullable String headers) {
        return Recorded.header(headers, "anthropic-beta");
    }

    /// How often each tool was called, the most used first.
    public List<ToolUse> tools(String session) throws QueryException, SQLException, IOException {
        List<ToolUse> tools = new ArrayList<>();
        of(session).run(List.of(tools(session, tools::add)));
        return tools;
    }

    static Recorded.Question tools(String session, Consumer<ToolUse> reader) {
        return new Recorded.Question(
                "select tool_name, count(*) from ai_gateway_messages" + whereSession(session)
                        + " and part_type = 'tool_call' group by 1 order by 2 desc, 1",
                row -> reader.accept(new ToolUse(Recorded.text(row, 1), Recorded.number(row, 2))));
    }

    /// When messages of a session are from, and how many there are; for one of which there are no calls.
    public Span span(String session) throws QueryException, SQLException, IOException {
        return about(session).span();
    }

    /// Both of these, as one question.
    public About about(String session) throws QueryException, SQLException, IOException {
        List<About> found = new ArrayList<>();
        of(session).run(List.of(about(session, found::add)));
        return found.getFirst();
    }

    static Recorded.Question about(String session, Consumer<About> reader) {
        return new Recorded.Question(
                "select epoch_us(min(message_created_at)), epoch_us(max(message_created_at)),"
                        + " count(distinct message_id) filter (where aux_kind is distinct from 'note'),"
                        + " coalesce(sum(input_tokens), 0)::bigint, coalesce(sum(output_tokens), 0)::bigint,"
                        + " coalesce(sum(cache_read_tokens), 0)::bigint, coalesce(sum(cache_write_tokens), 0)::bigint,"
                        + " any_value(conversation_source), coalesce(any_value(client_name), ''),"
                        + " coalesce(arg_max(cwd, message_created_at) filter (where cwd is not null), '')"
                        + " from ai_gateway_messages" + whereSession(session),
                row -> reader.accept(new About(
                        new Span(
                                Recorded.instant(row, 1),
                                Recorded.instant(row, 2),
                                Recorded.number(row, 3),
                                new SessionCall.Tokens(
                                        Recorded.number(row, 4),
                                        Recorded.number(row, 5),
                                        Recorded.number(row, 6),
                                        Recorded.number(row, 7)),
                                Recorded.text(row, 8)),
                        new Origin(Recorded.text(row, 9), Recorded.text(row, 10)))));
    }

    /// The session that another one was forked from, and how much of it they share.
    public Optional<Fork> fork(String session) throws QueryException, SQLException, IOException {
        List<String> previous = new ArrayList<>();
        of(session).run(List.of(previous(session, previous::add)));
        return fork(recorded, session, previous);
    }

    /// Hands over the message that the first one of a session stands behind, if it does.
    static Recorded.Question previous(String session, Consumer<String> reader) {
        return new Recorded.Question(
                "select previous from (select previous_message_id->>'$[0]' as previous from ai_gateway_messages"
                        + whereSession(session)
                        + " and aux_kind is distinct from 'note' and not coalesce(is_sidechain, false)"
                        + " order by message_created_at, message_index, part_index limit 1) where previous is not null",
                row -> reader.accept(Recorded.text(row, 1)));
    }

    /// The session that a first message's previous one is of.
    ///
    /// @param previous one, or none; most sessions are no forks, and no other files are read for them
    static Optional<Fork> fork(Recorded recorded, String session, List<String> previous)
            throws QueryException, SQLException, IOException {
        if (previous.isEmpty()) {
            return Optional.empty();
        }
        List<Fork> found = new ArrayList<>();
        recorded.run(List.of(fork(session, previous.getFirst(), found::add)));
        return found.stream().findFirst();
    }

    private static Recorded.Question fork(String session, String previous, Consumer<Fork> reader) {
        return new Recorded.Question(
                "with point as (select " + KEY
                        + " as session, min(message_created_at) as at from ai_gateway_messages where message_id = "
                        + Recorded.literal(previous) + " group by 1)"
                        + " select p.session, (select count(distinct message_id) from ai_gateway_messages m where "
                        + KEY
                        + " = p.session and m.conversation_id = p.session and m.message_created_at <= p.at"
                        + " and aux_kind is distinct from 'note') from point p where p.session <> "
                        + Recorded.literal(session),
                row -> reader.accept(new Fork(Recorded.text(row, 1), Recorded.number(row, 2))));
    }

    /// Which agent a session is of, and where it last worked.
    public Origin origin(String session) throws QueryException, SQLException, IOException {
        return about(session).origin();
    }

    /// Hands over what was said in a session, part by part, in the order in which it was.
    ///
    /// @param notes whether lines of transcripts that are no utterances are wanted, too
    public void parts(String session, boolean notes, SaidPart.Reader reader)
            throws QueryException, SQLException, IOException {
        of(session)
                .run(
                        SaidPart.SELECT + whereSession(session) + (notes ? "" : " and aux_kind is distinct from 'note'")
                                + " order by message_created_at, conversation_id, message_index, part_index",
                        row -> reader.read(SaidPart.of(row)));
    }

    public record ToolUse(String tool, long calls) {}

    /// @param source whose transcript it is from; empty if it is from none
    public record Span(Instant first, Instant last, long messages, SessionCall.Tokens tokens, String source) {}

    /// @param messages that are of both
    public record Fork(String session, long messages) {}

    public record Origin(String client, String folder) {}

    public record About(Span span, Origin origin) {}
}
