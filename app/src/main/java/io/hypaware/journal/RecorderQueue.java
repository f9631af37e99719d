package io.hypaware.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
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

    /// An error of longer ago says nothing of now.
    private static final long OLD_NANOS = 3_600_000_000_000L;

    private final LinkedBlockingQueue<QueueEntry> entries = new LinkedBlockingQueue<>();
    private final AtomicLong blockBytes = new AtomicLong();
    private final AtomicLong recordBytes = new AtomicLong();
    private final AtomicLong recorded = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong droppedBytes = new AtomicLong();
    private volatile @Nullable String lastError;
    private volatile long lastErrorNanos;
    private final long limit;
    private final BlockPool pool;

    private final @Nullable Spill spill;

    /// @param spill where bytes go that memory has no room for; none if they are dropped then
    RecorderQueue(long limit, @Nullable Spill spill) {
        this.limit = limit;
        this.spill = spill;
        this.pool = new BlockPool(limit);
    }

    void add(QueueEntry entry) {
        recordBytes.addAndGet(entry.size());
        entries.add(entry);
    }

    /// Whether there is room for another exchange.
    boolean takesExchanges() {
        return recordBytes.get() < MOST_RECORD_BYTES || refuse(MOST_RECORD_BYTES);
    }

    /// Queues a new block for bytes of one body; null if all are in use.
    QueueEntry.@Nullable Bytes block(ExchangeRecord exchange, Direction direction) {
        ByteBuffer block = pool.take();
        if (block == null) {
            return null;
        }
        QueueEntry.Bytes entry = new QueueEntry.Bytes(exchange, direction, block);
        blockBytes.addAndGet(entry.size());
        entries.add(entry);
        return entry;
    }

    /// Queues bytes in the file, in place of blocks of memory; false if there is no room either. One at a time, so that
    /// the queue has them in the order of the file.
    synchronized boolean spill(ExchangeRecord exchange, Direction direction, byte[] bytes, int length) {
        Optional<Spill.Place> place = spill == null ? Optional.empty() : spill.write(bytes, length);
        if (place.isEmpty()) {
            return refuse(limit);
        }
        QueueEntry.Spilled entry = new QueueEntry.Spilled(exchange, direction, place.get(), length);
        recordBytes.addAndGet(entry.size());
        entries.add(entry);
        return true;
    }

    /// Reads what was queued in the file.
    void read(QueueEntry.Spilled entry, ByteBuffer target) throws IOException {
        if (spill == null) {
            throw new IllegalStateException("nothing was spilled");
        }
        spill.read(entry.place().at(), target);
    }

    /// Remembers that there was no room; false.
    private boolean refuse(long bytes) {
        lastErrorNanos = System.nanoTime();
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
        return blockBytes.get() + recordBytes.get() + (spill == null ? 0 : spill.waiting());
    }

    void done(List<QueueEntry> batch) {
        for (QueueEntry entry : batch) {
            if (entry instanceof QueueEntry.Bytes bytes) {
                blockBytes.addAndGet(-entry.size());
                pool.giveBack(bytes.take());
            } else {
                if (entry instanceof QueueEntry.Spilled spilled && spill != null) {
                    spill.giveBack(spilled.place().reserved());
                }
                recordBytes.addAndGet(-entry.size());
            }
        }
    }

    /// What came after the writer's end is not written.
    void failTelemetry() {
        QueueEntry.takeTelemetry(new ArrayList<>(entries))
                .forEach(entry ->
                        entry.written().completeExceptionally(new IllegalStateException("the journal is closed")));
    }

    void countRecorded(long exchanges) {
        recorded.addAndGet(exchanges);
    }

    /// Counts an exchange of which nothing is recorded.
    void countUnrecorded() {
        dropped.incrementAndGet();
    }

    /// Counts bytes of an exchange of which nothing is recorded.
    void countLost(long bytes) {
        droppedBytes.addAndGet(bytes);
    }

    void countDropped(ExchangeRecord exchange, long lostBytes) {
        droppedBytes.addAndGet(lostBytes);
        if (exchange.markDropped()) {
            dropped.incrementAndGet();
        }
    }

    /// Remembers an error; true if it is another one than the last.
    boolean error(String message) {
        boolean other = !message.equals(lastError) || isOld();
        lastError = message;
        lastErrorNanos = System.nanoTime();
        return other;
    }

    private boolean isOld() {
        return System.nanoTime() - lastErrorNanos > OLD_NANOS;
    }

    RecorderStats stats(boolean open) {
        return new RecorderStats(
                open,
                recorded.get(),
                dropped.get(),
                droppedBytes.get(),
                bytes(),
                Optional.ofNullable(lastError).filter(_ -> !isOld()));
    }
}
