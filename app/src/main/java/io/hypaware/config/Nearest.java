package io.hypaware.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.text.similarity.LevenshteinDistance;

/// Finds what a misspelt name was probably meant to be.
public final class Nearest {

    /// The known name with the fewest edits, if it is near enough to be a likely meaning.
    public static Optional<String> of(String name, Collection<String> known) {
        String wanted = name.toLowerCase(Locale.ROOT);
        int limit = Math.max(2, name.length() / 3);
        return known.stream()
                .min(Comparator.comparingInt(k -> distance(wanted, k)))
                .filter(k -> distance(wanted, k) <= limit
                        || k.toLowerCase(Locale.ROOT).startsWith(wanted));
    }

    /// The end of an error about a name that is not known: the nearest one, or all there are.
    public static String orAll(String name, Collection<String> known) {
        return of(name, known)
                .map(near -> "; did you mean " + near + "?")
                .orElse("; there are: " + String.join(", ", known));
    }

    private static int distance(String wanted, String known) {
        return LevenshteinDistance.getDefaultInstance().apply(wanted, known.toLowerCase(Locale.ROOT));
    }

    private Nearest() {}
}
