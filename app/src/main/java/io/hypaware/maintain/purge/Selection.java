package io.hypaware.maintain.purge;

import static java.util.Objects.requireNonNull;

import io.hypaware.journal.Purges;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/// What is to be purged, as it was asked for.
public sealed interface Selection {

    /// A session with all its conversations.
    record Session(String id) implements Selection {
        public Session {
            requireNonNull(id, "id is null");
        }
    }

    /// Every session that worked in a folder or below it, whole, though it may have worked elsewhere, too.
    ///
    /// @param paths as it was typed and as it is with links followed, each absolute
    record Folder(List<Path> paths) implements Selection {
        public Folder {
            paths = List.copyOf(paths);
        }
    }

    /// What is from before a time.
    record Before(Instant time) implements Selection {
        public Before {
            requireNonNull(time, "time is null");
        }
    }

    /// Parts in which an expression matches, and all calls of their sessions: each repeats what was said before.
    ///
    /// @param expression in the syntax of RE2, which takes time in proportion to what it reads, whatever it says
    record Matching(String expression) implements Selection {
        public Matching {
            requireNonNull(expression, "expression is null");
        }
    }

    /// Everything that is recorded.
    record All() implements Selection {}

    /// Everything of an order has gone; only the space that it took is left to be written over.
    record Gone() implements Selection {}

    private static String paths(Folder folder) {
        // A name may hold the end of a line, but no path two slashes in a row.
        return String.join("\n/", folder.paths().stream().map(Path::toString).toList());
    }

    /// As an order is written down.
    default String kind() {
        return switch (this) {
            case Session _ -> Purges.SESSION;
            case Folder _ -> "folder";
            case Before _ -> "before";
            case Matching _ -> "matching";
            case All _ -> "all";
            case Gone _ -> Purges.GONE;
        };
    }

    default String argument() {
        return switch (this) {
            case Session(String id) -> id;
            case Folder folder -> paths(folder);
            case Before(Instant time) -> time.toString();
            case Matching(String expression) -> expression;
            case All _, Gone _ -> "";
        };
    }

    static Selection of(Purges.Order order) {
        return switch (order.kind()) {
            case Purges.SESSION -> new Session(order.argument());
            case "folder" ->
                new Folder(Stream.of(order.argument().split("\n/(?=/)"))
                        .map(Path::of)
                        .toList());
            case "before" -> new Before(Instant.parse(order.argument()));
            case "matching" -> new Matching(order.argument());
            case "all" -> new All();
            case Purges.GONE -> new Gone();
            default ->
                throw new IllegalStateException("an order to purge by " + order.kind()
                        + " is of a newer version; start the newer HypAware that wrote it");
        };
    }
}
