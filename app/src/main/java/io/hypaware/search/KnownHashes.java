package io.hypaware.search;

import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.FixedBitSet;
import org.apache.lucene.util.StringHelper;

/// Which hashes surely are not among those that were put in: a Bloom filter of fixed size. Of ten million, it still
/// knows
/// four of five.
final class KnownHashes {

    private static final int BITS = 1 << 25;
    private static final int PLACES = 3;
    private static final int SECOND = 0x5bd1e995;

    private final FixedBitSet bits = new FixedBitSet(BITS);

    void put(BytesRef hash) {
        int first = StringHelper.murmurhash3_x86_32(hash, 0);
        int step = StringHelper.murmurhash3_x86_32(hash, SECOND);
        for (int i = 0; i < PLACES; i++) {
            bits.set(place(first, step, i));
        }
    }

    /// Never false for one that was put in.
    boolean mayHave(BytesRef hash) {
        int first = StringHelper.murmurhash3_x86_32(hash, 0);
        int step = StringHelper.murmurhash3_x86_32(hash, SECOND);
        for (int i = 0; i < PLACES; i++) {
            if (!bits.get(place(first, step, i))) {
                return false;
            }
        }
        return true;
    }

    private static int place(int first, int step, int number) {
        return (first + number * step) & (BITS - 1);
    }
}
