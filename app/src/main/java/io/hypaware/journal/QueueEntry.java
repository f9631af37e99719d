package io.hypaware.journal;

/// What waits for the writer thread.
sealed interface QueueEntry {

    /// What an entry costs in memory beside its bytes.
    int ENTRY_BYTES = 96;

    record Begin(ExchangeRecord exchange) implements QueueEntry {}

    record Head(ExchangeRecord exchange, ResponseHead head) implements QueueEntry {}

    record Bytes(ExchangeRecord exchange, Direction direction, byte[] bytes) implements QueueEntry {}

    record End(ExchangeRecord exchange, ExchangeEnd end) implements QueueEntry {}

    record Stop() implements QueueEntry {}

    /// What this entry takes of the queue's limit. Begin, head and end are bounded by the number of open calls.
    default long size() {
        return this instanceof Bytes b ? b.bytes.length + ENTRY_BYTES : 0;
    }
}
