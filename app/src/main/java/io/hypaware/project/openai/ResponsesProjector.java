package io.hypaware.project.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.journal.CapturedExchange;
import io.hypaware.project.Body;
import io.hypaware.project.Caller;
import io.hypaware.project.Exchange;
import io.hypaware.project.Json;
import io.hypaware.project.Projector;
import io.hypaware.project.message.Answer;
import io.hypaware.project.message.MessageReading;
import io.hypaware.project.message.RecentRequests;
import io.hypaware.project.message.RequestOutline;
import io.hypaware.project.message.Speaker;
import io.hypaware.project.websocket.Turns;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Projects calls of the Responses API (`POST .../responses`), as Codex and OpenAI's SDKs make them.
public final class ResponsesProjector implements Projector {

    private static final Pattern ANSWER_PATH = Pattern.compile(".*/responses/([^/]+)(?:/cancel)?");

    private final RecentRequests recent = new RecentRequests();

    @Override
    public boolean accepts(CapturedExchange exchange) {
        return OpenAi.speaks(exchange) && (isCall(exchange) || looksAt(exchange).isPresent());
    }

    private static boolean isCall(CapturedExchange exchange) {
        boolean asks = exchange.method().equals("POST") || exchange.method().equals(WEBSOCKET);
        return asks && (exchange.barePath().endsWith("/responses") || isCompaction(exchange));
    }

    /// Whether the call has a history replaced by a shorter one.
    private static boolean isCompaction(CapturedExchange exchange) {
        return exchange.barePath().endsWith("/responses/compact");
    }

    /// The answer that a call asks for again.
    private static Optional<String> looksAt(CapturedExchange exchange) {
        Matcher answer = ANSWER_PATH.matcher(exchange.barePath());
        boolean looks = (exchange.method().equals("GET") && !exchange.isWebSocket())
                || exchange.barePath().endsWith("/cancel");
        return looks && answer.matches() ? Optional.of(answer.group(1)) : Optional.empty();
    }

    @Override
    public Optional<Turns> turns(CapturedExchange connection) {
        boolean responses = OpenAi.speaks(connection) && connection.barePath().endsWith("/responses");
        return responses ? Optional.of(new ResponsesTurns()) : Optional.empty();
    }

    @Override
    public Reading read(Exchange exchange) throws IOException {
        CapturedExchange captured = exchange.captured();
        Optional<String> looksAt = looksAt(captured);
        if (looksAt.isPresent()) {
            Answer answer = answer(exchange);
            return new ResponsesReading(
                    reading(captured, exchange.request(), RequestOutline.none(), answer, looksAt), true);
        }
        Body body = exchange.readableRequest();
        String key = Caller.session(captured).orElse("") + " "
                + captured.requestHeader("thread-id").orElse("");
        RequestOutline request = recent.read(ResponsesFormat.INSTANCE, key, body);
        Optional<String> previous = Json.textAt(request.fields(), "previous_response_id");
        return new ResponsesReading(reading(captured, body, request, answer(exchange), previous), false);
    }

    private static MessageReading reading(
            CapturedExchange captured, Body body, RequestOutline request, Answer answer, Optional<String> continues) {
        return new MessageReading(
                ResponsesFormat.INSTANCE,
                captured,
                body,
                request,
                answer,
                speaker(captured, request, answer),
                continues);
    }

    private static Answer answer(Exchange exchange) throws IOException {
        CapturedExchange captured = exchange.captured();
        boolean lines = captured.method().equals(WEBSOCKET);
        Answer answer = Answer.of(
                exchange, (in, status) -> lines ? ResponsesAnswer.ofLines(in) : ResponsesAnswer.read(in, status));
        return isCompaction(captured) ? withoutMessages(answer) : answer;
    }

    /// What a compaction keeps of the history was said before; what it adds is no message.
    private static Answer withoutMessages(Answer answer) {
        return new Answer(
                answer.id(),
                answer.model(),
                answer.messages().stream()
                        .filter(item -> !item.path("type").asText("message").equals("message"))
                        .toList(),
                answer.stop(),
                answer.usage(),
                answer.error(),
                answer.unread());
    }

    private static Speaker speaker(CapturedExchange captured, RequestOutline request, Answer answer) {
        JsonNode fields = request.fields();
        Codex codex = Codex.of(captured, fields.path("client_metadata"));
        ObjectNode attributes = Json.object();
        answer.id().ifPresent(id -> attributes.put("response_id", id));
        for (String field : List.of("previous_response_id", "prompt_cache_key", "service_tier")) {
            Json.textAt(fields, field).ifPresent(value -> attributes.put(field, value));
        }
        codex.agent().ifPresent(agent -> attributes.put("agent_id", agent));
        Json.textAt(codex.turn(), "parent_thread_id").ifPresent(parent -> attributes.put("parent_agent_id", parent));
        if (!codex.turn().isEmpty()) {
            attributes.set("codex", codex.facts());
        }
        return new Speaker(
                codex.session().or(() -> conversation(fields)),
                Json.textAt(fields, "safety_identifier").or(() -> Json.textAt(fields, "user")),
                codex.agent(),
                SideCalls.of(request),
                OpenAi.folder(request, codex.folder()),
                codex.isReplaced(),
                attributes);
    }

    /// The provider's own name of a history that it keeps.
    private static Optional<String> conversation(JsonNode fields) {
        JsonNode conversation = fields.path("conversation");
        return conversation.isTextual() ? Optional.of(conversation.textValue()) : Json.textAt(conversation, "id");
    }
}
