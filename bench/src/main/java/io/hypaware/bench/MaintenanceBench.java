package io.hypaware.bench;

import static java.util.Objects.requireNonNull;

import io.hypaware.bench.report.Figures;
import io.hypaware.home.Cache;
import io.hypaware.journal.Journal;
import io.hypaware.lake.CatalogGlance;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Maintenance at its hardest: the reference table, and rows that nothing repeats. What belongs to it stands beside.
public final class MaintenanceBench {

    private static final String COPY_COLUMNS =
            "* REPLACE (tools::JSON AS tools, previous_message_id::JSON AS previous_message_id, tool_args::JSON AS tool_args,"
                    + " attributes::JSON AS attributes, compact_metadata::JSON AS compact_metadata,"
                    + " status::JSON AS status, raw_frame::JSON AS raw_frame)";

    /// Says each commit in a page; held here, or its level would be forgotten.
    private static final Logger ICEBERG = Logger.getLogger("org.apache.iceberg");

    private static final int COLD_ROUNDS = 5;
    private static final int REFERENCE_ROWS = 358_892;
    private static final double MOST_WAIT_MILLIS = 50;

    private static final double WORKER_MB = 384;

    private final Path root;
    private final Figures figures = Figures.open();

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
        List<String> wanted = List.of(arguments).subList(1, arguments.length);
        for (String part : wanted.isEmpty() ? List.of("reference", "unique", "session") : wanted) {
            System.out.println("== " + part);
            switch (part) {
                case "reference" -> bench.reference();
                case "unique" -> bench.unique();
                case "session" -> SessionBench.run(bench.figures);
                case "projection" -> ProjectionBench.run();
                default -> throw new IllegalArgumentException("no benchmark " + part);
            }
        }
        System.exit(bench.figures.exitCode());
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
        took("one bare `COPY` of the same files, same threads and memory", copy);
        Cache cache = new Cache(home.resolve("hypaware/cache"));
        Journal.open(cache.journal()).close();
        try (LockProbe probe = LockProbe.of(cache.journal())) {
            List<Measured> maintain = run(home, hyp("query", "maintain"), cache.search());
            Measured compacted = maintain.getFirst();
            String adopted = "`hyp query maintain`: adopted and compacted";
            figures.atMost(adopted, 8, compacted.seconds(), "s");
            figures.atMost(adopted + ", times the `COPY`", 1.35, compacted.seconds() / copy.seconds(), "");
            figures.say(adopted + ": of processor", compacted.cpuSeconds(), "s");
            figures.atMost(adopted + ": peak RSS", 280, compacted.peakMb(), "MB");
            took("the same with the search index, which the command makes last", maintain.getLast());
            figures.atMost(
                    "longest wait for the journal's write lock meanwhile",
                    MOST_WAIT_MILLIS,
                    probe.longestMillis(),
                    "ms");
        }
        CatalogGlance.Table table = table(home, "ai_gateway_messages");
        double megabytes = table.size().bytes() / 1e6;
        double payloads = table(home, "payloads").size().bytes() / 1e6;
        figures.exactly("rows of it", REFERENCE_ROWS, table.size().rows());
        figures.atMost("files", 4, table.size().files());
        figures.atMost("these files", 115, megabytes, "MB");
        figures.say("payloads beside them", payloads, "MB");
        figures.atMost("all of it", 100, megabytes + payloads, "MB");
        cold(home, "count", 0.3, "select count(*) from ai_gateway_messages");
        cold(
                home,
                "group by role with the average length of texts",
                0.45,
                "select role, count(*), avg(length(content_text)) from ai_gateway_messages group by role");
        cold(home, "text search", 0.45, "select count(*) from ai_gateway_messages where content_text like '%zebra%'");
        took(
                "`hyp query sql`, cold: search of tools",
                run(home, query("select count(*) from ai_gateway_messages where tools like '%zebra%'")));
        new PayloadBench(figures, home, home.resolve("copy.parquet")).run();
        took("`hyp query maintain` again, nothing to do", run(home, hyp("query", "maintain")));
    }

    private void took(String what, Measured measured) {
        times(what, measured);
        figures.say(what + ": peak RSS", measured.peakMb(), "MB");
    }

    /// As a worker would, so within its memory.
    private void adopted(String what, Measured measured) {
        times(what, measured);
        figures.atMost(what + ": peak RSS", WORKER_MB, measured.peakMb(), "MB");
    }

    private void times(String what, Measured measured) {
        figures.say(what, measured.seconds(), "s");
        figures.say(what + ": of processor", measured.cpuSeconds(), "s");
    }

    /// A query in a process of its own: the median, and the processor time of the least.
    private void cold(Path home, String what, double mostSeconds, String sql) throws IOException, InterruptedException {
        List<Double> seconds = new ArrayList<>();
        double processor = Double.MAX_VALUE;
        for (int i = 0; i < COLD_ROUNDS; i++) {
            Measured measured = run(home, query(sql));
            seconds.add(measured.seconds());
            processor = Math.min(processor, measured.cpuSeconds());
        }
        figures.atMost("`hyp query sql`, cold: " + what, mostSeconds, Medians.of(seconds), "s");
        figures.say("`hyp query sql`, cold: " + what + ": of processor", processor, "s");
    }

    private List<String> query(String sql) {
        return hyp("query", "sql", "--refresh", "never", sql);
    }

    private List<String> hyp(String... words) {
        List<String> command = new ArrayList<>(List.of(root.resolve("hyp").toString()));
        command.addAll(Arrays.asList(words));
        return command;
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
        Set<String> expected = new HashSet<>();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                var row = statement.executeQuery("SELECT md5(content_text) FROM read_parquet('" + home
                        + "/hypaware/cache/datasets/*/*/table/data/*.parquet')")) {
            while (row.next()) {
                expected.add(row.getString(1));
            }
        }
        List<Measured> adopted =
                run(home, hyp("query", "maintain"), new Cache(home.resolve("hypaware/cache")).search());
        adopted("2,000 rows of 256 KB adopted", adopted.getFirst());
        adopted("the same with their search index, which the command makes last", adopted.getLast());
        adopted("again, compacting whatever can be", run(home, hyp("query", "maintain", "--force")));
        figures.say("on disk", table(home, "ai_gateway_messages").size().bytes() / 1e6, "MB");
        Process query = started(
                home, hyp("query", "sql", "--format", "csv", "select md5(content_text) from ai_gateway_messages"));
        String found = new String(query.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        figures.exactly(
                "rows that are equal by hash",
                expected.size(),
                found.lines().filter(expected::contains).count());
    }

    /// Wall time, processor time and the most memory that a command took, its children with it, sampled every
    /// 50 ms.
    private record Measured(double seconds, double cpuSeconds, double peakMb) {}

    private Measured run(Path home, List<String> command) throws IOException, InterruptedException {
        return run(home, command, Path.of("")).getLast();
    }

    /// What a command took until a file was there, if that was before its end, and in all.
    private List<Measured> run(Path home, List<String> command, Path milestone)
            throws IOException, InterruptedException {
        List<Measured> measured = new ArrayList<>();
        long began = System.nanoTime();
        Process process = started(home, command);
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
                measured.add(new Measured((System.nanoTime() - began) / 1e9, cpu, peak));
            }
            Thread.sleep(50);
        }
        if (process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + process.exitValue());
        }
        measured.add(new Measured((System.nanoTime() - began) / 1e9, cpu, peak));
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

    private static Process started(Path home, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("HYP_HOME", home.toString());
        return builder.start();
    }

    private static CatalogGlance.Table table(Path home, String name) throws IOException {
        return requireNonNull(
                CatalogGlance.of(new Cache(home.resolve("hypaware/cache"))).get(name));
    }
}
