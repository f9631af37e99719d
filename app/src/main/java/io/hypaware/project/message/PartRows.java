package io.hypaware.project.message;

import io.hypaware.dataset.Facts;
import io.hypaware.dataset.Row;
import io.hypaware.project.Messages;
import io.hypaware.project.Projection;
import io.hypaware.project.known.KnownPart;
import io.hypaware.project.known.KnownParts;
import io.hypaware.project.known.PartKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The parts of one message of a call. One that has a row already, because a transcript told of it, gets what the call
/// knows in place of a row.
final class PartRows {

    private record Held(Row.Builder row, int number) {}

    private final Projection projection;
    private final Optional<KnownParts> earlier;
    private final KnownParts.Wanted wanted;
    private final boolean settled;
    private final String ownId;
    private final List<Held> held = new ArrayList<>();
    private int next;

    /// @param earlier empty if there are no such rows of the session
    /// @param wanted what is known of each part but its key
    /// @param settled whether the message stands in what the call repeats
    /// @param ownId of the message, if it has no row yet
    PartRows(
            Projection projection,
            Optional<KnownParts> earlier,
            KnownParts.Wanted wanted,
            boolean settled,
            String ownId) {
        this.projection = projection;
        this.earlier = earlier;
        this.wanted = wanted;
        this.settled = settled;
        this.ownId = ownId;
    }

    /// @param number of the part in its message
    void add(Row.Builder row, int number) {
        next = Math.max(next, number + 1);
        if (earlier.isEmpty()) {
            write(row, ownId, number);
        } else {
            held.add(new Held(row, number));
        }
    }

    /// The index of the part after the last.
    int next() {
        return next;
    }

    /// Writes what is held, so that all parts are of one message; returns its id.
    String end() {
        if (earlier.isEmpty()) {
            return ownId;
        }
        KnownParts known = earlier.get();
        List<Optional<KnownPart>> found = held.stream()
                .map(one -> known.hear(keyed(PartKey.of(one.row())), settled))
                .toList();
        String id = found.stream()
                .flatMap(Optional::stream)
                .findFirst()
                .map(KnownPart::messageId)
                .orElse(ownId);
        moveCount(found);
        int free = known.nextPart(id);
        for (int i = 0; i < held.size(); i++) {
            Held one = held.get(i);
            if (found.get(i).isPresent()) {
                heard(projection, one.row(), found.get(i).get());
            } else {
                write(one.row(), id, id.equals(ownId) ? one.number() : free++);
            }
        }
        next = Math.max(next, free);
        return id;
    }

    /// What is said once for the answer stands on its first part; where the transcript began the message with another
    /// one, on that, so that no count stands twice.
    private void moveCount(List<Optional<KnownPart>> found) {
        if (held.isEmpty()) {
            return;
        }
        int first = 0;
        while (first < found.size() && found.get(first).isEmpty()) {
            first++;
        }
        boolean counts = held.getFirst().row().value("status") != null;
        if (!counts || first == 0 || first == found.size()) {
            return;
        }
        for (String column : AnswerColumns.CARRIED) {
            held.get(first).row().set(column, held.getFirst().row().value(column));
            held.getFirst().row().set(column, null);
        }
    }

    private KnownParts.Wanted keyed(String key) {
        return new KnownParts.Wanted(wanted.speaker(), key, wanted.response(), wanted.after(), wanted.atMicros());
    }

    private void write(Row.Builder row, String id, int number) {
        String part = id + "#" + number;
        projection.row(row.set("message_id", id)
                .set("part_index", number)
                .set("part_id", part)
                .build(part));
    }

    /// What a call knows of a part that has a row. Which model gave an answer that it only repeats, it does not know.
    static void heard(Projection projection, Row.Builder row, KnownPart part) {
        if ("assistant".equals(row.value("role")) && row.value("response_id") == null) {
            row.set("model", null);
        }
        projection.row(Messages.FACTS.of(
                Facts.WIRE, row.build(part.rowId()), new Facts.Target(part.rowId(), part.createdMicros(), "")));
    }
}
