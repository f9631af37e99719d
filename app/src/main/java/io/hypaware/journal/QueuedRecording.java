package io.hypaware.journal;

import java.util.Arrays;

/// The caller's side of a recording: counts, cuts at the cap, and drops when the queue is full.
/// Used by one thread at a time.
final class QueuedRecording implements Recording {

    private final RecorderQueue queue;
    private final ExchangeRecord exchange;
    private final long bodyLimit;
    private final long[] offered = new long[2];

    QueuedRecording(RecorderQueue queue, ExchangeRecord exchange, long bodyLimit) {
        this.queue = queue;
        this.exchange = exchange;
        this.bodyLimit = bodyLimit;
    }

    @Override
    public void requestBytes(byte[] bytes) {
        offer(Direction.REQUEST, bytes);
    }

    @Override
    public void responseBytes(byte[] bytes) {
        offer(Direction.RESPONSE, bytes);
    }

    @Override
    public void responseHead(ResponseHead head) {
        queue.add(new QueueEntry.Head(exchange, head));
    }

    @Override
    public void end(ExchangeEnd end) {
        queue.add(new QueueEntry.End(exchange, end));
    }

    private void offer(Direction direction, byte[] bytes) {
        if (exchange.isDropped()) {
            queue.countDropped(exchange, bytes.length);
            return;
        }
        long room = bodyLimit - offered[direction.number()];
        offered[direction.number()] += bytes.length;
        if (bytes.length > room) {
            exchange.markTruncated();
            if (room <= 0) {
                return;
            }
        }
        byte[] kept = bytes.length > room ? Arrays.copyOf(bytes, (int) room) : bytes;
        if (!queue.offer(new QueueEntry.Bytes(exchange, direction, kept))) {
            queue.countDropped(exchange, kept.length);
        }
    }
}
