package io.hypaware.backfill;

import io.hypaware.config.MaintenanceConfig;
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
            long rows = new Flush(cache, config, _ -> {}).run();
            steps.accept(BackfillStep.FLUSHED);
            return rows;
        });
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
