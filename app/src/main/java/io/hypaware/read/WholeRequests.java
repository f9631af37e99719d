package io.hypaware.read;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.project.Exchange;
import io.hypaware.project.Projector;
import io.hypaware.project.Projectors;
import io.hypaware.query.QueryException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Requests as the model saw them: where the provider keeps the history, with what was said before, as far as it is
/// recorded.
public final class WholeRequests {

    /// Longer chains are cut at their beginning.
    private static final int MOST_CALLS = 2_000;

    private static final int MOST_KEPT = 4;

    /// A request with all that was said before it.
    ///
    /// @param missing the answer that it goes on from and that is not recorded
    public record Whole(ObjectNode request, Optional<String> missing) {}

    private final Recorded recorded;
    private final Exchanges exchanges;
    private final Projectors projectors = new Projectors();

    /// By answer, the exchange that brought it. Read when first asked for.
    private Optional<Map<String, String>> answers = Optional.empty();

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

    /// What was said up to a call, its answer with it.
    private record Chain(List<JsonNode> said, Optional<String> missing) {}

    /// The whole request of an exchange.
    ///
    /// @throws IOException if it cannot be read, or says no messages
    public Whole of(String exchangeId) throws IOException, QueryException, SQLException {
        Projector.Said call = said(exchangeId);
        Chain before = before(call);
        ObjectNode request = call.request().deepCopy();
        ArrayNode messages = request.putArray(call.messagesField());
        messages.addAll(before.said()).addAll(call.messages());
        call.continues().ifPresent(_ -> request.remove("previous_response_id"));
        return new Whole(request, before.missing());
    }

    private Chain before(Projector.Said call) throws IOException, QueryException, SQLException {
        List<String> open = new ArrayList<>();
        List<Projector.Said> calls = new ArrayList<>();
        Optional<String> answer = call.continues();
        Chain chain = new Chain(List.of(), Optional.empty());
        while (answer.isPresent()) {
            String exchange = answers().get(answer.get());
            if (exchange == null || open.contains(exchange) || open.size() == MOST_CALLS) {
                chain = new Chain(List.of(), answer);
                break;
            }
            Chain known = kept.get(exchange);
            if (known != null) {
                chain = known;
                break;
            }
            Projector.Said said = said(exchange);
            open.add(exchange);
            calls.add(said);
            answer = said.continues();
        }
        for (int i = calls.size() - 1; i >= 0; i--) {
            List<JsonNode> said = new ArrayList<>(chain.said());
            said.addAll(calls.get(i).messages());
            said.addAll(calls.get(i).answer());
            chain = new Chain(said, chain.missing());
            kept.put(open.get(i), chain);
        }
        return chain;
    }

    private Map<String, String> answers() throws QueryException, SQLException, IOException {
        if (answers.isEmpty()) {
            Map<String, String> found = new HashMap<>();
            recorded.run(
                    "select attributes->>'response_id', exchange_id from ai_gateway_messages"
                            + " where attributes->>'response_id' is not null order by message_created_at",
                    row -> found.put(Recorded.text(row, 1), Recorded.text(row, 2)));
            answers = Optional.of(found);
        }
        return answers.get();
    }

    private Projector.Said said(String exchangeId) throws IOException, QueryException, SQLException {
        Exchange exchange = exchanges.exchange(exchangeId);
        Optional<Projector> projector = projectors.of(exchange.captured());
        Optional<Projector.Said> said = projector.isEmpty()
                ? Optional.empty()
                : projector.get().read(exchange).whole();
        return said.orElseThrow(() -> new QueryException(
                "exchange " + exchangeId + " says no messages; hyp exchange show " + exchangeId + " tells what it is"));
    }
}
