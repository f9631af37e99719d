package io.hypaware.payload;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/// Hands a body over in pieces: its elements, and what is between them. None is larger than [#MOST_BYTES].
public final class Pieces {

    /// Takes one piece after the other.
    @FunctionalInterface
    public interface Sink {
        void accept(byte[] piece) throws IOException;
    }

    static final int MOST_BYTES = 1 << 20;

    /// Most pieces are small; the buffer grows to the largest.
    private static final int FIRST_BYTES = 16 << 10;

    private final InputStream body;
    private final Sink sink;
    private byte[] buffer = new byte[FIRST_BYTES];
    private int held;

    private Pieces(InputStream body, Sink sink) {
        this.body = body;
        this.sink = sink;
    }

    /// Reads a body to its end.
    public static void read(InputStream body, Cuts cuts, Sink sink) throws IOException {
        Pieces pieces = new Pieces(body, sink);
        long at = 0;
        for (Cuts.Element element : cuts.elements()) {
            if (element.start() < at) {
                continue;
            }
            pieces.range(element.start() - at, false);
            pieces.range(element.end() - element.start(), element.string());
            at = element.end();
        }
        pieces.range(Long.MAX_VALUE, false);
    }

    private void range(long bytes, boolean string) throws IOException {
        long left = bytes;
        while (left > 0) {
            if (held == buffer.length) {
                buffer = Arrays.copyOf(buffer, Math.min(MOST_BYTES, 4 * buffer.length));
            }
            int count = body.readNBytes(buffer, held, (int) Math.min(left, buffer.length - held));
            held += count;
            left -= count;
            if (count == 0) {
                break;
            }
            if (left > 0 && held == MOST_BYTES) {
                emit(wholeCharacters());
            }
        }
        if (string) {
            emit(withoutSeparator());
        }
        emit(held);
    }

    /// How many of the bytes held end with a whole character of UTF-8.
    private int wholeCharacters() {
        int end = held;
        while (end > held - 4 && (buffer[end - 1] & 0xc0) == 0x80) {
            end--;
        }
        int lead = buffer[end - 1] & 0xff;
        int needed = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
        return held - (end - 1) >= needed ? held : end - 1;
    }

    /// How many of the bytes held are the string, without what separates it from the next token.
    private int withoutSeparator() {
        int end = held;
        while (end > 0 && buffer[end - 1] != '"') {
            end--;
        }
        return end;
    }

    private void emit(int count) throws IOException {
        if (count > 0) {
            sink.accept(Arrays.copyOf(buffer, count));
            System.arraycopy(buffer, count, buffer, 0, held - count);
            held -= count;
        }
    }
}
