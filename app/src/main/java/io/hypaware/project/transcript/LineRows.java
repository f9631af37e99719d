package io.hypaware.project.transcript;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Row;
import io.hypaware.journal.Micros;
import io.hypaware.project.Json;
import io.hypaware.project.Messages;
import io.hypaware.project.message.Answer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What rows of one transcript's lines say alike.
final class LineRows {

    private static final int SCHEMA_VERSION = 5;

    /// What a note's frame may take in its row.
    private static final int MOST_RAW = 16 * 1024;

    /// More no provider counts for an answer, and a sum of them would be none.
    private static final long MOST_TOKENS = 1_000_000_000_000L;

    /// Lines that are written at once may be out of order by less.
    private static final long ABOUT_NOW_MICROS = 60_000_000;

    private final TranscriptFormat source;
    private final TranscriptRows.Target target;
    private long lastMicros;
    private long startedMicros;

    LineRows(TranscriptFormat source, TranscriptRows.Target target) {
        this.source = source;
        this.target = target;
    }

    /// A frame, or where it is kept if it is long.
    String raw(JsonNode frame, Instant at) {
        String text = Json.text(frame);
        if (text.length() <= MOST_RAW) {
            return text;
        }
        String hash = target.at(at).keep(text.getBytes(StandardCharsets.UTF_8));
        return Json.text(Json.object().put("payload", hash).put("size", text.length()));
    }

    Row.Builder of(Line line, long at, Standing.Place place) {
        Row.Builder row = Row.of(Messages.DATASET)
                .set("gateway_id", target.at(line.at()).gatewayId())
                .set("schema_version", SCHEMA_VERSION)
                .set("provider", source.provider())
                .set("session_id", line.session())
                .set("conversation_source", source.client())
                .set("conversation_started_at", startedMicros)
                .set("message_created_at", at)
                .set(
                        "date",
                        Micros.toInstant(at)
                                .atZone(ZoneOffset.UTC)
                                .toLocalDate()
                                .toString())
                .set(
                        "previous_message_id",
                        place.message().isEmpty()
                                ? null
                                : Json.text(Json.MAPPER.createArrayNode().add(place.message())));
        line.columns().forEach(row::set);
        target.at(line.at())
                .whereabouts(line.session(), line.agent(), line.at())
                .complete(row);
        return row.set("provider_uuid", Standing.name(line));
    }

    /// Lines keep their order when they are sorted by time.
    long inOrder(Instant at) {
        long micros = Micros.of(at);
        startedMicros = startedMicros == 0 ? micros : startedMicros;
        if (micros <= lastMicros && lastMicros - micros < ABOUT_NOW_MICROS) {
            micros = lastMicros + 1;
        }
        lastMicros = micros;
        return micros;
    }

    /// What an answer counted.
    static void count(Row.Builder row, Answer.Usage usage) {
        if (usage.raw().isEmpty()) {
            return;
        }
        row.set("input_tokens", believable(usage.input()))
                .set("output_tokens", believable(usage.output()))
                .set("cache_read_tokens", believable(usage.cacheRead()))
                .set("cache_write_tokens", believable(usage.cacheWrite()));
        ObjectNode attributes = row.value("attributes") instanceof String text
                ? Json.parsed(text)
                        .filter(JsonNode::isObject)
                        .map(JsonNode::<ObjectNode>deepCopy)
                        .orElseGet(Json::object)
                : Json.object();
        attributes.set("usage", usage.raw());
        row.set("attributes", Json.text(attributes));
    }

    private static @Nullable Long believable(Optional<Long> count) {
        return count.filter(tokens -> tokens >= 0 && tokens < MOST_TOKENS).orElse(null);
    }
}
