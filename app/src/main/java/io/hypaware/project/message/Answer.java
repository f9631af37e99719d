package io.hypaware.project.message;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.project.Exchange;
import io.hypaware.project.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/// What the provider answered, as far as it arrived.
///
/// @param messages in order, in the form in which a later request says them
/// @param error the provider's error object, in an error answer or in the stream
/// @param unread why some of what arrived could not be read
public record Answer(
        Optional<String> id,
        Optional<String> model,
        List<JsonNode> messages,
        Stop stop,
        Usage usage,
        Optional<JsonNode> error,
        Optional<String> unread) {

    public Answer {
        messages = List.copyOf(messages);
    }

    public static Answer none() {
        return new Answer(
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Stop.UNKNOWN,
                Usage.NONE,
                Optional.empty(),
                Optional.empty());
    }

    /// Reads an answer in the clear, if any came.
    @FunctionalInterface
    public interface Reader {
        Answer read(InputStream body, int status) throws IOException;
    }

    public static Answer of(Exchange exchange, Reader reader) throws IOException {
        Optional<Integer> status = exchange.captured().status();
        if (status.isEmpty()) {
            return none();
        }
        try (InputStream in = exchange.readableResponse().open()) {
            return reader.read(in, status.get());
        }
    }

    /// Why the provider stopped, in its own words.
    ///
    /// @param sequence what it stopped at, if it was told to
    public record Stop(Optional<String> reason, Optional<String> sequence) {
        public static final Stop UNKNOWN = new Stop(Optional.empty(), Optional.empty());
    }

    /// Tokens as columns have them. Input is what was read anew, without what came of a cache and what was written to
    /// one, so that all four add up to what the call took.
    ///
    /// @param raw the counts as the provider gave them
    public record Usage(
            Optional<Long> input,
            Optional<Long> output,
            Optional<Long> cacheRead,
            Optional<Long> cacheWrite,
            JsonNode raw) {

        public static final Usage NONE =
                new Usage(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Json.object());
    }
}
