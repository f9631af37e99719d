package io.hypaware.bench;

import java.util.List;

/// What a fleet of machines needs and costs: arithmetic upon what [FleetBench] measured and upon list prices.
///
/// @param machines how many there are
/// @param intervalSeconds between two forwards of one machine
/// @param machinesInTable how many append to the same tables
/// @param gatherSeconds between two commits of a writer that gathers what machines have stored; 0 where each commits
record FleetPlan(String name, int machines, int intervalSeconds, int machinesInTable, int gatherSeconds) {

    private static final int EXCHANGES_A_DAY = 2_000;
    private static final int ACTIVE_SECONDS = 8 * 3600;

    /// payloads, exchanges, ai_gateway_messages.
    private static final int TABLES = 3;

    /// What an exchange takes in the lake, by `bench/run maintain session`.
    private static final double EXCHANGE_BYTES = 12_000;

    // List prices in US dollars: S3 Standard and on-demand processors and databases of one region.
    private static final double PUT = 0.005 / 1000;
    private static final double GET = 0.0004 / 1000;
    private static final double GIGABYTE_MONTH = 0.023;
    private static final double CORE_HOUR = 0.05;
    private static final double CATALOG_MONTH = 130;

    /// Puts and gets of a commit without rivals.
    private static final int COMMIT_PUTS = 3;

    private static final int COMMIT_GETS = 3;

    /// What a core of Spark's takes to compact, by `rewrite_data_files` of 1,500 files of 56 KB and of 22 files of 14
    /// MB (0.010 s a file, 0.045 s a megabyte of processor), and what it waits for an object store meanwhile.
    private static final double FILE_SECONDS = 0.010 + 3 * 0.020;

    private static final double MEGABYTE_SECONDS = 0.045 + 2 * 0.012;

    /// More than this share of the commits that a table takes are retries of retries.
    private static final double MOST_LOAD = 0.5;

    private static final int RETENTION_MONTHS = 12;

    static void print(double commitsASecond) {
        System.out.printf(
                "what a fleet needs and costs, at %,d exchanges a day and machine in 8 h, %.0f KB an exchange; a table takes %.1f commits/s%n",
                EXCHANGES_A_DAY, EXCHANGE_BYTES / 1000, commitsASecond);
        for (FleetPlan plan : List.of(
                new FleetPlan("each machine, every 5 min", 100, 300, 100, 0),
                new FleetPlan("each machine, every 5 min", 1_000, 300, 1_000, 0),
                new FleetPlan("each machine, every 5 min", 10_000, 300, 10_000, 0),
                new FleetPlan("each machine, every hour", 10_000, 3600, 10_000, 0),
                new FleetPlan("tables for 100 machines each", 10_000, 300, 100, 0),
                new FleetPlan("100 machines a table, hourly", 10_000, 3600, 100, 0),
                new FleetPlan("fan-in, a commit a minute", 10_000, 300, 10_000, 60),
                new FleetPlan("stream, 2 large files a minute", 10_000, 0, 10_000, 60))) {
            plan.printLine(commitsASecond);
        }
    }

    private void printLine(double commitsASecond) {
        double wanted = gatherSeconds > 0 ? 1.0 / gatherSeconds : (double) machinesInTable / intervalSeconds;
        double load = wanted / commitsASecond;
        int groups = machines / machinesInTable;
        double commits = wanted * ACTIVE_SECONDS * TABLES * groups;
        double files = intervalSeconds == 0
                ? 2.0 * ACTIVE_SECONDS / 60 * TABLES
                : (double) machines * ACTIVE_SECONDS / intervalSeconds * TABLES;
        double gigabytes = machines * EXCHANGES_A_DAY * EXCHANGE_BYTES / 1e9;
        double storeDay = files * PUT + commits * (COMMIT_PUTS * PUT + COMMIT_GETS * GET) + files * 3 * GET;
        double coreHours = (files * FILE_SECONDS + gigabytes * 1000 * MEGABYTE_SECONDS) / 3600;
        double month = 30 * (storeDay + coreHours * CORE_HOUR)
                + gigabytes * 30 * RETENTION_MONTHS * GIGABYTE_MONTH
                + CATALOG_MONTH;
        System.out.printf(
                "  %,6d machines, %-31s %7.2f commits/s a table (%4.2f of what it takes: %s), %,9.0f commits and %,9.0f files a day of %,5.0f KB;"
                        + " %,5.0f GB a day; %,5.0f core-hours of maintenance; $%,6.0f a month, $%.2f a machine%n",
                machines,
                name,
                wanted,
                load,
                load > MOST_LOAD ? "does not hold" : "holds",
                commits,
                files,
                gigabytes * 1e6 / files,
                gigabytes,
                coreHours,
                month,
                month / machines);
    }
}
