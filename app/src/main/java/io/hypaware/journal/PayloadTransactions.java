package io.hypaware.journal;

import io.hypaware.payload.Payload;
import io.hypaware.payload.ValueBuilder;
import java.time.Instant;
import java.util.Optional;

/// Stores payloads in short transactions, of some megabytes and a part of a second each: who records waits for the
/// journal's lock meanwhile. What a crash leaves of it nothing refers to yet.
public final class PayloadTransactions implements ValueBuilder.Store, AutoCloseable {

    private static final long MOST_BYTES = 4L << 20;
    private static final long MOST_NANOS = 100_000_000;

    private final Journal journal;
    private final Instant at;
    private final Runnable committed;
    private Optional<ProjectionTransaction> open = Optional.empty();
    private long begunNanos;

    /// @param committed told after each transaction but the last
    public PayloadTransactions(Journal journal, Instant at, Runnable committed) {
        this.journal = journal;
        this.at = at;
        this.committed = committed;
    }

    @Override
    public void put(Payload payload) {
        ProjectionTransaction transaction = open.orElseGet(this::begin);
        transaction.payloads(at).put(payload);
        if (transaction.payloadBytes() > MOST_BYTES || System.nanoTime() - begunNanos > MOST_NANOS) {
            end();
            committed.run();
        }
    }

    /// Commits the last one.
    @Override
    public void close() {
        end();
    }

    private ProjectionTransaction begin() {
        ProjectionTransaction transaction = journal.beginProjection();
        open = Optional.of(transaction);
        begunNanos = System.nanoTime();
        return transaction;
    }

    private void end() {
        open.ifPresent(transaction -> {
            transaction.commit();
            transaction.close();
        });
        open = Optional.empty();
    }
}
