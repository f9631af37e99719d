package io.hypaware.bench;

import io.hypaware.bench.report.Figures;
import io.hypaware.bench.report.Table;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;

/// A year of use, month by month: what a call, a tick, a query and a check cost at the end of each, and what is on the
/// disk. Goes on with a home that it has begun.
///
/// Rows are kept for ever. Each tick's processor time is taken in the process that runs the month's days, those of
/// commands and of the worker from the kernel, by GNU time.
public final class YearBench {

    private static final int MONTHS = 12;
    private static final String BEGUN = "year.properties";
    private static final String TABLE = "year.tsv";

    /// What must cost in the last month about what it did in the first.
    private static final List<String> LITTLE_CHANGED = List.of(
            "a tick, processor ms",
            "worker, an hour's calls, processor s",
            "recent day, processor s",
            "recent hours, by time, processor s",
            "one session, processor s",
            "session's page, processor s");

    /// What a worker of an hour finds.
    private static final int CALLS_OF_HOUR = 83;

    private final Path root;
    private final Path home;
    private final Properties year = new Properties();

    private YearBench(Path root, Path home) {
        this.root = root;
        this.home = home;
    }

    /// @param arguments root, then `--home DIR`, `--months N` (as many more, 12 where nothing is said), `--ticks N` (a
    ///     day, 4 where nothing is said), days, calls a day
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path home = Files.createTempDirectory("year");
        int months = MONTHS;
        int ticks = 4;
        List<Integer> numbers = new ArrayList<>();
        for (int i = 1; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--home" -> home = Path.of(arguments[++i]).toAbsolutePath();
                case "--months" -> months = Integer.parseInt(arguments[++i]);
                case "--ticks" -> ticks = Integer.parseInt(arguments[++i]);
                default -> numbers.add(Integer.parseInt(arguments[i]));
            }
        }
        YearBench bench = new YearBench(Path.of(arguments[0]), home);
        bench.begin(numbers.isEmpty() ? 365 : numbers.getFirst(), numbers.size() > 1 ? numbers.get(1) : 2_000, ticks);
        for (int i = 0; i < months; i++) {
            bench.month();
        }
        System.exit(bench.say());
    }

    private void begin(int days, int calls, int ticks) throws IOException {
        Files.createDirectories(home.resolve("user"));
        Path file = home.resolve(BEGUN);
        if (Files.exists(file)) {
            year.load(Files.newBufferedReader(file));
            return;
        }
        // Its snapshots are all over their age at once; as many are kept as some days bring.
        Files.writeString(home.resolve("hypaware-config.json"), """
                {"version": 2, "query": {"cache": {"maintenance": {"min_snapshots_to_keep": %d},
                  "retention": {"default_days": 0}}}}""".formatted(6 * ticks));
        year.setProperty(
                "begin",
                Instant.now()
                        .truncatedTo(ChronoUnit.DAYS)
                        .plus(Duration.ofDays(2))
                        .toString());
        year.setProperty("days", Integer.toString(days));
        year.setProperty("calls", Integer.toString(calls));
        year.setProperty("ticks", Integer.toString(ticks));
        year.setProperty("month", "0");
        save();
    }

    private void save() throws IOException {
        try (var out = Files.newBufferedWriter(home.resolve(BEGUN))) {
            year.store(out, null);
        }
    }

    private int number(String key) {
        return Integer.parseInt(year.getProperty(key));
    }

    private void month() throws IOException, InterruptedException {
        int month = number("month");
        int first = number("days") * month / MONTHS;
        int last = number("days") * (month + 1) / MONTHS;
        String[] worked = days(first, last - first, number("calls"), number("ticks"));
        YearColumn figures = new YearColumn(root, home);
        figures.add("month", month + 1);
        figures.add("calls, thousands", Double.parseDouble(worked[1]) / 1_000);
        figures.add("settling a call, processor ms", Double.parseDouble(worked[2]));
        figures.add("a tick, processor ms", Double.parseDouble(worked[4]));
        figures.add("a tick, ms", Double.parseDouble(worked[5]));
        figures.add("rewritten by compaction, MB", Double.parseDouble(worked[6]) / 1e6);
        figures.add("memory of the month's worker, MB", Double.parseDouble(worked[7]));
        record(last);
        measure(figures, last - 1);
        String line = String.join("\t", figures.values());
        Path table = home.resolve(TABLE);
        if (month == 0) {
            Files.writeString(table, String.join("\t", figures.names()) + "\n");
        }
        Files.writeString(table, line + "\n", StandardOpenOption.APPEND);
        year.setProperty("month", Integer.toString(month + 1));
        save();
    }

    /// What the month's process says at its end.
    private String[] days(int first, int days, int calls, int ticks) throws IOException, InterruptedException {
        Path out = home.resolve("month.out");
        Child.worker(
                YearMonth.class,
                out,
                home.toString(),
                year.getProperty("begin"),
                Integer.toString(first),
                Integer.toString(days),
                Integer.toString(calls),
                Integer.toString(ticks));
        String figures = "";
        for (String line : Files.readAllLines(out)) {
            if (line.startsWith("FIGURES ")) {
                figures = line;
            } else {
                System.out.println(line);
            }
        }
        return figures.split(" ", -1);
    }

    /// An hour of the day after, for a worker to find; it has no tick.
    private void record(int day) throws IOException, InterruptedException {
        days(day, 1, CALLS_OF_HOUR, 0);
    }

    private void measure(YearColumn figures, int day) throws IOException, InterruptedException {
        String date = Instant.parse(year.getProperty("begin"))
                .plus(Duration.ofDays(day))
                .toString()
                .substring(0, 10);
        YearSession session = new YearSession(new YearWords(YearMonth.SEED), YearMonth.SEED, day, 0);
        figures.once("worker, an hour's calls", "worker");
        figures.once("worker, nothing new", "worker");
        figures.disk();
        figures.command("select 1", "query", "sql", "select 1");
        figures.command("count", sql("select count(*) from ai_gateway_messages"));
        figures.command(
                "group",
                sql("select role, count(*), avg(length(content_text)) from ai_gateway_messages group by role"));
        figures.command(
                "recent day",
                sql("select model, count(*) from ai_gateway_messages where date = '" + date + "' group by 1"));
        figures.command(
                "recent hours, by time",
                sql("select count(*) from exchanges where started_at >= timestamptz '" + date + " 12:00:00Z'"));
        figures.command(
                "one session",
                sql("select count(*) from ai_gateway_messages where session_id = '" + session.id() + "'"));
        figures.command("session list", "session", "list", "--limit", "20");
        figures.command("session's page", "session", "show", session.id());
        figures.command("search", "search", session.mark(), "--limit", "5");
        figures.once("cache check", "cache", "check");
    }

    private static String[] sql(String sql) {
        return new String[] {"query", "sql", "--refresh", "never", sql};
    }

    /// What stands in the home's table, whether this process measured it or one before.
    private int say() throws IOException {
        List<List<String>> lines = Files.readAllLines(home.resolve(TABLE), StandardCharsets.UTF_8).stream()
                .map(line -> List.of(line.split("\t", -1)))
                .toList();
        System.out.println(home);
        List<String> names = lines.getFirst();
        List<List<String>> months = lines.subList(1, lines.size());
        Figures figures = Figures.open();
        figures.note("%s calls a day, %s rounds of the worker; the last month was measured %s."
                .formatted(
                        year.getProperty("calls"),
                        year.getProperty("ticks"),
                        Files.getLastModifiedTime(home.resolve(TABLE))
                                .toInstant()
                                .truncatedTo(ChronoUnit.MINUTES)));
        for (String same : LITTLE_CHANGED) {
            figures.atMost(same.replaceAll(" m?s$", "") + ": last month to first", 1.3, ratio(names, months, same), "");
        }
        figures.say(
                "`select 1`, which sees no rows, for comparison: last month to first",
                ratio(names, months, "select 1, processor s"),
                "");
        figures.atMost("on disk a call: last month to first", 1, ratio(names, months, "on disk a call, bytes"), "");
        figures.atMost(
                "`hyp cache check` in the last month",
                60,
                Double.parseDouble(months.getLast().get(names.indexOf("cache check, s"))),
                "s");
        List<String> columns = new ArrayList<>(List.of(""));
        months.forEach(month -> columns.add("month " + month.getFirst().replaceAll("\\..*", "")));
        columns.add("last to first");
        List<List<String>> rows = new ArrayList<>();
        for (int i = 1; i < names.size(); i++) {
            List<String> row = new ArrayList<>(List.of(names.get(i)));
            for (List<String> month : months) {
                row.add(month.get(i));
            }
            row.add(String.format(Locale.ROOT, "%.2f", ratio(names, months, names.get(i))));
            rows.add(row);
        }
        figures.add(new Table("By month", columns, rows));
        return figures.exitCode();
    }

    private static double ratio(List<String> names, List<List<String>> months, String name) {
        int at = names.indexOf(name);
        double first = Double.parseDouble(months.getFirst().get(at));
        double last = Double.parseDouble(months.getLast().get(at));
        return first == last ? 1 : last / first;
    }
}
