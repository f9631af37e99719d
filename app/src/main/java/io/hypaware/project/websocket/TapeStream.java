package io.hypaware.project.websocket;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/// The bytes of one side of a connection, taken out of the records in which the gateway writes them: a time in
/// microseconds (8 bytes), a length (4 bytes), the bytes. One that is torn or no record ends the stream.
final class TapeStream extends InputStream {

    private final DataInputStream records;
    private long micros;
    private int left;

    TapeStream(InputStream records) {
        this.records = new DataInputStream(new BufferedInputStream(records, 1 << 16));
    }

    /// When the last byte that was read had passed.
    long micros() {
        return micros;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        while (left == 0) {
            if (!nextRecord()) {
                return -1;
            }
        }
        int count = records.read(target, offset, Math.min(length, left));
        left -= Math.max(0, count);
        return count;
    }

    private boolean nextRecord() throws IOException {
        try {
            micros = records.readLong();
            int length = records.readInt();
            left = Math.max(0, length);
            return length >= 0;
        } catch (EOFException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        records.close();
    }
}
