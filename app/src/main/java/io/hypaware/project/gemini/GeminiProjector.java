package io.hypaware.project.gemini;

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
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Projects calls of the Gemini API (`POST .../models/<model>:generateContent` and `:streamGenerateContent`).
public final class GeminiProjector implements Projector {

    private static final Set<String> PROVIDERS = Set.of("google", "gemini");

    private static final Pattern PATH = Pattern.compile(".*/models/([^/:]+):(g|streamG)enerateContent");

    private final RecentRequests recent = new RecentRequests();

    @Override
    public boolean accepts(CapturedExchange exchange) {
        return PROVIDERS.contains(exchange.provider())
                && exchange.method().equals("POST")
                && PATH.matcher(exchange.barePath()).matches();
    }

    @Override
    public Reading read(Exchange exchange) throws IOException {
        CapturedExchange captured = exchange.captured();
        Body body = exchange.readableRequest();
        String key = Caller.session(captured).orElse("");
        RequestOutline request = recent.read(GeminiFormat.INSTANCE, key, body);
        Matcher path = PATH.matcher(captured.barePath());
        if (path.matches() && request.fields() instanceof ObjectNode fields) {
            // The path says what other providers' requests say.
            fields.put("model", path.group(1)).put("stream", path.group(2).equals("streamG"));
        }
        Answer answer = Answer.of(exchange, GeminiAnswer::read);
        ObjectNode attributes = Json.object();
        answer.id().ifPresent(id -> attributes.put("response_id", id));
        Json.textAt(request.fields(), "cachedContent").ifPresent(name -> attributes.put("cached_content", name));
        Speaker speaker = new Speaker(
                Caller.session(captured),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                WorkingFolder.of(request.systemText().orElse("")),
                false,
                attributes);
        return new MessageReading(GeminiFormat.INSTANCE, captured, body, request, answer, speaker, Optional.empty());
    }
}
