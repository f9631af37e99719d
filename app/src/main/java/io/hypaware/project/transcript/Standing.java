package io.hypaware.project.transcript;

import io.hypaware.home.Recent;
import java.util.Map;

/// Where lines of a transcript stand in what was said: after the line that they name, as one who goes back does, else
/// after the one before.
final class Standing {

    /// Nobody goes back further.
    private static final int MOST_LINES = 20_000;

    /// @param answer the last message of the assistant up to it, by the id of its rows; empty at the beginning
    /// @param message the last message up to it
    record Place(String answer, String message) {}

    private Place last = new Place("", "");

    private final Map<String, Place> byLine = new Recent<>(MOST_LINES);

    /// The place before a line.
    Place before(Line line) {
        Object parent = line.columns().get("parent_uuid");
        return parent == null ? last : byLine.getOrDefault(parent.toString(), last);
    }

    /// A line stands at a place, which the next one follows.
    void at(Line line, Place place) {
        last = place;
        byLine.put(name(line), place);
    }

    /// A line changes nothing, and others may name it.
    void passing(Line line) {
        byLine.put(name(line), before(line));
    }

    /// A line after which the history is a shorter one.
    ///
    /// @param keepsAnswer whether the last answer is in it still
    void replaced(Line line, boolean keepsAnswer) {
        at(line, new Place(keepsAnswer ? last.answer() : "", last.message()));
    }

    /// What a line is found by when it is read again.
    static String name(Line line) {
        return line.columns().getOrDefault("provider_uuid", line.id()).toString();
    }
}
