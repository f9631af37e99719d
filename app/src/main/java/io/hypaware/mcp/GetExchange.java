package io.hypaware.mcp;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.mcp.Arguments.RefusedException;
import io.hypaware.query.QueryException;
import io.hypaware.read.ExchangeFacts;
import io.hypaware.read.Exchanges;
import io.hypaware.read.Recorded;
import io.hypaware.read.SessionCall;
import io.hypaware.read.SessionParts;
import io.hypaware.read.SessionParts.Part;
import io.hypaware.secret.Redactor;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// One call on the wire, or a piece of one of its bodies.
final class GetExchange implements Tool {

    private static final int MOST_PARTS = 500;

    @Override
    public String name() {
        return "get_exchange";
    }

    @Override
    public String title() {
        return "Read one call";
    }

    @Override
    public String description() {
        return "One call to a model: when, to which provider and model, how it ended, how long it took, its tokens, and"
                + " the parts that were new in it. With body, the request or the response as it was on the wire"
                + " (content encodings undone), from offset on.";
    }

    @Override
    public List<Param> params() {
        return List.of(
                Param.text("exchange", 300, "The exchange's id, or the beginning of it.")
                        .required(),
                Param.choice("body", List.of("request", "response"), "Read this body instead."),
                Param.number("offset", 0, 1_000_000_000, 0, "With body: the byte to begin at."),
                Param.number("text_chars", 20, 100_000, 400, "Most characters of each part's text."),
                BYTES);
    }

    @Override
    public Answer answer(Arguments arguments, Question question)
            throws RefusedException, QueryException, SQLException, IOException {
        Recorded recorded = question.recorded();
        Exchanges exchanges = new Exchanges(recorded);
        String exchange = exchanges.named(arguments.text("exchange"));
        Optional<String> body = arguments.maybe("body");
        if (body.isPresent()) {
            return body(question, exchange, body.get(), arguments);
        }
        ExchangeFacts facts = exchanges.facts(exchange);
        Answer answer = new Answer("parts", arguments.number("max_bytes"), question.redactor());
        head(facts, answer.facts());
        exchanges.tokens(exchange).ifPresent(tokens -> {
            answer.facts().set("tokens", ListSessions.tokens(tokens));
            cost(question, facts, answer, tokens);
        });
        int characters = arguments.number("text_chars");
        List<Part> parts = new SessionParts(recorded).ofExchange(exchange, characters + Redactor.BEHIND, MOST_PARTS);
        for (Part part : parts) {
            if (!answer.add(GetSession.json(part, facts.session(), characters, question.redactor()))) {
                answer.note("%d more parts did not fit; get_session shows all of them, in pages"
                        .formatted(parts.size() - answer.count()));
                break;
            }
        }
        return answer;
    }

    private static void cost(Question question, ExchangeFacts facts, Answer answer, SessionCall.Tokens tokens) {
        try {
            question.prices()
                    .cost(facts.model(), tokens)
                    .ifPresent(micros -> answer.facts().put("cost_usd", ListSessions.dollars(micros)));
        } catch (IOException e) {
            answer.note("the price table cannot be read: " + e.getMessage());
        }
    }

    private static void head(ExchangeFacts facts, ObjectNode node) {
        node.put("exchange", facts.id()).put("time", facts.startedAt().toString());
        ListSessions.put(node, "session_id", facts.session());
        ListSessions.put(node, "call", facts.method() + " " + facts.path());
        ListSessions.put(node, "upstream", facts.upstream());
        ListSessions.put(node, "model", facts.model());
        ListSessions.put(node, "client", (facts.clientName() + " " + facts.clientVersion()).strip());
        facts.status().ifPresent(status -> node.put("status", status));
        ListSessions.put(node, "outcome", facts.outcome());
        facts.error().ifPresent(error -> node.put("error", error));
        facts.firstByteMillis().ifPresent(millis -> node.put("first_byte_ms", millis));
        facts.durationMillis().ifPresent(millis -> node.put("duration_ms", millis));
        node.put("request_bytes", facts.requestBytes()).put("response_bytes", facts.responseBytes());
        ListSessions.put(node, "connection", facts.connection());
    }

    private static Answer body(Question question, String exchange, String which, Arguments arguments)
            throws QueryException, SQLException, IOException {
        int offset = arguments.number("offset");
        ByteWindow window = new ByteWindow(offset, arguments.number("max_bytes"));
        long missing = new Exchanges(question.recorded()).copyBody(exchange, which, true, window);
        Answer answer = new Answer("texts", arguments.number("max_bytes"), question.redactor());
        answer.facts().put("exchange", exchange).put("body", which).put("bytes", window.all());
        answer.facts().put("offset", window.begin());
        if (missing > 0) {
            answer.note("%,d bytes of it were not recorded".formatted(missing));
        }
        window.add(answer, question.redactor());
        return answer;
    }
}
