package io.hypaware.project;

import static io.hypaware.dataset.Column.optional;
import static io.hypaware.dataset.Column.required;
import static io.hypaware.dataset.ColumnType.DOUBLE;
import static io.hypaware.dataset.ColumnType.LONG;
import static io.hypaware.dataset.ColumnType.STRING;
import static io.hypaware.dataset.ColumnType.TIMESTAMP;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.DatasetProvider;
import io.hypaware.dataset.Row;
import io.hypaware.journal.CapturedExchange;
import io.hypaware.journal.Header;
import io.hypaware.journal.Micros;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The dataset of what providers say with answers about how much is left: requests and
/// tokens of a minute, and the windows of subscriptions.
public final class Limits implements DatasetProvider {

    /// One row per limit that an answer names.
    public static final Dataset DATASET = new Dataset(
            "limits",
            "said_at",
            List.of("upstream", "name", "said_at"),
            List.of(
                    required("said_at", TIMESTAMP),
                    required("exchange_id", STRING),
                    required("upstream", STRING),
                    required("provider", STRING),
                    required("name", STRING),
                    optional("most", DOUBLE),
                    optional("remaining", DOUBLE),
                    optional("used", DOUBLE),
                    optional("window_minutes", LONG),
                    optional("reset_at", TIMESTAMP),
                    optional("status", STRING)));

    /// More are not one provider's.
    private static final int MOST = 32;

    private static final String ANTHROPIC = "anthropic-ratelimit-";
    private static final String OPENAI = "x-ratelimit-";
    private static final String CODEX = "x-codex-";

    private static final Pattern ANTHROPIC_FIELD = Pattern.compile("(.+)-(limit|remaining|reset|status|utilization)");
    private static final Pattern OPENAI_FIELD = Pattern.compile("(limit|remaining|reset)-(.+)");
    private static final Pattern CODEX_FIELD =
            Pattern.compile("(.+)-(used-percent|window-minutes|reset-after-seconds|reset-at)");

    /// The type of the message by which Codex is told.
    private static final String CODEX_MESSAGE = "codex.rate_limits";

    private static final List<String> CODEX_MESSAGE_FIELDS =
            List.of("used_percent", "window_minutes", "reset_after_seconds", "reset_at");

    private static final int MOST_NAME = 100;

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,15}(?:\\.[0-9]{1,18})?");

    /// Parts of a time as OpenAI writes it: `1h2m3.5s`, `20ms`.
    private static final Pattern DURATION_PART = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(ms|h|m|s|d)");

    /// The rows of an exchange, each with what it is the latest of.
    public static Map<String, Row> rows(Exchange exchange) throws IOException {
        CapturedExchange captured = exchange.captured();
        Map<String, Row.Builder> limits = new LinkedHashMap<>();
        boolean isTurn = captured.method().equals(Projector.WEBSOCKET);
        if (!isTurn) {
            // A turn has the head of its connection, which said so once.
            inHead(captured, limits);
        }
        if (isTurn || captured.isWebSocket()) {
            inMessages(exchange, limits);
        }
        Map<String, Row> rows = new LinkedHashMap<>();
        limits.forEach((name, row) ->
                rows.put(captured.upstream() + " " + name, row.set("name", name).build(captured.id() + "/" + name)));
        return rows;
    }

    private static void inHead(CapturedExchange exchange, Map<String, Row.Builder> limits) {
        Instant at = exchange.timeToFirstByte().map(exchange.startedAt()::plus).orElse(exchange.endedAt());
        for (Header header : exchange.responseHeaders()) {
            String name = header.name().toLowerCase(Locale.ROOT);
            field(name)
                    .filter(field -> limits.size() < MOST || limits.containsKey(field.limit()))
                    .ifPresent(field -> {
                        Row.Builder row = limits.computeIfAbsent(field.limit(), _ -> common(exchange, at));
                        fill(row, field.what(), header.value().strip(), at);
                    });
        }
    }

    /// Over a WebSocket, Codex is told in messages what an answer's head says elsewhere.
    private static void inMessages(Exchange exchange, Map<String, Row.Builder> limits) throws IOException {
        Instant at = exchange.captured().endedAt();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(exchange.response().open(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.contains(CODEX_MESSAGE)) {
                    inMessage(exchange.captured(), at, line, limits);
                }
            }
        }
    }

    private static void inMessage(
            CapturedExchange exchange, Instant at, String message, Map<String, Row.Builder> limits) {
        JsonNode said;
        try {
            said = Json.MAPPER.readTree(message);
        } catch (JsonProcessingException e) {
            return;
        }
        if (!said.path("type").asText("").equals(CODEX_MESSAGE)) {
            return;
        }
        String metered = said.path("metered_limit_name").asText("codex").replace('_', '-');
        String prefix = metered.equals("codex") ? "" : shortened(metered.replaceFirst("^codex-", "")) + "-";
        for (var window : said.path("rate_limits").properties()) {
            String name = prefix + shortened(window.getKey());
            if (window.getValue().isObject()
                    && !shortened(window.getKey()).isEmpty()
                    && (limits.size() < MOST || limits.containsKey(name))) {
                Row.Builder row = common(exchange, at);
                limits.put(name, row);
                for (String field : CODEX_MESSAGE_FIELDS) {
                    Json.textAt(window.getValue(), field)
                            .or(() -> Optional.of(window.getValue().path(field))
                                    .filter(JsonNode::isNumber)
                                    .map(JsonNode::asText))
                            .ifPresent(value -> fill(row, field.replace('_', '-'), value, at));
                }
            }
        }
    }

    /// A name as a header could say it: no provider has others.
    private static String shortened(String name) {
        String plain = name.replaceAll("[^\\x21-\\x7e]", "");
        return plain.substring(0, Math.min(plain.length(), MOST_NAME));
    }

    /// Which limit a header is about, and what of it.
    private record Field(String limit, String what) {}

    private static Optional<Field> field(String header) {
        if (header.startsWith(ANTHROPIC)) {
            Matcher field = ANTHROPIC_FIELD.matcher(header.substring(ANTHROPIC.length()));
            return field.matches() ? Optional.of(new Field(field.group(1), field.group(2))) : Optional.empty();
        }
        if (header.startsWith(OPENAI)) {
            Matcher field = OPENAI_FIELD.matcher(header.substring(OPENAI.length()));
            return field.matches()
                    ? Optional.of(
                            new Field(field.group(2), field.group(1).equals("reset") ? "reset-after" : field.group(1)))
                    : Optional.empty();
        }
        if (header.startsWith(CODEX)) {
            Matcher field = CODEX_FIELD.matcher(header.substring(CODEX.length()));
            return field.matches() ? Optional.of(new Field(field.group(1), field.group(2))) : Optional.empty();
        }
        return Optional.empty();
    }

    private static Row.Builder common(CapturedExchange exchange, Instant at) {
        return Row.of(DATASET)
                .set("said_at", Micros.of(at))
                .set("exchange_id", exchange.id())
                .set("upstream", exchange.upstream())
                .set("provider", exchange.provider());
    }

    private static void fill(Row.Builder row, String what, String value, Instant at) {
        switch (what) {
            case "limit" -> row.set("most", number(value).orElse(null));
            case "remaining" -> row.set("remaining", number(value).orElse(null));
            case "utilization" -> row.set("used", number(value).orElse(null));
            case "used-percent" ->
                row.set("used", number(value).map(percent -> percent / 100).orElse(null));
            case "window-minutes" ->
                row.set("window_minutes", number(value).map(Double::longValue).orElse(null));
            case "status" -> row.set("status", value);
            case "reset", "reset-at" ->
                row.set("reset_at", instant(value).map(Micros::of).orElse(null));
            case "reset-after-seconds" ->
                row.set(
                        "reset_at",
                        number(value).flatMap(s -> after(at, s)).map(Micros::of).orElse(null));
            case "reset-after" ->
                row.set(
                        "reset_at",
                        seconds(value)
                                .flatMap(s -> after(at, s))
                                .map(Micros::of)
                                .orElse(null));
            default -> throw new IllegalArgumentException(what);
        }
    }

    private static Optional<Double> number(String text) {
        return NUMBER.matcher(text).matches() ? Optional.of(Double.parseDouble(text)) : Optional.empty();
    }

    /// A time as RFC 3339 has it, or in seconds since 1970.
    private static Optional<Instant> instant(String text) {
        Optional<Double> seconds = number(text);
        if (seconds.isPresent()) {
            return after(Instant.EPOCH, seconds.get());
        }
        try {
            return after(Instant.EPOCH, (double) OffsetDateTime.parse(text).toEpochSecond());
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static Optional<Double> seconds(String text) {
        Optional<Double> plain = number(text);
        if (plain.isPresent()) {
            return plain;
        }
        Matcher part = DURATION_PART.matcher(text);
        double sum = 0;
        int end = 0;
        while (part.find() && part.start() == end) {
            double unit = switch (part.group(2)) {
                case "ms" -> 0.001;
                case "m" -> 60;
                case "h" -> 3_600;
                case "d" -> 86_400;
                default -> 1;
            };
            sum += Double.parseDouble(part.group(1)) * unit;
            end = part.end();
        }
        return end == text.length() && end > 0 ? Optional.of(sum) : Optional.empty();
    }

    /// A time that a column holds; providers have said absurd ones.
    private static Optional<Instant> after(Instant from, double seconds) {
        boolean sound = seconds >= 0 && seconds < 100_000_000_000L;
        return sound ? Optional.of(from.plusMillis((long) (seconds * 1_000))) : Optional.empty();
    }

    @Override
    public List<Dataset> datasets() {
        return List.of(DATASET);
    }
}
