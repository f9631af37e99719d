package io.hypaware.project;

import static io.hypaware.dataset.Column.optional;
import static io.hypaware.dataset.Column.payload;
import static io.hypaware.dataset.Column.required;
import static io.hypaware.dataset.ColumnType.BINARY;
import static io.hypaware.dataset.ColumnType.BOOLEAN;
import static io.hypaware.dataset.ColumnType.INT;
import static io.hypaware.dataset.ColumnType.JSON;
import static io.hypaware.dataset.ColumnType.LONG;
import static io.hypaware.dataset.ColumnType.STRING;
import static io.hypaware.dataset.ColumnType.TIMESTAMP;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.DatasetProvider;
import io.hypaware.dataset.Row;
import io.hypaware.journal.CapturedExchange;
import io.hypaware.journal.Micros;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The row of `exchanges` that every exchange has, whatever was said in it.
public final class ExchangeRow implements DatasetProvider {

    /// One row per HTTP exchange.
    public static final Dataset DATASET = new Dataset(
            "exchanges",
            "started_at",
            List.of("started_at", "exchange_id"),
            List.of(
                    required("exchange_id", STRING),
                    required("started_at", TIMESTAMP),
                    optional("ended_at", TIMESTAMP),
                    required("upstream", STRING),
                    optional("provider", STRING),
                    required("method", STRING),
                    required("path", STRING),
                    optional("status", INT),
                    required("outcome", STRING),
                    optional("closed_by", STRING),
                    optional("session_id", STRING),
                    optional("client_name", STRING),
                    optional("client_version", STRING),
                    optional("model", STRING),
                    optional("request_bytes", LONG),
                    optional("response_bytes", LONG),
                    optional("ttfb_ms", LONG),
                    optional("duration_ms", LONG),
                    optional("stream", BOOLEAN),
                    optional("request_headers", JSON),
                    optional("response_headers", JSON),
                    payload("request_body", BINARY),
                    payload("response_body", BINARY),
                    optional("error", STRING),
                    optional("connection_id", STRING),
                    optional("usage", JSON)));

    /// What the wire format knows beyond HTTP.
    ///
    /// @param usage the provider's counts of tokens, as it gave them
    public record Details(
            Optional<String> session,
            Optional<String> model,
            Optional<Boolean> stream,
            Optional<String> error,
            Optional<JsonNode> usage) {

        public Details withError(String why) {
            return new Details(session, model, stream, Optional.of(why), usage);
        }

        public static Details of(CapturedExchange exchange) {
            Optional<Boolean> stream = exchange.responseHeader("content-type")
                    .map(type -> type.toLowerCase(Locale.ROOT).startsWith("text/event-stream"));
            return new Details(Caller.session(exchange), Optional.empty(), stream, Optional.empty(), Optional.empty());
        }
    }

    /// What the row holds for each body: its bytes, or the hash of the payload that they are.
    public record Kept(Optional<byte[]> request, Optional<byte[]> response) {}

    public static Row of(CapturedExchange exchange, Details details, Kept bodies) {
        Client client = Client.of(exchange.requestHeader("user-agent"));
        Duration duration = Duration.between(exchange.startedAt(), exchange.endedAt());
        return Row.of(DATASET)
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
                .set("usage", details.usage().map(Json::text).orElse(null))
                .set("connection_id", exchange.connection().orElse(null))
                .build(exchange.id());
    }

    private static @Nullable String both(Optional<String> first, Optional<String> second) {
        return first.map(a -> second.map(b -> a + "; " + b).orElse(a))
                .or(() -> second)
                .orElse(null);
    }

    @Override
    public List<Dataset> datasets() {
        return List.of(DATASET);
    }
}
