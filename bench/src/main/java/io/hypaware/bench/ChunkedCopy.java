package io.hypaware.bench;

import io.hypaware.dataset.Hashes;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/// What would be kept of the same bodies if they were cut by content alone, as FastCDC does (Xia et al., USENIX ATC
/// 2016): a rolling gear hash, a stricter mask before the average size than after it.
final class ChunkedCopy {

    private static final int LEAST = 1_024;
    private static final int AVERAGE = 4_096;
    private static final int MOST = 32_768;
    private static final long STRICT = 0x0003590703530000L;
    private static final long LOOSE = 0x0000d90003530000L;
    private static final int HASH_BYTES = 32;

    private final long[] gear = new Random(1).longs(256).toArray();
    private final Set<String> known = new HashSet<>();
    private long newBytes;
    private long hashBytes;

    void add(byte[] body) {
        int begin = 0;
        while (begin < body.length) {
            int end = end(body, begin);
            if (known.add(Hashes.sha256(Arrays.copyOfRange(body, begin, end)))) {
                newBytes += end - begin;
            }
            hashBytes += HASH_BYTES;
            begin = end;
        }
    }

    private int end(byte[] body, int begin) {
        long hash = 0;
        int last = Math.min(body.length, begin + MOST);
        for (int i = Math.min(body.length, begin + LEAST); i < last; i++) {
            hash = (hash << 1) + gear[body[i] & 0xff];
            if ((hash & (i - begin < AVERAGE ? STRICT : LOOSE)) == 0) {
                return i;
            }
        }
        return last;
    }

    @Override
    public String toString() {
        return "%,d KB of new chunks and %,d KB of hashes".formatted(newBytes / 1000, hashBytes / 1000);
    }
}
