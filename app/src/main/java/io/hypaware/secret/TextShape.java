package io.hypaware.secret;

/// What a text is, as far as its marks must fit into it: within JSON a mark stands in a string, and what
/// holds the text together stays. Told of each character in turn.
final class TextShape {

    private enum Kind {
        /// Nothing of it has to stay.
        PLAIN,
        JSON,
        /// Server-sent events: JSON behind `data:`.
        EVENTS
    }

    private static final String DATA = "data:";
    private static final String STRUCTURE = "{}[],:\"";

    private final Kind kind;
    private boolean lineHasBegun;
    private boolean isJson;
    private boolean isInString;
    private boolean isEscaped;
    private final StringBuilder lineStart = new StringBuilder();

    private TextShape(Kind kind) {
        this.kind = kind;
    }

    /// @param start its first characters
    static TextShape of(String start) {
        String text = start.startsWith("\uFEFF") ? start.substring(1) : start;
        String bare = text.stripLeading();
        if (bare.startsWith("{") || bare.startsWith("[") || bare.startsWith("\"")) {
            return new TextShape(Kind.JSON);
        }
        boolean isEvents = bare.startsWith(DATA)
                || bare.startsWith("event:")
                || bare.startsWith("id:")
                || bare.startsWith("retry:")
                || bare.startsWith(":");
        return new TextShape(isEvents ? Kind.EVENTS : Kind.PLAIN);
    }

    /// Goes on by one character; whether that one holds the text together, so that no mark may take its place.
    boolean isStructure(char c) {
        if (c == '\n' || c == '\r') {
            // No string of JSON goes on in another line.
            lineHasBegun = false;
            isJson = false;
            isInString = false;
            isEscaped = false;
            lineStart.setLength(0);
            return kind != Kind.PLAIN;
        }
        if (!lineHasBegun) {
            return beginsLine(c);
        }
        return isJson && isStructureOfJson(c);
    }

    private boolean beginsLine(char c) {
        if (kind == Kind.EVENTS && lineStart.length() < DATA.length()) {
            lineStart.append(c);
            lineHasBegun = !DATA.startsWith(lineStart.toString());
            return !lineHasBegun;
        }
        if (kind != Kind.PLAIN && (c == ' ' || c == '\t' || c == '\uFEFF')) {
            return true;
        }
        lineHasBegun = true;
        isJson = kind == Kind.JSON || (kind == Kind.EVENTS && (c == '{' || c == '['));
        return isJson && isStructureOfJson(c);
    }

    private boolean isStructureOfJson(char c) {
        if (!isInString) {
            isInString = c == '"';
            return STRUCTURE.indexOf(c) >= 0 || c == ' ' || c == '\t';
        }
        if (isEscaped) {
            isEscaped = false;
            return false;
        }
        isEscaped = c == '\\';
        isInString = c != '"';
        return c == '"';
    }
}
