package io.hypaware.journal;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// What waits for the writer thread.
sealed interface QueueEntry {

    /// Heap that an entry takes beside its headers, about.
    int ENTRY_BYTES = 256;

    /// Heap that a header takes beside its characters, about.
    int HEADER_BYTES = 120;

    record Begin(ExchangeRecord exchange) implements QueueEntry {}

    record Head(ExchangeRecord exchange, ResponseHead head) implements QueueEntry {}

    /// A block of the pool with bytes of one body. The caller's side adds to it until the writer thread takes it, so
    /// that the many small events of an answer share a block.
    final class Bytes implements QueueEntry {

        private final ExchangeRecord exchange;
        private final Direction direction;
        private final ByteBuffer block;
        private boolean taken;

        Bytes(ExchangeRecord exchange, Direction direction, ByteBuffer block) {
            this.exchange = exchange;
            this.direction = direction;
            this.block = block;
        }

        Direction direction() {
            return direction;
        }

        ExchangeRecord exchange() {
            return exchange;
        }

        /// Adds what there is room for and returns how many bytes that were: none once the block is taken or full.
        synchronized int add(Chunk chunk, int from, int length) {
            if (taken) {
                return 0;
            }
            int count = Math.min(length, block.remaining());
            int room = block.limit();
            chunk.copyTo(from, block.limit(block.position() + count));
            block.limit(room);
            return count;
        }

        /// What was added, for reading; nothing can be added from now on.
        synchronized ByteBuffer take() {
            if (!taken) {
                taken = true;
                block.flip();
            }
            return block;
        }
    }

    /// Bytes of one body that wait in the queue's file.
    record Spilled(ExchangeRecord exchange, Direction direction, Spill.Place place, int length) implements QueueEntry {}

    record End(ExchangeRecord exchange, ExchangeEnd end) implements QueueEntry {}

    /// A request of an exporter, with what is told once it is on disk, or is not.
    record Telemetry(TelemetryRequest request, CompletableFuture<Void> written) implements QueueEntry {}

    record Stop() implements QueueEntry {}

    /// The exchange it concerns; none for [Telemetry] and [Stop].
    default Optional<ExchangeRecord> about() {
        return switch (this) {
            case Begin begin -> Optional.of(begin.exchange());
            case Head head -> Optional.of(head.exchange());
            case Bytes bytes -> Optional.of(bytes.exchange());
            case Spilled spilled -> Optional.of(spilled.exchange());
            case End end -> Optional.of(end.exchange());
            case Telemetry _, Stop _ -> Optional.empty();
        };
    }

    /// Memory this entry takes, about: heap, or for [Bytes] its block.
    default long size() {
        return switch (this) {
            case Begin begin ->
                ENTRY_BYTES
                        + begin.exchange().pathLength()
                        + size(begin.exchange().headers());
            case Head head -> ENTRY_BYTES + size(head.head().headers());
            case Bytes bytes -> bytes.block.capacity();
            // The receiver has a budget of its own for bodies of telemetry.
            case Spilled _, End _, Telemetry _, Stop _ -> ENTRY_BYTES;
        };
    }

    /// Bytes of a body that it stands for.
    default long bodyBytes() {
        return switch (this) {
            case Bytes bytes -> bytes.take().limit();
            case Spilled spilled -> spilled.length();
            case Begin _, Head _, End _, Telemetry _, Stop _ -> 0;
        };
    }

    /// Takes requests of exporters out of a batch.
    static List<Telemetry> takeTelemetry(List<QueueEntry> batch) {
        List<Telemetry> telemetry = batch.stream()
                .filter(Telemetry.class::isInstance)
                .map(Telemetry.class::cast)
                .toList();
        batch.removeIf(Telemetry.class::isInstance);
        return telemetry;
    }

    private static long size(List<Header> headers) {
        long size = 0;
        for (Header header : headers) {
            size += HEADER_BYTES + header.name().length() + header.value().length();
        }
        return size;
    }
}
