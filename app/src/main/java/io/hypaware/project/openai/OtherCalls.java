package io.hypaware.project.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.journal.CapturedExchange;
import io.hypaware.project.Body;
import io.hypaware.project.Exchange;
import io.hypaware.project.ExchangeRow;
import io.hypaware.project.Json;
import io.hypaware.project.Projection;
import io.hypaware.project.Projector;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.Set;

/// Reads of calls that say no messages (Embeddings, Moderations, Images and others) which model they are for and what
/// they took.
public final class OtherCalls implements Projector {

    @Override
    public boolean accepts(CapturedExchange exchange) {
        return OpenAi.speaks(exchange) && exchange.method().equals("POST");
    }

    @Override
    public Reading read(Exchange exchange) throws IOException {
        CapturedExchange captured = exchange.captured();
        JsonNode request = fields(exchange.readableRequest(), Set.of("model", "stream"));
        JsonNode answer = fields(exchange.readableResponse(), Set.of("model", "usage", "error"));
        ExchangeRow.Details known = ExchangeRow.Details.of(captured);
        ExchangeRow.Details details = new ExchangeRow.Details(
                known.session(),
                Json.textAt(answer, "model").or(() -> Json.textAt(request, "model")),
                known.stream(),
                Optional.of(answer.path("error")).filter(JsonNode::isObject).flatMap(e -> Json.textAt(e, "message")),
                Optional.of(answer.path("usage")).filter(usage -> usage.isObject() && !usage.isEmpty()));
        return new Reading() {
            @Override
            public ExchangeRow.Details details() {
                return details;
            }

            @Override
            public Optional<String> problem() {
                return Optional.empty();
            }

            @Override
            public Whence whence() {
                return Whence.of(captured);
            }

            @Override
            public void write(Projection projection) {
                // It says nothing.
            }
        };
    }

    /// Some fields of a JSON object, as far as it can be read; the others, which may be large, are passed over.
    private static JsonNode fields(Body body, Set<String> wanted) throws IOException {
        ObjectNode found = Json.object();
        try (InputStream in = body.open();
                JsonParser json = Json.MAPPER.getFactory().createParser(in)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return found;
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                if (wanted.contains(name)) {
                    found.set(name, json.<JsonNode>readValueAsTree());
                } else {
                    json.skipChildren();
                }
            }
        } catch (JsonProcessingException | CharConversionException e) {
            // What is no JSON says nothing; it is kept as it is.
            return found;
        }
        return found;
    }
}
