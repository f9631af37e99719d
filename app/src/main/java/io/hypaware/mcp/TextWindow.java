package io.hypaware.mcp;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.hypaware.secret.Redacted;
import io.hypaware.secret.Redactor;

/// A piece of a long text in an answer, as much as fits, and where the next one begins.
final class TextWindow {

    private static final int SHORTEST = 1;

    /// What is known of a text around a piece of it; all in characters.
    ///
    /// @param known more than fits, or all there is
    /// @param before how much of it stands before the piece
    /// @param offset of the piece in the whole text
    /// @param all of the whole text
    record Text(String known, int before, long offset, long all) {}

    static void add(Answer answer, Text text, Redactor redactor) {
        String known = text.known();
        Redacted redacted = redactor.of(known);
        int begin = known.offsetByCodePoints(0, Math.min(text.before(), known.codePointCount(0, known.length())));
        int length = known.codePointCount(begin, known.length());
        ObjectNode facts = answer.facts();
        // Its digits have to have room, too.
        facts.put("next_offset", text.all());
        while (length > SHORTEST && !answer.hasRoomFor(piece(redacted, known, begin, length))) {
            length = length * 9 / 10;
        }
        if (text.offset() + length < text.all()) {
            facts.put("next_offset", text.offset() + length);
        } else {
            facts.remove("next_offset");
        }
        answer.add(piece(redacted, known, begin, length));
    }

    private static TextNode piece(Redacted redacted, String known, int begin, int length) {
        return TextNode.valueOf(redacted.piece(begin, known.offsetByCodePoints(begin, length)));
    }

    private TextWindow() {}
}
