package io.hypaware.read;

import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Set;

/// Parts that are too long for two thousand of them to be in memory at once. They are told of first, and read later
/// in groups that are bounded in bytes.
final class LongParts {

    /// Text and arguments of a part that is handed over with others.
    static final int LONG_BYTES = 32 * 1024;

    private static final long GROUP_BYTES = 16L << 20;

    /// Of one query.
    private static final int GROUP_PARTS = 500;

    /// What is known of a part before its text is read.
    ///
    /// @param position what the part's row is in the order of all
    record Part(String row, long position, Instant time, long bytes, String tool) {}

    /// Parts that are read by one query, of neighbouring times.
    record Group(List<Part> parts) {

        Set<LocalDate> days() {
            return Recorded.days(parts.stream().map(Part::time).toList());
        }

        String where() {
            LongSummaryStatistics positions =
                    parts.stream().mapToLong(Part::position).summaryStatistics();
            return " where _seq between %d and %d and _row_id in (%s)"
                    .formatted(
                            positions.getMin(),
                            positions.getMax(),
                            Recorded.literals(parts.stream().map(Part::row).toList()));
        }

        /// Empty if the part has none.
        String tool(String row) {
            return parts.stream()
                    .filter(part -> part.row.equals(row))
                    .findFirst()
                    .map(Part::tool)
                    .orElse("");
        }
    }

    private final List<Part> parts = new ArrayList<>();

    void add(Part part) {
        parts.add(part);
    }

    List<Group> groups() {
        parts.sort(Comparator.comparing(Part::time));
        List<Group> groups = new ArrayList<>();
        List<Part> group = new ArrayList<>();
        long bytes = 0;
        for (Part part : parts) {
            if (!group.isEmpty() && (bytes + part.bytes > GROUP_BYTES || group.size() == GROUP_PARTS)) {
                groups.add(new Group(List.copyOf(group)));
                group.clear();
                bytes = 0;
            }
            group.add(part);
            bytes += part.bytes;
        }
        if (!group.isEmpty()) {
            groups.add(new Group(List.copyOf(group)));
        }
        return groups;
    }
}
