package io.hypaware.toy;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Row;
import io.hypaware.journal.CapturedExchange;
import io.hypaware.journal.Micros;
import io.hypaware.project.Exchange;
import io.hypaware.project.ExchangeRow;
import io.hypaware.project.Json;
import io.hypaware.project.Projection;
import io.hypaware.project.Projector;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A wire format without conversations: a thermometer that posts what it has read.
public final class ToyProjector implements Projector {

    /// What is done while a projection reads and writes; of tests that look at what happens meanwhile.
    static Runnable meanwhile = () -> {};

    @Override
    public boolean accepts(CapturedExchange exchange) {
        return exchange.provider().equals("toy");
    }

    @Override
    public Reading read(Exchange exchange) throws IOException {
        meanwhile.run();
        try (InputStream body = exchange.readableRequest().open()) {
            return new ToyReading(exchange.captured(), Json.MAPPER.readTree(body));
        }
    }

    private record ToyReading(CapturedExchange exchange, JsonNode said) implements Reading {

        @Override
        public ExchangeRow.Details details() {
            return ExchangeRow.Details.of(exchange);
        }

        @Override
        public Optional<String> problem() {
            return said.has("place") ? Optional.empty() : Optional.of("a reading without a place");
        }

        @Override
        public Whence whence() {
            return Whence.of(exchange);
        }

        @Override
        public void write(Projection projection) {
            List<Object> degrees = new ArrayList<>();
            said.path("degrees").forEach(number -> degrees.add(number.doubleValue()));
            List<Object> counts = new ArrayList<>();
            said.path("counts").forEach(number -> counts.add(number.longValue()));
            List<Object> labels = new ArrayList<>();
            said.path("labels").forEach(label -> labels.add(label.textValue()));
            projection.row(Row.of(ToyReadings.DATASET)
                    .set("read_at", Micros.of(exchange.startedAt()))
                    .set("place", said.path("place").asText("nowhere"))
                    .set("mean", said.path("mean").doubleValue())
                    .set("degrees", degrees)
                    .set("counts", counts)
                    .set("labels", labels)
                    .set("note", said.path("note").asText(""))
                    .build(exchange.id()));
            meanwhile.run();
        }
    }
}
