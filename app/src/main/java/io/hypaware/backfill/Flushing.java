package io.hypaware.backfill;

import io.hypaware.config.MaintenanceConfig;
import io.hypaware.engine.Engine;
import io.hypaware.home.Cache;
import io.hypaware.maintain.Flush;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/// Takes rows to the lake while the next transcripts are read. One flush at a time; what one fails with, the next call
/// throws.
final class Flushing implements AutoCloseable {

    /// What an engine may take that shares its process with what is being read.
    private static final long SHARED_BYTES = 40L << 20;

    private final Cache cache;
    private final MaintenanceConfig config;
    private final Consumer<BackfillStep> steps;
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private Future<?> running = CompletableFuture.completedFuture(0L);

    Flushing(Cache cache, MaintenanceConfig config, Consumer<BackfillStep> steps) {
        this.cache = cache;
        this.config = config;
        this.steps = steps;
    }

    /// Begins when the one before has ended.
    void start() throws SQLException, InterruptedException {
        await();
        running = thread.submit(() -> {
            long rows = flush();
            steps.accept(BackfillStep.FLUSHED);
            return rows;
        });
    }

    private long flush() throws SQLException, InterruptedException {
        MaintenanceConfig less = config.withMemoryBytes(Math.min(config.memoryBytes(), SHARED_BYTES));
        try {
            return new Flush(cache, less, _ -> {}).run();
        } catch (SQLException e) {
            // Rows may be so large that they need all of it.
            if (!Engine.isOutOfMemory(e)) {
                throw e;
            }
            return new Flush(cache, config, _ -> {}).run();
        }
    }

    void await() throws SQLException, InterruptedException {
        try {
            running.get();
        } catch (ExecutionException e) {
            throw new SQLException("what was imported could not be taken to the lake: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        thread.close();
    }
}
