package io.hypaware.gateway;

import io.hypaware.journal.Chunk;
import io.hypaware.journal.ExchangeEnd;
import io.hypaware.journal.Micros;
import io.hypaware.journal.Outcome;
import io.hypaware.journal.Recording;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Records a connection that was upgraded: what passes each way, as it stands on the wire, in records of
/// a time (8 bytes: microseconds since 1970, greater with each record of the connection), a length (4 bytes), and the
/// bytes.
///
/// A recording that becomes long, or has lost something, is followed by another one at a point between messages. Used
/// on
/// one event loop.
final class WireTape {

    /// A recording is read whole, once more for each look at it, so that it should not be long.
    private static final long LONG_BYTES = 8L << 20;

    /// Where nothing is kept for want of room, a new recording each time would make it worse.
    private static final long LEAST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int HEAD_BYTES = 12;

    private final Clock clock;
    private final Supplier<Recording> next;
    private Recording recording;
    private long lastMicros;
    private long turnedNanos = System.nanoTime();
    private long requestBytes;
    private long responseBytes;

    /// @param next begins a further recording of the same connection
    WireTape(Clock clock, Recording first, Supplier<Recording> next) {
        this.clock = clock;
        this.recording = first;
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

    /// Between two messages: goes on in a further recording, if it is time for one.
    void turn() {
        boolean due = requestBytes + responseBytes >= LONG_BYTES || recording.isBroken();
        if (!due || System.nanoTime() - turnedNanos < LEAST_NANOS) {
            return;
        }
        turnedNanos = System.nanoTime();
        end(Outcome.COMPLETED, "gateway", Optional.of("the connection goes on in the next exchange of it"));
        recording = next.get();
        requestBytes = 0;
        responseBytes = 0;
    }

    void end(Outcome outcome, String closedBy, Optional<String> error) {
        recording.end(new ExchangeEnd(clock.instant(), outcome, closedBy, requestBytes, responseBytes, error));
    }

    private Chunk record(byte[] bytes) {
        lastMicros = Math.max(lastMicros + 1, Micros.of(clock.instant()));
        byte[] record = new byte[HEAD_BYTES + bytes.length];
        ByteBuffer.wrap(record).putLong(lastMicros).putInt(bytes.length).put(bytes);
        return Chunk.of(record);
    }
}
