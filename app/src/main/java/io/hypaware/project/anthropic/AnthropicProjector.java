package io.hypaware.project.anthropic;

import io.hypaware.journal.CapturedExchange;
import io.hypaware.journal.Micros;
import io.hypaware.journal.Outcome;
import io.hypaware.project.Body;
import io.hypaware.project.Caller;
import io.hypaware.project.Exchange;
import io.hypaware.project.ExchangeRow;
import io.hypaware.project.Json;
import io.hypaware.project.Projection;
import io.hypaware.project.Projector;
import io.hypaware.project.conversation.Conversations;
import io.hypaware.project.conversation.History;
import io.hypaware.project.conversation.Placement;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/// Projects calls of the Messages API (`POST /v1/messages`).
public final class AnthropicProjector implements Projector {

    private final RecentRequests recent = new RecentRequests();

    @Override
    public boolean accepts(CapturedExchange exchange) {
        String path = exchange.path().split("\\?", 2)[0].replaceAll("/+$", "");
        return exchange.provider().equals("anthropic")
                && exchange.method().equals("POST")
                && path.endsWith("/v1/messages");
    }

    @Override
    public Reading read(Exchange exchange) throws IOException {
        CapturedExchange captured = exchange.captured();
        Body body = exchange.readableRequest();
        String session = captured.requestHeader(Caller.HEADER).orElse("") + " "
                + captured.requestHeader(MessageRows.AGENT_HEADER).orElse("");
        RequestOutline request = RequestOutline.read(body, recent.of(session));
        body.bytes().ifPresent(bytes -> recent.put(session, bytes, request));
        Answer answer = Answer.none();
        if (captured.status().isPresent()) {
            try (InputStream in = exchange.readableResponse().open()) {
                answer = AnswerReader.read(in, captured.status().orElseThrow());
            }
        }
        return new AnthropicReading(captured, body, request, answer);
    }

    /// One exchange, read.
    record AnthropicReading(CapturedExchange captured, Body body, RequestOutline request, Answer answer)
            implements Reading {

        @Override
        public ExchangeRow.Details details() {
            return new ExchangeRow.Details(
                    session(),
                    answer.model().or(request::model),
                    Optional.of(request.stream()
                            || ExchangeRow.Details.of(captured).stream().orElse(false)),
                    unread().or(() -> answer.error().flatMap(e -> Json.textAt(e, "message"))));
        }

        private Optional<String> unread() {
            return request.error()
                    .map(why -> "the request body cannot be read whole: " + why)
                    .or(() -> answer.unread()
                            .filter(_ -> captured.outcome() == Outcome.COMPLETED)
                            .map(why -> "the answer cannot be read whole: " + why));
        }

        @Override
        public Optional<String> problem() {
            return unread();
        }

        private Optional<String> session() {
            return Caller.of(captured.requestHeader(Caller.HEADER), request.userId())
                    .id();
        }

        private Optional<String> agent() {
            return captured.requestHeader(MessageRows.AGENT_HEADER).filter(a -> !a.isBlank());
        }

        private Placement.Request placed() {
            boolean retry = captured.requestHeader("x-stainless-retry-count")
                    .filter(count -> !count.equals("0"))
                    .isPresent();
            return new Placement.Request(
                    request.messages(),
                    session().isPresent(),
                    agent(),
                    Micros.of(captured.startedAt()),
                    request.setup(),
                    retry,
                    request.summary());
        }

        @Override
        public void write(Projection projection) throws IOException {
            Conversations conversations = projection.conversations();
            Conversations.Place place = conversations.place(
                    new Conversations.Origin(
                            captured.id(),
                            session().orElse(""),
                            agent().orElse(""),
                            SideCall.of(request).isPresent()),
                    placed());
            History history = new MessageRows(this, place, projection).write();
            conversations.extend(place, history);
        }
    }
}
