package io.hypaware.read;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.journal.Micros;
import io.hypaware.project.Json;
import io.hypaware.project.Projector;
import io.hypaware.project.Projectors;
import io.hypaware.query.QueryException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.stream.Gatherers;

/// Requests as the model saw them: where the provider keeps the history, with what was said before, as far as it is
/// recorded.
public final class WholeRequests {

    /// Longer chains are cut at their beginning.
    private static final int MOST_CALLS = 2_000;

    private static final int MOST_KEPT = 4;

    /// Calls whose bodies are read at once.
    private static final int BATCH = 200;

    /// A client that prepares a connection does so right before.
    private static final int MOST_PREPARING = 5;

    /// A request with all that was said before it.
    ///
    /// @param missing the answer that it goes on from and that is not recorded
    public record Whole(ObjectNode request, Optional<String> missing) {}

    /// A call that brought an answer.
    ///
    /// @param continues the answer that it went on from
    private record Link(String exchange, String session, String answer, Optional<String> continues, Instant at) {}

    /// What was said up to a call, its answer with it.
    private record Chain(List<JsonNode> said, Optional<String> missing) {}

    private final Recorded recorded;
    private final Exchanges exchanges;
    private final Projectors projectors = new Projectors();

    /// By answer, the calls that brought it, in their order: other sessions may have answers of the same name. Read
    /// when first asked for.
    private Optional<Map<String, List<Link>>> links = Optional.empty();

    /// By exchange.
    private final Map<String, Chain> kept = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Chain> eldest) {
            return size() > MOST_KEPT;
        }
    };

    public WholeRequests(Recorded recorded) {
        this.recorded = recorded;
        this.exchanges = new Exchanges(recorded);
    }

    /// The whole request of an exchange.
    ///
    /// @throws IOException if it cannot be read, or says no messages
    public Whole of(String exchangeId) throws IOException, QueryException, SQLException {
        Projector.Said call = said(List.of(exchangeId)).get(exchangeId);
        if (call == null) {
            throw new QueryException("exchange " + exchangeId + " says no messages; hyp exchange show " + exchangeId
                    + " tells what it is");
        }
        Chain before = call.continues().isEmpty()
                ? new Chain(List.of(), Optional.empty())
                : before(exchanges.facts(exchangeId), call.continues().get());
        ObjectNode request = call.request().deepCopy();
        ArrayNode messages = request.putArray(call.messagesField());
        messages.addAll(before.said()).addAll(call.messages());
        call.continues().ifPresent(_ -> request.remove("previous_response_id"));
        return new Whole(request, before.missing());
    }

    private Chain before(ExchangeFacts call, String continued) throws IOException, QueryException, SQLException {
        SequencedSet<String> open = new LinkedHashSet<>();
        Optional<String> answer = Optional.of(continued);
        Instant at = call.startedAt();
        Chain chain = new Chain(List.of(), Optional.empty());
        while (answer.isPresent()) {
            Optional<Link> link = link(call.session(), answer.get(), at)
                    .filter(found -> !found.exchange().equals(call.id()));
            boolean isLoop = link.isPresent() && open.contains(link.get().exchange());
            if (link.isEmpty() || isLoop || open.size() == MOST_CALLS) {
                boolean prepared = link.isEmpty() && isPrepared(call, answer.get(), at);
                chain = new Chain(List.of(), prepared ? Optional.empty() : answer);
                break;
            }
            Chain known = kept.get(link.get().exchange());
            if (known != null) {
                chain = known;
                break;
            }
            open.add(link.get().exchange());
            answer = link.get().continues();
            at = link.get().at();
        }
        if (open.isEmpty()) {
            return chain;
        }
        List<JsonNode> said = new ArrayList<>(chain.said());
        Map<String, Projector.Said> calls = said(List.copyOf(open));
        for (String exchange : open.reversed()) {
            Projector.Said one = calls.get(exchange);
            if (one != null) {
                said.addAll(one.messages());
                said.addAll(one.answer());
            }
        }
        Chain whole = new Chain(said, chain.missing());
        kept.put(open.getFirst(), whole);
        return whole;
    }

    /// The last call of a session before a time that brought an answer of this name.
    private Optional<Link> link(String session, String answer, Instant before)
            throws QueryException, SQLException, IOException {
        return links().getOrDefault(answer, List.of()).stream()
                .filter(link -> link.session().equals(session) && link.at().isBefore(before))
                .reduce((_, later) -> later);
    }

    private Map<String, List<Link>> links() throws QueryException, SQLException, IOException {
        if (links.isEmpty()) {
            Map<String, List<Link>> found = new HashMap<>();
            recorded.run(
                    "select e.exchange_id, any_value(e.session_id), m.attributes->>'response_id' as answer,"
                            + " any_value(m.attributes->>'previous_response_id'), epoch_us(any_value(e.started_at)) as began"
                            + " from ai_gateway_messages m join exchanges e using (exchange_id)"
                            + " where m.attributes->>'response_id' is not null group by e.exchange_id, answer order by began",
                    row -> {
                        Link link = new Link(
                                Recorded.text(row, 1),
                                Recorded.text(row, 2),
                                Recorded.text(row, 3),
                                Optional.ofNullable(row.getString(4)),
                                Recorded.instant(row, 5));
                        found.computeIfAbsent(link.answer(), _ -> new ArrayList<>())
                                .add(link);
                    });
            links = Optional.of(found);
        }
        return links.get();
    }

    /// Whether an answer is that of a call by which a client only prepared its connection, so that nothing was said in
    /// it.
    private boolean isPrepared(ExchangeFacts call, String answer, Instant before)
            throws QueryException, SQLException, IOException {
        if (call.connection().isEmpty()) {
            return false;
        }
        List<String> near = new ArrayList<>();
        recorded.run(
                "select exchange_id from exchanges where connection_id = " + Recorded.literal(call.connection())
                        + " and epoch_us(started_at) <= " + Micros.of(before)
                        + " and exchange_id not in (select exchange_id from ai_gateway_messages where exchange_id is not null)"
                        + " order by started_at desc limit " + MOST_PREPARING,
                row -> near.add(Recorded.text(row, 1)));
        boolean[] found = new boolean[1];
        if (!near.isEmpty()) {
            exchanges.each(near, (_, exchange) -> {
                try (InputStream in = exchange.response().open()) {
                    found[0] |= new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            .contains(Json.text(Json.MAPPER.getNodeFactory().textNode(answer)));
                }
            });
        }
        return found[0];
    }

    /// What calls say, each by its exchange; without those that say no messages.
    private Map<String, Projector.Said> said(List<String> exchangeIds)
            throws IOException, QueryException, SQLException {
        Map<String, Projector.Said> said = new HashMap<>();
        for (List<String> ids :
                exchangeIds.stream().gather(Gatherers.windowFixed(BATCH)).toList()) {
            exchanges.each(ids, (facts, exchange) -> {
                Optional<Projector> projector = projectors.of(exchange.captured());
                if (projector.isPresent()) {
                    projector.get().read(exchange).whole().ifPresent(call -> said.put(facts.id(), call));
                }
            });
        }
        return said;
    }
}
