package io.hypaware.maintain;

import java.time.Instant;
import java.util.List;

/// Something that a tick did, or left alone. In a dry run: what it would do.
public sealed interface Event {

    /// How a place is called, such as `exchanges/2026-03-01`.
    static String place(String dataset, String partition) {
        return dataset.isEmpty() || partition.isEmpty() ? dataset + partition : dataset + "/" + partition;
    }

    /// Exchanges that were projected.
    record Settled(int exchanges) implements Event {}

    /// Rows that went from the journal to the lake.
    record Flushed(long rows) implements Event {}

    /// Rows of an older cache's partition that were moved into the lake.
    ///
    /// @param files data files and spool files that were read
    /// @param filesAfter files of the lake that came of them, payloads apart
    record Adopted(
            String partition,
            long rows,
            long duplicates,
            long files,
            long bytes,
            long filesAfter,
            long bytesAfter,
            List<String> notes)
            implements Event {}

    /// @param snapshots that were ended
    /// @param files that only they named
    record Expired(String dataset, int snapshots, long files, long bytes) implements Event {}

    record Compacted(
            String dataset,
            String partition,
            int filesBefore,
            long bytesBefore,
            int filesAfter,
            long bytesAfter,
            long rows,
            long millis)
            implements Event {}

    /// @param before the first day that is kept
    record Retained(String dataset, String before, long rows, int files, long bytes) implements Event {}

    /// Payloads that nothing referred to any more.
    ///
    /// @param bytes of the values
    /// @param files that were rewritten without them
    record Collected(long payloads, long bytes, int files) implements Event {}

    /// What a task did that is none of the above.
    record Done(String task, String dataset, String what) implements Event {}

    record Reclaimed(String path, long bytes, String rule) implements Event {}

    /// What will be reclaimed once its grace is over.
    record Waiting(String path, long bytes, String rule, Instant until) implements Event {}

    record Skipped(String dataset, String partition, String why) implements Event {}

    record Failed(String dataset, String partition, String why) implements Event {}
}
