package io.hypaware.maintain;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a tick did, and what it left alone and why. In a dry run: what it would do.
public final class Report {

    /// Rows of an older cache's partition that were moved into the lake.
    ///
    /// @param files data files and spool files that were read
    /// @param filesAfter files of the lake that came of them, payloads apart
    public record Adopted(
            String partition,
            long rows,
            long duplicates,
            long files,
            long bytes,
            long filesAfter,
            long bytesAfter,
            List<String> notes) {}

    /// @param snapshots that were ended
    /// @param files that only they named
    public record Expired(String dataset, int snapshots, long files, long bytes) {}

    public record Compacted(
            String dataset,
            String partition,
            int filesBefore,
            long bytesBefore,
            int filesAfter,
            long bytesAfter,
            long rows,
            long millis) {}

    /// @param before the first day that is kept
    public record Retained(String dataset, String before, long rows, int files, long bytes) {}

    /// Payloads that nothing referred to any more.
    ///
    /// @param bytes of the values
    /// @param files that were rewritten without them
    public record Collected(long payloads, long bytes, int files) {}

    public record Reclaimed(String path, long bytes, String rule) {}

    /// What will be reclaimed once its grace is over.
    public record Waiting(String path, long bytes, String rule, Instant until) {}

    public record Skipped(String dataset, String partition, String why) {}

    public record Failed(String dataset, String partition, String why) {}

    private final boolean dryRun;
    private final Instant startedAt;
    private final List<Adopted> adopted = new ArrayList<>();
    private final List<Expired> expired = new ArrayList<>();
    private final List<Compacted> compacted = new ArrayList<>();
    private final List<Retained> retained = new ArrayList<>();
    private final List<Collected> collected = new ArrayList<>();
    private final List<Reclaimed> reclaimed = new ArrayList<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private final List<Skipped> skipped = new ArrayList<>();
    private final List<Failed> failed = new ArrayList<>();
    private int settled;
    private long flushed;
    private Optional<Instant> endedAt = Optional.empty();

    Report(boolean dryRun, Instant startedAt) {
        this.dryRun = dryRun;
        this.startedAt = startedAt;
    }

    void settled(int exchanges) {
        settled += exchanges;
    }

    void flushed(long rows) {
        flushed += rows;
    }

    void add(Adopted entry) {
        adopted.add(entry);
    }

    void add(Expired entry) {
        expired.add(entry);
    }

    void add(Compacted entry) {
        compacted.add(entry);
    }

    void add(Retained entry) {
        retained.add(entry);
    }

    void add(Collected entry) {
        collected.add(entry);
    }

    void add(Reclaimed entry) {
        reclaimed.add(entry);
    }

    void add(Waiting entry) {
        waiting.add(entry);
    }

    void add(Skipped entry) {
        skipped.add(entry);
    }

    /// Adds a failure, unless the same was said already.
    ///
    /// @return whether it is new
    boolean add(Failed entry) {
        return failed.stream().noneMatch(f -> f.why().equals(entry.why())) && failed.add(entry);
    }

    void end(Instant at) {
        endedAt = Optional.of(at);
    }

    public boolean isDryRun() {
        return dryRun;
    }

    public Instant startedAt() {
        return startedAt;
    }

    public Instant endedAt() {
        return endedAt.orElse(startedAt);
    }

    /// Exchanges that were projected.
    public int settled() {
        return settled;
    }

    /// Rows that went from the journal to the lake.
    public long flushed() {
        return flushed;
    }

    public List<Adopted> adopted() {
        return adopted;
    }

    public List<Expired> expired() {
        return expired;
    }

    public List<Compacted> compacted() {
        return compacted;
    }

    public List<Retained> retained() {
        return retained;
    }

    public List<Collected> collected() {
        return collected;
    }

    public List<Reclaimed> reclaimed() {
        return reclaimed;
    }

    public List<Waiting> waiting() {
        return waiting;
    }

    public List<Skipped> skipped() {
        return skipped;
    }

    public List<Failed> failed() {
        return failed;
    }
}
