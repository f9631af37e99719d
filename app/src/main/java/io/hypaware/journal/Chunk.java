package io.hypaware.journal;

/// Bytes that just passed, in a buffer that belongs to someone else and is only lent for the call.
public interface Chunk {

    int length();

    /// Copies `length` bytes from `from` on into the target.
    void copyTo(int from, byte[] target, int length);

    /// A chunk of an array.
    static Chunk of(byte[] bytes) {
        return new Chunk() {
            @Override
            public int length() {
                return bytes.length;
            }

            @Override
            public void copyTo(int from, byte[] target, int length) {
                System.arraycopy(bytes, from, target, 0, length);
            }
        };
    }
}
