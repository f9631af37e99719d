package io.hypaware.journal;

import java.nio.ByteBuffer;
import java.util.Optional;

/// What waits for the writer thread.
sealed interface QueueEntry {

    record Begin(ExchangeRecord exchange) implements QueueEntry {}

    record Head(ExchangeRecord exchange, ResponseHead head) implements QueueEntry {}

    /// @param pooled whether the buffer is a block of the pool, to be given back
    record Bytes(ExchangeRecord exchange, Direction direction, ByteBuffer bytes, boolean pooled)
            implements QueueEntry {}

    record End(ExchangeRecord exchange, ExchangeEnd end) implements QueueEntry {}

    record Stop() implements QueueEntry {}

    /// The exchange it concerns; none for [Stop].
    default Optional<ExchangeRecord> about() {
        return switch (this) {
            case Begin begin -> Optional.of(begin.exchange());
            case Head head -> Optional.of(head.exchange());
            case Bytes bytes -> Optional.of(bytes.exchange());
            case End end -> Optional.of(end.exchange());
            case Stop _ -> Optional.empty();
        };
    }

    /// Memory this entry takes of the queue's limit. Begin, head and end are bounded by the number of open calls.
    default long size() {
        return this instanceof Bytes b ? b.bytes.capacity() + 96 : 0;
    }
}
