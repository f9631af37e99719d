package io.hypaware.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.query.QueryException;
import io.hypaware.read.CacheMisses;
import io.hypaware.read.ExchangeFacts;
import io.hypaware.read.Exchanges;
import io.hypaware.read.Miss;
import io.hypaware.read.Prompt;
import io.hypaware.read.PromptDiff;
import io.hypaware.read.Recorded;
import io.hypaware.read.SessionCall;
import io.hypaware.read.StreamEvents;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An exchange: what went over the wire, and how it differs from the call before.
///
/// @param tokens that its answer counted; empty if it counted none
/// @param events of the answer
/// @param change how its request differs from that of the call before; empty if there is none
public record ExchangeView(
        ExchangeFacts facts,
        String session,
        Optional<SessionCall.Tokens> tokens,
        List<Field> requestHeaders,
        List<Field> responseHeaders,
        Body request,
        Body response,
        StreamEvents events,
        Optional<Change> change,
        ZoneId zone) {

    private static final int MOST_EVENTS = 500;
    private static final int MOST_SHOWN = 200_000;
    private static final int MOST_PARSED = 4_000_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    public record Field(String name, String value) {}

    /// @param text decoded, its beginning
    /// @param characters of it, whole
    /// @param note why it cannot be shown as it is; empty if it can
    public record Body(String text, long characters, String note) {

        public boolean isCut() {
            return characters > text.length();
        }
    }

    /// How a request differs from the one before it in its conversation.
    ///
    /// @param miss if the provider's cache missed
    /// @param before the call before
    /// @param elements that differ
    /// @param equal how many at the beginning are equal
    public record Change(
            Optional<Miss> miss, SessionCall before, List<Element> elements, int equal, int all, String note) {}

    /// @param kind `new`, `gone` or `edited`
    public record Element(String kind, String name, long bytes, List<TextDiff.Line> lines) {}

    static ExchangeView of(Site site, SessionView.Reader reader, String id) throws Exception {
        Recorded recorded = site.recorded();
        Exchanges exchanges = new Exchanges(recorded);
        String exchange = exchanges.named(id);
        ExchangeFacts facts = exchanges.facts(exchange);
        String session = exchanges.session(exchange).orElse(facts.session());
        return new ExchangeView(
                facts,
                session,
                exchanges.tokens(exchange),
                fields(facts.requestHeaders()),
                fields(facts.responseHeaders()),
                body(exchanges, exchange, "request"),
                body(exchanges, exchange, "response"),
                StreamEvents.of(recorded, exchange, MOST_EVENTS),
                session.isEmpty()
                        ? Optional.empty()
                        : change(site, reader.known(session).calls(), exchange),
                site.zone());
    }

    /// @param calls of its session
    /// @return nothing if no call came before it
    static Optional<Change> change(Site site, List<SessionCall> calls, String exchange) throws Exception {
        Map<String, SessionCall> last = new HashMap<>();
        for (SessionCall call : calls) {
            Optional<SessionCall> previous = CacheMisses.follows(last, call);
            if (call.exchangeId().equals(exchange)) {
                return previous.isEmpty() ? Optional.empty() : Optional.of(change(site, previous.get(), call));
            }
        }
        return Optional.empty();
    }

    private static Change change(Site site, SessionCall before, SessionCall call) throws Exception {
        Exchanges exchanges = new Exchanges(site.recorded());
        Map<String, Prompt> read = new HashMap<>();
        CacheMisses.Prompts prompts = one -> {
            Prompt known = read.get(one.exchangeId());
            if (known == null) {
                known = exchanges.prompt(one.exchangeId());
                read.put(one.exchangeId(), known);
            }
            return known;
        };
        Optional<Miss> miss = CacheMisses.isMiss(before, call)
                ? new CacheMisses(prompts, site.prices().call())
                        .find(List.of(before, call)).stream().findFirst()
                : Optional.empty();
        try {
            PromptDiff diff = PromptDiff.of(prompts.of(before), prompts.of(call));
            List<Element> elements = new ArrayList<>();
            diff.modelChanged()
                    .ifPresent(model -> elements.add(
                            new Element("edited", "the model", 0, TextDiff.of(model.before(), model.after()))));
            diff.changes().forEach(change -> elements.add(element(change)));
            return new Change(miss, before, elements, diff.firstDifference(), diff.before(), "");
        } catch (IOException e) {
            return new Change(miss, before, List.of(), 0, 0, Html.visible(String.valueOf(e.getMessage())));
        }
    }

    private static Element element(PromptDiff.Change change) {
        return switch (change) {
            case PromptDiff.Change.Added(Prompt.Element element) ->
                new Element("new", Html.line(element.name(), 120), element.bytes(), shown("new", element));
            case PromptDiff.Change.Removed(Prompt.Element element) ->
                new Element("gone", Html.line(element.name(), 120), element.bytes(), shown("gone", element));
            case PromptDiff.Change.Edited(Prompt.Element old, Prompt.Element element, var _) ->
                new Element(
                        "edited",
                        Html.line(element.name(), 120),
                        element.bytes(),
                        TextDiff.of(pretty(old.text()), pretty(element.text())));
        };
    }

    private static List<TextDiff.Line> shown(String kind, Prompt.Element element) {
        return TextDiff.lines(pretty(element.text())).stream()
                .limit(40)
                .map(line -> new TextDiff.Line(kind, line))
                .toList();
    }

    /// JSON with its texts' lines under each other, so that a change of a line is one.
    private static String pretty(String text) {
        try {
            JsonNode json = JSON.readTree(text);
            return (json.isContainerNode() ? json.toPrettyString() : text)
                    .replace("\\n", "\n")
                    .replace("\\t", "\t");
        } catch (JsonProcessingException e) {
            return text;
        }
    }

    private static List<Field> fields(Optional<String> headers) {
        List<Field> fields = new ArrayList<>();
        try {
            for (JsonNode header : JSON.readTree(headers.orElse("[]"))) {
                fields.add(new Field(
                        Html.visible(header.path(0).asText()),
                        Html.visible(header.path(1).asText())));
            }
        } catch (JsonProcessingException e) {
            headers.ifPresent(text -> fields.add(new Field("", Html.visible(text))));
        }
        return fields;
    }

    private static Body body(Exchanges exchanges, String exchange, String which) throws QueryException, SQLException {
        FirstBytes first = new FirstBytes();
        String note = "";
        try {
            long missing = exchanges.copyBody(exchange, which, true, first);
            note = missing == 0 ? "" : Html.size(missing) + " of it were not recorded.";
        } catch (IOException e) {
            note = "It cannot be decoded: " + Html.visible(String.valueOf(e.getMessage()))
                    + ". The bytes as they were: download.";
        }
        String text = first.text();
        if (first.all <= MOST_PARSED && (text.startsWith("{") || text.startsWith("["))) {
            try {
                text = JSON.readTree(text).toPrettyString();
            } catch (JsonProcessingException e) {
                // Shown as it is.
            }
        }
        return new Body(Html.visible(Html.whole(text, MOST_SHOWN)), Math.max(text.length(), first.all), note);
    }

    /// Keeps the beginning and counts the rest.
    private static final class FirstBytes extends OutputStream {

        private byte[] bytes = new byte[8 * 1024];
        private int kept;
        private long all;

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) {
            int more = Math.min(length, MOST_PARSED - kept);
            if (kept + more > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.min(MOST_PARSED, Math.max(kept + more, 2 * bytes.length)));
            }
            System.arraycopy(source, offset, bytes, kept, more);
            kept += more;
            all += length;
        }

        private String text() {
            return new String(bytes, 0, kept, StandardCharsets.UTF_8);
        }
    }
}
