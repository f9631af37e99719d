package io.hypaware.bench;

import io.hypaware.bench.FleetStore.Pace;
import io.hypaware.bench.FleetStore.Traffic;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.HdrHistogram.ConcurrentHistogram;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;

/// What one table takes that many machines append to: commits a second, conflicts, what its metadata weighs, what
/// planning costs. Commits and catalog are real, a folder answers as late as an object store does. What a fleet of
/// any size needs and costs then follows by [FleetPlan].
public final class FleetBench {

    private final Path folder;
    private final EmbeddedPostgres postgres;
    private final int seconds;
    private int tables;

    private FleetBench(Path folder, EmbeddedPostgres postgres, int seconds) {
        this.folder = folder;
        this.postgres = postgres;
        this.seconds = seconds;
    }

    /// @param arguments the folder of the program, then for how many seconds each case is measured
    public static void main(String[] arguments) throws Exception {
        Logger.getLogger("").setLevel(Level.SEVERE);
        Path folder = Files.createTempDirectory("hyp-fleet");
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                .setServerConfig("max_connections", "300")
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .start()) {
            FleetBench bench =
                    new FleetBench(folder, postgres, arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10);
            double perSecond = bench.rivals();
            bench.machines();
            bench.gathered();
            bench.growth();
            FleetPlan.print(perSecond);
        }
    }

    /// How many commits a second many machines get into one table, each with one file.
    ///
    /// @return the most of those with an object store
    private double rivals() throws Exception {
        System.out.println("machines that append to one table as fast as they can, one file a commit");
        double most = 0;
        for (Pace pace : List.of(Pace.FOLDER, Pace.OBJECTS)) {
            for (int writers : List.of(1, 4, 16, 64)) {
                double rate = appending(postgresUri(), "PostgreSQL", pace, writers, 100);
                most = pace.equals(Pace.OBJECTS) ? Math.max(most, rate) : most;
            }
        }
        appending("jdbc:sqlite:" + folder.resolve("catalog.db"), "SQLite", Pace.FOLDER, 16, 100);
        return most;
    }

    /// The same where more and more machines have their position in the table's properties.
    private void machines() throws Exception {
        System.out.println("the same with the positions of more machines in the table's properties");
        for (int machines : List.of(1_000, 10_000)) {
            appending(postgresUri(), "PostgreSQL", Pace.OBJECTS, 1, machines);
            appending(postgresUri(), "PostgreSQL", Pace.OBJECTS, 16, machines);
        }
    }

    private double appending(String uri, String catalog, Pace pace, int writers, int machines) throws Exception {
        Traffic traffic = new Traffic();
        Path warehouse = folder.resolve("warehouse" + tables++);
        try (FleetLake lake = FleetLake.open(uri, warehouse, Pace.FOLDER, new Traffic())) {
            lake.create(machines);
        }
        long transactions = uri.startsWith("jdbc:postgresql") ? transactions() : 0;
        ConcurrentHistogram millis = new ConcurrentHistogram(3);
        AtomicInteger failed = new AtomicInteger();
        AtomicLong end = new AtomicLong(Long.MAX_VALUE);
        List<Future<?>> running = new ArrayList<>();
        long began;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            began = System.nanoTime();
            end.set(began + TimeUnit.SECONDS.toNanos(seconds));
            for (int writer = 0; writer < writers; writer++) {
                int machine = writer;
                running.add(threads.submit(() -> {
                    try (FleetLake lake = FleetLake.open(uri, warehouse, pace, traffic)) {
                        while (System.nanoTime() < end.get()) {
                            appendOnce(lake, machine, millis, failed);
                        }
                    }
                }));
            }
        }
        double took = (System.nanoTime() - began) / 1e9;
        throwFirst(running);
        long commits = millis.getTotalCount();
        requireOnce(uri, warehouse, commits);
        System.out.printf(
                "  %-10s %-7s %,6d machines known, %2d at once: %6.1f commits/s, %4.1f attempts a commit, p50 %,6d ms, p99 %,6d ms,"
                        + " %d given up; %.1f puts, %.1f gets, %,d KB written a commit; %.1f transactions%n",
                catalog,
                pace.name(),
                machines,
                writers,
                commits / took,
                (double) traffic.attempts() / commits,
                millis.getValueAtPercentile(50),
                millis.getValueAtPercentile(99),
                failed.get(),
                (double) traffic.puts() / commits,
                (double) traffic.gets() / commits,
                traffic.putBytes() / commits / 1000,
                uri.startsWith("jdbc:postgresql") ? (double) (transactions() - transactions) / commits : 0);
        return commits / took;
    }

    /// Each commit that was made has its file in the table, once.
    private static void requireOnce(String uri, Path warehouse, long commits) throws IOException {
        try (FleetLake lake = FleetLake.open(uri, warehouse, Pace.FOLDER, new Traffic());
                CloseableIterable<FileScanTask> tasks = lake.table().newScan().planFiles()) {
            Set<String> locations = new HashSet<>();
            long files = 0;
            for (FileScanTask task : tasks) {
                locations.add(task.file().location());
                files++;
            }
            if (files != commits || locations.size() != commits) {
                throw new IllegalStateException(
                        "%d commits, but %d files, %d of them different".formatted(commits, files, locations.size()));
            }
        }
    }

    /// A forward of a machine: it loads the table, and commits until it is in.
    private static void appendOnce(FleetLake lake, int machine, ConcurrentHistogram millis, AtomicInteger failed) {
        long began = System.nanoTime();
        for (int attempt = 1; attempt <= 40; attempt++) {
            try {
                Table table = lake.table();
                FleetLake.append(table, machine, FleetLake.files(table, 1, 1), true);
                millis.recordValue(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
                return;
            } catch (CommitFailedException e) {
                LockSupport.parkNanos(
                        TimeUnit.MILLISECONDS.toNanos((long) (Math.random() * (100 << Math.min(attempt, 6)))));
            }
        }
        failed.incrementAndGet();
    }

    /// What a commit takes that brings the files of many machines.
    private void gathered() throws Exception {
        System.out.println("one writer that commits what many machines have stored");
        for (int files : List.of(1, 100, 1_000, 10_000)) {
            Traffic traffic = new Traffic();
            Path warehouse = folder.resolve("warehouse" + tables++);
            try (FleetLake lake = FleetLake.open(postgresUri(), warehouse, Pace.OBJECTS, traffic)) {
                Table table = lake.create(0);
                int rounds = 5;
                long bytes = traffic.putBytes();
                long began = System.nanoTime();
                for (int round = 0; round < rounds; round++) {
                    FleetLake.append(table, 0, FleetLake.files(table, files, 1), false);
                }
                double took = (System.nanoTime() - began) / 1e9 / rounds;
                System.out.printf(
                        "  %,6d files a commit: %,5.0f ms, %,8.0f files/s, %,d bytes of metadata a file%n",
                        files, took * 1000, files / took, (traffic.putBytes() - bytes) / rounds / files);
            }
        }
    }

    /// What metadata weighs and planning costs when nobody maintains.
    private void growth() throws Exception {
        System.out.println("a table that grows with nobody maintaining it, 1,000 files a commit, 30 days");
        Traffic traffic = new Traffic();
        Path warehouse = folder.resolve("warehouse" + tables++);
        try (FleetLake lake = FleetLake.open(postgresUri(), warehouse, Pace.FOLDER, traffic)) {
            Table table = lake.create(1_000);
            int files = 0;
            for (int most : List.of(10_000, 50_000, 200_000)) {
                for (; files < most; files += 1_000) {
                    FleetLake.append(table, 0, FleetLake.files(table, 1_000, 30), false);
                }
                print(files, table, warehouse);
            }
        }
    }

    private static void print(int files, Table table, Path warehouse) throws IOException {
        long began = System.nanoTime();
        long day = count(table, true);
        double dayMillis = (System.nanoTime() - began) / 1e6;
        began = System.nanoTime();
        long all = count(table, false);
        double allMillis = (System.nanoTime() - began) / 1e6;
        int manifests = table.currentSnapshot().allManifests(table.io()).size();
        long metadata = table.io()
                .newInputFile(((org.apache.iceberg.BaseTable) table)
                        .operations()
                        .current()
                        .metadataFileLocation())
                .getLength();
        long stored;
        try (var found = Files.walk(warehouse)) {
            stored = found.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
        System.out.printf(
                "  %,8d files: %,5d manifests, metadata.json %,6d KB, %,6d MB of metadata stored; planning a day %,6.0f ms (%,d files), all %,6.0f ms (%,d)%n",
                files, manifests, metadata / 1000, stored / 1_000_000, dayMillis, day, allMillis, all);
    }

    private static long count(Table table, boolean oneDay) throws IOException {
        var scan = table.newScan();
        if (oneDay) {
            scan = scan.filter(Expressions.greaterThanOrEqual("message_created_at", "2024-10-04T00:00:00+00:00"));
        }
        long count = 0;
        try (CloseableIterable<FileScanTask> tasks = scan.planFiles()) {
            for (FileScanTask task : tasks) {
                DataFile file = task.file();
                count += file.recordCount() > 0 ? 1 : 0;
            }
        }
        return count;
    }

    private String postgresUri() {
        return postgres.getJdbcUrl("postgres", "postgres");
    }

    private long transactions() throws SQLException, InterruptedException {
        // Sessions report what they did with a delay, or when they end.
        Thread.sleep(1_500);
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = 'postgres'")) {
            row.next();
            return row.getLong(1);
        }
    }

    private static void throwFirst(List<Future<?>> running) throws InterruptedException, ExecutionException {
        for (Future<?> future : running) {
            future.get();
        }
    }
}
