package io.hypaware.read;

import io.hypaware.project.Messages;
import io.hypaware.query.QueryException;
import io.hypaware.read.SessionCall.Tokens;
import java.io.IOException;
import java.sql.SQLException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// What some days took: tokens and cost, tools, what went wrong, how well the cache served, and what is left of the
/// providers' windows.
public final class Overview {

    /// By what tokens are summed up.
    public enum By {
        HOUR,
        DAY,
        WEEK,
        MONTH,
        MODEL("coalesce(m.model, '')"),
        REPO("coalesce(s.repo, '')"),
        CLIENT("coalesce(m.client_name, '')"),
        SESSION(Sessions.keyOf("m"));

        private static final int DAYS_BY_HOUR = 31;

        private static final int MOST_DAYS = 3_660;

        private static final DateTimeFormatter HOURS = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:00", Locale.ROOT);

        private final Optional<String> sql;

        /// By when it was.
        By() {
            this.sql = Optional.empty();
        }

        By(String sql) {
            this.sql = Optional.of(sql);
        }

        /// Those of a name, in any case.
        public static Optional<By> named(String name) {
            return Stream.of(values())
                    .filter(by -> by.toString().equals(name.toLowerCase(Locale.ROOT)))
                    .findFirst();
        }

        public static List<String> names() {
            return Stream.of(values()).map(By::toString).toList();
        }

        /// Whether it is a time, so that groups stand in their order.
        public boolean isTime() {
            return sql.isEmpty();
        }

        /// Of how many days at most, so that what is said stays readable.
        public int mostDays() {
            return this == HOUR ? DAYS_BY_HOUR : MOST_DAYS;
        }

        /// The hour, day, week or month of a moment by when it begins: a week on its Monday, as ISO 8601 has it. Of the
        /// two hours that have one name when clocks are set back there is one.
        String of(ZonedDateTime at) {
            LocalDate day = at.toLocalDate();
            return switch (this) {
                case HOUR -> HOURS.format(at);
                case WEEK ->
                    day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY)).toString();
                case MONTH -> YearMonth.from(day).toString();
                default -> day.toString();
            };
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// @param since the beginning of the first day
    /// @param zone in which days begin
    public record Span(Instant since, ZoneId zone) {

        /// @param days the last of which is today
        public static Span of(int days, Instant now, ZoneId zone) {
            LocalDate first = LocalDate.ofInstant(now, zone).minusDays(days - 1L);
            return new Span(first.atStartOfDay(zone).toInstant(), zone);
        }

        /// The group of a moment.
        String name(By by, Instant at) {
            return by.of(at.atZone(zone));
        }

        /// So many days from the first on.
        public List<String> names(int days) {
            LocalDate first = LocalDate.ofInstant(since, zone);
            return IntStream.range(0, days)
                    .mapToObj(i -> first.plusDays(i).toString())
                    .toList();
        }
    }

    /// @param answers of models
    /// @param microDollars of those that have a price
    /// @param unpriced models that have none
    /// @param last when the last of the answers was
    public record Group(
            String name, long answers, Tokens tokens, long microDollars, TreeSet<String> unpriced, Instant last) {

        public static Group empty(String name) {
            return new Group(name, 0, new Tokens(0, 0, 0, 0), 0, new TreeSet<>(), Instant.EPOCH);
        }

        /// What answers of one model took, where only their number and tokens are known.
        Group priced(Prices prices, String model) {
            Optional<Long> cost = prices.cost(model, tokens);
            TreeSet<String> none = new TreeSet<>();
            if (cost.isEmpty() && tokens.all() > 0) {
                none.add(model.isEmpty() ? "(no model named)" : model);
            }
            return new Group(name, answers, tokens, cost.orElse(0L), none, last);
        }

        Group plus(Group other) {
            TreeSet<String> all = new TreeSet<>(unpriced);
            all.addAll(other.unpriced);
            return new Group(
                    name,
                    answers + other.answers,
                    tokens.plus(other.tokens),
                    microDollars + other.microDollars,
                    all,
                    last.isAfter(other.last) ? last : other.last);
        }

        /// How much of what models were sent came out of a cache, from 0 to 1; nothing if they were sent nothing.
        public Optional<Double> cached() {
            long all = tokens.prompt();
            return all == 0 ? Optional.empty() : Optional.of((double) tokens.cacheRead() / all);
        }
    }

    public record Tool(String name, long calls, long failed) {

        private Tool plus(Tool other) {
            return new Tool(name, calls + other.calls, failed + other.failed);
        }
    }

    /// How calls ended.
    public record Ending(String outcome, long calls) {}

    /// @param calls that read less from the cache than was in it
    /// @param tokens that had to be read anew
    /// @param microDollars that this cost
    public record Misses(long calls, long tokens, long microDollars) {

        static final Misses NONE = new Misses(0, 0, 0);

        Misses plus(Misses other) {
            return new Misses(calls + other.calls, tokens + other.tokens, microDollars + other.microDollars);
        }
    }

    /// A day has hours of 60 minutes and begins at a quarter of one, everywhere and whenever clocks are changed.
    private static final Duration QUARTER = Duration.ofMinutes(15);

    /// A tool that waits longer for somebody's consent is not counted as failed.
    private static final Duration ANSWERED_WITHIN = Duration.ofDays(7);

    private final Recorded recorded;
    private final Prices prices;
    private final Span span;

    public Overview(Recorded recorded, Prices prices, Span span) {
        this.recorded = recorded;
        this.prices = prices;
        this.span = span;
    }

    /// When the quarter of an hour of a time began, in microseconds, as SQL.
    static String quarter(String column) {
        long micros = QUARTER.toNanos() / 1_000;
        return "epoch_us(" + column + ") // " + micros + " * " + micros;
    }

    /// The SQL that sums up, a row for each model and, by a time, for each quarter of an hour.
    public String sql(By by) {
        String quarter = by.isTime() ? quarter("m.message_created_at") : "0";
        String repos = by != By.REPO ? "" : """

                  left join (select %s as session,
                    arg_max(coalesce(repo_root, git_remote, cwd), message_created_at)
                      filter (where coalesce(repo_root, git_remote, cwd) is not null) as repo
                    from ai_gateway_messages group by 1) s on s.session = %s""".formatted(Sessions.KEY, Sessions.keyOf("m"));
        return """
                select %s as name, coalesce(m.model, '') as model, %s as at_micros, count(*) as answers,
                  coalesce(sum(m.input_tokens), 0)::bigint as tokens_in, coalesce(sum(m.output_tokens), 0)::bigint as tokens_out,
                  coalesce(sum(m.cache_read_tokens), 0)::bigint as cache_read, coalesce(sum(m.cache_write_tokens), 0)::bigint as cache_write,
                  epoch_us(max(m.message_created_at)) as last_micros
                from ai_gateway_messages m%s
                where m.message_created_at >= %s
                  and coalesce(m.input_tokens, m.output_tokens, m.cache_read_tokens, m.cache_write_tokens) is not null
                group by 1, 2, 3""".formatted(by.sql.orElse("''"), quarter, repos, Recorded.time(span.since()));
    }

    /// Times in their order, all else by what it cost, then by tokens.
    private static List<Group> sorted(By by, Collection<Group> groups) {
        return by.isTime()
                ? List.copyOf(groups)
                : groups.stream()
                        .sorted(Comparator.comparingLong(Group::microDollars)
                                .thenComparingLong(group ->
                                        group.tokens().input() + group.tokens().output())
                                .reversed()
                                .thenComparing(Group::name))
                        .toList();
    }

    /// All of it, at one moment.
    ///
    /// @param groups by each of the kinds that were asked for, times in their order, all else by what it cost
    /// @param misses what calls read anew that the one before in their conversation had left in the cache
    /// @param windows as providers reported them last
    public record All(
            Map<By, List<Group>> groups,
            List<Tool> tools,
            List<Ending> endings,
            Misses misses,
            List<RateWindow> windows) {

        public List<Group> of(By by) {
            return groups.getOrDefault(by, List.of());
        }
    }

    /// @param kinds of groups
    public All all(By... kinds) throws QueryException, SQLException, IOException {
        Map<By, Map<String, Group>> groups = new EnumMap<>(By.class);
        Map<String, Tool> tools = new HashMap<>();
        List<Ending> endings = new ArrayList<>();
        MissCounter misses = new MissCounter(prices);
        List<RateWindow> windows = new ArrayList<>();
        List<Recorded.Question> questions = new ArrayList<>(
                List.of(endings(endings::add), RateWindow.latest(RateWindow.since(recorded), windows::add)));
        for (Slice slice : Slice.since(span.since(), recorded.daysOf(Messages.DATASET), recorded.memoryBytes())) {
            questions.add(tools(slice, tools));
            questions.add(Sessions.calls(slice, misses::count));
        }
        for (By kind : kinds) {
            Map<String, Group> of = new TreeMap<>();
            groups.put(kind, of);
            questions.add(groups(kind, of));
        }
        // Files of earlier days are not opened, whatever a question joins.
        recorded.since(span.since().minus(Sessions.CLOCKS_DIFFER)).run(questions);
        Map<By, List<Group>> sorted = new EnumMap<>(By.class);
        groups.forEach((kind, of) -> sorted.put(kind, sorted(kind, of.values())));
        return new All(sorted, mostUsed(tools), endings, misses.all(), windows);
    }

    /// @param groups takes them, by name
    Recorded.Question groups(By by, Map<String, Group> groups) {
        return new Recorded.Question(sql(by), row -> {
            String model = Recorded.text(row, 2);
            Tokens tokens = new Tokens(
                    Recorded.number(row, 5), Recorded.number(row, 6), Recorded.number(row, 7), Recorded.number(row, 8));
            String name = by.isTime() ? span.name(by, Recorded.instant(row, 3)) : Recorded.text(row, 1);
            Group one = new Group(name, Recorded.number(row, 4), tokens, 0, new TreeSet<>(), Recorded.instant(row, 9))
                    .priced(prices, model);
            groups.merge(name, one, Group::plus);
        });
    }

    public static Group total(Collection<Group> groups) {
        return groups.stream().reduce(Group.empty("total"), Group::plus);
    }

    /// The most used first.
    private static List<Tool> mostUsed(Map<String, Tool> tools) {
        return tools.values().stream()
                .sorted(Comparator.comparingLong(Tool::calls).reversed().thenComparing(Tool::name))
                .toList();
    }

    /// @param tools takes them, by name
    private static Recorded.Question tools(Slice slice, Map<String, Tool> tools) {
        return new Recorded.Question(
                """
                select c.tool_name, count(*), count(*) filter (where r.failed)
                from ai_gateway_messages c left join (
                  select tool_result_for, bool_or(coalesce(is_error, false)) as failed, min(message_created_at) as at
                  from ai_gateway_messages where part_type = 'tool_result' and %s group by 1) r
                  on r.tool_result_for = c.tool_call_id and r.at < c.message_created_at + interval %d seconds
                where c.part_type = 'tool_call' and %s
                group by 1""".formatted(
                                slice.wider(ANSWERED_WITHIN).has("message_created_at"),
                                ANSWERED_WITHIN.toSeconds(),
                                slice.has("c.message_created_at")),
                row -> tools.merge(
                        Recorded.text(row, 1),
                        new Tool(Recorded.text(row, 1), Recorded.number(row, 2), Recorded.number(row, 3)),
                        Tool::plus));
    }

    /// The most frequent first.
    private Recorded.Question endings(Consumer<Ending> reader) {
        return new Recorded.Question(
                """
                select case when status >= 400 then 'status ' || status else outcome end, count(*) from exchanges
                where started_at >= %s group by 1 order by 2 desc, 1""".formatted(Recorded.time(span.since())),
                row -> reader.accept(new Ending(Recorded.text(row, 1), Recorded.number(row, 2))));
    }
}
