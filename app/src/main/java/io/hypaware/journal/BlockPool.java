package io.hypaware.journal;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The memory of the recorder's queue: blocks that are used again and again. They grow old once, so that the garbage
/// collector, whose pauses every call feels, never has to move what waits for the disk.
final class BlockPool {

    static final int BLOCK_BYTES = 16 * 1024;

    private final ConcurrentLinkedQueue<byte[]> free = new ConcurrentLinkedQueue<>();
    private final AtomicInteger made = new AtomicInteger();
    private final int most;

    BlockPool(long limitBytes) {
        this.most = (int) Math.max(4, limitBytes / BLOCK_BYTES);
    }

    /// A block, or null if all are in use.
    byte @Nullable [] take() {
        byte[] block = free.poll();
        if (block != null) {
            return block;
        }
        if (made.get() < most && made.incrementAndGet() <= most) {
            return new byte[BLOCK_BYTES];
        }
        return null;
    }

    void giveBack(byte[] block) {
        free.add(block);
    }
}
