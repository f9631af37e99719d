package io.hypaware.bench;

import com.sun.management.OperatingSystemMXBean;
import io.hypaware.bench.report.Figures;
import io.hypaware.config.ConfigFile;
import io.hypaware.config.HypConfig;
import io.hypaware.dataset.Row;
import io.hypaware.home.Cache;
import io.hypaware.home.HypHome;
import io.hypaware.journal.Journal;
import io.hypaware.journal.ProjectionBatch;
import io.hypaware.lake.CatalogGlance;
import io.hypaware.maintain.Flush;
import io.hypaware.maintain.Worker;
import io.hypaware.maintain.Writing;
import io.hypaware.project.otel.TelemetryDatasets;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/// Millions of rows of one day: what they take to be brought in, how often their bytes are written again, whether that
/// ends, and what queries of them take.
///
/// The day is ahead of the machine's clock, as those of [YearMonth] are.
final class DayBench {

    /// Say much of each tick; held here, or their level would be forgotten.
    private static final List<Logger> TALKATIVE = Stream.of("org.apache.iceberg", "org.apache.lucene", "io.hypaware")
            .map(Logger::getLogger)
            .toList();

    private static final int ROWS_A_TICK = 250_000;
    private static final int ROWS_A_COMMIT = 2_000;

    private final HypHome home;
    private final HypConfig config;
    private final Instant day;
    private final OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private final Random random = new Random(3);
    private final YearWords words = new YearWords(3);
    private long ingested;
    private final Rounds rounds = new Rounds();

    private DayBench(Path home, Instant day) {
        this.home = new HypHome(home);
        this.config = ConfigFile.read(this.home.configFile()).config();
        this.day = day;
    }

    /// @param arguments root, rows; or, in a process with the limits of a worker, `worker`, home, day, rows
    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("worker")) {
            TALKATIVE.forEach(logger -> logger.setLevel(Level.SEVERE));
            new DayBench(Path.of(arguments[1]), Instant.parse(arguments[2])).work(Long.parseLong(arguments[3]));
            return;
        }
        Path home = Files.createTempDirectory("day");
        Files.createDirectories(home.resolve("user"));
        Files.writeString(
                home.resolve("hypaware-config.json"),
                "{\"version\": 2, \"query\": {\"cache\": {\"retention\": {\"default_days\": 0}}}}");
        String rows = arguments.length > 1 ? arguments[1] : "10000000";
        Instant day = Instant.now().truncatedTo(ChronoUnit.DAYS).plus(Duration.ofDays(2));
        Child.worker(DayBench.class, "worker", home.toString(), day.toString(), rows);
        Figures figures = Figures.open();
        TimedHyp hyp = new TimedHyp(Path.of(arguments[0]), home);
        query(figures, "count", hyp.least(sql("select count(*) from logs")));
        query(figures, "group", hyp.least(sql("select \"severityText\", count(*) from logs group by 1")));
        query(
                figures,
                "an hour",
                hyp.least(sql("select count(*) from logs where received_at between '" + day.plusSeconds(43_200)
                        + "' and '" + day.plusSeconds(46_800) + "'")));
        query(figures, "text", hyp.least(sql("select count(*) from logs where body::varchar like '%zebra%'")));
        TimedHyp.Took check = hyp.once("cache", "check");
        figures.atMost("`hyp cache check`", 60, check.seconds(), "s");
        figures.say("`hyp cache check`, resident at most", check.megabytes(), "MB");
        figures.say("`hyp worker`, nothing new: processor", hyp.once("worker").processor(), "s");
        System.exit(figures.exitCode());
    }

    private static void query(Figures figures, String what, TimedHyp.Took took) {
        figures.say(what + ", cold: processor", took.processor(), "s");
        figures.say(what + ", cold: resident at most", took.megabytes(), "MB");
    }

    private static String[] sql(String sql) {
        return new String[] {"query", "sql", "--refresh", "never", sql};
    }

    private void work(long rows) throws Exception {
        long began = System.nanoTime();
        long processor = system.getProcessCpuTime();
        for (long from = 0; from < rows; from += ROWS_A_TICK) {
            record(from, Math.min(rows, from + ROWS_A_TICK), rows);
            Instant now = day.plusSeconds(80_000);
            long before = bytes();
            new Flush(home.cache(config), config.query().cache().maintenance(), _ -> {}).run();
            ingested += bytes() - before;
            tick(now);
            System.out.printf(
                    "%,d rows: %.0f s, %.0f s of processor, %d MB ingested, %.2f bytes rewritten per byte, peak %.0f MB%n",
                    Math.min(rows, from + ROWS_A_TICK),
                    (System.nanoTime() - began) / 1e9,
                    (system.getProcessCpuTime() - processor) / 1e9,
                    ingested / 1_000_000,
                    (double) rounds.rewritten() / ingested,
                    Child.peakMb(ProcessHandle.current().pid()));
        }
        Figures figures = Figures.open();
        figures.count("log records of one day, in %,d at a time".formatted(ROWS_A_TICK), rows);
        figures.say("ingested", ingested / 1e6, "MB");
        figures.say("brought in, flushed and maintained", (System.nanoTime() - began) / 1e9, "s");
        figures.say("of processor", (system.getProcessCpuTime() - processor) / 1e9, "s");
        // The day after: its last form, and then nothing more to do.
        long afterFirst = 0;
        for (int hour = 1; hour <= 4; hour++) {
            long already = rounds.rewritten();
            long cpu = system.getProcessCpuTime();
            tick(day.plus(Duration.ofDays(1)).plus(Duration.ofHours(hour)));
            System.out.printf(
                    "tick %d of the day after: %d MB rewritten, %.1f s of processor%n",
                    hour, (rounds.rewritten() - already) / 1_000_000, (system.getProcessCpuTime() - cpu) / 1e9);
            afterFirst += hour == 1 ? 0 : rounds.rewritten() - already;
        }
        CatalogGlance.of(home.cache(config)).forEach((name, table) -> System.out.println(name + ": " + table.size()));
        figures.atMost(
                "bytes rewritten for each, the day after included", 3, (double) rounds.rewritten() / ingested, "");
        figures.atMost("rounds after that: bytes rewritten", 0, afterFirst);
        figures.atMost(
                "a worker, peak RSS", 384, Child.peakMb(ProcessHandle.current().pid()), "MB");
        figures.say("the journal afterwards", Files.size(home.cache(config).journal()) / 1e6, "MB");
        figures.atMost("rounds in which something failed", 0, rounds.failures());
    }

    private void record(long from, long to, long all) throws IOException {
        Cache cache = home.cache(config).make();
        try (Journal journal = Journal.open(cache.journal());
                ProjectionBatch batch = journal.projectionBatch(() -> {})) {
            for (long i = from; i < to; i++) {
                Instant at = day.plusMillis(86_000_000L * i / all);
                batch.add(row(i, at), at);
                if (i % ROWS_A_COMMIT == 0) {
                    batch.writeAll();
                }
            }
            batch.writeAll();
        }
    }

    private Row row(long number, Instant at) {
        long micros = at.toEpochMilli() * 1_000;
        String id = Long.toHexString(number * 0x9E3779B97F4A7C15L) + "-" + number;
        return Row.of(TelemetryDatasets.LOGS)
                .set("serviceName", "service-" + random.nextInt(20))
                .set("received_at", micros)
                .set("timestamp", micros)
                .set("severityText", random.nextInt(50) == 0 ? "ERROR" : "INFO")
                .set("traceId", Long.toHexString(random.nextLong()))
                .set("body", "\"" + words.text(random, 60 + random.nextInt(120)) + "\"")
                .build(id);
    }

    private void tick(Instant now) throws Exception {
        rounds.add(
                new Worker(home.cache(config), config, Writing.whole("bench"), Clock.fixed(now, ZoneOffset.UTC)).run());
    }

    private long bytes() throws IOException {
        return CatalogGlance.of(home.cache(config)).values().stream()
                .mapToLong(table -> table.size().bytes())
                .sum();
    }
}
