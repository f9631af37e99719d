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
import java.util.stream.Collectors;

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
    public record Wanted(Optional<String> client, Optional<String> folder, Optional<Instant> since) {}

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

    /// The time up to which rows are looked at by a list that begins now.
    public Instant newest() throws QueryException, SQLException, IOException {
        List<Instant> found = new ArrayList<>();
        recorded.run(
                "select epoch_us(max(message_created_at)) from ai_gateway_messages",
                row -> found.add(Recorded.instant(row, 1)));
        return found.getFirst();
    }

    /// The last used first.
    public List<Summary> list(Wanted wanted, Reach reach, int most) throws QueryException, SQLException, IOException {
        Map<String, Summary> found = new LinkedHashMap<>();
        recorded.run(listing(wanted, reach, most), row -> {
            Summary one = new Summary(
                    Recorded.text(row, 1),
                    Recorded.text(row, 2),
                    Recorded.text(row, 3),
                    Recorded.text(row, 4),
                    Recorded.text(row, 5),
                    Recorded.text(row, 6),
                    Recorded.instant(row, 7),
                    Recorded.instant(row, 8),
                    Recorded.number(row, 9),
                    Recorded.number(row, 10),
                    new SessionCall.Tokens(0, 0, 0, 0),
                    Optional.empty(),
                    new TreeSet<>(),
                    Recorded.text(row, 11));
            found.put(one.session(), one);
        });
        if (!found.isEmpty()) {
            count(found);
        }
        return List.copyOf(found.values());
    }

    private static String listing(Wanted wanted, Reach reach, int most) {
        List<String> having = new ArrayList<>(List.of("max(message_created_at) is not null"));
        wanted.client().ifPresent(client -> having.add("bool_or(client_name = " + Recorded.literal(client) + ")"));
        wanted.folder()
                .ifPresent(folder ->
                        having.add("bool_or(contains(lower(concat_ws(' ', repo_root, git_remote, cwd)), lower("
                                + Recorded.literal(folder) + ")))"));
        wanted.since().ifPresent(since -> having.add("max(message_created_at) >= " + at(since)));
        String where = " where message_created_at <= " + at(reach.until());
        return """
                select * from (select %1$s as session, coalesce(any_value(client_name), ''),
                  arg_max(left(content_text, %2$d), message_created_at) filter
                    (where part_type = 'note' and provider_type in ('ai-title', 'custom-title', 'summary')),
                  arg_min(left(content_text, %2$d), (message_created_at, message_index, part_index)) filter
                    (where role = 'user' and part_type = 'text' and aux_kind is null and not coalesce(is_sidechain, false)
                     and not starts_with(content_text, '<')),
                  arg_max(coalesce(repo_root, git_remote), message_created_at) filter
                    (where coalesce(repo_root, git_remote) is not null),
                  arg_max(cwd, message_created_at) filter (where cwd is not null),
                  epoch_us(min(message_created_at)) as first, epoch_us(max(message_created_at)) as last,
                  count(distinct exchange_id), count(distinct message_id) filter (where aux_kind is distinct from 'note'),
                  %3$s as place
                from ai_gateway_messages%4$s group by session having %5$s)
                where (last, place) < (%6$d, %7$s) order by last desc, place desc limit %8$d""".formatted(
                        Sessions.KEY,
                        LONGEST_TEXT,
                        PLACE,
                        where,
                        String.join(" and ", having),
                        Micros.of(reach.last()),
                        Recorded.literal(reach.place()),
                        most);
    }

    private static String at(Instant time) {
        return "make_timestamptz(" + Micros.of(time) + ")";
    }

    /// Tokens and cost, by what each model counted.
    private void count(Map<String, Summary> found) throws QueryException, SQLException, IOException {
        String ids = found.keySet().stream().map(Recorded::literal).collect(Collectors.joining(", "));
        recorded.run("""
                select %1$s as session, coalesce(model, ''), coalesce(sum(input_tokens), 0)::bigint,
                  coalesce(sum(output_tokens), 0)::bigint, coalesce(sum(cache_read_tokens), 0)::bigint,
                  coalesce(sum(cache_write_tokens), 0)::bigint
                from ai_gateway_messages where %1$s in (%2$s)
                  and coalesce(input_tokens, output_tokens, cache_read_tokens, cache_write_tokens) is not null
                group by 1, 2""".formatted(Sessions.KEY, ids), row -> {
            String model = Recorded.text(row, 2);
            SessionCall.Tokens tokens = new SessionCall.Tokens(
                    Recorded.number(row, 3), Recorded.number(row, 4), Recorded.number(row, 5), Recorded.number(row, 6));
            found.computeIfPresent(
                    Recorded.text(row, 1), (_, one) -> one.and(model, tokens, prices.cost(model, tokens)));
        });
    }
}
