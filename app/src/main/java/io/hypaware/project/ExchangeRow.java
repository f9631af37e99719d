package io.hypaware.project;

import io.hypaware.dataset.Datasets;
import io.hypaware.dataset.Row;
import io.hypaware.journal.CapturedExchange;
import io.hypaware.journal.Micros;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The row of `exchanges` that every exchange has, whatever was said in it.
public final class ExchangeRow {

    /// What the wire format knows beyond HTTP.
    public record Details(
            Optional<String> session, Optional<String> model, Optional<Boolean> stream, Optional<String> error) {

        public static Details of(CapturedExchange exchange) {
            Optional<Boolean> stream = exchange.responseHeader("content-type")
                    .map(type -> type.toLowerCase(Locale.ROOT).startsWith("text/event-stream"));
            return new Details(exchange.requestHeader(Caller.HEADER), Optional.empty(), stream, Optional.empty());
        }
    }

    /// What the row holds for each body: its bytes, or the hash of the payload that they are.
    public record Kept(Optional<byte[]> request, Optional<byte[]> response) {}

    public static Row of(CapturedExchange exchange, Details details, Kept bodies) {
        Client client = Client.of(exchange.requestHeader("user-agent"));
        Duration duration = Duration.between(exchange.startedAt(), exchange.endedAt());
        return Row.of(Datasets.EXCHANGES)
                .set("exchange_id", exchange.id())
                .set("started_at", Micros.of(exchange.startedAt()))
                .set("ended_at", Micros.of(exchange.endedAt()))
                .set("upstream", exchange.upstream())
                .set("provider", exchange.provider())
                .set("method", exchange.method())
                .set("path", exchange.path())
                .set("status", exchange.status().orElse(null))
                .set("outcome", exchange.outcome().text())
                .set("closed_by", exchange.closedBy())
                .set("session_id", details.session().orElse(null))
                .set("client_name", client.name().orElse(null))
                .set("client_version", client.version().orElse(null))
                .set("model", details.model().orElse(null))
                .set("request_bytes", exchange.requestBytes())
                .set("response_bytes", exchange.responseBytes())
                .set(
                        "ttfb_ms",
                        exchange.timeToFirstByte().map(Duration::toMillis).orElse(null))
                .set("duration_ms", duration.toMillis())
                .set("stream", details.stream().orElse(null))
                .set("request_headers", exchange.requestHeadersJson())
                .set("response_headers", exchange.status().isPresent() ? exchange.responseHeadersJson() : null)
                .set("request_body", bodies.request().orElse(null))
                .set("response_body", bodies.response().orElse(null))
                .set("error", both(exchange.error(), details.error()))
                .build(exchange.id());
    }

    private static @Nullable String both(Optional<String> first, Optional<String> second) {
        return first.map(a -> second.map(b -> a + "; " + b).orElse(a))
                .or(() -> second)
                .orElse(null);
    }

    private ExchangeRow() {}
}
