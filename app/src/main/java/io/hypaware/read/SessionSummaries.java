package io.hypaware.read;

import io.hypaware.journal.Micros;
import io.hypaware.query.QueryException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// Sessions as a list tells them: what each is about, where it worked, what it took.
public final class SessionSummaries {

    private static final int LONGEST_TEXT = 300;

    /// A cursor has to be short, however long an id is.
    private static final String PLACE = "md5(session)";

    private final Recorded recorded;
    private final Prices prices;

    public SessionSummaries(Recorded recorded, Prices prices) {
        this.recorded = recorded;
        this.prices = prices;
    }

    /// Which sessions are wanted.
    ///
    /// @param folder a part of the name of a folder or a repository in which they worked
    /// @param since when they were last used, at the earliest
    public record Wanted(Optional<String> client, Optional<String> folder, Optional<Instant> since) {

        /// Whether sessions are wanted whatever they are.
        private boolean takesAny() {
            return client.isEmpty() && folder.isEmpty();
        }
    }

    /// How far a list has come. Rows that are written later than its beginning do not move what is still to come.
    ///
    /// @param until of the list; later rows are not looked at
    /// @param last when the session was last used that was listed last
    /// @param place of it among those of the same time
    public record Reach(Instant until, Instant last, String place) {}

    /// @param title that the agent gave it; empty if it gave none
    /// @param prompt the beginning of what was asked first
    /// @param repo where it worked
    /// @param place for [Reach]
    public record Summary(
            String session,
            String client,
            String title,
            String prompt,
            String repo,
            String folder,
            Instant started,
            Instant last,
            long calls,
            long messages,
            SessionCall.Tokens tokens,
            Optional<Long> microDollars,
            TreeSet<String> models,
            String place) {

        private Summary and(String otherTitle, String otherPrompt) {
            return new Summary(
                    session,
                    client,
                    title.isEmpty() ? otherTitle : title,
                    prompt.isEmpty() ? otherPrompt : prompt,
                    repo,
                    folder,
                    started,
                    last,
                    calls,
                    messages,
                    tokens,
                    microDollars,
                    models,
                    place);
        }

        /// With what one more model counted. What some models cost is not what the session did: without each price
        /// there is none.
        private Summary and(String model, SessionCall.Tokens more, Optional<Long> cost) {
            TreeSet<String> all = new TreeSet<>(models);
            all.add(model.isEmpty() ? "(no model named)" : model);
            return new Summary(
                    session,
                    client,
                    title,
                    prompt,
                    repo,
                    folder,
                    started,
                    last,
                    calls,
                    messages,
                    tokens.plus(more),
                    models.isEmpty() ? cost : microDollars.flatMap(sum -> cost.map(one -> sum + one)),
                    all,
                    place);
        }
    }

    /// The last used first.
    ///
    /// @param reach of the part of the list that is there; nothing for its beginning
    public List<Summary> list(Wanted wanted, Optional<Reach> reach, int most)
            throws QueryException, SQLException, IOException {
        LatestSessions.Among<String> among = (part, since) -> {
            List<String> found = new ArrayList<>();
            part.run(listing(new Wanted(wanted.client(), wanted.folder(), since), reach, most), row -> {
                found.add(Recorded.text(row, 1));
            });
            return found;
        };
        // Where a session worked, its earlier days may say alone.
        List<String> sessions = wanted.takesAny()
                ? LatestSessions.find(recorded, wanted.since(), most, among)
                : among.find(recorded, wanted.since());
        Map<String, Summary> found = new LinkedHashMap<>();
        if (!sessions.isEmpty()) {
            Recorded theirs = recorded.of(sessions);
            theirs.run(about(sessions, reach), row -> {
                Summary one = new Summary(
                        Recorded.text(row, 1),
                        Recorded.text(row, 2),
                        "",
                        "",
                        Recorded.text(row, 3),
                        Recorded.text(row, 4),
                        Recorded.instant(row, 5),
                        Recorded.instant(row, 6),
                        Recorded.number(row, 7),
                        Recorded.number(row, 8),
                        new SessionCall.Tokens(0, 0, 0, 0),
                        Optional.empty(),
                        new TreeSet<>(),
                        Recorded.text(row, 9));
                found.put(one.session(), one);
            });
            complete(theirs, found);
        }
        return List.copyOf(found.values());
    }

    /// Which sessions there are, and nothing of them: reading that of all would take most of the time.
    private static String listing(Wanted wanted, Optional<Reach> reach, int most) {
        List<String> having = new ArrayList<>(List.of("max(message_created_at) is not null"));
        wanted.client().ifPresent(client -> having.add("bool_or(client_name = " + Recorded.literal(client) + ")"));
        wanted.folder()
                .ifPresent(folder ->
                        having.add("bool_or(contains(lower(concat_ws(' ', repo_root, git_remote, cwd)), lower("
                                + Recorded.literal(folder) + ")))"));
        wanted.since().ifPresent(since -> having.add("max(message_created_at) >= " + Recorded.time(since)));
        String after = reach.map(one ->
                        " where (last, place) < (" + Micros.of(one.last()) + ", " + Recorded.literal(one.place()) + ")")
                .orElse("");
        return """
                select session from (select %s as session, epoch_us(max(message_created_at)) as last, %s as place
                from ai_gateway_messages%s group by session having %s)%s
                order by last desc, place desc limit %d""".formatted(Sessions.KEY, PLACE, where(until(reach)), String.join(" and ", having), after, most);
    }

    /// What each is about, without its texts.
    private static String about(List<String> sessions, Optional<Reach> reach) {
        List<String> conditions = new ArrayList<>(until(reach));
        conditions.add(Sessions.isOneOf(sessions));
        return """
                select %s as session, coalesce(any_value(client_name), ''),
                  arg_max(coalesce(repo_root, git_remote), message_created_at) filter
                    (where coalesce(repo_root, git_remote) is not null),
                  arg_max(cwd, message_created_at) filter (where cwd is not null),
                  epoch_us(min(message_created_at)) as first, epoch_us(max(message_created_at)) as last,
                  count(distinct exchange_id), count(distinct message_id) filter (where aux_kind is distinct from 'note'),
                  %s as place
                from ai_gateway_messages%s group by session
                order by last desc, place desc""".formatted(Sessions.KEY, PLACE, where(conditions));
    }

    private static List<String> until(Optional<Reach> reach) {
        return reach.map(one -> "message_created_at <= " + Recorded.time(one.until())).stream()
                .toList();
    }

    private static String where(List<String> conditions) {
        return conditions.isEmpty() ? "" : " where " + String.join(" and ", conditions);
    }

    /// Titles, what was asked first, and tokens and cost by what each model counted.
    private void complete(Recorded theirs, Map<String, Summary> found)
            throws QueryException, SQLException, IOException {
        Instant first = found.values().stream()
                .map(Summary::started)
                .min(Instant::compareTo)
                .orElseThrow();
        Instant last = found.values().stream()
                .map(Summary::last)
                .max(Instant::compareTo)
                .orElseThrow();
        String asked = "role = 'user' and part_type = 'text' and aux_kind is null and not coalesce(is_sidechain, false)"
                + " and not starts_with(content_text, '<')";
        theirs.run(
                """
                select %1$s as session, case when %2$s then '' else coalesce(model, '') end as used,
                  coalesce(sum(input_tokens), 0)::bigint, coalesce(sum(output_tokens), 0)::bigint,
                  coalesce(sum(cache_read_tokens), 0)::bigint, coalesce(sum(cache_write_tokens), 0)::bigint,
                  coalesce(arg_max(left(content_text, %3$d), message_created_at) filter
                    (where part_type = 'note' and provider_type in ('ai-title', 'custom-title', 'summary')), ''),
                  coalesce(arg_min(left(content_text, %3$d), (message_created_at, message_index, part_index))
                    filter (where %4$s), ''),
                  count(coalesce(input_tokens, output_tokens, cache_read_tokens, cache_write_tokens))
                from ai_gateway_messages where message_created_at between %5$s and %6$s and %7$s
                group by 1, 2""".formatted(
                                Sessions.KEY,
                                "coalesce(input_tokens, output_tokens, cache_read_tokens, cache_write_tokens) is null",
                                LONGEST_TEXT,
                                asked,
                                Recorded.time(first),
                                Recorded.time(last),
                                Sessions.isOneOf(found.keySet())),
                row -> {
                    String model = Recorded.text(row, 2);
                    SessionCall.Tokens tokens = new SessionCall.Tokens(
                            Recorded.number(row, 3),
                            Recorded.number(row, 4),
                            Recorded.number(row, 5),
                            Recorded.number(row, 6));
                    String title = Recorded.text(row, 7);
                    String prompt = Recorded.text(row, 8);
                    boolean counts = Recorded.number(row, 9) > 0;
                    found.computeIfPresent(Recorded.text(row, 1), (_, one) -> {
                        Summary told = one.and(title, prompt);
                        return counts ? told.and(model, tokens, prices.cost(model, tokens)) : told;
                    });
                });
    }
}
