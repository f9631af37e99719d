package io.hypaware.project.message;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.journal.CapturedExchange;
import io.hypaware.journal.Micros;
import io.hypaware.journal.Outcome;
import io.hypaware.project.Body;
import io.hypaware.project.ExchangeRow;
import io.hypaware.project.Json;
import io.hypaware.project.Projection;
import io.hypaware.project.Projector;
import io.hypaware.project.conversation.Conversations;
import io.hypaware.project.conversation.History;
import io.hypaware.project.conversation.MessagePrint;
import io.hypaware.project.conversation.Placement;
import io.hypaware.project.known.KnownParts;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/// A call that says messages, read.
///
/// @param body of the request, in the clear
/// @param continues the answer that the request goes on after, if the provider keeps the history
public record MessageReading(
        WireFormat format,
        CapturedExchange captured,
        Body body,
        RequestOutline request,
        Answer answer,
        Speaker speaker,
        Optional<String> continues)
        implements Projector.Reading {

    @Override
    public ExchangeRow.Details details() {
        return new ExchangeRow.Details(
                speaker.session(),
                answer.model().or(request::model),
                Optional.of(request.stream()
                        || ExchangeRow.Details.of(captured).stream().orElse(false)),
                problem().or(() -> answer.error().flatMap(e -> Json.textAt(e, "message"))),
                Optional.of(answer.usage().raw()).filter(usage -> !usage.isEmpty()));
    }

    @Override
    public Optional<String> problem() {
        return request.error()
                .map(why -> "the request body cannot be read whole: " + why)
                .or(() -> answer.unread()
                        .filter(_ -> captured.outcome() == Outcome.COMPLETED)
                        .map(why -> "the answer cannot be read whole: " + why));
    }

    @Override
    public Projector.Whence whence() {
        return new Projector.Whence(
                speaker.session(), speaker.agent(), speaker.folder().path());
    }

    @Override
    public void write(Projection projection) throws IOException {
        Conversations conversations = projection.conversations();
        String session = speaker.session().orElse("");
        Optional<Conversations.Before> continued = format.goesOn(request.fields())
                ? conversations.tip(session)
                : continues.flatMap(answer -> conversations.until(session, answer));
        List<History.Entry> before =
                continued.map(Conversations.Before::entries).orElse(List.of());
        Conversations.Place place = conversations.place(
                new Conversations.Origin(
                        captured.id(),
                        session,
                        speaker.agent().orElse(""),
                        speaker.sideCall().isPresent(),
                        continued,
                        told(projection, session)),
                placed(before));
        History history = new MessageRows(this, before, place, projection).write();
        // A call that says nothing, as when a client only prepares a connection, is no conversation.
        if (!history.entries().isEmpty()) {
            conversations.extend(place, history, answer.id().filter(_ -> format.keepsHistory()));
        }
    }

    /// The conversation in which a transcript told of who speaks.
    private Optional<String> told(Projection projection, String session) {
        return speaker.sideCall().isPresent()
                ? Optional.empty()
                : projection
                        .earlier(session, false)
                        .flatMap(rows -> rows.conversation(
                                new KnownParts.Speaker(session, speaker.agent().orElse(""))));
    }

    @Override
    public Optional<Projector.Said> whole() throws IOException {
        try (InputStream in = body.open()) {
            if (!(Json.MAPPER.readTree(in) instanceof ObjectNode whole)) {
                return Optional.empty();
            }
            JsonNode messages = Optional.<JsonNode>ofNullable(whole.remove(format.messagesField()))
                    .orElseGet(Json.MAPPER::createArrayNode);
            List<JsonNode> said = messages.isArray()
                    ? StreamSupport.stream(messages.spliterator(), false).toList()
                    : List.of(Json.object().put("role", "user").set("content", messages));
            return Optional.of(new Projector.Said(whole, format.messagesField(), said, answer.messages(), continues));
        } catch (JsonProcessingException | CharConversionException e) {
            return Optional.empty();
        }
    }

    private Placement.Request placed(List<History.Entry> before) {
        boolean retry = captured.requestHeader("x-stainless-retry-count")
                .filter(count -> !count.equals("0"))
                .isPresent();
        List<MessagePrint> messages = new ArrayList<>();
        before.forEach(entry -> messages.add(entry.print()));
        messages.addAll(request.messages());
        return new Placement.Request(
                messages,
                speaker.session().isPresent() && !speaker.isSomeAgent(),
                speaker.agent(),
                Micros.of(captured.startedAt()),
                request.setup(),
                retry,
                request.summary(),
                speaker.replaced());
    }
}
