package io.hypaware.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.query.QueryException;
import io.hypaware.query.ResultWriter;
import io.hypaware.read.ExchangeFacts;
import io.hypaware.read.Exchanges;
import io.hypaware.read.Prompt;
import io.hypaware.read.SaidPart;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// One exchange as a page for people.
final class ExchangePage {

    private static final ObjectMapper JSON = new ObjectMapper();
    /// Where nothing is known.
    private static final String NONE = "-";

    private static final int MOST_TEXT = 2_000;

    static void print(Exchanges exchanges, String exchange, PrintWriter out)
            throws QueryException, SQLException, IOException {
        ExchangeFacts facts = exchanges.facts(exchange);
        head(facts, out);
        if (facts.isConnection()) {
            turns(exchanges, exchange, out);
        } else if (facts.requestBytes() > 0) {
            request(exchanges, exchange, out);
        }
        exchanges
                .tokens(exchange)
                .ifPresent(tokens -> out.printf(
                        "tokens    in %d, out %d, read from the cache %d, written to it %d%n",
                        tokens.input(), tokens.output(), tokens.cacheRead(), tokens.cacheWrite()));
        exchanges.parts(exchange, part -> part(part, out));
        out.println();
        if (facts.requestBytes() + facts.responseBytes() > 0) {
            out.println("bodies byte for byte: hyp exchange show " + exchange + " --raw request | response");
        }
        out.flush();
    }

    private static void head(ExchangeFacts facts, PrintWriter out) throws IOException {
        out.printf("exchange  %s%n", text(facts.id()));
        out.printf(
                "          %s %s to %s at %s UTC%n",
                text(facts.method()), text(facts.path()), text(facts.upstream()), Results.time(facts.startedAt()));
        out.printf(
                "          status %s, %s, closed by %s; first byte after %s ms, %s ms in all%n",
                number(facts.status()),
                text(facts.outcome()),
                text(facts.closedBy()),
                number(facts.firstByteMillis()),
                number(facts.durationMillis()));
        out.printf(
                "          client %s %s, model %s, session %s%n",
                text(facts.clientName()), text(facts.clientVersion()), text(facts.model()), text(facts.session()));
        if (!facts.connection().isEmpty()) {
            out.printf("          over connection %s%n", text(facts.connection()));
        }
        facts.error().ifPresent(error -> out.printf("error     %s%n", Results.line(error, MOST_TEXT)));
        out.printf("bytes     request %d, response %d%n", facts.requestBytes(), facts.responseBytes());
        headers("request", facts.requestHeaders(), out);
        headers("response", facts.responseHeaders(), out);
    }

    private static void headers(String which, Optional<String> headers, PrintWriter out) throws IOException {
        if (headers.isPresent()) {
            out.println(which + " headers");
            for (JsonNode header : JSON.readTree(headers.get())) {
                out.printf(
                        "  %s: %s%n",
                        Results.line(header.path(0).asText(), 200),
                        Results.line(header.path(1).asText(), 200));
            }
        }
    }

    /// The calls that a connection carried are exchanges of their own.
    private static void turns(Exchanges exchanges, String connection, PrintWriter out)
            throws QueryException, SQLException, IOException {
        long turns = exchanges.turns(connection);
        out.printf(
                "calls     %d over this connection: hyp exchange list --connection %s%n"
                        + "          the bodies of this exchange are what was said beside them%n",
                turns, connection);
    }

    private static void request(Exchanges exchanges, String exchange, PrintWriter out) {
        try {
            Prompt prompt = exchanges.prompt(exchange);
            out.printf(
                    "prompt    %s (%s), %s (%s), %s (%s); %s%n",
                    Results.count(prompt.of(Prompt.Kind.TOOL).size(), "tool"),
                    bytes(prompt.of(Prompt.Kind.TOOL)),
                    Results.count(prompt.of(Prompt.Kind.SYSTEM).size(), "system block"),
                    bytes(prompt.of(Prompt.Kind.SYSTEM)),
                    Results.count(prompt.of(Prompt.Kind.MESSAGE).size(), "message block"),
                    bytes(prompt.of(Prompt.Kind.MESSAGE)),
                    prompt.marked() == 0 ? "no cache mark" : "the last cache mark is on element " + prompt.marked());
        } catch (IOException e) {
            out.println("prompt    the request is no prompt that can be read");
        }
    }

    private static String bytes(List<Prompt.Element> elements) {
        return StatusText.size(
                elements.stream().mapToLong(Prompt.Element::bytes).sum());
    }

    private static void part(SaidPart part, PrintWriter out) {
        String shown = part.type().equals("tool_call") ? part.tool() + " " + part.arguments() : part.text();
        out.printf(
                "%n%s, %s%n  %s%n",
                text(part.role()), text(part.type()), shown.isEmpty() ? NONE : Results.line(shown, MOST_TEXT));
    }

    private static String text(String value) {
        return value.isEmpty() ? NONE : ResultWriter.shown(value);
    }

    private static String number(Optional<? extends Number> value) {
        return value.map(Object::toString).orElse(NONE);
    }

    private ExchangePage() {}
}
