package io.hypaware.project.message;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Row;
import io.hypaware.journal.CapturedExchange;
import io.hypaware.project.Json;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What is said once for a whole answer: how it ended, what it counted, how long it took.
///
/// @param auxKind the kind of small call that it answers, if it does
record AnswerColumns(CapturedExchange captured, Answer answer, Speaker speaker, Optional<String> auxKind) {

    /// The columns that [#carry] fills.
    static final List<String> CARRIED =
            List.of("status", "attributes", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens");

    /// A row for what came in place of content: the provider's error, or nothing at all.
    void failure(Row.Builder row, Optional<JsonNode> error) {
        if (error.isPresent()) {
            row.set("part_type", "error")
                    .set("is_error", true)
                    .set("provider_type", Json.textAt(error.get(), "type").orElse(null))
                    .set("content_text", Json.textAt(error.get(), "message").orElse(null))
                    .set("raw_frame", Json.text(error.get()));
        } else if (captured.status().orElse(200) >= 400) {
            row.set("part_type", "error")
                    .set("is_error", true)
                    .set("content_text", "HTTP status " + captured.status().orElseThrow());
        } else {
            row.set("part_type", "empty");
        }
    }

    /// Fills the first part's row.
    void carry(Row.Builder row) {
        Answer.Usage usage = answer.usage();
        ObjectNode status = Json.object();
        status.put("outcome", captured.outcome().text());
        captured.status().ifPresent(s -> status.put("http_status", s));
        answer.stop().reason().ifPresent(r -> status.put("stop_reason", r));
        answer.stop().sequence().ifPresent(s -> status.put("stop_sequence", s));
        captured.error().ifPresent(e -> status.put("error", e));
        ObjectNode attributes = Json.object();
        if (!usage.raw().isEmpty()) {
            attributes.set("usage", usage.raw());
        }
        ObjectNode timing = attributes.putObject("timing");
        captured.timeToFirstByte().ifPresent(ttfb -> timing.put("ttfb_ms", ttfb.toMillis()));
        timing.put(
                "duration_ms",
                Duration.between(captured.startedAt(), captured.endedAt()).toMillis());
        ObjectNode gateway = attributes.putObject("gateway");
        gateway.put("exchange_id", captured.id()).put("upstream", captured.upstream());
        speaker.attributes().properties().forEach(known -> attributes.set(known.getKey(), known.getValue()));
        auxKind.ifPresent(kind -> attributes.put("side_call", kind));
        row.set("status", Json.text(status))
                .set("attributes", Json.text(attributes))
                .set("input_tokens", usage.input().orElse(null))
                .set("output_tokens", usage.output().orElse(null))
                .set("cache_read_tokens", usage.cacheRead().orElse(null))
                .set("cache_write_tokens", usage.cacheWrite().orElse(null));
    }
}
