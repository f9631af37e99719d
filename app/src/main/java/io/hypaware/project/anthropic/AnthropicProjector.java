package io.hypaware.project.anthropic;

import io.hypaware.journal.CapturedExchange;
import io.hypaware.journal.Micros;
import io.hypaware.journal.Outcome;
import io.hypaware.project.Bodies;
import io.hypaware.project.Exchange;
import io.hypaware.project.ExchangeRow;
import io.hypaware.project.History;
import io.hypaware.project.Json;
import io.hypaware.project.Placement;
import io.hypaware.project.Projector;
import io.hypaware.project.Session;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/// Projects calls of the Messages API (`POST /v1/messages`).
public final class AnthropicProjector implements Projector {

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
        RequestOutline request = RequestOutline.read(() -> requestBody(exchange));
        Answer answer = Answer.none();
        if (captured.status().isPresent()) {
            try (InputStream body = Bodies.readable(
                    exchange.response().get(),
                    captured.responseHeader("content-encoding").orElse(""))) {
                answer = AnswerReader.read(body, captured.status().orElseThrow());
            }
        }
        return new AnthropicReading(exchange, request, answer);
    }

    static InputStream requestBody(Exchange exchange) throws IOException {
        return Bodies.readable(
                exchange.request().get(),
                exchange.captured().requestHeader("content-encoding").orElse(""));
    }

    /// One exchange, read.
    private record AnthropicReading(Exchange exchange, RequestOutline request, Answer answer) implements Reading {

        @Override
        public ExchangeRow.Details details() {
            return new ExchangeRow.Details(
                    session(),
                    answer.model().or(request::model),
                    Optional.of(request.stream()
                            || ExchangeRow.Details.of(exchange.captured()).stream()
                                    .orElse(false)),
                    unread().or(() -> answer.error().flatMap(e -> Json.textAt(e, "message"))));
        }

        private Optional<String> unread() {
            return request.error()
                    .map(why -> "the request body cannot be read whole: " + why)
                    .or(() -> answer.unread()
                            .filter(_ -> exchange.captured().outcome() == Outcome.COMPLETED)
                            .map(why -> "the answer cannot be read whole: " + why));
        }

        @Override
        public Optional<String> problem() {
            return unread();
        }

        @Override
        public Optional<String> session() {
            return Session.of(exchange.captured().requestHeader(Session.HEADER), request.userId())
                    .id();
        }

        @Override
        public Optional<String> agent() {
            return exchange.captured().requestHeader(MessageRows.AGENT_HEADER).filter(a -> !a.isBlank());
        }

        @Override
        public Placement.Call call() {
            boolean retry = exchange.captured()
                    .requestHeader("x-stainless-retry-count")
                    .filter(count -> !count.equals("0"))
                    .isPresent();
            return new Placement.Call(
                    request.messages(),
                    session().isPresent(),
                    agent(),
                    Micros.of(exchange.captured().startedAt()),
                    request.setup(),
                    retry,
                    request.summary());
        }

        @Override
        public Optional<String> sideCall() {
            return SideCall.of(request);
        }

        @Override
        public History write(Conversation conversation, Sink sink) throws IOException {
            return new MessageRows(exchange, request, answer, conversation, sink).write();
        }
    }
}
