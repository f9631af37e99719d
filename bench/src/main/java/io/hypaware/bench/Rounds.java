package io.hypaware.bench;

import io.hypaware.maintain.Event;
import io.hypaware.maintain.Report;

/// What rounds of maintenance did, in sum; those in which something failed are told as they come.
final class Rounds {

    private long rewritten;
    private int failures;

    void add(Report report) {
        rewritten += report.of(Event.Compacted.class).stream()
                .mapToLong(Event.Compacted::bytesAfter)
                .sum();
        if (!report.failed().isEmpty()) {
            System.out.println("FAILED: " + report.failed());
            failures++;
        }
    }

    /// Bytes that compaction wrote again.
    long rewritten() {
        return rewritten;
    }

    /// Rounds in which something failed.
    int failures() {
        return failures;
    }
}
