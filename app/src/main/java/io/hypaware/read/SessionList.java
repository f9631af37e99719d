package io.hypaware.read;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.project.Json;
import io.hypaware.query.QueryException;
import io.hypaware.query.QueryResult;
import io.hypaware.read.SessionCall.Tokens;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Gatherers;

/// Sessions as people look for them: what they began with, where they worked, what they took.
public final class SessionList {

    /// So many are looked through at once: their texts have to fit in the memory of a page.
    private static final int LOOKED_THROUGH_AT_ONCE = 400;

    /// Older ones are found by search alone.
    private static final int MOST_LOOKED_THROUGH = 100_000;

    /// Characters of titles and prompts.
    public static final int LONGEST_TEXT = 300;

    /// @param words in the title, the first prompt, the repository, the branch or the id, in any case; empty for all
    /// @param client empty for all
    /// @param repo a part of the repository's name or folder; empty for all
    /// @param since when they were last used, at the earliest
    /// @param from how many come before these
    public record Filter(String words, String client, String repo, Optional<Instant> since, int from, int most) {

        /// Whether sessions are wanted whatever they are.
        private boolean takesAny() {
            return words.isBlank() && client.isEmpty() && repo.isEmpty();
        }
    }

    /// One session.
    ///
    /// @param title as its agent named it; empty if it did not
    /// @param prompt the first that a person wrote, its beginning
    /// @param repo its folder or address; where neither is known, the folder in which the session works
    /// @param turns prompts of a person
    /// @param failed calls that brought no whole answer
    /// @param spent its answers, tokens and cost
    /// @param misses of the prompt cache
    public record Entry(
            String id,
            String client,
            String title,
            String prompt,
            String repo,
            String branch,
            Instant first,
            Instant last,
            long turns,
            long calls,
            long failed,
            Overview.Group spent,
            long misses) {}

    /// @param more whether there are further ones
    public record Page(List<Entry> entries, boolean more) {}

    private final Recorded recorded;
    private final Prices prices;

    public SessionList(Recorded recorded, Prices prices) {
        this.recorded = recorded;
        this.prices = prices;
    }

    private static final String TURNS = """
            count(distinct message_id) filter (where role = 'user' and part_type <> 'tool_result' and aux_kind is null
              and conversation_id = %s and not regexp_matches(coalesce(content_text, ''), '^\\s*(<|# AGENTS)'))""".formatted(Sessions.KEY);

    private static final String LISTED = """
            select * from (select %s as session,
              coalesce(arg_max(client_name, message_created_at) filter (where client_name is not null), '') as client,
              coalesce(arg_max(left(content_text, %d), message_created_at) filter (where
                (aux_kind = 'note' and provider_type in ('ai-title', 'custom-title', 'summary'))
                or (attributes->>'side_call' = 'title' and role = 'assistant' and part_type = 'text')), '') as title,
              coalesce(arg_min(left(content_text, %<d), message_created_at) filter (where role = 'user' and part_type = 'text'
                and aux_kind is null and not regexp_matches(content_text, '^\\s*(<|# AGENTS)')), '') as prompt,
              coalesce(arg_max(coalesce(repo_root, git_remote, cwd), message_created_at)
                filter (where coalesce(repo_root, git_remote, cwd) is not null), '') as repo,
              coalesce(arg_max(git_branch, message_created_at) filter (where git_branch is not null), '') as branch,
              min(message_created_at) as first, max(message_created_at) as last,
              %%s as turns
              from ai_gateway_messages%%s group by 1)""".formatted(Sessions.KEY, LONGEST_TEXT);

    /// The last used first.
    public Page page(Filter filter) throws QueryException, SQLException, IOException {
        int wanted = filter.from() + filter.most() + 1;
        List<String> found =
                filter.takesAny() ? LatestSessions.of(recorded, filter.since(), wanted) : matching(filter, wanted);
        int end = Math.min(filter.from() + filter.most(), found.size());
        List<String> shown = found.subList(Math.min(filter.from(), end), end);
        if (shown.isEmpty()) {
            return new Page(List.of(), false);
        }
        List<Listed> listed = new ArrayList<>();
        Recorded theirs = recorded.of(shown);
        theirs.run(List.of(listed(rowsOf(shown), listed)));
        return new Page(entries(theirs, listed), found.size() > end);
    }

    /// Sessions that are wanted, the last used first: looked for among so many at once that what is gathered of each
    /// fits, however many there are.
    private List<String> matching(Filter filter, int most) throws QueryException, SQLException, IOException {
        List<String> found = new ArrayList<>();
        Iterator<List<String>> parts = LatestSessions.of(recorded, filter.since(), MOST_LOOKED_THROUGH).stream()
                .gather(Gatherers.windowFixed(LOOKED_THROUGH_AT_ONCE))
                .iterator();
        while (parts.hasNext() && found.size() < most) {
            List<String> part = parts.next();
            recorded.of(part)
                    .run(
                            "select session from (" + LISTED.formatted("0", rowsOf(part)) + ")" + where(filter)
                                    + " order by last desc, session",
                            row -> found.add(Recorded.text(row, 1)));
        }
        return found;
    }

    private static String rowsOf(List<String> sessions) {
        return " where " + Sessions.isOneOf(sessions);
    }

    /// @param theirs what is recorded of them
    private List<Entry> entries(Recorded theirs, List<Listed> listed) throws QueryException, SQLException, IOException {
        List<String> ids = listed.stream().map(Listed::session).toList();
        Sums sums = new Sums(prices);
        Sessions.CallIds callIds = Sessions.callIds(theirs, ids);
        theirs.run(List.of(sums.tokens(ids), Sessions.calls(ids, callIds, sums::add)));
        return listed.stream().map(one -> one.entry(sums)).toList();
    }

    private static Recorded.Question listed(String whereRows, List<Listed> listed) {
        return new Recorded.Question(
                "select session, client, title, prompt, repo, branch, epoch_us(first), epoch_us(last), turns from ("
                        + LISTED.formatted(TURNS, whereRows) + ") order by last desc, session",
                row -> listed.add(Listed.of(row)));
    }

    /// Agents that sessions are of.
    public List<String> clients() throws QueryException, SQLException, IOException {
        List<String> clients = new ArrayList<>();
        recorded.run(
                "select distinct client_name from ai_gateway_messages where client_name is not null order by 1 limit 50",
                row -> clients.add(Recorded.text(row, 1)));
        return clients;
    }

    private static String where(Filter filter) {
        List<String> conditions = new ArrayList<>();
        if (!filter.client().isEmpty()) {
            conditions.add("client = " + Recorded.literal(filter.client()));
        }
        if (!filter.repo().isEmpty()) {
            conditions.add(contains("repo", filter.repo()));
        }
        for (String word : filter.words().strip().split("\\s+", -1)) {
            if (!word.isEmpty()) {
                conditions.add(contains("concat_ws(' ', title, prompt, repo, branch, session, client)", word));
            }
        }
        return conditions.isEmpty() ? "" : " where " + String.join(" and ", conditions);
    }

    private static String contains(String text, String word) {
        return "contains(lower(" + text + "), lower(" + Recorded.literal(word) + "))";
    }

    private record Listed(
            String session,
            String client,
            String title,
            String prompt,
            String repo,
            String branch,
            Instant first,
            Instant last,
            long turns) {

        static Listed of(QueryResult row) throws SQLException {
            return new Listed(
                    Recorded.text(row, 1),
                    Recorded.text(row, 2),
                    titleOf(Recorded.text(row, 3)),
                    Recorded.text(row, 4),
                    Recorded.text(row, 5),
                    Recorded.text(row, 6),
                    Recorded.instant(row, 7),
                    Recorded.instant(row, 8),
                    Recorded.number(row, 9));
        }

        Entry entry(Sums sums) {
            Calls calls = sums.calls.getOrDefault(session, Calls.NONE);
            return new Entry(
                    session,
                    client,
                    title,
                    prompt,
                    repo,
                    branch,
                    first,
                    last,
                    turns,
                    calls.all(),
                    calls.failed(),
                    sums.spent.getOrDefault(session, Overview.Group.empty(session)),
                    sums.misses.of(session).calls());
        }
    }

    /// A model that is asked for a title may answer with JSON.
    static String titleOf(String said) {
        String text = said.strip().replaceAll("^```(?:json)?|```$", "").strip();
        if (!text.startsWith("{")) {
            return text.lines().findFirst().orElse("");
        }
        try {
            JsonNode json = Json.MAPPER.readTree(text);
            return Json.textAt(json, "title").orElse("");
        } catch (JsonProcessingException e) {
            return "";
        }
    }

    /// What sessions took, by session.
    private static final class Sums {

        private final Prices prices;
        private final Map<String, Overview.Group> spent = new HashMap<>();
        private final Map<String, Calls> calls = new HashMap<>();
        private final MissCounter misses;

        private Sums(Prices prices) {
            this.prices = prices;
            this.misses = new MissCounter(prices);
        }

        private Recorded.Question tokens(List<String> sessions) {
            return new Recorded.Question("""
                    select %s, coalesce(model, ''), count(*), coalesce(sum(input_tokens), 0)::bigint,
                      coalesce(sum(output_tokens), 0)::bigint, coalesce(sum(cache_read_tokens), 0)::bigint,
                      coalesce(sum(cache_write_tokens), 0)::bigint
                    from ai_gateway_messages
                    where %s and coalesce(input_tokens, output_tokens, cache_read_tokens, cache_write_tokens) is not null
                    group by 1, 2""".formatted(Sessions.KEY, Sessions.isOneOf(sessions)), row -> {
                String session = Recorded.text(row, 1);
                Tokens counted = new Tokens(
                        Recorded.number(row, 4),
                        Recorded.number(row, 5),
                        Recorded.number(row, 6),
                        Recorded.number(row, 7));
                spent.merge(
                        session,
                        new Overview.Group(session, Recorded.number(row, 3), counted, 0, new TreeSet<>(), Instant.EPOCH)
                                .priced(prices, Recorded.text(row, 2)),
                        Overview.Group::plus);
            });
        }

        private void add(SessionCall call) {
            calls.merge(call.session(), Calls.NONE.and(call), (known, _) -> known.and(call));
            misses.count(call);
        }
    }

    private record Calls(long all, long failed) {

        static final Calls NONE = new Calls(0, 0);

        Calls and(SessionCall call) {
            return new Calls(all + 1, failed + (call.isFailed() ? 1 : 0));
        }
    }

    /// All of one session but its texts, as it is at one moment.
    ///
    /// @param session its id, whole
    /// @return nothing if there is none
    public Optional<WholeSession> whole(String session) throws QueryException, SQLException, IOException {
        List<Listed> listed = new ArrayList<>();
        Sums sums = new Sums(prices);
        List<SessionCall> calls = new ArrayList<>();
        List<SessionOutline.Part> parts = new ArrayList<>();
        List<Sessions.About> about = new ArrayList<>();
        List<String> previous = new ArrayList<>();
        List<Sessions.ToolUse> tools = new ArrayList<>();
        List<String> one = List.of(session);
        Recorded its = recorded.of(one);
        Sessions.CallIds callIds = Sessions.callIds(its, one);
        its.run(List.of(
                listed(Sessions.whereSession(session), listed),
                SessionOutline.question(session, parts),
                Sessions.calls(one, callIds, call -> {
                    calls.add(call);
                    sums.add(call);
                }),
                Sessions.about(session, about::add),
                Sessions.previous(session, previous::add),
                Sessions.tools(session, tools::add),
                sums.tokens(one)));
        Optional<Sessions.Fork> fork = Sessions.fork(recorded, session, previous);
        return listed.stream()
                .findFirst()
                .map(found -> new WholeSession(
                        found.entry(sums),
                        about.getFirst().origin(),
                        fork,
                        tools,
                        SessionOutline.of(session, parts),
                        calls));
    }
}
