package io.hypaware.bench;

import io.hypaware.config.CacheConfig;
import io.hypaware.config.ConfigFile;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Row;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.journal.Journal;
import io.hypaware.journal.ProjectionBatch;
import io.hypaware.lake.CatalogGlance;
import io.hypaware.maintain.Event;
import io.hypaware.maintain.Flush;
import io.hypaware.maintain.Maintenance;
import io.hypaware.maintain.Report;
import io.hypaware.maintain.Writing;
import io.hypaware.project.ExchangeRow;
import io.hypaware.project.Messages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Maintenance at its hardest: the reference table, rows that nothing repeats, and a month of use.
public final class MaintenanceBench {

    private static final String COPY_COLUMNS =
            "* REPLACE (tools::JSON AS tools, previous_message_id::JSON AS previous_message_id, tool_args::JSON AS tool_args,"
                    + " attributes::JSON AS attributes, compact_metadata::JSON AS compact_metadata,"
                    + " status::JSON AS status, raw_frame::JSON AS raw_frame)";

    /// Says each commit in a page; held here, or its level would be forgotten.
    private static final Logger ICEBERG = Logger.getLogger("org.apache.iceberg");

    private static final int DAYS = 30;
    private static final int EXCHANGES_PER_HOUR = 2_000 / 24;

    private final Path root;

    private MaintenanceBench(Path root) {
        this.root = root;
    }

    public static void main(String[] arguments) throws Exception {
        ICEBERG.setLevel(Level.WARNING);
        if (arguments[0].equals("copy")) {
            copy(arguments[1], Path.of(arguments[2]));
            return;
        }
        MaintenanceBench bench = new MaintenanceBench(Path.of(arguments[0]));
        for (String part : List.of(arguments).subList(1, arguments.length)) {
            System.out.println("== " + part);
            switch (part) {
                case "reference" -> bench.reference();
                case "unique" -> bench.unique();
                case "month" -> bench.month();
                case "session" -> SessionBench.run();
                case "projection" -> ProjectionBench.run();
                default -> throw new IllegalArgumentException("no benchmark " + part);
            }
        }
    }

    /// Adoption and compaction of the reference table against one bare COPY of the same files.
    private void reference() throws Exception {
        Path home = Files.createTempDirectory("hyp-bench");
        System.out.println("writing the reference table");
        new OlderCache(home.resolve("hypaware/cache"), "source=claude").reference();
        Path data = home.resolve("hypaware/cache/datasets/ai_gateway_messages/source=claude/table/data");
        Measured copy = run(
                home,
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        MaintenanceBench.class.getName(),
                        "copy",
                        data + "/*.parquet",
                        home.resolve("copy.parquet").toString()));
        System.out.println("one bare COPY: " + copy);
        Cache cache = new Cache(home.resolve("hypaware/cache"));
        Journal.open(cache.journal()).close();
        try (LockProbe probe = LockProbe.of(cache.journal())) {
            List<Measured> maintain =
                    run(home, List.of(root.resolve("hyp").toString(), "query", "maintain"), cache.search());
            System.out.printf(
                    "hyp query maintain, adopted and compacted: %s, %.2f times the COPY%n",
                    maintain.getFirst(), maintain.getFirst().seconds() / copy.seconds());
            System.out.printf(
                    "the same with the search index, which the command makes last: %s; longest wait for the"
                            + " journal's write lock %.0f ms%n",
                    maintain.getLast(), probe.longestMillis());
        }
        size(home);
        for (String sql : List.of(
                "select count(*) from ai_gateway_messages",
                "select role, count(*), avg(length(content_text)) from ai_gateway_messages group by role",
                "select count(*) from ai_gateway_messages where content_text like '%zebra%'",
                "select count(*) from ai_gateway_messages where tools like '%zebra%'")) {
            System.out.println(sql + ": "
                    + run(home, List.of(root.resolve("hyp").toString(), "query", "sql", "--refresh", "never", sql)));
        }
        new PayloadBench(home, home.resolve("copy.parquet")).run();
        System.out.println(
                "again, nothing to do: " + run(home, List.of(root.resolve("hyp").toString(), "query", "maintain")));
    }

    private static void copy(String files, Path target) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("SET memory_limit = '192MB'");
            statement.execute("SET threads = 2");
            statement.execute("SET preserve_insertion_order = false");
            statement.execute("COPY (SELECT " + COPY_COLUMNS + " FROM read_parquet('" + files + "')) TO '" + target
                    + "' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 10000, ROW_GROUP_SIZE_BYTES 33554432)");
        }
    }

    /// 2,000 rows of 256 KB each.
    private void unique() throws Exception {
        Path home = Files.createTempDirectory("hyp-bench");
        new OlderCache(home.resolve("hypaware/cache"), "source=claude").unique(20, 100, 256 * 1024);
        String expected;
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                var row = statement.executeQuery(
                        "SELECT md5(string_agg(md5(content_text), '' ORDER BY _hyp_cache_row_id))"
                                + " FROM read_parquet('" + home
                                + "/hypaware/cache/datasets/*/*/table/data/*.parquet')")) {
            row.next();
            expected = row.getString(1);
        }
        System.out.println(run(home, List.of(root.resolve("hyp").toString(), "query", "maintain")));
        System.out.println("again, compacting whatever can be: "
                + run(home, List.of(root.resolve("hyp").toString(), "query", "maintain", "--force")));
        size(home);
        Process query = hyp(
                home,
                List.of(
                        root.resolve("hyp").toString(),
                        "query",
                        "sql",
                        "--format",
                        "csv",
                        "select md5(string_agg(md5(content_text), '' order by _row_id)) from ai_gateway_messages"));
        String found = new String(query.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        System.out.println(found.contains(expected) ? "every row equal by hash" : "ROWS DIFFER: " + found);
    }

    /// A month of use: 2,000 exchanges a day, a tick each hour.
    private void month() throws Exception {
        Path cache = Files.createTempDirectory("hyp-bench");
        Path file = cache.resolve("config.json");
        Files.writeString(file, """
                {"version": 2, "query": {"cache": {"maintenance": {"min_snapshots_to_keep": 30}}}}""");
        CacheConfig config = ConfigFile.read(file).config().query().cache();
        Random random = new Random(7);
        long ingested = 0;
        long rewritten = 0;
        List<Double> secondsOfDay = new ArrayList<>();
        // Ahead of the machine's clock, because snapshots carry that one's times and would never expire behind
        // it. All are
        // then over their age at once; as many are kept as a day brings.
        Instant now = Instant.now()
                .truncatedTo(ChronoUnit.DAYS)
                .plus(Duration.ofDays(2))
                .plusSeconds(1_800);
        for (int day = 0; day < DAYS; day++) {
            double seconds = 0;
            for (int hour = 0; hour < 24; hour++, now = now.plus(Duration.ofHours(1))) {
                record(cache, now, random);
                long before = bytes(cache);
                new Flush(new Cache(cache), config.maintenance(), _ -> {}).run();
                ingested += bytes(cache) - before;
                long began = System.nanoTime();
                Report report = new Maintenance(
                                new Cache(cache),
                                config,
                                Writing.whole("bench"),
                                Clock.fixed(now, ZoneOffset.UTC),
                                Progress.NONE)
                        .run(
                                Maintenance.Options.background(
                                        Duration.ofMillis(config.maintenance().maxTickMs())),
                                Duration.ZERO);
                seconds += (System.nanoTime() - began) / 1e9;
                rewritten += report.of(Event.Compacted.class).stream()
                        .mapToLong(Event.Compacted::bytesAfter)
                        .sum();
                if (!report.failed().isEmpty()) {
                    System.out.println("FAILED: " + report.failed());
                }
            }
            secondsOfDay.add(seconds);
            System.out.printf("day %d: ticks took %.1f s%n", day + 1, seconds);
        }
        System.out.printf(
                "%d MB ingested, %.2f bytes rewritten per byte; ticks of a day: fifth %.1f s, last %.1f s (ratio %.2f)%n",
                ingested / 1_000_000,
                (double) rewritten / ingested,
                secondsOfDay.get(4),
                secondsOfDay.getLast(),
                secondsOfDay.getLast() / secondsOfDay.get(4));
        CatalogGlance.of(new Cache(cache))
                .forEach((name, table) -> System.out.println(name + ": "
                        + table.size().rows() + " rows in " + table.size().files() + " files, "
                        + table.size().bytes() / 1_000_000 + " MB"));
    }

    private static long bytes(Path cache) throws IOException {
        return CatalogGlance.of(new Cache(cache)).values().stream()
                .mapToLong(table -> table.size().bytes())
                .sum();
    }

    /// The rows of an hour: a question, a call of a tool, its result and an answer for each exchange.
    private static void record(Path cache, Instant now, Random random) {
        try (Journal journal = Journal.open(cache.resolve("journal.db"));
                ProjectionBatch batch = journal.projectionBatch(() -> {})) {
            for (int i = 0; i < EXCHANGES_PER_HOUR; i++) {
                Instant at = now.minusSeconds(i * 20L);
                String id = now.getEpochSecond() + "-" + i;
                long micros = at.toEpochMilli() * 1_000;
                for (int part = 0; part < 4; part++) {
                    batch.add(message(id, part, micros, random), at);
                }
                batch.add(exchange(id, micros), at);
            }
            batch.writeAll();
        }
    }

    private static Row message(String id, int part, long micros, Random random) {
        byte[] noise = new byte[400 + random.nextInt(800)];
        random.nextBytes(noise);
        return Row.of(Messages.DATASET)
                .set("gateway_id", "bench")
                .set("schema_version", 1)
                .set("conversation_id", "c" + id.hashCode() % 50)
                .set("provider", "anthropic")
                .set("message_id", id)
                .set("message_index", part)
                .set("message_created_at", micros)
                .set("role", part % 2 == 0 ? "user" : "assistant")
                .set("part_id", id + "#" + part)
                .set("part_index", part)
                .set("part_type", "text")
                .set("content_text", java.util.Base64.getEncoder().encodeToString(noise))
                .set("date", Instant.ofEpochMilli(micros / 1_000).toString().substring(0, 10))
                .build(id + "#" + part);
    }

    private static Row exchange(String id, long micros) {
        Dataset exchanges = ExchangeRow.DATASET;
        return Row.of(exchanges)
                .set("exchange_id", id)
                .set("started_at", micros)
                .set("upstream", "anthropic")
                .set("method", "POST")
                .set("path", "/v1/messages")
                .set("outcome", "completed")
                .set("request_headers", "{\"user-agent\":[\"bench\"]}")
                .build(id);
    }

    /// Wall time, processor time and the most memory that a command took, its children with it, sampled every
    /// 50 ms.
    record Measured(double seconds, double cpuSeconds, double peakMb, int exitCode) {
        @Override
        public String toString() {
            return "%.2f s, %.1f s of processor, peak RSS %.0f MB%s"
                    .formatted(seconds, cpuSeconds, peakMb, exitCode == 0 ? "" : ", EXIT CODE " + exitCode);
        }
    }

    private Measured run(Path home, List<String> command) throws IOException, InterruptedException {
        return run(home, command, Path.of("")).getLast();
    }

    /// What a command took until a file was there, if that was before its end, and in all.
    private List<Measured> run(Path home, List<String> command, Path milestone)
            throws IOException, InterruptedException {
        List<Measured> measured = new ArrayList<>();
        long began = System.nanoTime();
        Process process = hyp(home, command);
        Thread.ofVirtual().start(() -> drain(process));
        double peak = 0;
        double cpu = 0;
        while (process.isAlive()) {
            double now = Child.residentMb(process.pid());
            for (ProcessHandle child : process.descendants().toList()) {
                now += Child.residentMb(child.pid());
            }
            peak = Math.max(peak, now);
            cpu = Math.max(cpu, cpuSeconds(process));
            if (measured.isEmpty() && !milestone.toString().isEmpty() && Files.exists(milestone)) {
                measured.add(new Measured((System.nanoTime() - began) / 1e9, cpu, peak, 0));
            }
            Thread.sleep(50);
        }
        measured.add(new Measured((System.nanoTime() - began) / 1e9, cpu, peak, process.exitValue()));
        return measured;
    }

    private static double cpuSeconds(Process process) {
        Optional<Duration> own = process.info().totalCpuDuration();
        return own.orElse(Duration.ZERO).toMillis() / 1e3;
    }

    private static void drain(Process process) {
        try {
            process.getInputStream().readAllBytes();
        } catch (IOException e) {
            // it has ended
        }
    }

    private static Process hyp(Path home, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("HYP_HOME", home.toString());
        return builder.start();
    }

    private static void size(Path home) throws IOException {
        for (Map.Entry<String, CatalogGlance.Table> table :
                CatalogGlance.of(new Cache(home.resolve("hypaware/cache"))).entrySet()) {
            System.out.printf(
                    "%s: %,d rows, %d files, %.1f MB%n",
                    table.getKey(),
                    table.getValue().size().rows(),
                    table.getValue().size().files(),
                    table.getValue().size().bytes() / 1e6);
        }
    }
}
