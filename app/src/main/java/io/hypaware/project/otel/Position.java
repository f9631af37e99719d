package io.hypaware.project.otel;

/// How far a reading of a request is.
///
/// @param records that are done with
/// @param points of the metric behind them that are
record Position(long records, int points) {

    private static final int RECORD_BITS = 32;

    static Position of(long number) {
        return new Position(number & ((1L << RECORD_BITS) - 1), (int) (number >>> RECORD_BITS));
    }

    long number() {
        return (long) points << RECORD_BITS | records;
    }
}
