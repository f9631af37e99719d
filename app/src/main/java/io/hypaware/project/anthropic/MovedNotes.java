package io.hypaware.project.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.project.conversation.Alignment;
import io.hypaware.project.conversation.History;
import io.hypaware.project.conversation.MessagePrint;
import io.hypaware.project.message.Notes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Notes of the client, such as what a hook said, that stand elsewhere than before: a resumed session takes them out of
/// their message, leaves their tags away and makes each a message of its own, equal ones only once.
///
/// A note has moved if a known message has lost it, and it stands before the last answer: what comes after was
/// said just now.
final class MovedNotes implements Notes {

    private static final String OPEN = "<system-reminder>";
    private static final String CLOSE = "</system-reminder>";
    private static final String NOTES_ROLE = "system";

    private final Set<String> moved = new HashSet<>();
    private final List<History.Entry> known;
    private final Alignment alignment;
    private final List<MessagePrint> request;
    private final int settled;

    /// By fingerprint: the roles of the known messages that have lost it. Made when the first note asks: most requests
    /// have none that could have moved.
    private @Nullable Map<String, Deque<String>> left;

    MovedNotes(List<History.Entry> known, Alignment alignment, List<MessagePrint> request) {
        this.known = known;
        this.alignment = alignment;
        this.request = request;
        this.settled = Alignment.settled(request);
    }

    private Map<String, Deque<String>> left() {
        if (left == null) {
            left = lost();
        }
        return left;
    }

    private Map<String, Deque<String>> lost() {
        Map<String, Deque<String>> lost = new HashMap<>();
        int[] messages = new int[known.size()];
        Arrays.fill(messages, Alignment.NEW);
        int last = -1;
        for (int i = 0; i < request.size(); i++) {
            int place = alignment.matches()[i];
            if (place != Alignment.NEW && place < known.size()) {
                messages[place] = i;
                last = Math.max(last, place);
            }
        }
        // What comes after the last known message was left behind whole, by somebody who went back.
        for (int place = 0; place <= last; place++) {
            MessagePrint print = known.get(place).print();
            int message = messages[place];
            for (String block : message == Alignment.NEW
                    ? print.blocks()
                    : request.get(message).missingFrom(print)) {
                lost.computeIfAbsent(block, _ -> new ArrayDeque<>()).add(print.role());
            }
        }
        return lost;
    }

    @Override
    public boolean take(int index, String role, JsonNode block) {
        String text =
                (block.isTextual() ? block : block.path("text")).asText("").strip();
        boolean tagged =
                text.startsWith(OPEN) && text.endsWith(CLOSE) && text.length() > OPEN.length() + CLOSE.length();
        if (index >= settled || text.isEmpty() || !(tagged || role.equals(NOTES_ROLE))) {
            return false;
        }
        String bare = tagged
                ? text.substring(OPEN.length(), text.length() - CLOSE.length()).strip()
                : text;
        // With its tags it is a note wherever it was, without them only in a message of notes.
        Set<String> shapes = new HashSet<>();
        MessagePrint.ofText(OPEN + "\n" + bare + "\n" + CLOSE).ifPresent(shapes::add);
        MessagePrint.ofText(tagged ? text : "").ifPresent(shapes::add);
        String bareShape = MessagePrint.ofText(bare).orElse("");
        boolean found = shapes.stream()
                        .anyMatch(shape ->
                                left().getOrDefault(shape, new ArrayDeque<>()).pollFirst() != null)
                || left().getOrDefault(bareShape, new ArrayDeque<>()).removeFirstOccurrence(NOTES_ROLE);
        if (found) {
            moved.addAll(shapes);
            moved.add(bareShape);
        }
        return found;
    }

    @Override
    public List<History.Entry> without(List<History.Entry> entries) {
        if (moved.isEmpty()) {
            return entries;
        }
        List<History.Entry> without = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            History.Entry entry = entries.get(i);
            List<String> blocks = new ArrayList<>(entry.print().blocks());
            request.get(i).missingFrom(entry.print()).stream()
                    .filter(moved::contains)
                    .forEach(blocks::remove);
            without.add(new History.Entry(entry.id(), entry.print().withBlocks(blocks), entry.parts()));
        }
        return without;
    }
}
