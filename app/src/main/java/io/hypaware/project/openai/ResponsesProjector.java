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
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/// Projects calls of the Responses API (`POST .../responses`), as Codex and OpenAI's SDKs make them.
public final class ResponsesProjector implements Projector {

    private final RecentRequests recent = new RecentRequests();

    @Override
    public boolean accepts(CapturedExchange exchange) {
        return OpenAi.speaks(exchange)
                && (exchange.method().equals("POST") || exchange.method().equals(WEBSOCKET))
                && exchange.barePath().endsWith("/responses");
    }

    @Override
    public Optional<Turns> turns(CapturedExchange connection) {
        boolean responses = OpenAi.speaks(connection) && connection.barePath().endsWith("/responses");
        return responses ? Optional.of(new ResponsesTurns()) : Optional.empty();
    }

    @Override
    public Reading read(Exchange exchange) throws IOException {
        CapturedExchange captured = exchange.captured();
        Body body = exchange.readableRequest();
        String key = Caller.session(captured).orElse("") + " "
                + captured.requestHeader("thread-id").orElse("");
        RequestOutline request = RequestOutline.read(ResponsesFormat.INSTANCE, body, recent.of(key));
        body.bytes().ifPresent(bytes -> recent.put(key, bytes, request));
        Answer answer = Answer.none();
        if (captured.method().equals(WEBSOCKET)) {
            try (InputStream in = exchange.readableResponse().open()) {
                answer = ResponsesAnswer.ofLines(in);
            }
        } else if (captured.status().isPresent()) {
            try (InputStream in = exchange.readableResponse().open()) {
                answer = ResponsesAnswer.read(in, captured.status().orElseThrow());
            }
        }
        return new MessageReading(
                ResponsesFormat.INSTANCE,
                captured,
                body,
                request,
                answer,
                speaker(captured, request, answer),
                Json.textAt(request.fields(), "previous_response_id"));
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
