package io.hypaware.mcp;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;

/// A piece of a long text in an answer, as much as fits, and where the next one begins.
final class TextWindow {

    private static final int SHORTEST = 1;

    /// @param text from an offset on; more than fits, or all there is
    /// @param all characters of the whole text
    static void add(Answer answer, String text, long offset, long all) {
        int length = text.codePointCount(0, text.length());
        ObjectNode facts = answer.facts();
        // Its digits have to have room, too.
        facts.put("next_offset", all);
        while (length > SHORTEST && !answer.hasRoomFor(TextNode.valueOf(beginning(text, length)))) {
            length = length * 9 / 10;
        }
        if (offset + length < all) {
            facts.put("next_offset", offset + length);
        } else {
            facts.remove("next_offset");
        }
        answer.add(TextNode.valueOf(beginning(text, length)));
    }

    private static String beginning(String text, int length) {
        return text.substring(0, text.offsetByCodePoints(0, length));
    }

    private TextWindow() {}
}
