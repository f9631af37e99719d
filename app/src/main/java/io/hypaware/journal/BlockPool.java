package io.hypaware.journal;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The memory of the recorder's queue: blocks outside of the heap that are used again and again, so that what waits for
/// the disk is nothing to the garbage collector, whose pauses every call feels.
final class BlockPool {

    static final int BLOCK_BYTES = 16 * 1024;

    private final ConcurrentLinkedQueue<ByteBuffer> free = new ConcurrentLinkedQueue<>();
    private final AtomicInteger made = new AtomicInteger();
    private final int most;

    BlockPool(long limitBytes) {
        this.most = (int) Math.max(4, limitBytes / BLOCK_BYTES);
    }

    /// A block, or null if all are in use.
    @Nullable
    ByteBuffer take() {
        ByteBuffer block = free.poll();
        if (block != null) {
            return block;
        }
        if (made.get() < most && made.incrementAndGet() <= most) {
            return ByteBuffer.allocateDirect(BLOCK_BYTES);
        }
        return null;
    }

    void giveBack(ByteBuffer block) {
        block.clear();
        free.add(block);
    }
}
