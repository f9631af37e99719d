package io.hypaware.maintain.reported;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Hashes;
import io.hypaware.project.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which request an answer is of, as a later request shows: that says again what the one before it said, then the
/// answer, then more.
final class RepeatedAnswers {

    /// Larger files are not read for that.
    private static final long MOST_BYTES = 8 << 20;

    /// So many requests after an answer are looked at.
    private static final int MOST_LATER = 50;

    /// What a client may put into a message of before, or leave out again.
    private static final String REMINDER = "<system-reminder>";

    private final BodySpool spool;
    private final Map<String, Optional<History>> read = new HashMap<>();

    RepeatedAnswers(BodySpool spool) {
        this.spool = spool;
    }

    /// What a request says, message by message.
    ///
    /// @param speaker the session, and whether one of its agents speaks
    private record History(String speaker, List<String> messages) {

        /// Whether it goes on with an answer behind all that another one says.
        boolean goesOn(History before, String answer) {
            int size = before.messages.size();
            return speaker.equals(before.speaker)
                    && messages.size() > size
                    && messages.get(size).equals(answer)
                    && messages.subList(0, size).equals(before.messages);
        }
    }

    /// The last of some requests that an answer is of beyond doubt.
    ///
    /// @param later what was written after the answer
    Optional<BodySpool.Entry> requestOf(BodySpool.Entry answer, List<BodySpool.Entry> open, List<BodySpool.Entry> later)
            throws IOException {
        Optional<String> said = json(answer).map(message -> print("assistant", message.path("content")));
        if (said.isEmpty()) {
            return Optional.empty();
        }
        List<BodySpool.Entry> requests = later.stream()
                .filter(BodySpool.Entry::isRequest)
                .limit(MOST_LATER)
                .toList();
        for (BodySpool.Entry next : requests) {
            Optional<History> whole = history(next);
            if (whole.isEmpty() || !whole.get().messages().contains(said.get())) {
                continue;
            }
            for (BodySpool.Entry request : open.reversed()) {
                Optional<History> before = history(request);
                if (before.isPresent() && whole.get().goesOn(before.get(), said.get())) {
                    return Optional.of(request);
                }
            }
        }
        return Optional.empty();
    }

    private Optional<History> history(BodySpool.Entry file) throws IOException {
        Optional<History> known = read.get(file.name());
        if (known == null) {
            known = json(file).map(RepeatedAnswers::history);
            read.put(file.name(), known);
        }
        return known;
    }

    private static History history(JsonNode body) {
        List<String> messages = new ArrayList<>();
        for (JsonNode message : body.path("messages")) {
            messages.add(print(message.path("role").asText(""), message.path("content")));
        }
        boolean ofAgent = RequestBody.isOfAgent(body.path("system"));
        return new History(body.path("metadata").path("user_id").asText("") + " " + ofAgent, messages);
    }

    /// The same for messages that say the same, whatever stands beside.
    private static String print(String role, JsonNode content) {
        StringBuilder said = new StringBuilder(role);
        if (content.isTextual()) {
            add(said, "text", content.asText());
        }
        for (JsonNode block : content) {
            String type = block.path("type").asText("");
            switch (type) {
                case "text" -> add(said, type, block.path("text").asText(""));
                case "tool_use" -> add(said, type, block.path("id").asText(""));
                case "tool_result" -> add(said, type, block.path("tool_use_id").asText(""));
                default -> {
                    // thoughts, of which a client writes down only that there were any, and what it may leave out
                }
            }
        }
        return Hashes.shortHash(said.toString());
    }

    private static void add(StringBuilder said, String type, String text) {
        if (!text.startsWith(REMINDER)) {
            said.append('\n').append(type).append(' ').append(text.strip());
        }
    }

    private Optional<JsonNode> json(BodySpool.Entry file) throws IOException {
        if (file.bytes() > MOST_BYTES) {
            return Optional.empty();
        }
        Optional<BodySpool.Content> content = spool.read(file.name());
        if (content.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(Json.MAPPER.readTree(content.get().bytes()));
        } catch (IOException e) {
            // Cut, or no JSON: it shows nothing.
            return Optional.empty();
        }
    }
}
