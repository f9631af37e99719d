package io.hypaware.journal;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// The caller's side of a recording: counts, cuts at the cap, and drops when the queue is full.
/// Used by one thread at a time.
final class QueuedRecording implements Recording {

    /// Each event loop's way from a lent chunk into the queue's file.
    private static final ThreadLocal<byte[]> SCRATCH = ThreadLocal.withInitial(() -> new byte[BlockPool.BLOCK_BYTES]);

    private final RecorderQueue queue;
    private final ExchangeRecord exchange;
    private final long bodyLimit;
    private final long[] offered = new long[2];
    private final QueueEntry.@Nullable Bytes[] open = new QueueEntry.Bytes[2];

    QueuedRecording(RecorderQueue queue, ExchangeRecord exchange, long bodyLimit) {
        this.queue = queue;
        this.exchange = exchange;
        this.bodyLimit = bodyLimit;
    }

    @Override
    public void requestBytes(Chunk chunk) {
        offer(Direction.REQUEST, chunk);
    }

    @Override
    public void responseBytes(Chunk chunk) {
        offer(Direction.RESPONSE, chunk);
    }

    @Override
    public void responseHead(ResponseHead head) {
        queue.add(new QueueEntry.Head(exchange, head));
    }

    @Override
    public boolean isBroken() {
        return exchange.isDropped() || exchange.isTruncated();
    }

    @Override
    public void end(ExchangeEnd end) {
        queue.add(new QueueEntry.End(exchange, end));
    }

    private void offer(Direction direction, Chunk chunk) {
        int length = chunk.length();
        if (exchange.isDropped()) {
            queue.countDropped(exchange, length);
            return;
        }
        long room = bodyLimit - offered[direction.number()];
        offered[direction.number()] += length;
        int kept = Math.clamp(room, 0, length);
        if (kept < length) {
            exchange.markTruncated();
        }
        int from = append(direction, chunk, 0, kept);
        while (from < kept) {
            QueueEntry.@Nullable Bytes next = queue.block(exchange, direction);
            open[direction.number()] = next;
            if (next == null) {
                byte[] scratch = SCRATCH.get();
                int count = Math.min(kept - from, scratch.length);
                chunk.copyTo(from, ByteBuffer.wrap(scratch, 0, count));
                if (!queue.spill(exchange, direction, scratch, count)) {
                    queue.countDropped(exchange, length - from);
                    return;
                }
                from += count;
                continue;
            }
            from = append(direction, chunk, from, kept);
        }
    }

    /// Adds to the block under way what it has room for; returns how far into the chunk that is.
    private int append(Direction direction, Chunk chunk, int from, int to) {
        QueueEntry.@Nullable Bytes block = open[direction.number()];
        return block == null ? from : from + block.add(chunk, from, to - from);
    }
}
