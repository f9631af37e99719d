package io.hypaware.secret;

import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What one kind of secret looks like.
///
/// @param name as findings say it
/// @param rank of two rules that match the same text, the one with the lower names it
/// @param anchors one of which stands where the pattern is tried, in lower case
/// @param back characters before the anchor that belong to the pattern
/// @param leastEntropy bits a character; a secret of less is none
/// @param isNamed whether the pattern begins with a name, which may stand within another
/// @param pattern compiled when it is first tried
record SecretRule(
        String name,
        int rank,
        List<String> anchors,
        int back,
        double leastEntropy,
        boolean isNamed,
        Supplier<Pattern> pattern) {

    /// The group that is secret; all of the match where a pattern has none.
    static final String SECRET = "s";

    /// What follows the word that makes a name one of a secret.
    private static final String REST_OF_NAME = "n";

    /// No pattern matches more.
    static final int LONGEST = 24_000;

    SecretRule {
        anchors = List.copyOf(anchors);
    }

    /// Whether a name decides rather than the value's own form, so that the value has to look like one.
    boolean isByName() {
        return name.startsWith("named-") || name.startsWith("command-line-");
    }

    /// Whether what is secret has lines, and may stand with their numbers.
    boolean isOfLines() {
        return name.endsWith("-private-key");
    }

    String secret(Matcher match) {
        return match.group(group(match));
    }

    int begin(Matcher match) {
        return match.start(group(match));
    }

    int end(Matcher match) {
        return match.end(group(match));
    }

    /// The end of the name that the value is given to.
    String restOfName(Matcher match) {
        return match.namedGroups().containsKey(REST_OF_NAME) ? match.group(REST_OF_NAME) : "";
    }

    private static int group(Matcher match) {
        return match.namedGroups().getOrDefault(SECRET, 0);
    }
}
