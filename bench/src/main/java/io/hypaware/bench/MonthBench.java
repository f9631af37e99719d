package io.hypaware.bench;

import io.hypaware.bench.report.Figures;
import io.hypaware.config.CacheConfig;
import io.hypaware.config.ConfigFile;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Row;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.journal.Journal;
import io.hypaware.journal.ProjectionBatch;
import io.hypaware.lake.CatalogGlance;
import io.hypaware.maintain.Flush;
import io.hypaware.maintain.Maintenance;
import io.hypaware.maintain.Report;
import io.hypaware.maintain.Writing;
import io.hypaware.project.ExchangeRow;
import io.hypaware.project.Messages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;

/// A month of use, or some days of it: 2,000 exchanges a day, a tick each hour.
final class MonthBench {

    private static final int DAYS = 30;
    private static final int EXCHANGES_PER_HOUR = 2_000 / 24;

    /// Says each commit in a page; held here, or its level would be forgotten.
    private static final Logger ICEBERG = Logger.getLogger("org.apache.iceberg");

    private final Figures figures = Figures.open();

    /// @param arguments root, then days, more than five, whose last is compared with the fifth
    public static void main(String[] arguments) throws Exception {
        ICEBERG.setLevel(Level.WARNING);
        MonthBench bench = new MonthBench();
        bench.run(arguments.length > 1 ? Integer.parseInt(arguments[1]) : DAYS);
        System.exit(bench.figures.exitCode());
    }

    private void run(int days) throws Exception {
        Path cache = Files.createTempDirectory("hyp-bench");
        Path file = cache.resolve("config.json");
        Files.writeString(file, """
                {"version": 2, "query": {"cache": {"maintenance": {"min_snapshots_to_keep": 30}}}}""");
        CacheConfig config = ConfigFile.read(file).config().query().cache();
        Random random = new Random(7);
        long ingested = 0;
        Rounds rounds = new Rounds();
        List<Double> secondsOfDay = new ArrayList<>();
        // Ahead of the machine's clock, because snapshots carry that one's times and would never expire behind
        // it. All are
        // then over their age at once; as many are kept as a day brings.
        Instant now = Instant.now()
                .truncatedTo(ChronoUnit.DAYS)
                .plus(Duration.ofDays(2))
                .plusSeconds(1_800);
        for (int day = 0; day < days; day++) {
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
                rounds.add(report);
            }
            secondsOfDay.add(seconds);
            System.out.printf("day %d: ticks took %.1f s%n", day + 1, seconds);
        }
        figures.say("ingested", ingested / 1e6, "MB");
        figures.atMost("bytes rewritten for each", 3, (double) rounds.rewritten() / ingested, "");
        figures.say("24 ticks of the fifth day", secondsOfDay.get(4), "s");
        figures.say("24 ticks of the last day", secondsOfDay.getLast(), "s");
        figures.atMost("last to fifth", 1.5, secondsOfDay.getLast() / secondsOfDay.get(4), "");
        figures.atMost("ticks in which something failed", 0, rounds.failures());
        CatalogGlance.of(new Cache(cache)).forEach((name, table) -> System.out.println(name + ": " + table.size()));
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
}
