package io.hypaware.project.transcript;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.project.message.Answer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// One line of a transcript, as far as it is understood.
///
/// @param id the agent's own name of it, or one that its place gives it; the same whenever it is read
/// @param agent who speaks; empty for the session itself
/// @param columns what it says of the columns of `ai_gateway_messages`, by name
public record Line(String id, Instant at, String session, String agent, Map<String, Object> columns, What what) {

    private static final Instant FIRST = Instant.parse("2000-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("2200-01-01T00:00:00Z");

    public Line {
        id = clean(id);
        session = clean(session);
        agent = clean(agent);
        columns = Map.copyOf(columns);
    }

    /// A time as lines say it; nothing, if it is none that a transcript can be of.
    public static Optional<Instant> time(String text) {
        try {
            return Optional.of(Instant.parse(text)).filter(at -> at.isAfter(FIRST) && at.isBefore(LAST));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /// A time in milliseconds since 1970; nothing, if it is none that a transcript can be of.
    public static Optional<Instant> time(long millis) {
        return millis > FIRST.toEpochMilli() && millis < LAST.toEpochMilli()
                ? Optional.of(Instant.ofEpochMilli(millis))
                : Optional.empty();
    }

    /// A name as it comes back out of a row: without half characters, and without what no query can say.
    public static String clean(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return new String(bytes, StandardCharsets.UTF_8).replace("\0", "");
    }

    /// What a line is.
    public sealed interface What {}

    /// Somebody says something.
    ///
    /// @param element a message, or a part of one, in its wire format
    /// @param answer of which answer it is, if the model says it
    /// @param joins whether it is of the same message as the line before it that said something
    /// @param local whether the agent says it to its user alone, and no call does
    public record Said(JsonNode element, Optional<Of> answer, boolean joins, boolean local) implements What {}

    /// The answer that a line is of.
    ///
    /// @param usage what it counted so far
    /// @param stop why the model stopped, in the provider's word
    public record Of(String id, Optional<String> model, Answer.Usage usage, Optional<String> stop) {}

    /// What the answer that was said before has counted.
    ///
    /// @param answer the provider's id of it; empty where the line names none
    public record Counted(String answer, Answer.Usage usage) implements What {}

    /// Something that is no utterance and told nowhere else.
    public record Noted(String type, Optional<String> subtype, Optional<String> text, JsonNode raw) implements What {}

    /// The history was replaced by a shorter one.
    ///
    /// @param note the line itself
    /// @param keeps whether the last answer is in it still
    public record Replaced(Noted note, boolean keeps) implements What {}
}
