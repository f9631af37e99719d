package io.hypaware.query;

import io.hypaware.dataset.Dataset;
import io.hypaware.engine.Engine;
import io.hypaware.lake.LiveFile;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.duckdb.DuckDBAppender;

/// What of the datasets a query sees.
///
/// @param days of one dataset, where the SQL asks for rows of some days alone: files of others need not be opened
/// @param unread names of files that have no row of what the SQL asks for
/// @param withheld sessions that are not to be seen; where there are any, neither is what belongs to no session
/// @param isForeign whether the SQL is of somebody who must not see them: none of its conditions is computed for them
///     then, as the engine would before it leaves them out, and tell their texts by its errors
public record Scope(Optional<Days> days, Set<String> unread, Set<String> withheld, boolean isForeign) {

    /// All there is.
    public static final Scope ALL = new Scope(Optional.empty(), Set.of(), Set.of(), false);

    /// The days, in UTC, whose rows are asked for.
    public record Days(Dataset dataset, Predicate<LocalDate> wanted) {}

    public Scope {
        unread = Set.copyOf(unread);
        withheld = Set.copyOf(withheld);
    }

    public Scope(Optional<Days> days, Set<String> withheld, boolean isForeign) {
        this(days, Set.of(), withheld, isForeign);
    }

    /// The same, of a dataset only some days.
    public Scope on(Days some) {
        return new Scope(Optional.of(some), unread, withheld, isForeign);
    }

    /// The same without some further files, by their names.
    public Scope without(Set<String> files) {
        Set<String> all = new HashSet<>(unread);
        all.addAll(files);
        return new Scope(days, all, withheld, isForeign);
    }

    /// The same for SQL of somebody else.
    public Scope foreign() {
        return new Scope(days, unread, withheld, true);
    }

    boolean needs(Dataset dataset, LiveFile file) {
        return !unread.contains(SessionIndex.name(file))
                && days.filter(some -> some.dataset.equals(dataset))
                        .flatMap(some -> file.day().map(some.wanted::test))
                        .orElse(true);
    }

    /// Makes the table of sessions that are not to be seen, where there are any.
    void withhold(Engine engine) throws SQLException {
        if (withheld.isEmpty()) {
            return;
        }
        engine.execute("CREATE TABLE withheld (session VARCHAR)");
        try (DuckDBAppender rows = engine.connection().createAppender("withheld")) {
            for (String session : withheld) {
                rows.beginRow();
                rows.append(session);
                rows.endRow();
            }
        }
    }

    /// Which rows of a dataset are seen; those alone that surely belong to another session than the withheld ones.
    Optional<String> visible(Dataset dataset) {
        if (withheld.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> session = dataset.column("session_id").map(_ -> "s.session_id");
        Optional<String> conversation =
                dataset.column("conversation_id").map(_ -> "split_part(s.conversation_id, '/', 1)");
        String key = Stream.concat(session.stream(), conversation.stream()).collect(Collectors.joining(", "));
        return Optional.of(
                key.isEmpty()
                        ? "false"
                        : "coalesce(coalesce(" + key + ") NOT IN (SELECT session FROM withheld), false)");
    }
}
