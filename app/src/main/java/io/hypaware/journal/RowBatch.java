package io.hypaware.journal;

import java.util.List;
import java.util.Optional;

/// Rows of a dataset that go to a receiver together, however often that is tried.
///
/// @param number of the batches of this dataset that went there, from 1
/// @param range which rows; of a release all that it is made of
/// @param released rows that were left out before, each of one session; none for what goes for the first time
/// @param keys under which an earlier attempt may have left something
public record RowBatch(String dataset, long number, RowRange range, List<Withheld> released, List<String> keys) {

    /// Positions of rows, the first one not included.
    ///
    /// @param day in days since the epoch, where only rows of that day are meant
    public record RowRange(long after, long last, Optional<Integer> day) {

        /// Rows that the journal gave positions, in the order in which they were committed.
        public static RowRange positions(long after, long last) {
            return new RowRange(after, last, Optional.empty());
        }

        /// Rows of a partition of an older cache, which have its number, negative, in place of a position.
        public static RowRange adopted(int number, int day) {
            return new RowRange(-number - 1L, -number, Optional.of(day));
        }

        public boolean isAdopted() {
            return last < 0;
        }
    }

    /// Rows of a session that stayed on this machine.
    ///
    /// @param session empty for rows that name none
    public record Withheld(String session, RowRange range) {}

    public RowBatch {
        released = List.copyOf(released);
        keys = List.copyOf(keys);
    }

    /// Whether it is made of what was left out before. Of that nothing may be left, as it was purged.
    public boolean isRelease() {
        return range.last() == 0;
    }

    /// What this batch is called, among those of its journal and dataset.
    public String name() {
        if (isRelease()) {
            return "released-%010d".formatted(number);
        }
        return range.isAdopted()
                ? "adopted-%06d".formatted(-range.last())
                : "%012d-%012d".formatted(range.after() + 1, range.last());
    }
}
