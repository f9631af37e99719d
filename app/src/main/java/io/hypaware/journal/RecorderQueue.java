package io.hypaware.journal;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The queue between the calls and the writer thread, bounded in bytes, with the counters that status shows.
final class RecorderQueue {

    private final LinkedBlockingQueue<QueueEntry> entries = new LinkedBlockingQueue<>();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong recorded = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong droppedBytes = new AtomicLong();
    private volatile @Nullable String lastError;
    private final long limit;

    RecorderQueue(long limit) {
        this.limit = limit;
    }

    void add(QueueEntry entry) {
        entries.add(entry);
    }

    /// False if there is no room; the entry is not taken then.
    boolean offer(QueueEntry entry) {
        if (bytes.addAndGet(entry.size()) > limit) {
            bytes.addAndGet(-entry.size());
            lastError = "calls came faster than the disk took them: the queue of " + limit + " bytes was full";
            return false;
        }
        entries.add(entry);
        return true;
    }

    @Nullable
    QueueEntry poll() {
        return entries.poll();
    }

    @Nullable
    QueueEntry poll(long seconds) throws InterruptedException {
        return entries.poll(seconds, TimeUnit.SECONDS);
    }

    long bytes() {
        return bytes.get();
    }

    void done(List<QueueEntry> batch) {
        bytes.addAndGet(-batch.stream().mapToLong(QueueEntry::size).sum());
    }

    void countRecorded(long exchanges) {
        recorded.addAndGet(exchanges);
    }

    void countDropped(ExchangeRecord exchange, long lostBytes) {
        droppedBytes.addAndGet(lostBytes);
        if (exchange.markDropped()) {
            dropped.incrementAndGet();
        }
    }

    /// Remembers an error; true if it is another one than the last.
    boolean error(String message) {
        boolean other = !message.equals(lastError);
        lastError = message;
        return other;
    }

    RecorderStats stats() {
        return new RecorderStats(
                recorded.get(), dropped.get(), droppedBytes.get(), bytes.get(), Optional.ofNullable(lastError));
    }
}
