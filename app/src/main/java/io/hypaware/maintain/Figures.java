package io.hypaware.maintain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.home.AsideFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What today and the last sessions took, in a small file: a worker writes it for the gateway, which reads no rows.
///
/// @param at when they were true
/// @param position of the last row that they are of
/// @param dayEnds when today is over
/// @param zone in which days begin
/// @param sessions by id
public record Figures(
        Instant at,
        long position,
        Instant dayEnds,
        ZoneId zone,
        Took day,
        Map<String, Took> sessions,
        Optional<Window> window) {

    /// Sessions that there are figures of.
    static final int MOST_SESSIONS = 50;

    /// A longer name of a session is no agent's.
    static final int LONGEST_ID = 128;

    /// Larger is no such file.
    private static final int MOST_BYTES = 64 * 1024;

    private static final ObjectMapper JSON = new ObjectMapper();

    /// @param tokensIn all that models were sent
    /// @param tokensCached those of them that were read from a cache
    /// @param isPriced whether all its models have a price
    /// @param misses of the prompt cache
    public record Took(
            long answers,
            long tokensIn,
            long tokensCached,
            long tokensOut,
            long microDollars,
            boolean isPriced,
            long misses) {}

    /// How much is used of what a subscription allows.
    public record Window(long minutes, long percent, Instant resets) {}

    public Figures {
        sessions = Map.copyOf(sessions);
    }

    /// Those of a file; nothing if there is none, or it is not what a worker writes.
    public static Optional<Figures> read(Path file) {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            return bytes.length > MOST_BYTES ? Optional.empty() : Optional.of(parse(JSON.readTree(bytes)));
        } catch (IOException | DateTimeException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    void write(Path file) throws IOException {
        ObjectNode json = JSON.createObjectNode()
                .put("at_ms", at.toEpochMilli())
                .put("position", position)
                .put("day_ends_ms", dayEnds.toEpochMilli())
                .put("zone", zone.getId());
        json.set("day", json(day));
        ObjectNode all = json.putObject("sessions");
        sessions.forEach((id, took) -> all.set(id, json(took)));
        window.ifPresent(one -> json.putObject("window")
                .put("minutes", one.minutes())
                .put("percent", one.percent())
                .put("resets_ms", one.resets().toEpochMilli()));
        AsideFile.write(file, json.toString());
    }

    private static ObjectNode json(Took took) {
        return JSON.createObjectNode()
                .put("answers", took.answers())
                .put("tokens_in", took.tokensIn())
                .put("tokens_cached", took.tokensCached())
                .put("tokens_out", took.tokensOut())
                .put("micro_usd", took.microDollars())
                .put("priced", took.isPriced())
                .put("misses", took.misses());
    }

    private static Figures parse(JsonNode json) {
        Map<String, Took> sessions = new LinkedHashMap<>();
        json.path("sessions").properties().forEach(one -> sessions.put(one.getKey(), took(one.getValue())));
        JsonNode window = json.path("window");
        return new Figures(
                Instant.ofEpochMilli(number(json, "at_ms")),
                number(json, "position"),
                Instant.ofEpochMilli(number(json, "day_ends_ms")),
                ZoneId.of(json.path("zone").asText()),
                took(json.path("day")),
                sessions,
                window.isMissingNode()
                        ? Optional.empty()
                        : Optional.of(new Window(
                                number(window, "minutes"),
                                number(window, "percent"),
                                Instant.ofEpochMilli(number(window, "resets_ms")))));
    }

    private static Took took(JsonNode json) {
        return new Took(
                number(json, "answers"),
                number(json, "tokens_in"),
                number(json, "tokens_cached"),
                number(json, "tokens_out"),
                number(json, "micro_usd"),
                json.path("priced").asBoolean(),
                number(json, "misses"));
    }

    private static long number(JsonNode json, String name) {
        JsonNode value = json.path(name);
        if (!value.canConvertToLong() || value.longValue() < 0) {
            throw new IllegalArgumentException(name + " is not a number from 0");
        }
        return value.longValue();
    }
}
