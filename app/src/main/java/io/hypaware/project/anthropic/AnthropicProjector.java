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
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Projects calls of the Messages API (`POST /v1/messages`), also where Amazon Bedrock and Google
/// Vertex AI take them: there the path names the model.
public final class AnthropicProjector implements Projector {

    private static final Pattern BEDROCK =
            Pattern.compile(".*/model/([^/]*(?:anthropic|claude)[^/]*)/(invoke|invoke-with-response-stream)");

    private static final Pattern VERTEX =
            Pattern.compile(".*/publishers/anthropic/models/([^/:]+):(rawPredict|streamRawPredict)");

    private static final String AGENT_HEADER = "x-claude-code-agent-id";
    private static final String PARENT_HEADER = "x-claude-code-parent-agent-id";

    private final RecentRequests recent = new RecentRequests();

    @Override
    public boolean accepts(CapturedExchange exchange) {
        if (!exchange.method().equals("POST")) {
            return false;
        }
        boolean messages =
                exchange.provider().equals("anthropic") && exchange.barePath().endsWith("/v1/messages");
        return messages || elsewhere(exchange).isPresent();
    }

    /// A call of the Messages API at another provider's.
    private record Elsewhere(String model, boolean stream) {}

    private static Optional<Elsewhere> elsewhere(CapturedExchange exchange) {
        for (Pattern pattern : List.of(BEDROCK, VERTEX)) {
            Matcher path = pattern.matcher(exchange.barePath());
            if (path.matches()) {
                // An id may be an ARN, whose colons and slashes are escaped.
                String model = path.group(1).replaceAll("(?i)%3A", ":").replaceAll("(?i)%2F", "/");
                return Optional.of(new Elsewhere(
                        model, path.group(2).toLowerCase(Locale.ROOT).contains("stream")));
            }
        }
        return Optional.empty();
    }

    @Override
    public Reading read(Exchange exchange) throws IOException {
        CapturedExchange captured = exchange.captured();
        Body body = exchange.readableRequest();
        String session = captured.requestHeader(Caller.HEADER).orElse("") + " "
                + captured.requestHeader(AGENT_HEADER).orElse("");
        RequestOutline request = recent.read(AnthropicFormat.INSTANCE, session, body);
        elsewhere(captured).ifPresent(call -> {
            if (request.fields() instanceof ObjectNode fields) {
                fields.put("model", call.model()).put("stream", call.stream());
            }
        });
        boolean frames = captured.responseHeader("content-type")
                .filter(type -> type.startsWith(EventStream.TYPE))
                .isPresent();
        Answer answer = Answer.of(
                exchange,
                (in, status) -> frames ? AnswerReader.read(new EventStream(in)) : AnswerReader.read(in, status));
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
        captured.requestHeader(Speaker.QUERY_SOURCE).ifPresent(what -> attributes.put(Speaker.QUERY_SOURCE, what));
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
