package io.hypaware.journal;

import java.nio.ByteBuffer;

/// Bytes that just passed, in a buffer that belongs to someone else and is only lent for the call.
public interface Chunk {

    int length();

    /// Copies bytes from `from` on, as many as the target has room for.
    void copyTo(int from, ByteBuffer target);

    /// A chunk of an array.
    static Chunk of(byte[] bytes) {
        return new Chunk() {
            @Override
            public int length() {
                return bytes.length;
            }

            @Override
            public void copyTo(int from, ByteBuffer target) {
                target.put(bytes, from, target.remaining());
            }
        };
    }
}
