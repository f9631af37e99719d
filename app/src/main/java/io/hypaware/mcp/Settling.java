package io.hypaware.mcp;

import io.hypaware.home.Cache;
import io.hypaware.maintain.Settle;
import io.hypaware.maintain.Writing;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Projects what was recorded last before a question is answered. It waits for that a few seconds; what takes longer
/// goes on meanwhile.
final class Settling {

    private static final Logger LOG = Logger.getLogger(Settling.class.getName());
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Cache cache;
    private final Writing writing;
    private final ExecutorService one = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("settle").factory());
    private Optional<Future<Integer>> running = Optional.empty();

    Settling(Cache cache, Writing writing) {
        this.cache = cache;
        this.writing = writing;
    }

    /// Asked by one question at a time.
    ///
    /// @return what the answer has to say, if it does not know all
    Optional<String> settle() throws InterruptedException {
        if (!cache.hasJournal()) {
            return Optional.empty();
        }
        long end = System.nanoTime() + PATIENCE.toNanos();
        try {
            if (running.isPresent()) {
                // It began before this question, so that the newest may not be in it.
                running.get().get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            }
            Future<Integer> now = one.submit(() -> new Settle(cache, writing, Clock.systemUTC()).run());
            running = Optional.of(now);
            now.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            running = Optional.empty();
            return Optional.empty();
        } catch (TimeoutException e) {
            return Optional.of("calls of the last moments are still being taken in; ask again to see them");
        } catch (ExecutionException e) {
            running = Optional.empty();
            LOG.log(Level.WARNING, "what was recorded last could not be taken in", e.getCause());
            return Optional.of("what was recorded last could not be taken in; hyp status says why");
        }
    }
}
