package io.hypaware.read;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A part of a time. What is gathered of each call has to fit in memory, so that a long time is asked for in parts.
///
/// @param until not in it any more; nothing if it lasts
record Slice(Instant from, Optional<Instant> until) {

    /// What a day of two thousand calls takes while it is added up.
    private static final long DAY_BYTES = 9_000_000;

    private static final int MOST_DAYS = 31;

    static Slice since(Instant from) {
        return new Slice(from, Optional.empty());
    }

    /// Parts of all that is since a moment, of as many recorded days each as fit, in their order.
    ///
    /// @param days that are recorded, the newest first
    /// @param memoryBytes of a query
    static List<Slice> since(Instant from, List<LocalDate> days, long memoryBytes) {
        int daysOfOne = Math.clamp(memoryBytes / DAY_BYTES, 1, MOST_DAYS);
        List<Instant> ends = new ArrayList<>();
        List<LocalDate> all = Recorded.daysSince(days, from).reversed();
        for (int i = daysOfOne; i < all.size(); i += daysOfOne) {
            ends.add(all.get(i).atStartOfDay(ZoneOffset.UTC).toInstant());
        }
        List<Slice> slices = new ArrayList<>();
        Instant begin = from;
        for (Instant end : ends) {
            slices.add(new Slice(begin, Optional.of(end)));
            begin = end;
        }
        slices.add(since(begin));
        return slices;
    }

    /// The same and a while before and after it.
    Slice wider(Duration by) {
        return new Slice(from.minus(by), until.map(end -> end.plus(by)));
    }

    /// Whether a column's time is in it, as SQL.
    String has(String column) {
        return column + " >= " + Recorded.time(from)
                + until.map(end -> " and " + column + " < " + Recorded.time(end))
                        .orElse("");
    }
}
