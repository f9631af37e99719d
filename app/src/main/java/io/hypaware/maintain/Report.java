package io.hypaware.maintain;

import io.hypaware.journal.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What a tick did, and what it left alone and why: its events, in their order.
public final class Report {

    private final boolean dryRun;
    private final Instant startedAt;
    private final List<Event> events = new ArrayList<>();

    /// Of all failures, those that are not told a second time, too.
    private final List<Event.Failed> failures = new ArrayList<>();
    private Optional<Instant> endedAt = Optional.empty();

    Report(boolean dryRun, Instant startedAt) {
        this.dryRun = dryRun;
        this.startedAt = startedAt;
    }

    /// Adds an event, unless it is a failure and the same was said already.
    ///
    /// @return whether it is new
    boolean add(Event event) {
        if (event instanceof Event.Failed failure) {
            failures.add(failure);
            if (failed().stream().anyMatch(f -> f.why().equals(failure.why()))) {
                return false;
            }
        }
        return events.add(event);
    }

    /// Whether anything has failed there, told or not.
    boolean hasFailed(String dataset, String partition) {
        return failures.stream()
                .anyMatch(f -> f.dataset().equals(dataset)
                        && (partition.isEmpty() || f.partition().equals(partition)));
    }

    /// Where something has failed, as [Problem#place] says it.
    Set<String> failedPlaces() {
        return failures.stream()
                .map(failure -> Problem.MAINTENANCE + Event.place(failure.dataset(), failure.partition()))
                .collect(Collectors.toUnmodifiableSet());
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

    /// The events of a kind.
    public <E extends Event> List<E> of(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /// Exchanges that were projected.
    public int settled() {
        return of(Event.Settled.class).stream()
                .mapToInt(Event.Settled::exchanges)
                .sum();
    }

    /// Rows that went from the journal to the lake.
    public long flushed() {
        return of(Event.Flushed.class).stream().mapToLong(Event.Flushed::rows).sum();
    }

    public List<Event.Failed> failed() {
        return of(Event.Failed.class);
    }
}
