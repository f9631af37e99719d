package io.hypaware.journal;

import java.io.InputStream;
import java.sql.ResultSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A body read from its frames, one frame in memory at a time.
final class FrameStream extends InputStream {

    private final Statements statements;
    private final long endKey;
    private long nextKey;
    private byte[] frame = new byte[0];
    private int position;

    /// @param mostFrames those after them are not read
    FrameStream(Statements statements, long exchangeSeq, Direction direction, long mostFrames) {
        this.statements = statements;
        this.nextKey = direction.firstKey(exchangeSeq);
        this.endKey = mostFrames == Long.MAX_VALUE
                ? direction.endKey(exchangeSeq)
                : Math.min(direction.endKey(exchangeSeq), direction.firstKey(exchangeSeq) + mostFrames);
    }

    @Override
    public int read() {
        return fill() ? frame[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, frame.length - position);
        System.arraycopy(frame, position, target, offset, count);
        position += count;
        return count;
    }

    private boolean fill() {
        while (position == frame.length) {
            byte @Nullable [] next = nextFrame();
            if (next == null) {
                return false;
            }
            frame = next;
            position = 0;
        }
        return true;
    }

    private byte @Nullable [] nextFrame() {
        return statements
                .<Optional<byte[]>>run(
                        "SELECT id, bytes FROM frame WHERE id >= ? AND id < ? ORDER BY id LIMIT 1", statement -> {
                            statement.setLong(1, nextKey);
                            statement.setLong(2, endKey);
                            try (ResultSet row = statement.executeQuery()) {
                                if (!row.next()) {
                                    return Optional.empty();
                                }
                                nextKey = row.getLong(1) + 1;
                                return Optional.of(row.getBytes(2));
                            }
                        })
                .orElse(null);
    }
}
