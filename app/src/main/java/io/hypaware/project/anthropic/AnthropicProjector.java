package io.hypaware.project.anthropic;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.journal.CapturedExchange;
import io.hypaware.project.Body;
import io.hypaware.project.Caller;
import io.hypaware.project.Exchange;
import io.hypaware.project.Json;
import io.hypaware.project.Projector;
import io.hypaware.project.WorkingFolder;
import io.hypaware.project.message.Answer;
import io.hypaware.project.message.MessageReading;
import io.hypaware.project.message.RecentRequests;
import io.hypaware.project.message.RequestOutline;
import io.hypaware.project.message.Speaker;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/// Projects calls of the Messages API (`POST /v1/messages`).
public final class AnthropicProjector implements Projector {

    private static final String AGENT_HEADER = "x-claude-code-agent-id";
    private static final String PARENT_HEADER = "x-claude-code-parent-agent-id";

    private final RecentRequests recent = new RecentRequests();

    @Override
    public boolean accepts(CapturedExchange exchange) {
        return exchange.provider().equals("anthropic")
                && exchange.method().equals("POST")
                && exchange.barePath().endsWith("/v1/messages");
    }

    @Override
    public Reading read(Exchange exchange) throws IOException {
        CapturedExchange captured = exchange.captured();
        Body body = exchange.readableRequest();
        String session = captured.requestHeader(Caller.HEADER).orElse("") + " "
                + captured.requestHeader(AGENT_HEADER).orElse("");
        RequestOutline request = RequestOutline.read(AnthropicFormat.INSTANCE, body, recent.of(session));
        body.bytes().ifPresent(bytes -> recent.put(session, bytes, request));
        Answer answer = Answer.none();
        if (captured.status().isPresent()) {
            try (InputStream in = exchange.readableResponse().open()) {
                answer = AnswerReader.read(in, captured.status().orElseThrow());
            }
        }
        return new MessageReading(
                AnthropicFormat.INSTANCE,
                captured,
                body,
                request,
                answer,
                speaker(captured, request),
                Optional.empty());
    }

    private static Speaker speaker(CapturedExchange captured, RequestOutline request) {
        Caller caller = Caller.of(captured, Json.textAt(request.fields().path("metadata"), "user_id"));
        ObjectNode attributes = Json.object();
        captured.requestHeader(AGENT_HEADER).ifPresent(agent -> attributes.put("agent_id", agent));
        captured.requestHeader(PARENT_HEADER).ifPresent(agent -> attributes.put("parent_agent_id", agent));
        return new Speaker(
                caller.id(),
                caller.userId(),
                captured.requestHeader(AGENT_HEADER).filter(agent -> !agent.isBlank()),
                SideCall.of(request),
                WorkingFolder.of(request.systemText().orElse("")),
                false,
                attributes);
    }
}
