package io.hypaware.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.hypaware.query.Inert;
import io.hypaware.secret.Redactor;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/// An answer that stays within its bytes. It is made of facts and a list of items; what does not fit is left out
/// whole, and the answer says how to go on. Texts that are too long by themselves are shortened, with their length.
final class Answer {

    static final ObjectMapper JSON = new ObjectMapper();

    /// What is left free for how to go on and for notes.
    private static final int TAIL_BYTES = 700;

    /// Bytes that one character may take in JSON.
    private static final int ESCAPED = 6;

    private static final int LONGEST_TEXT = 16_000;
    private static final int SHORTEST_TEXT = 8;
    private static final int LONGEST_NOTE = 150;

    private final int mostBytes;
    private final Redactor redactor;
    private ObjectNode facts = JSON.createObjectNode();
    private final ArrayNode items = JSON.createArrayNode();
    private final String list;
    private int itemBytes;
    private Optional<String> next = Optional.empty();
    private Optional<String> note = Optional.empty();

    /// @param list the name of the list of items
    /// @param redactor of all that it says, before anything is cut
    Answer(String list, int mostBytes, Redactor redactor) {
        this.list = list;
        this.mostBytes = mostBytes;
        this.redactor = redactor;
    }

    /// What is said before the items; to be complete before the first of them.
    ObjectNode facts() {
        return facts;
    }

    /// Adds an item if it fits; the first one is made to fit.
    boolean add(JsonNode said) {
        JsonNode item = RedactedJson.of(said, redactor);
        if (items.isEmpty()) {
            facts = RedactedJson.object(facts, redactor);
            // A long fact leaves room for an item.
            fit(facts, (mostBytes - TAIL_BYTES) / 2);
        }
        int room = mostBytes - TAIL_BYTES - bytes(facts) - itemBytes;
        if (items.isEmpty()) {
            fit(item, room - 1);
        }
        int bytes = bytes(item) + 1;
        if (bytes > room && items.isEmpty()) {
            throw tooSmall();
        }
        if (bytes > room) {
            return false;
        }
        items.add(item);
        itemBytes += bytes;
        return true;
    }

    /// Whether a first item fits without being shortened.
    boolean hasRoomFor(JsonNode item) {
        return bytes(item) < mostBytes - TAIL_BYTES - Math.min(bytes(facts), (mostBytes - TAIL_BYTES) / 2);
    }

    int count() {
        return items.size();
    }

    /// How to ask for what follows.
    void next(String cursor) {
        next = Optional.of(cursor);
    }

    /// Something that the reader should know of the answer.
    void note(String text) {
        note = note.or(() -> Optional.of(text));
    }

    String text() {
        facts = RedactedJson.object(facts, redactor);
        fit(facts, mostBytes - TAIL_BYTES);
        ObjectNode all = facts.deepCopy();
        all.set(list, items);
        next.ifPresent(cursor -> all.put("next_cursor", cursor));
        note.ifPresent(text -> all.put("note", shortened(redactor.text(text), LONGEST_NOTE)));
        if (bytes(all) > mostBytes) {
            throw tooSmall();
        }
        return Inert.text(all.toString());
    }

    private IllegalStateException tooSmall() {
        return new IllegalStateException(
                "not even the first of the %s fits into max_bytes = %,d; raise it, or ask for less"
                        .formatted(list, mostBytes));
    }

    /// Most characters of a text that fits, whatever they are.
    static int mostCharacters(int wanted, int mostBytes) {
        return Math.min(wanted, (mostBytes - 2 * TAIL_BYTES) / ESCAPED);
    }

    static int bytes(JsonNode node) {
        return Inert.text(node.toString()).getBytes(StandardCharsets.UTF_8).length;
    }

    /// Shortens the longest texts of a node until it has no more than so many bytes.
    private static void fit(JsonNode node, int room) {
        for (int most = LONGEST_TEXT; bytes(node) > room && most >= SHORTEST_TEXT; most /= 2) {
            shorten(node, most);
        }
    }

    private static void shorten(JsonNode node, int most) {
        if (node instanceof ObjectNode object) {
            for (Map.Entry<String, JsonNode> field : object.properties()) {
                if (field.getValue().isTextual()) {
                    field.setValue(TextNode.valueOf(shortened(field.getValue().textValue(), most)));
                } else {
                    shorten(field.getValue(), most);
                }
            }
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                if (array.get(i).isTextual()) {
                    array.set(i, TextNode.valueOf(shortened(array.get(i).textValue(), most)));
                } else {
                    shorten(array.get(i), most);
                }
            }
        }
    }

    /// The beginning of a text, if it is longer, with what of it is left out.
    static String shortened(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
        return "%s… [%,d more]".formatted(text.substring(0, end), text.length() - end);
    }
}
