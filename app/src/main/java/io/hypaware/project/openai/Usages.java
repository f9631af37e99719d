package io.hypaware.project.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.project.Json;
import io.hypaware.project.message.Answer;
import java.util.Optional;

/// Token counts of OpenAI's APIs as columns have them. Their input holds what came of the cache.
final class Usages {

    /// @param usage as Responses (`input_tokens`) or Chat Completions (`prompt_tokens`) say it
    static Answer.Usage of(JsonNode usage) {
        Optional<Long> input = Json.longAt(usage, "input_tokens").or(() -> Json.longAt(usage, "prompt_tokens"));
        JsonNode details = usage.path("input_tokens_details").isObject()
                ? usage.path("input_tokens_details")
                : usage.path("prompt_tokens_details");
        Optional<Long> read = Json.longAt(details, "cached_tokens");
        Optional<Long> written = Json.longAt(details, "cache_write_tokens");
        long cached = read.orElse(0L) + written.orElse(0L);
        return new Answer.Usage(
                input.map(all -> Math.max(0, all - cached)),
                Json.longAt(usage, "output_tokens").or(() -> Json.longAt(usage, "completion_tokens")),
                read,
                written,
                usage);
    }

    private Usages() {}
}
