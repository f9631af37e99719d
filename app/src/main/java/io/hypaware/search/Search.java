package io.hypaware.search;

import java.time.Instant;
import java.util.Optional;

/// What is looked for.
///
/// @param words all of which a part has; `"some words"` one after the other, `word*` the beginning of one
/// @param session only of this one, by its whole id
/// @param role such as `user`, `assistant`, `tool`
/// @param tool only its calls and their results
/// @param limit most hits
public record Search(
        String words,
        Optional<String> session,
        Optional<String> role,
        Optional<String> tool,
        Optional<String> client,
        Optional<Instant> since,
        int limit) {

    public static Search of(String words, int limit) {
        return new Search(
                words, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), limit);
    }

    boolean isFiltered() {
        return session.isPresent() || role.isPresent() || tool.isPresent() || client.isPresent() || since.isPresent();
    }
}
