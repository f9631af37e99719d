package io.hypaware.spark;

import java.util.Optional;

/// What was done with a table of a team's lake, or could be.
///
/// @param problem why it was not
public record Done(String table, String step, String what, Optional<String> problem) {

    static Done of(String table, String step, String what) {
        return new Done(table, step, what, Optional.empty());
    }
}
