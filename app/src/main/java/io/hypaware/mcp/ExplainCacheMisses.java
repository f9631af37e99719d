package io.hypaware.mcp;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.hypaware.mcp.Arguments.RefusedException;
import io.hypaware.query.QueryException;
import io.hypaware.read.CacheMisses;
import io.hypaware.read.Exchanges;
import io.hypaware.read.Miss;
import io.hypaware.read.RecordJson;
import io.hypaware.read.Recorded;
import io.hypaware.read.SessionCall;
import io.hypaware.read.Sessions;
import io.hypaware.secret.Redactor;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Why a session's prompt cache missed.
final class ExplainCacheMisses implements Tool {

    @Override
    public String name() {
        return "explain_cache_misses";
    }

    @Override
    public String title() {
        return "Explain cache misses";
    }

    @Override
    public String description() {
        return "Why the prompt cache of a session missed: for each call that read less from the cache than was in it,"
                + " the first element of the prompt that differs from the call before (a tool, the system text, the"
                + " history, the model, a pause that was too long), the tokens that were processed again, and the cost.";
    }

    @Override
    public List<Param> params() {
        return List.of(
                Param.text("session", 300, "The session's id, or the beginning of it.")
                        .required(),
                CURSOR,
                BYTES);
    }

    @Override
    public Answer answer(Arguments arguments, Question question)
            throws RefusedException, QueryException, SQLException, IOException {
        Recorded recorded = question.recorded();
        Sessions sessions = new Sessions(recorded);
        String session = sessions.named(arguments.text("session"));
        List<SessionCall> calls = sessions.calls(session);
        if (calls.isEmpty()) {
            throw new QueryException("of session " + session + " only messages are kept, no requests to compare");
        }
        Exchanges exchanges = new Exchanges(recorded);
        List<Miss> misses = new CacheMisses(call -> exchanges.prompt(call.exchangeId()), question.prices()).find(calls);
        if (question.deadline().isOver()) {
            // Those that could not be read in time would seem to have no reason.
            throw question.deadline().missed();
        }
        Answer answer = new Answer("misses", arguments.number("max_bytes"), question.redactor());
        facts(answer.facts(), session, calls, misses);
        List<Miss> left = misses.subList(begin(arguments.maybe("cursor"), misses), misses.size());
        for (Miss miss : left) {
            if (!answer.add(json(miss, question.redactor()))) {
                break;
            }
        }
        if (answer.count() < left.size()) {
            answer.next(Cursor.of(name(), left.get(answer.count() - 1).call().exchangeId()));
        }
        return answer;
    }

    private static void facts(ObjectNode facts, String session, List<SessionCall> calls, List<Miss> misses) {
        List<Miss> real = misses.stream().filter(Miss::isMiss).toList();
        facts.put("session_id", session)
                .put("calls", calls.size())
                .put("found", real.size())
                .put(
                        "tokens_processed_again",
                        real.stream().mapToLong(Miss::rewrittenTokens).sum())
                .put(
                        "cost_usd",
                        ListSessions.dollars(Math.round(real.stream()
                                        .mapToDouble(miss -> miss.cost().orElse(0.0))
                                        .sum()
                                * 1e6)));
    }

    private static ObjectNode json(Miss miss, Redactor redactor) {
        ObjectNode node = RecordJson.of(miss);
        if (node.path("diff") instanceof ObjectNode diff) {
            diff.properties()
                    .forEach(side -> side.setValue(snippet(side.getValue().asText(), redactor)));
        }
        List<String> empty = node.properties().stream()
                .filter(field -> field.getValue().isNull()
                        || (field.getValue().isArray() && field.getValue().isEmpty()))
                .map(Map.Entry::getKey)
                .toList();
        node.remove(empty);
        return node;
    }

    /// It is a piece of a text, and says by dots where it was cut.
    private static TextNode snippet(String text, Redactor redactor) {
        return TextNode.valueOf(redactor.cut(text, text.startsWith("…"), text.endsWith("…")));
    }

    /// Where to go on: behind the last call that was told.
    private int begin(Optional<String> cursor, List<Miss> misses) throws RefusedException {
        if (cursor.isEmpty()) {
            return 0;
        }
        String last = Cursor.read(name(), cursor.get(), 1).getFirst();
        for (int i = 0; i < misses.size(); i++) {
            if (misses.get(i).call().exchangeId().equals(last)) {
                return i + 1;
            }
        }
        throw new RefusedException("the call that cursor names is not among the misses; leave it out to begin again");
    }
}
