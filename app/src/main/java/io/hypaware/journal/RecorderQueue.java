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

    /// Each event loop's way from a lent piece into a block.
    private static final ThreadLocal<byte[]> SCRATCH = ThreadLocal.withInitial(() -> new byte[BlockPool.BLOCK_BYTES]);

    private final LinkedBlockingQueue<QueueEntry> entries = new LinkedBlockingQueue<>();
    private final AtomicLong bytes = new AtomicLong();
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
        entries.add(entry);
    }

    /// Copies part of a piece into an array of its size; false if there is no room.
    boolean offerSmall(ExchangeRecord exchange, Direction direction, Piece piece, int from, int length) {
        if (bytes.get() + length > limit) {
            return full();
        }
        byte[] copy = new byte[length];
        piece.copyTo(from, copy, length);
        enqueue(new QueueEntry.Bytes(exchange, direction, ByteBuffer.wrap(copy), false));
        return true;
    }

    /// Copies part of a piece into a block of the pool; false if all are in use.
    boolean offerBlock(ExchangeRecord exchange, Direction direction, Piece piece, int from, int length) {
        ByteBuffer block = pool.take();
        if (block == null) {
            return full();
        }
        byte[] scratch = SCRATCH.get();
        piece.copyTo(from, scratch, length);
        block.put(scratch, 0, length).flip();
        enqueue(new QueueEntry.Bytes(exchange, direction, block, true));
        return true;
    }

    private void enqueue(QueueEntry.Bytes entry) {
        bytes.addAndGet(entry.size());
        entries.add(entry);
    }

    private boolean full() {
        lastError = "calls came faster than the disk took them: the queue of " + limit + " bytes was full";
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
        return bytes.get();
    }

    void done(List<QueueEntry> batch) {
        for (QueueEntry entry : batch) {
            bytes.addAndGet(-entry.size());
            if (entry instanceof QueueEntry.Bytes b && b.pooled()) {
                pool.giveBack(b.bytes());
            }
        }
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
