package io.hypaware.cli;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Asks the person at the terminal. An answer that is not there means: one step back.
interface Asker extends AutoCloseable {

    /// One of the answers that there are.
    ///
    /// @param picked whether it is what counts if nothing is said
    record Choice(String id, String text, boolean picked) {}

    /// @throws CancelledException if the person gives up
    Optional<String> one(String question, List<Choice> choices);

    /// @throws CancelledException if the person gives up
    Optional<Set<String>> several(String question, List<Choice> choices);

    /// How to answer.
    String keys();

    @Override
    void close();

    /// Nothing more is wanted.
    final class CancelledException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        CancelledException() {
            super("nothing was changed");
        }
    }
}
