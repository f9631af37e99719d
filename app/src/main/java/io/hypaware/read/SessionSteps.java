package io.hypaware.read;

import io.hypaware.privacy.PrivacyRules;
import io.hypaware.query.QueryException;
import io.hypaware.query.QueryResult;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What happened in sessions, step by step: each call, before its answer's parts and behind those that it sent. Of
/// sessions that may leave the machine alone.
public final class SessionSteps {

    /// Characters of a text that are read.
    public static final int LONGEST_TEXT = 32_000;

    /// So much of a text is read behind that, for who looks for secrets in it.
    private static final int BEHIND = 4_000;

    private static final String AGENT_TOOLS = "('task', 'agent', 'spawn_agent')";

    private final Recorded recorded;

    public SessionSteps(Recorded recorded) {
        this.recorded = recorded;
    }

    /// How far what is recorded reaches.
    ///
    /// @param last the last position of a row
    /// @param adopted how many rows have none, as they are of an older cache
    public record Reach(long last, long adopted) {}

    public Reach reach() throws QueryException, SQLException, IOException {
        List<Reach> found = new ArrayList<>();
        recorded.run(
                "select greatest(max(last), 0), coalesce(sum(adopted), 0)::bigint from (select max(_seq) as last,"
                        + " count(*) filter (where _seq < 0) as adopted from ai_gateway_messages union all"
                        + " select max(_seq), 0 from exchanges)",
                row -> found.add(new Reach(Recorded.number(row, 1), Recorded.number(row, 2))));
        return found.getFirst();
    }

    /// The sessions of which something was recorded at some positions, in their order.
    ///
    /// @param adopted whether those of older caches are wanted, too
    public List<String> changed(long after, long last, boolean adopted, String behind, int most)
            throws QueryException, SQLException, IOException {
        String range = "((_seq > " + after + " and _seq <= " + last + ")" + (adopted ? " or _seq < 0" : "") + ")";
        return sessions(
                "select " + Sessions.KEY + " as session from ai_gateway_messages where " + range
                        + " union select session_id from exchanges where session_id is not null and model is not null and "
                        + range,
                behind,
                most);
    }

    /// The sessions that something was said in since a time.
    public List<String> since(Instant time, String behind, int most) throws QueryException, SQLException, IOException {
        return sessions(
                "select " + Sessions.KEY + " as session from ai_gateway_messages where message_created_at >= "
                        + Recorded.time(time),
                behind,
                most);
    }

    private List<String> sessions(String sql, String behind, int most)
            throws QueryException, SQLException, IOException {
        List<String> found = new ArrayList<>();
        recorded.run(
                "select distinct session from (" + sql + ") where session > " + Recorded.literal(behind)
                        + " order by 1 limit " + most,
                row -> found.add(Recorded.text(row, 1)));
        return found;
    }

    /// Takes what happened in sessions, one after the other.
    public interface Reader {

        /// Told of each that stays on this machine; nothing else is of it.
        void stays(String session);

        /// Told before the steps, of all sessions.
        ///
        /// @param callers which tool's call each agent's conversation came of, by the id of its row
        void begin(Map<String, String> callers);

        void step(SessionStep step) throws IOException;
    }

    /// Hands over what happened in some sessions, as it is recorded at one moment, session by session.
    ///
    /// @param rules which say what stays on this machine
    /// @param texts whether texts are wanted
    public void read(Collection<String> sessions, PrivacyRules rules, boolean texts, Reader reader)
            throws QueryException, SQLException, IOException {
        String in = Sessions.isOneOf(sessions);
        LocalSessions.Sorter sorter = new LocalSessions.Sorter(rules);
        AgentCalls agents = new AgentCalls();
        Set<String> stays = new HashSet<>();
        List<String> sql = List.of(
                LocalSessions.SAID + " where " + in,
                LocalSessions.UNSAID.formatted(Recorded.literals(sessions)),
                "select md5(coalesce(tool_args->>'prompt', tool_args->>'message')), _row_id, " + Sessions.KEY
                        + ", epoch_us(message_created_at) from ai_gateway_messages where " + in
                        + " and part_type = 'tool_call' and lower(tool_name) in " + AGENT_TOOLS
                        + " order by message_created_at, part_index",
                "select conversation_id, md5(content_text), " + Sessions.KEY
                        + ", epoch_us(message_created_at) from ai_gateway_messages where " + in
                        + " and role = 'user' and part_type = 'text' and message_index <= 1"
                        + " and (agent_id is not null or is_sidechain) order by message_created_at, conversation_id",
                steps(in, Recorded.literals(sessions), texts));
        try (Recorded.View view = recorded.at(sql)) {
            view.next(sorter::read);
            view.next(sorter::read);
            stays.addAll(sorter.local());
            stays.retainAll(sessions);
            stays.forEach(reader::stays);
            view.next(row -> agents.called(
                    Recorded.text(row, 3), Recorded.text(row, 1), Recorded.text(row, 2), Recorded.number(row, 4)));
            view.next(row -> agents.began(
                    Recorded.text(row, 3), Recorded.text(row, 2), Recorded.text(row, 1), Recorded.number(row, 4)));
            reader.begin(agents.callers());
            view.next(row -> {
                if (!stays.contains(Recorded.text(row, 1))) {
                    reader.step(step(row));
                }
            });
        }
    }

    /// Calls and parts in one order. Parts of a request are a microsecond behind its beginning, so that the time alone
    /// would put them behind their call. A column that only one of the two has is shared with the other: rows are
    /// held while they are sorted, and their width is what a long session costs in memory.
    private static String steps(String in, String sessions, boolean texts) {
        String text = texts
                ? "case when part_type = 'tool_call' then left(tool_args::varchar, %1$d) else left(content_text, %1$d) end"
                        .formatted(LONGEST_TEXT + BEHIND)
                : "''";
        return """
            with m as not materialized (
              select %1$s as session, conversation_id, epoch_us(message_created_at) as said, exchange_id, model, provider,
                client_name, client_version, coalesce(agent_name, agent_id, '') as agent,
                agent_id is not null or coalesce(is_sidechain, false) as aside,
                coalesce(attributes->>'side_call', '') as side_call, response_id, status->>'stop_reason' as stop,
                status->>'outcome' as outcome, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
                _row_id, message_id, message_index, part_index, role, part_type, tool_name, tool_call_id,
                tool_result_for, coalesce(is_error, false) as failed, coalesce(is_compact_summary, false) as summary,
                %2$s as text
              from ai_gateway_messages where %3$s and aux_kind is distinct from 'note'),
            p as not materialized (
              select exchange_id, session, conversation_id, agent, aside, side_call, response_id, stop,
                case when response_id is not null then model end as model, input_tokens as input,
                output_tokens as output, cache_read_tokens as cache_read, cache_write_tokens as cache_write, _row_id as key
              from m where outcome is not null and exchange_id is not null),
            e as not materialized (
              select coalesce(p.session, x.session_id) as session, coalesce(p.conversation_id, '') as conversation_id,
                epoch_us(x.started_at) as said, x.exchange_id, x.provider, x.client_name, x.client_version, p.agent, p.aside,
                p.side_call, p.response_id, p.model as answered_by, p.stop, p.input, p.output, p.cache_read, p.cache_write,
                coalesce(p.key, '') as key, case when p.model is null then x.model end as model, x.duration_ms, x.ttfb_ms, x.status, x.outcome, x.closed_by, x.error
              from exchanges x left join p using (exchange_id)
              where x.status is distinct from 101
                and (p.exchange_id is not null or (x.model is not null and x.session_id in (%4$s))))
            select session, conversation_id, said, exchange_id, provider, client_name, client_version, agent, aside,
              side_call, response_id, answered_by as model, stop, input, output, cache_read, cache_write, key,
              true as called, model as asked, outcome, closed_by, error, null as call_id, null as result_for,
              duration_ms, ttfb_ms, status, false as failed, false as summary, false as answer, '' as text,
              said as begun, 1 as kind, 0 as message_index, 0 as part_index
            from e
            union all
            select m.session, m.conversation_id, m.said, m.exchange_id, m.provider, m.client_name, m.client_version, m.agent,
              m.aside, m.side_call, m.response_id, m.model, m.stop, m.input_tokens, m.output_tokens, m.cache_read_tokens,
              m.cache_write_tokens, m._row_id, false, m.message_id, m.role, m.part_type, m.tool_name, m.tool_call_id,
              m.tool_result_for, null, null, null, m.failed, m.summary,
              m.role = 'assistant' and (m.response_id is not null or m.outcome is not null), m.text,
              coalesce(e.said, m.said), case when m.role = 'assistant' and (m.response_id is not null or m.outcome is not null)
              then 2 else 0 end, m.message_index, m.part_index
            from m left join (select exchange_id, epoch_us(started_at) as said from exchanges) e on m.exchange_id = e.exchange_id
            order by list_position([%4$s], session), begun, exchange_id, kind, said, message_index, part_index, hash(key)
            """.formatted(Sessions.KEY, text, in, sessions);
    }

    private static SessionStep step(QueryResult row) throws SQLException {
        SessionStep.Speaker speaker = new SessionStep.Speaker(
                Recorded.text(row, 5),
                Recorded.text(row, 6),
                Recorded.text(row, 7),
                Recorded.text(row, 8),
                Boolean.parseBoolean(Recorded.text(row, 9)),
                Recorded.text(row, 10));
        Optional<SessionCall.Tokens> tokens = row.getString(15) == null
                ? Optional.empty()
                : Optional.of(new SessionCall.Tokens(
                        Recorded.number(row, 14),
                        Recorded.number(row, 15),
                        Recorded.number(row, 16),
                        Recorded.number(row, 17)));
        SessionStep.Answer answer =
                new SessionStep.Answer(Recorded.text(row, 11), Recorded.text(row, 12), Recorded.text(row, 13), tokens);
        return Boolean.parseBoolean(Recorded.text(row, 19)) ? called(row, speaker, answer) : said(row, speaker, answer);
    }

    private static SessionStep called(QueryResult row, SessionStep.Speaker speaker, SessionStep.Answer answer)
            throws SQLException {
        return new SessionStep.Called(
                Recorded.text(row, 1),
                Recorded.text(row, 2),
                Recorded.instant(row, 3),
                speaker,
                Recorded.text(row, 4),
                answer,
                Recorded.text(row, 18),
                Recorded.text(row, 20),
                Duration.ofMillis(Recorded.number(row, 26)),
                Optional.ofNullable(row.getString(27)).map(millis -> Duration.ofMillis(Long.parseLong(millis))),
                Optional.ofNullable(row.getString(28)).map(Integer::valueOf),
                Recorded.text(row, 21),
                Recorded.text(row, 22),
                Recorded.text(row, 23));
    }

    private static SessionStep said(QueryResult row, SessionStep.Speaker speaker, SessionStep.Answer answer)
            throws SQLException {
        return new SessionStep.Said(
                Recorded.text(row, 1),
                Recorded.text(row, 2),
                Recorded.instant(row, 3),
                speaker,
                Recorded.text(row, 4),
                answer,
                Recorded.text(row, 18),
                Recorded.text(row, 20),
                Recorded.text(row, 21),
                Recorded.text(row, 22),
                Recorded.text(row, 23),
                Recorded.text(row, 24),
                Recorded.text(row, 25),
                Boolean.parseBoolean(Recorded.text(row, 29)),
                Boolean.parseBoolean(Recorded.text(row, 30)),
                Boolean.parseBoolean(Recorded.text(row, 31)),
                Recorded.text(row, 32));
    }
}
