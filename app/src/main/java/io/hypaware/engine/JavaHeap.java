package io.hypaware.engine;

/// Keeps a process small that works for long with little alive: its collector takes all the heap that it may before it
/// looks for garbage, and that stands beside the engine's memory.
public final class JavaHeap {

    /// Looking for garbage takes some 50 ms; this much is worth it.
    private static final long WORTH_COLLECTING = 24L << 20;

    private static final long SMALL = 24L << 20;

    private static volatile long leastBytes = SMALL;

    private JavaHeap() {}

    /// Collects garbage if the heap has grown by much since that was last done. Cheap enough for each row.
    public static void keepSmall() {
        long bytes = Runtime.getRuntime().totalMemory();
        if (bytes - leastBytes > WORTH_COLLECTING) {
            System.gc();
            leastBytes = Math.max(SMALL, Runtime.getRuntime().totalMemory());
        } else if (bytes < leastBytes) {
            leastBytes = Math.max(SMALL, bytes);
        }
    }
}
