package io.hypaware.project.known;

import io.hypaware.dataset.Row;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// Where a session works, as its agent's hooks say: what of it is known, by the column that holds it.
///
/// @param columns `cwd`, `git_branch`, `head_sha`, `git_remote`, `repo_root`
public record Whereabouts(Map<String, String> columns) {

    public static final Whereabouts UNKNOWN = new Whereabouts(Map.of());

    public Whereabouts {
        columns = Map.copyOf(columns);
    }

    /// Tells where sessions work.
    @FunctionalInterface
    public interface Source {

        Source NONE = (_, _, _) -> UNKNOWN;

        /// @param agent of the session; empty for the session itself
        Whereabouts at(String session, String agent, Instant when);
    }

    public Optional<String> folder() {
        return Optional.ofNullable(columns.get("cwd"));
    }

    /// Sets what the row does not say.
    public void complete(Row.Builder row) {
        columns.forEach((column, value) -> {
            if (row.value(column) == null) {
                row.set(column, value);
            }
        });
    }
}
