package io.hypaware.project.openai;

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
import io.hypaware.project.message.WireFormat;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Projects calls of the Chat Completions API (`POST .../chat/completions`), which many hosts speak, and of the older
/// Completions API (`POST .../completions`).
public final class ChatProjector implements Projector {

    private final RecentRequests recent = new RecentRequests();

    @Override
    public boolean accepts(CapturedExchange exchange) {
        return OpenAi.speaks(exchange)
                && exchange.method().equals("POST")
                && exchange.barePath().endsWith("/completions");
    }

    @Override
    public Reading read(Exchange exchange) throws IOException {
        CapturedExchange captured = exchange.captured();
        boolean chat = captured.barePath().endsWith("/chat/completions");
        WireFormat format = chat ? ChatFormat.INSTANCE : CompletionsFormat.INSTANCE;
        Body body = exchange.readableRequest();
        String key = captured.barePath() + " " + Caller.session(captured).orElse("");
        RequestOutline request = recent.read(format, key, body);
        Answer answer = Answer.of(exchange, ChatAnswer::read);
        return new MessageReading(
                format, captured, body, request, answer, speaker(captured, request, answer), Optional.empty());
    }

    private static Speaker speaker(CapturedExchange captured, RequestOutline request, Answer answer) {
        ObjectNode attributes = Json.object();
        answer.id().ifPresent(id -> attributes.put("response_id", id));
        for (String field : List.of("prompt_cache_key", "service_tier")) {
            Json.textAt(request.fields(), field).ifPresent(value -> attributes.put(field, value));
        }
        return new Speaker(
                Caller.session(captured),
                Json.textAt(request.fields(), "safety_identifier").or(() -> Json.textAt(request.fields(), "user")),
                Optional.empty(),
                SideCalls.of(request),
                OpenAi.folder(request, Optional.empty()),
                false,
                attributes);
    }
}
