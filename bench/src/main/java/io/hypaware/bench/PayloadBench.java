package io.hypaware.bench;

import io.hypaware.bench.report.Figure;
import io.hypaware.bench.report.Figures;
import io.hypaware.bench.report.Table;
import io.hypaware.engine.Engine;
import io.hypaware.home.Cache;
import io.hypaware.query.QuerySession;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What it costs and gives that large values are kept apart from their rows: the same questions of the lake and of
/// tables that hold every value in its row, or no large value at all, in turn, in one process.
final class PayloadBench {

    private static final long MEMORY_BYTES = 201_326_592;
    private static final int THREADS = 2;
    private static final int ROUNDS = 9;
    private static final List<String> AGGREGATES = List.of(
            "select role, count(*), avg(length(content_text)) from %s group by role",
            "select count(*), max(message_created_at), count(distinct conversation_id) from %s");
    private static final String SEARCH = "select count(*) from %s where tools like '%%zebra%%'";
    private static final String FOUND = "select count(*) from %s where tools like '%%tool_3_7%%'";

    private final Figures figures;
    private final List<List<String>> rows = new ArrayList<>();
    private final Path cache;
    private final Path denormalised;

    /// @param denormalised a Parquet file of the same rows, each with its values
    PayloadBench(Figures figures, Path home, Path denormalised) {
        this.figures = figures;
        this.cache = home.resolve("hypaware/cache");
        this.denormalised = denormalised;
    }

    @FunctionalInterface
    private interface Work {
        void run() throws Exception;
    }

    void run() throws Exception {
        Path lean = denormalised.resolveSibling("lean.parquet");
        Path spill = Files.createTempDirectory("hyp-bench-spill");
        String lake = "read_parquet('" + cache + "/tables/ai_gateway_messages/*/data/*.parquet')";
        try (Engine engine = Engine.open(MEMORY_BYTES, THREADS, spill)) {
            engine.execute("COPY (SELECT * EXCLUDE (tools, system_text) FROM " + lake + ") TO '" + lean
                    + "' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 10000, ROW_GROUP_SIZE_BYTES 33554432)");
            for (String sql : AGGREGATES) {
                report(
                        sql,
                        "without payload columns",
                        () -> engine.strings(sql.formatted("read_parquet('" + lean + "')")),
                        () -> engine.strings(sql.formatted(lake)));
            }
        }
        for (String sql : List.of(SEARCH, FOUND)) {
            report(sql, "every value in its row", () -> plain(spill, sql), () -> query(sql));
        }
        report(
                "select count(*) from payloads where text like '%%zebra%%'",
                "every value in its row (tools like)",
                () -> plain(spill, SEARCH),
                () -> query("select count(*) from payloads where text like '%%zebra%%'"));
        figures.add(new Table(
                "Queries in one process, against the same rows in another form",
                List.of("query", "against", "ms", "ms against", "ratio"),
                rows));
    }

    private void plain(Path spill, String sql) throws Exception {
        try (Engine engine = Engine.open(MEMORY_BYTES, THREADS, spill)) {
            engine.strings(sql.formatted("read_parquet('" + denormalised + "')"));
        }
    }

    private void query(String sql) throws Exception {
        try (QuerySession session =
                QuerySession.open(new Cache(cache), MEMORY_BYTES, sql.formatted("ai_gateway_messages"))) {
            session.run(result -> {
                while (result.next()) {
                    result.getString(1);
                }
            });
        }
    }

    private void report(String sql, String against, Work other, Work ours) throws Exception {
        List<Double> others = new ArrayList<>();
        List<Double> own = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            others.add(seconds(other));
            own.add(seconds(ours));
        }
        double theirs = Medians.of(others);
        double mine = Medians.of(own);
        rows.add(List.of(
                "`" + sql.replace("%s", "the lake").replace("%%", "%") + "`",
                against,
                Figure.number(1_000 * mine),
                Figure.number(1_000 * theirs),
                String.format(Locale.ROOT, "%.2f", mine / theirs)));
    }

    private static double seconds(Work work) throws Exception {
        long began = System.nanoTime();
        work.run();
        return (System.nanoTime() - began) / 1e9;
    }
}
