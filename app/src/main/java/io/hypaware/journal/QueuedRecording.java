package io.hypaware.journal;

/// The caller's side of a recording: counts, cuts at the cap, and drops when the queue is full.
/// Used by one thread at a time.
final class QueuedRecording implements Recording {

    /// Pieces up to this, such as events, get an array of their own size; they would waste most of a block.
    private static final int SMALL_BYTES = BlockPool.BLOCK_BYTES / 2;

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
    public void requestBytes(Piece piece) {
        offer(Direction.REQUEST, piece);
    }

    @Override
    public void responseBytes(Piece piece) {
        offer(Direction.RESPONSE, piece);
    }

    @Override
    public void responseHead(ResponseHead head) {
        queue.add(new QueueEntry.Head(exchange, head));
    }

    @Override
    public void end(ExchangeEnd end) {
        queue.add(new QueueEntry.End(exchange, end));
    }

    private void offer(Direction direction, Piece piece) {
        int length = piece.length();
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
        int from = 0;
        while (from < kept) {
            int count = Math.min(kept - from, BlockPool.BLOCK_BYTES);
            boolean taken = count <= SMALL_BYTES
                    ? queue.offerSmall(exchange, direction, piece, from, count)
                    : queue.offerBlock(exchange, direction, piece, from, count);
            if (!taken) {
                queue.countDropped(exchange, length - from);
                return;
            }
            from += count;
        }
    }
}
