package io.hypaware.gateway;

import io.hypaware.journal.Chunk;
import io.hypaware.journal.ExchangeEnd;
import io.hypaware.journal.Micros;
import io.hypaware.journal.Outcome;
import io.hypaware.journal.Recording;
import io.hypaware.journal.ResponseHead;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Records a connection that was upgraded: what passes each way, as it stands on the wire, in records of
/// a time (8 bytes: microseconds since 1970, greater with each record of the connection), a length (4 bytes), and the
/// bytes.
///
/// A recording that becomes long, or has lost something, is followed by another one at a point between
/// messages. Used on one event loop.
final class WireTape {

    /// A recording is read whole, once more for each look at it, so that it should not be long.
    private static final long LONG_BYTES = 8L << 20;

    /// Where nothing is kept for want of room, a new recording each time would make it worse.
    private static final long LEAST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int HEAD_BYTES = 12;

    private final Clock clock;
    private final Redaction redaction;
    private final ResponseHead head;
    private final Supplier<Recording> next;
    private Recording recording;
    private long lastMicros;
    private long turnedNanos = System.nanoTime();
    private long requestBytes;
    private long responseBytes;

    /// @param head of the answer that agreed to the upgrade; by it every recording is known for what it is
    /// @param next begins a further recording of the same connection
    WireTape(Call.Context context, Recording first, ResponseHead head, Supplier<Recording> next) {
        this.clock = context.clock();
        this.redaction = context.redaction();
        this.recording = first;
        this.head = head;
        first.responseHead(head);
        this.next = next;
    }

    void request(byte[] bytes) {
        requestBytes += bytes.length;
        recording.requestBytes(record(bytes));
    }

    void response(byte[] bytes) {
        responseBytes += bytes.length;
        recording.responseBytes(record(bytes));
    }

    /// Bytes of this recording, the client's and the provider's.
    long requestBytes() {
        return requestBytes;
    }

    long responseBytes() {
        return responseBytes;
    }

    /// Where the client begins a message: goes on in a further recording, if it is time for one.
    void rollOver() {
        boolean isLong = requestBytes + responseBytes >= LONG_BYTES;
        boolean again = recording.isBroken() && System.nanoTime() - turnedNanos > LEAST_NANOS;
        if (!isLong && !again) {
            return;
        }
        turnedNanos = System.nanoTime();
        end(Outcome.COMPLETED, "gateway", Optional.of("the connection goes on in the next exchange of it"));
        recording = next.get();
        recording.responseHead(head);
        requestBytes = 0;
        responseBytes = 0;
    }

    void end(Outcome outcome, String closedBy, Optional<String> error) {
        recording.end(new ExchangeEnd(
                clock.instant(), outcome, closedBy, requestBytes, responseBytes, error.map(redaction::text)));
    }

    private Chunk record(byte[] bytes) {
        lastMicros = Math.max(lastMicros + 1, Micros.of(clock.instant()));
        byte[] record = new byte[HEAD_BYTES + bytes.length];
        ByteBuffer.wrap(record).putLong(lastMicros).putInt(bytes.length).put(bytes);
        return Chunk.of(record);
    }
}
