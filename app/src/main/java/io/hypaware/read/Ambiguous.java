package io.hypaware.read;

import io.hypaware.query.QueryException;
import io.hypaware.query.ResultWriter;
import java.util.Map;
import java.util.stream.Collectors;

/// Says that the beginning of an id is that of several, and which.
public final class Ambiguous {

    private static final int MOST_NAMED = 5;

    /// @param what is looked for, in an error's words
    /// @param name the beginning of an id
    /// @param found what tells each apart from the others, by its id; what is said in a session is not among it,
    ///     as an error's words are not looked through for secrets
    /// @param list the command that shows all
    public static QueryException of(String what, String name, Map<String, String> found, String list) {
        String named = found.entrySet().stream()
                .limit(MOST_NAMED)
                .map(each -> ("\n  " + ResultWriter.shown(each.getKey()) + "  " + ResultWriter.shown(each.getValue()))
                        .stripTrailing())
                .collect(Collectors.joining());
        return new QueryException("more than one " + what + " begins with " + name + "; give more of its letters:"
                + named + (found.size() > MOST_NAMED ? "\n  and more, see: " + list : ""));
    }

    private Ambiguous() {}
}
