package io.hypaware.query;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Adds up what rows take with their payloads, and says where a piece of them ends.
final class RowPieces {

    /// What rows of a piece take with their payloads, about.
    private static final long PIECE_BYTES = 8L << 20;

    /// Rows whose payloads are asked for together.
    private static final int AT_A_TIME = 1_000;

    private final PayloadReader payloads;
    private final List<Long> ends;
    private final List<Sized> waiting = new ArrayList<>();
    private long bytes;
    private long last = -1;

    /// A row.
    ///
    /// @param bytes without those of its payloads
    record Sized(long place, long bytes, List<String> hashes) {}

    /// @param ends gets the place of each piece's last row
    RowPieces(PayloadReader payloads, List<Long> ends) {
        this.payloads = payloads;
        this.ends = ends;
    }

    void add(Sized row) throws QueryException {
        waiting.add(row);
        if (waiting.size() == AT_A_TIME) {
            take();
        }
    }

    private void take() throws QueryException {
        Map<String, Long> known = payloads.sizes(waiting.stream()
                .flatMap(row -> row.hashes().stream())
                .distinct()
                .toList());
        for (Sized row : waiting) {
            long size = row.bytes()
                    + row.hashes().stream()
                            .mapToLong(hash -> known.getOrDefault(hash, 0L))
                            .sum();
            if (bytes > 0 && bytes + size > PIECE_BYTES) {
                ends.add(last);
                bytes = 0;
            }
            bytes += size;
            last = row.place();
        }
        waiting.clear();
    }

    void end() throws QueryException {
        take();
        if (last >= 0) {
            ends.add(last);
        }
    }
}
