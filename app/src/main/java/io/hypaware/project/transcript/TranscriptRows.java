package io.hypaware.project.transcript;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Facts;
import io.hypaware.dataset.Row;
import io.hypaware.project.Json;
import io.hypaware.project.Messages;
import io.hypaware.project.Projection;
import io.hypaware.project.known.KnownPart;
import io.hypaware.project.known.KnownParts;
import io.hypaware.project.known.PartKey;
import io.hypaware.project.message.Answer;
import io.hypaware.project.message.WireFormat;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Writes the rows of one transcript: those of parts that have none yet; of the others, what the transcript knows
/// beyond their rows. Reading a transcript again, or another that copies it, writes nothing.
///
/// Ids are made of the lines' own, so that reading again gives the same.
public final class TranscriptRows {

    /// A message of more parts is written as several, so that what is held is bounded.
    private static final int MOST_PARTS = 512;

    /// What rows are written with, and what is known of the sessions.
    public interface Target {

        Projection at(Instant time);

        /// The parts of a session, and all others that are known.
        KnownParts known(String session);

        /// A conversation for an agent of whom nothing is known.
        String newConversation(String session);

        /// Rows were written that no call has said.
        void told(String session);
    }

    /// What came of a transcript.
    ///
    /// @param written parts that got a row
    /// @param completed parts whose rows were completed
    /// @param known parts of which all was known
    /// @param notes lines that are no utterances and got a row
    public record Counts(long written, long completed, long known, long notes) {

        public static final Counts NONE = new Counts(0, 0, 0, 0);

        public Counts plus(Counts other) {
            return new Counts(
                    written + other.written, completed + other.completed, known + other.known, notes + other.notes);
        }
    }

    private record Part(Line line, JsonNode block) {}

    /// A message that may have further lines.
    private static final class Message {
        private final String role;
        private final boolean local;
        private String answer;
        private Optional<String> model = Optional.empty();
        private Answer.Usage usage = Answer.Usage.NONE;
        private Optional<String> stop = Optional.empty();
        private final List<Part> parts = new ArrayList<>();
        private boolean prelude;

        /// How many messages a line has become before this one, because it says so much.
        private int split;

        /// Whether the model says it now, so that a count follows.
        private final boolean answers;

        Message(String role, String answer, boolean answers, boolean local) {
            this.answers = answers;
            this.role = role;
            this.answer = answer;
            this.local = local;
        }
    }

    private final WireFormat format;
    private final Target target;
    private final List<Message> open = new ArrayList<>();

    private record Note(Line line, Line.Noted noted) {}

    /// Notes that stand between the lines of what is open.
    private final List<Note> notes = new ArrayList<>();

    private final Standing standing = new Standing();
    private final LineRows rows;
    private int index;

    /// The index that the next part of the message at hand gets, if it is new.
    private int nextPart;

    private Counts counts = Counts.NONE;

    public TranscriptRows(TranscriptFormat source, Target target) {
        this.format = source.wire();
        this.target = target;
        this.rows = new LineRows(source, target);
    }

    /// Takes one line.
    public void line(Line line) {
        switch (line.what()) {
            case Line.Said said -> said(line, said);
            case Line.Counted counted -> counted(counted);
            case Line.Noted noted -> {
                notes.add(new Note(line, noted));
                if (open.isEmpty() || notes.size() > MOST_PARTS) {
                    writeOpen();
                }
            }
            case Line.Replaced replaced -> {
                writeOpen();
                note(line, replaced.note());
                standing.replaced(line, replaced.keeps());
            }
        }
    }

    /// Writes what is held; to be called at the end.
    public Counts end() {
        writeOpen();
        return counts;
    }

    private void said(Line line, Line.Said said) {
        if (format.blocks(said.element()).isEmpty()) {
            notes.add(new Note(line, new Line.Noted("message", Optional.empty(), Optional.empty(), said.element())));
            return;
        }
        String role = format.role(said.element());
        String answer = said.answer().map(Line.Of::id).orElse("");
        if (open.stream().mapToInt(message -> message.parts.size()).sum() > MOST_PARTS) {
            writeOpen();
        }
        boolean joins = !open.isEmpty() && (said.joins() || open.getLast().prelude) && sameRole(role);
        if (!joins) {
            if (!goesOn(said, answer)) {
                writeOpen();
            }
            open.add(new Message(role, answer, said.answer().isPresent(), said.local()));
        }
        Message first = open.getLast();
        first.prelude = format.hasPreludes() && format.isPrelude(format.printOf(said.element()));
        said.answer().ifPresent(of -> {
            first.model = of.model().or(() -> first.model);
            first.stop = of.stop().or(() -> first.stop);
            first.usage = of.usage().raw().isEmpty() ? first.usage : of.usage();
        });
        Message message = first;
        int split = 0;
        for (JsonNode block : format.blocks(said.element())) {
            if (message.parts.size() >= MOST_PARTS) {
                // Its count stands on what was written.
                writeOpen();
                message = new Message(role, answer, said.answer().isPresent(), said.local());
                message.split = ++split;
                open.add(message);
            }
            message.parts.add(new Part(line, block));
        }
    }

    private boolean sameRole(String role) {
        return open.getLast().role.equals(role);
    }

    /// Whether a message may be of the answer that is open, whose count is still to come.
    private boolean goesOn(Line.Said said, String answer) {
        return said.answer().isPresent() && answer.isEmpty() && !open.isEmpty() && open.getLast().answers;
    }

    private void counted(Line.Counted counted) {
        if (open.isEmpty() || !open.getLast().answers) {
            return;
        }
        open.getFirst().usage = counted.usage();
        open.forEach(message -> message.answer = counted.answer());
        writeOpen();
    }

    private void writeOpen() {
        open.forEach(this::write);
        open.clear();
        notes.forEach(note -> note(note.line(), note.noted()));
        notes.clear();
    }

    /// A part as it would be written, and the row that it has already.
    private record Told(Part part, Row.Builder row, Optional<KnownPart> known) {}

    private void write(Message message) {
        if (message.parts.isEmpty()) {
            return;
        }
        Line first = message.parts.getFirst().line();
        Standing.Place place = standing.before(first);
        KnownParts known = target.known(first.session());
        KnownParts.Speaker speaker = new KnownParts.Speaker(first.session(), first.agent());
        long at = rows.inOrder(first.at());
        List<Told> told = new ArrayList<>();
        for (Part part : message.parts) {
            Row.Builder row = rows.of(part.line(), at, place);
            row.set("role", message.role)
                    .set("message_index", index)
                    .set("model", message.model.orElse(null))
                    .set("response_id", message.answer.isEmpty() ? null : message.answer)
                    .set("aux_kind", message.local ? "local" : null);
            format.fill(part.block(), target.at(first.at()), row);
            KnownParts.Wanted wanted =
                    new KnownParts.Wanted(speaker, PartKey.of(row), message.answer, place.answer(), at);
            told.add(new Told(part, row, known(part.line(), first, row, wanted)));
        }
        String id = told.stream()
                .flatMap(one -> one.known().stream())
                .findFirst()
                .map(KnownPart::messageId)
                .orElse(message.split == 0 ? first.id() : first.id() + "/" + message.split);
        boolean counted = told.stream()
                .flatMap(one -> one.known().stream())
                .anyMatch(part -> part.output() > 0 && (part.heard() || !part.told()));
        nextPart = 0;
        for (int i = 0; i < told.size(); i++) {
            Told one = told.get(i);
            if (i == 0 && !counted && !message.local) {
                LineRows.count(one.row(), message.usage);
            }
            if (i == 0) {
                message.stop.ifPresent(reason ->
                        one.row().set("status", Json.text(Json.object().put("stop_reason", reason))));
            }
            write(one, id, speaker, known);
        }
        index++;
        boolean answers = message.role.equals("assistant") && !message.local;
        Standing.Place here = new Standing.Place(answers ? id : place.answer(), id);
        message.parts.forEach(part -> standing.at(part.line(), here));
    }

    /// The row that a part has.
    ///
    /// @param first line of its message
    private Optional<KnownPart> known(Line line, Line first, Row.Builder part, KnownParts.Wanted wanted) {
        KnownParts known = target.known(line.session());
        return known.isTold(Standing.name(line), wanted.key())
                // Its message begins with the same line in every copy.
                ? Optional.of(KnownPart.told(first.id(), wanted, Standing.name(line)))
                : known.tell(wanted, Standing.name(line)).or(() -> unread(known, part, wanted));
    }

    /// The row of a thought that was recorded without what it says.
    private static Optional<KnownPart> unread(KnownParts known, Row.Builder row, KnownParts.Wanted wanted) {
        Object signature = row.value("thinking_signature");
        return signature == null
                ? Optional.empty()
                : known.tell(
                        new KnownParts.Wanted(
                                wanted.speaker(),
                                PartKey.unread(signature.toString()),
                                wanted.response(),
                                wanted.after(),
                                wanted.atMicros()),
                        "");
    }

    private void write(Told told, String id, KnownParts.Speaker speaker, KnownParts known) {
        Line line = told.part().line();
        if (told.known().isPresent()) {
            KnownPart there = told.known().get();
            if (there.told()) {
                counts = counts.plus(new Counts(0, 0, 1, 0));
                grown(told, there);
                return;
            }
            if (there.key().equals(PartKey.of(told.row()))) {
                // The row says that already, perhaps with more white space.
                told.row().set("content_text", null);
            }
            Row row = finished(told.row(), there.messageId(), there.partIndex(), there.conversation());
            target.at(line.at())
                    .row(Messages.FACTS.of(
                            Facts.TRANSCRIPT, row, new Facts.Target(there.rowId(), there.createdMicros(), "")));
            known.named(there, Standing.name(line));
            counts = counts.plus(new Counts(0, 1, 0, 0));
            return;
        }
        int part = Math.max(nextPart, known.nextPart(id));
        nextPart = part + 1;
        String conversation = conversation(known, speaker);
        Row row = finished(told.row(), id, part, conversation);
        target.at(line.at()).newRow(row);
        if (told.row().value("aux_kind") == null) {
            target.told(speaker.session());
        }
        known.told(speaker, conversation, Standing.name(line), PartKey.of(told.row()));
        counts = counts.plus(new Counts(1, 0, 0, 0));
    }

    /// A part was told when its answer was not whole yet: what it counted, and its name, may have come since.
    private void grown(Told told, KnownPart there) {
        Object output = told.row().value("output_tokens");
        Object response = told.row().value("response_id");
        boolean more = output instanceof Long count && count > there.output();
        boolean named = response != null && !response.equals(there.response());
        if (there.heard() || there.rowId().isEmpty() || !(more || named)) {
            return;
        }
        Line line = told.part().line();
        told.row().set("content_text", null);
        Row row = finished(told.row(), there.messageId(), there.partIndex(), there.conversation());
        String version = response + " " + output;
        target.at(line.at())
                .newRow(Messages.FACTS.of(
                        Facts.TRANSCRIPT, row, new Facts.Target(there.rowId(), there.createdMicros(), version)));
    }

    private String conversation(KnownParts known, KnownParts.Speaker speaker) {
        if (speaker.agent().isEmpty()) {
            return speaker.session();
        }
        return known.conversation(speaker).orElseGet(() -> target.newConversation(speaker.session()));
    }

    private static Row finished(Row.Builder row, String id, int part, String conversation) {
        return row.set("message_id", id)
                .set("part_index", part)
                .set("part_id", id + "#" + part)
                .set("conversation_id", conversation)
                .build(id + "#" + part);
    }

    /// A line that is no utterance is a row of its own kind.
    private void note(Line line, Line.Noted noted) {
        KnownParts known = target.known(line.session());
        KnownParts.Speaker speaker = new KnownParts.Speaker(line.session(), line.agent());
        long at = rows.inOrder(line.at());
        Standing.Place place = standing.before(line);
        Row.Builder row = rows.of(line, at, place)
                .set("role", "system")
                .set("message_index", index)
                .set("part_type", "note")
                .set("provider_type", noted.type())
                .set("provider_subtype", noted.subtype().orElse(null))
                .set("content_text", noted.text().orElse(null))
                .set("aux_kind", "note");
        row.set("raw_frame", rows.raw(noted.raw(), line.at()));
        standing.passing(line);
        String key = PartKey.of(row);
        if (known.isTold(Standing.name(line), key)
                || known.tell(new KnownParts.Wanted(speaker, key, "", place.answer(), at), Standing.name(line))
                        .isPresent()) {
            return;
        }
        known.told(speaker, conversation(known, speaker), Standing.name(line), key);
        Row finished = finished(row, line.id(), 0, conversation(known, speaker));
        target.at(line.at()).newRow(finished);
        counts = counts.plus(new Counts(0, 0, 0, 1));
    }
}
