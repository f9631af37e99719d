package io.hypaware.project.message;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Hashes;
import io.hypaware.dataset.Row;
import io.hypaware.journal.CapturedExchange;
import io.hypaware.journal.Micros;
import io.hypaware.journal.Outcome;
import io.hypaware.project.Body;
import io.hypaware.project.Json;
import io.hypaware.project.Messages;
import io.hypaware.project.Projection;
import io.hypaware.project.conversation.Alignment;
import io.hypaware.project.conversation.Conversations;
import io.hypaware.project.conversation.History;
import io.hypaware.project.conversation.MessagePrint;
import io.hypaware.project.known.KnownPart;
import io.hypaware.project.known.KnownParts;
import io.hypaware.project.known.PartKey;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Writes the rows of one exchange: the new messages of its request, then the answer.
///
/// Ids are made of the exchange's id and the place in the request, so that projecting an exchange again gives the same.
final class MessageRows {

    private static final String COMPACTION = "compaction";

    private final WireFormat format;
    private final CapturedExchange captured;
    private final Body body;
    private final RequestOutline request;
    private final Answer answer;
    private final Speaker speaker;

    /// How many messages the provider knows that are not in the request.
    private final int before;

    private final Conversations.Place place;
    private final Projection projection;
    private final Row.Builder common;
    private List<History.Entry> history = new ArrayList<>();
    private final Notes notes;

    /// Whether the answer is to stand in place of the history: it is part of no conversation.
    private boolean summarises;

    /// Rows of the session that came by another way than its calls, where there may be some.
    private final Optional<KnownParts> earlier;

    /// How many messages of the request stand in what it repeats.
    private final int settled;

    /// The last message of the assistant so far, by the id of its rows; empty at the beginning.
    private String after = "";

    /// Made when first asked for.
    private @Nullable Set<String> knownCalls;

    /// @param before what the provider knows that is not in the request
    MessageRows(MessageReading read, List<History.Entry> before, Conversations.Place place, Projection projection) {
        this.format = read.format();
        this.captured = read.captured();
        this.body = read.body();
        this.request = read.request();
        this.answer = read.answer();
        this.speaker = read.speaker();
        this.before = before.size();
        this.place = place;
        this.projection = projection;
        for (int i = 0; i < before.size(); i++) {
            int match = place.alignment().matches()[i];
            add(
                    match == Alignment.NEW
                            ? before.get(i)
                            : place.known().orElseThrow().entries().get(match));
        }
        this.common = CommonColumns.of(read, place, projection, startedMicros())
                .set("aux_kind", auxKind().orElse(null));
        this.settled = Alignment.settled(request.messages());
        boolean goesOn = place.known().isEmpty() && settled > 0;
        this.earlier = projection.earlier(speaker.session().orElse(""), goesOn);
        // A history that begins with a summary says its notes anew.
        Optional<History> known = place.known().filter(_ -> !request.summary());
        this.notes = format.notes(known.map(History::entries).orElse(List.of()), place.alignment(), request.messages());
    }

    History write() throws IOException {
        request.forEachMessage(format, body, this::isToBeRead, this::requestMessage);
        history = notes.without(history);
        int requestSize = history.size();
        answer();
        if (format.isPrefill(request.fields())) {
            history = history.subList(0, requestSize);
        }
        requestSize = History.withThoughts(history, requestSize);
        boolean answered = captured.outcome() != Outcome.UPSTREAM_CUT
                && captured.outcome() != Outcome.CLIENT_ABORTED
                && captured.outcome() != Outcome.GATEWAY_ERROR
                && captured.status().orElse(500) < 400
                && answer.error().isEmpty();
        return new History(
                history, requestSize, answered, Micros.of(captured.endedAt()), request.setup(), startedMicros());
    }

    private void add(History.Entry entry) {
        history.add(entry);
        if (entry.print().isAssistant() && entry.parts() > 0) {
            after = entry.id();
        }
    }

    private int match(int index) {
        return place.alignment().matches()[before + index];
    }

    /// Whether the message may have a block that is not known; what is known whole is not read again.
    private boolean isToBeRead(int index) {
        int match = match(index);
        if (match != Alignment.NEW && request.messages().get(index).isReference()) {
            return false;
        }
        return match == Alignment.NEW
                || place
                        .known()
                        .orElseThrow()
                        .entries()
                        .get(match)
                        .print()
                        .missingFrom(request.messages().get(index))
                        .stream()
                        .anyMatch(print -> !isKnownCall(print));
    }

    /// @param elements nothing, if the message need not be read
    private void requestMessage(int index, List<JsonNode> elements) {
        MessagePrint print = request.messages().get(index);
        int match = match(index);
        if (match == Alignment.NEW) {
            add(newMessage(index, elements, print));
        } else if (print.isReference()) {
            add(place.known().orElseThrow().entries().get(match));
        } else {
            amend(index, elements, place.known().orElseThrow().entries().get(match), print);
        }
    }

    private History.Entry newMessage(int index, List<JsonNode> elements, MessagePrint print) {
        String id = id(before + index);
        List<String> said = request.summary() && index == 0 ? saidAtTheBeginning() : List.of();
        PartRows rows = partRows(id, "", index < settled);
        int written = 0;
        int part = 0;
        for (JsonNode element : elements) {
            String role = format.role(element);
            for (JsonNode block : format.blocks(element)) {
                int number = part++;
                boolean saidBefore =
                        format.print(block).filter(said::contains).isPresent() || notes.take(index, role, block);
                if (saidBefore) {
                    continue;
                }
                written++;
                Row.Builder row = messageRow(id, before + index, role, number);
                row.set("provider_uuid", format.id(element).orElse(null));
                if (place.alignment().ambiguous()[before + index]) {
                    row.set("attributes", "{\"identity\":\"ambiguous\"}");
                }
                if (((request.summary() && index < 2) || speaker.replaced()) && format.isSummary(block)) {
                    row.set("is_compact_summary", true);
                }
                fill(row, block, index);
                rows.add(row, number);
            }
        }
        return new History.Entry(rows.end(), print, written == 0 ? 0 : Math.max(part, rows.next()));
    }

    private void fill(Row.Builder row, JsonNode block, int index) {
        format.fill(block, projection, row);
        if (index + 1 == request.messages().size() && format.asksForSummary(block)) {
            summarises = true;
            row.set("aux_kind", COMPACTION);
        }
    }

    /// @param response the provider's id of the answer that the message is; empty if it is none
    private PartRows partRows(String id, String response, boolean settled) {
        return new PartRows(projection, earlier, wanted("", response), settled, id);
    }

    private KnownParts.Wanted wanted(String key, String response) {
        return new KnownParts.Wanted(
                new KnownParts.Speaker(
                        speaker.session().orElse(""),
                        speaker.agent().orElse(speaker.isSomeAgent() ? KnownParts.SOME_AGENT : "")),
                key,
                response,
                after,
                Micros.of(captured.startedAt()));
    }

    /// What the session's first message holds beside the prompt, such as reminders: a summary that takes its
    /// place says them again.
    private List<String> saidAtTheBeginning() {
        return place.known().map(History::entries).filter(entries -> !entries.isEmpty()).stream()
                .flatMap(entries -> entries.getFirst().print().blocks().stream())
                .toList();
    }

    /// Whether it is a call or a result that stands in another message of the history: clients join and part messages.
    private boolean isKnownCall(String print) {
        return MessagePrint.isCall(print) && knownCalls().contains(MessagePrint.callOf(print));
    }

    private Set<String> knownCalls() {
        if (knownCalls == null) {
            knownCalls = place.known().map(History::entries).orElse(List.of()).stream()
                    .flatMap(entry -> entry.print().blocks().stream())
                    .map(MessagePrint::callOf)
                    .collect(Collectors.toSet());
        }
        return knownCalls;
    }

    /// Whether it was said in a message of its own before what is said next: a client that has lost an answer
    /// joins what stood on either side of it.
    private boolean isSaidBeforeNext(int index, String print) {
        MessagePrint message = request.messages().get(index);
        List<History.Entry> known = place.known().orElseThrow().entries();
        int at = index + 1 < settled ? match(index + 1) - 1 : -1;
        while (at > match(index) && !known.get(at).print().isAssistant()) {
            MessagePrint other = known.get(at).print();
            if (other.role().equals(message.role()) && other.blocks().contains(print)) {
                return true;
            }
            at--;
        }
        return false;
    }

    /// A message that is known, with blocks that are not: they become further parts of it.
    private void amend(int index, List<JsonNode> elements, History.Entry known, MessagePrint print) {
        List<String> prints = new ArrayList<>(known.print().blocks());
        List<String> unseen = new ArrayList<>(prints);
        int parts = known.parts();
        for (JsonNode element : elements) {
            String role = format.role(element);
            for (JsonNode block : format.blocks(element)) {
                Optional<String> blockPrint = format.print(block);
                if (blockPrint.isEmpty() || unseen.remove(blockPrint.get()) || isKnownCall(blockPrint.get())) {
                    continue;
                }
                int equals = Collections.frequency(prints, blockPrint.get());
                prints.add(blockPrint.get());
                if (notes.take(index, role, block) || isSaidBeforeNext(index, blockPrint.get())) {
                    continue;
                }
                // Another branch may have added the same to the message, or something else.
                if (!projection.isFirst(
                        Messages.DATASET, known.id() + "+" + Hashes.shortHash(blockPrint.get()) + "+" + equals)) {
                    continue;
                }
                while (projection.isSeen(Messages.DATASET, known.id() + "#" + parts)) {
                    parts++;
                }
                Row.Builder row = messageRow(known.id(), before + index, role, parts);
                row.set("provider_uuid", format.id(element).orElse(null));
                row.set("attributes", "{\"identity\":\"amended\"}");
                fill(row, block, index);
                Optional<KnownPart> told =
                        earlier.flatMap(rows -> rows.hear(wanted(PartKey.of(row), ""), index < settled));
                if (told.isPresent()) {
                    PartRows.heard(projection, row, told.get());
                    continue;
                }
                projection.row(row.build(known.id() + "#" + parts));
                parts++;
            }
        }
        add(new History.Entry(known.id(), print.withBlocks(prints), parts));
    }

    private void answer() {
        Optional<JsonNode> error = answer.error();
        boolean isSilent = captured.status().isEmpty() || format.isPrefill(request.fields());
        if (isSilent && answer.messages().isEmpty() && error.isEmpty()) {
            return;
        }
        Grouping grouping = Grouping.of(
                format, answer.messages().stream().map(format::printOf).toList());
        int index = history.size();
        int messages = Math.max(1, grouping.messages().size());
        for (int i = 0; i < messages; i++) {
            boolean last = i == messages - 1;
            List<JsonNode> elements = grouping.messages().isEmpty()
                    ? List.of()
                    : answer.messages().subList(grouping.starts().get(i), grouping.end(i));
            PartRows rows = answerMessage(index + i, elements, i == 0, last ? error : Optional.empty());
            String id = rows.end();
            if (i < grouping.messages().size() && grouping.messages().get(i).canBeKnown()) {
                add(new History.Entry(id, grouping.messages().get(i), rows.next()));
            }
        }
    }

    /// The rows of one message of the answer.
    ///
    /// @param carries whether what is said once for the whole answer stands on its first part
    private PartRows answerMessage(int index, List<JsonNode> elements, boolean carries, Optional<JsonNode> error) {
        AnswerColumns ending = new AnswerColumns(captured, answer, speaker, auxKind());
        List<Consumer<Row.Builder>> parts = new ArrayList<>();
        for (JsonNode element : elements) {
            for (JsonNode block : format.blocks(element)) {
                parts.add(row -> {
                    row.set("provider_uuid", format.id(element).or(answer::id).orElse(null));
                    format.fill(block, projection, row);
                });
            }
        }
        if (error.isPresent() || parts.isEmpty()) {
            parts.add(row -> ending.failure(row.set("provider_uuid", answer.id().orElse(null)), error));
        }
        String id = id(index);
        PartRows rows = partRows(id, answer.id().orElse(""), false);
        for (int i = 0; i < parts.size(); i++) {
            Row.Builder row = messageRow(id, index, "assistant", i)
                    .set("message_created_at", Micros.of(answeredAt()) + index)
                    .set("date", day(answeredAt()))
                    .set("model", answer.model().or(request::model).orElse(null))
                    .set("response_id", answer.id().orElse(null));
            parts.get(i).accept(row);
            if (summarises) {
                row.set("aux_kind", COMPACTION);
            }
            if (carries && i == 0) {
                ending.carry(row);
            }
            rows.add(row, i);
        }
        return rows;
    }

    private Row.Builder messageRow(String id, int index, String role, int part) {
        // Messages first seen in one request are a microsecond apart, so that sorting by time keeps their order.
        return common.copy()
                .set("message_id", id)
                .set("message_index", index)
                .set("message_created_at", Micros.of(captured.startedAt()) + index)
                .set("date", day(captured.startedAt()))
                .set("previous_message_id", previous())
                .set("role", role)
                .set("part_index", part)
                .set("part_id", id + "#" + part);
    }

    private Optional<String> auxKind() {
        return speaker.sideCall()
                .or(() -> format.isPrefill(request.fields()) ? Optional.of("prefill") : Optional.empty());
    }

    private @Nullable String previous() {
        // A message whose notes all stand elsewhere has no row to point to.
        return history.reversed().stream()
                .filter(entry -> entry.parts() > 0)
                .findFirst()
                .map(entry -> Json.text(Json.MAPPER.createArrayNode().add(entry.id())))
                .orElse(null);
    }

    private long startedMicros() {
        return place.known().map(History::startedMicros).orElse(Micros.of(captured.startedAt()));
    }

    private Instant answeredAt() {
        return captured.timeToFirstByte().map(captured.startedAt()::plus).orElse(captured.endedAt());
    }

    private String id(int index) {
        return captured.id().toLowerCase(Locale.ROOT) + "-" + index;
    }

    private static String day(Instant at) {
        return at.atZone(ZoneOffset.UTC).toLocalDate().toString();
    }
}
