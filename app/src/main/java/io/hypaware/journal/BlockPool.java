package io.hypaware.journal;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// The memory of the recorder's queue: blocks outside of the heap that are used again and again, so that what waits for
/// the disk is nothing to the garbage collector, whose pauses every call feels.
final class BlockPool {

    /// Small, because a short question and a short answer take one each.
    static final int BLOCK_BYTES = 4 * 1024;

    private static final int SLAB_BLOCKS = 128;

    private final ConcurrentLinkedQueue<ByteBuffer> free = new ConcurrentLinkedQueue<>();
    private final long limit;
    private long made;

    BlockPool(long limitBytes) {
        this.limit = limitBytes;
    }

    /// A block, or null if all are in use.
    @Nullable
    ByteBuffer take() {
        ByteBuffer block = free.poll();
        return block == null ? more() : block;
    }

    void giveBack(ByteBuffer block) {
        block.clear();
        free.add(block);
    }

    private synchronized @Nullable ByteBuffer more() {
        ByteBuffer returned = free.poll();
        if (returned != null || made + SLAB_BLOCKS * BLOCK_BYTES > limit) {
            return returned;
        }
        ByteBuffer slab = ByteBuffer.allocateDirect(SLAB_BLOCKS * BLOCK_BYTES);
        made += slab.capacity();
        for (int i = 1; i < SLAB_BLOCKS; i++) {
            free.add(slab.slice(i * BLOCK_BYTES, BLOCK_BYTES));
        }
        return slab.slice(0, BLOCK_BYTES);
    }
}
