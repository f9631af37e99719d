package io.hypaware.journal;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;

/// Joins the pieces of one body after the other to frames of up to [#FRAME_BYTES] and inserts them. Its buffers serve
/// all exchanges in turn; owned by the writer thread.
final class FrameWriter {

    static final int FRAME_BYTES = 64 * 1024;

    private final Connection connection;
    private final byte[][] buffers = new byte[2][FRAME_BYTES];
    private final int[] lengths = new int[2];

    FrameWriter(Connection connection) {
        this.connection = connection;
    }

    /// Adds bytes of a body; returns how many frames became full and were written.
    ///
    /// @param nextKey the key of the next frame of this body
    int append(Direction direction, long nextKey, ByteBuffer bytes) throws SQLException {
        int i = direction.number();
        int frames = 0;
        while (bytes.hasRemaining()) {
            int length = Math.min(bytes.remaining(), FRAME_BYTES - lengths[i]);
            bytes.get(buffers[i], lengths[i], length);
            lengths[i] += length;
            if (lengths[i] == FRAME_BYTES) {
                insert(nextKey + frames, buffers[i]);
                lengths[i] = 0;
                frames++;
            }
        }
        return frames;
    }

    /// Writes what is left of a body; returns how many frames that were, one or none.
    int flush(Direction direction, long nextKey) throws SQLException {
        int i = direction.number();
        if (lengths[i] == 0) {
            return 0;
        }
        insert(nextKey, Arrays.copyOf(buffers[i], lengths[i]));
        lengths[i] = 0;
        return 1;
    }

    /// Forgets what was not written.
    void discard() {
        Arrays.fill(lengths, 0);
    }

    private void insert(long key, byte[] frame) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO frame (id, bytes) VALUES (?, ?)")) {
            insert.setLong(1, key);
            insert.setBytes(2, frame);
            insert.executeUpdate();
        }
    }
}
