package io.hypaware.bench;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.locks.LockSupport;
import org.sqlite.SQLiteConfig;

/// Asks for a journal's write lock all the time, as the gateway does that records, and knows how long it had to wait.
final class LockProbe implements AutoCloseable {

    private static final long PAUSE_NANOS = 1_000_000;

    private final Connection connection;
    private final Thread thread;
    private volatile boolean stopped;
    private volatile long longestNanos;
    private volatile long processorNanos;

    private LockProbe(Connection connection) {
        this.connection = connection;
        this.thread = Thread.ofPlatform().name("lock-probe").daemon().unstarted(this::ask);
    }

    /// @param journal a file that is there
    static LockProbe of(Path journal) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(0);
        LockProbe probe = new LockProbe(config.createConnection("jdbc:sqlite:" + journal));
        probe.thread.start();
        return probe;
    }

    double longestMillis() {
        return longestNanos / 1e6;
    }

    long processorNanos() {
        return processorNanos;
    }

    private void ask() {
        while (!stopped) {
            long began = System.nanoTime();
            while (!stopped && !taken()) {
                LockSupport.parkNanos(PAUSE_NANOS / 4);
            }
            longestNanos = Math.max(longestNanos, System.nanoTime() - began);
            processorNanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private boolean taken() {
        try (Statement statement = connection.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            statement.execute("ROLLBACK");
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    @Override
    public void close() throws SQLException {
        stopped = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        connection.close();
    }
}
