package io.hypaware.project.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.project.Json;
import io.hypaware.project.conversation.MessagePrint;
import java.util.List;
import java.util.Optional;

/// What the provider answered, as far as it arrived.
///
/// @param blocks content blocks in order
/// @param usage the counts as the provider gave them, the last word of each
/// @param error the provider's error object, in an error answer or in the stream
/// @param unread why some of what arrived could not be read
/// @param whole whether the answer says itself that it is complete
record Answer(
        Optional<String> id,
        Optional<String> model,
        List<JsonNode> blocks,
        Optional<String> stopReason,
        Optional<String> stopSequence,
        JsonNode usage,
        Optional<JsonNode> error,
        Optional<String> unread,
        boolean whole) {

    Answer {
        blocks = List.copyOf(blocks);
    }

    static Answer none() {
        return new Answer(
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Json.object(),
                Optional.empty(),
                Optional.empty(),
                false);
    }

    MessagePrint print() {
        return BlockPrints.of("assistant", Json.MAPPER.createArrayNode().addAll(blocks));
    }
}
