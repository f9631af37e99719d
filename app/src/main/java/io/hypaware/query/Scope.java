package io.hypaware.query;

import io.hypaware.dataset.Dataset;
import io.hypaware.lake.LiveFile;
import java.time.LocalDate;
import java.util.Optional;
import java.util.Set;

/// What of the datasets a query sees.
///
/// @param days of one dataset, where the SQL asks for rows of some days alone: files of others need not be opened
/// @param withheld sessions that are not to be seen; where there are any, neither is what belongs to no session
public record Scope(Optional<Days> days, Set<String> withheld) {

    /// All there is.
    public static final Scope ALL = new Scope(Optional.empty(), Set.of());

    /// The days, in UTC, whose rows are asked for.
    public record Days(Dataset dataset, Set<LocalDate> wanted) {}

    public Scope {
        withheld = Set.copyOf(withheld);
    }

    /// The same, of a dataset only some days.
    public Scope on(Days some) {
        return new Scope(Optional.of(some), withheld);
    }

    boolean needs(Dataset dataset, LiveFile file) {
        return days.filter(some -> some.dataset.equals(dataset))
                .flatMap(some -> file.day().map(some.wanted::contains))
                .orElse(true);
    }
}
