package io.hypaware.project.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.project.Alignment;
import io.hypaware.project.History;
import io.hypaware.project.MessagePrint;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Notes of the client, such as what a hook said, that stand elsewhere than before: a resumed session takes them out of
/// their message, leaves their tags away and makes each a message of its own, equal ones only once.
///
/// A note is known if it has left its place: it was in a message that the request still has, and is there no more.
final class MovedNotes {

    private static final String OPEN = "<system-reminder>";
    private static final String CLOSE = "</system-reminder>";

    /// By fingerprint: the known messages that have lost it.
    private final Map<String, Deque<History.Entry>> left = new HashMap<>();

    private final Set<String> moved = new HashSet<>();
    private final List<MessagePrint> request;

    MovedNotes(List<History.Entry> known, Alignment alignment, List<MessagePrint> request) {
        this.request = request;
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
            History.Entry entry = known.get(place);
            List<String> gone = new ArrayList<>(entry.print().blocks());
            if (messages[place] != Alignment.NEW) {
                request.get(messages[place]).blocks().forEach(gone::remove);
            }
            for (String print : gone) {
                left.computeIfAbsent(print, _ -> new ArrayDeque<>()).add(entry);
            }
        }
    }

    /// The known message that a note was in before; empty for what is no note, or was not said yet.
    Optional<History.Entry> take(String role, JsonNode block) {
        String text =
                (block.isTextual() ? block : block.path("text")).asText("").strip();
        boolean tagged = text.startsWith(OPEN) && text.endsWith(CLOSE);
        if (text.isEmpty() || !(tagged || role.equals("system"))) {
            return Optional.empty();
        }
        String bare = tagged
                ? text.substring(OPEN.length(), text.length() - CLOSE.length()).strip()
                : text;
        List<String> shapes = new ArrayList<>();
        for (String shape : List.of(text, bare, OPEN + "\n" + bare + "\n" + CLOSE)) {
            BlockPrints.text(shape).ifPresent(shapes::add);
        }
        for (String shape : shapes) {
            Deque<History.Entry> places = left.getOrDefault(shape, new ArrayDeque<>());
            if (!places.isEmpty()) {
                moved.addAll(shapes);
                return Optional.of(places.removeFirst());
            }
        }
        return Optional.empty();
    }

    /// The messages of the request, as they are known from now on, without the notes that have left them: said there
    /// again, they are new.
    List<History.Entry> without(List<History.Entry> entries) {
        if (moved.isEmpty()) {
            return entries;
        }
        List<History.Entry> without = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            History.Entry entry = entries.get(i);
            List<String> blocks = new ArrayList<>(entry.print().blocks());
            List<String> gone = new ArrayList<>(blocks);
            request.get(i).blocks().forEach(gone::remove);
            gone.stream().filter(moved::contains).forEach(blocks::remove);
            without.add(
                    new History.Entry(entry.id(), new MessagePrint(entry.print().role(), blocks), entry.parts()));
        }
        return without;
    }
}
