package io.hypaware.journal;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The queue between the calls and the writer thread, bounded in bytes, with the counters that status shows.
final class RecorderQueue {

    /// Most heap for what is not bytes of a body. Beyond this, which takes a journal that stands still for
    /// minutes, calls are counted as dropped and leave no row.
    private static final long MOST_RECORD_BYTES = 6 * 1024 * 1024;

    private final LinkedBlockingQueue<QueueEntry> entries = new LinkedBlockingQueue<>();
    private final AtomicLong blockBytes = new AtomicLong();
    private final AtomicLong recordBytes = new AtomicLong();
    private final AtomicLong recorded = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong droppedBytes = new AtomicLong();
    private volatile @Nullable String lastError;
    private final long limit;
    private final BlockPool pool;

    RecorderQueue(long limit) {
        this.limit = limit;
        this.pool = new BlockPool(limit);
    }

    void add(QueueEntry entry) {
        recordBytes.addAndGet(entry.size());
        entries.add(entry);
    }

    /// Whether there is room for another exchange.
    boolean takesExchanges() {
        return recordBytes.get() < MOST_RECORD_BYTES || full(MOST_RECORD_BYTES);
    }

    /// Queues a new block for bytes of one body; null if all are in use.
    QueueEntry.@Nullable Bytes block(ExchangeRecord exchange, Direction direction) {
        ByteBuffer block = pool.take();
        if (block == null) {
            full(limit);
            return null;
        }
        QueueEntry.Bytes entry = new QueueEntry.Bytes(exchange, direction, block);
        blockBytes.addAndGet(entry.size());
        entries.add(entry);
        return entry;
    }

    private boolean full(long bytes) {
        lastError = "calls came faster than the disk took them: the queue of " + bytes + " bytes was full";
        return false;
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
        return blockBytes.get() + recordBytes.get();
    }

    void done(List<QueueEntry> batch) {
        for (QueueEntry entry : batch) {
            if (entry instanceof QueueEntry.Bytes bytes) {
                blockBytes.addAndGet(-entry.size());
                pool.giveBack(bytes.take());
            } else {
                recordBytes.addAndGet(-entry.size());
            }
        }
    }

    void countRecorded(long exchanges) {
        recorded.addAndGet(exchanges);
    }

    /// Counts an exchange of which nothing is recorded.
    void countUnrecorded() {
        dropped.incrementAndGet();
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
                recorded.get(), dropped.get(), droppedBytes.get(), bytes(), Optional.ofNullable(lastError));
    }
}
