package io.hypaware.journal;

/// Which of an exchange's two bodies a frame belongs to.
public enum Direction {
    REQUEST(0),
    RESPONSE(1);

    private static final int NUMBER_BITS = 23;
    private static final int EXCHANGE_SHIFT = NUMBER_BITS + 1;

    private final int number;

    Direction(int number) {
        this.number = number;
    }

    /// 0 or 1, part of a frame's key.
    int number() {
        return number;
    }

    /// The key of the first frame of this body.
    long firstKey(long exchangeSeq) {
        return exchangeSeq << EXCHANGE_SHIFT | (long) number << NUMBER_BITS;
    }

    /// One past the key of the last frame of this body.
    long endKey(long exchangeSeq) {
        return firstKey(exchangeSeq) + (1L << NUMBER_BITS);
    }
}
