package io.hypaware.project.anthropic;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Hashes;
import io.hypaware.payload.Cuts;
import io.hypaware.project.Json;
import io.hypaware.project.MessagePrint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/// A request read once, one message in memory at a time: everything but the messages' content, of which only the
/// fingerprints stay.
record RequestOutline(
        Optional<String> model,
        List<String> system,
        List<String> tools,
        Optional<String> userId,
        Optional<Long> maxTokens,
        boolean stream,
        String setup,
        boolean summary,
        List<MessagePrint> messages) {

    private static final String SYSTEM_SEPARATOR = "\n\n";

    private static final String SUMMARY_START = "This session is being continued from a previous conversation";

    /// Takes one message of a request.
    interface MessageReader {
        void read(int index, JsonNode message);
    }

    /// A body that can be read again.
    @FunctionalInterface
    interface Body {
        InputStream get() throws IOException;
    }

    RequestOutline {
        system = List.copyOf(system);
        tools = List.copyOf(tools);
        messages = List.copyOf(messages);
    }

    /// The system blocks as one text.
    Optional<String> systemText() {
        return systemText(system);
    }

    /// The pieces of [#systemText()].
    List<String> systemPieces() {
        return joined(system, "", SYSTEM_SEPARATOR, "");
    }

    /// The pieces of the tools as a JSON array.
    List<String> toolsPieces() {
        return joined(tools, "[", ",", "]");
    }

    private static List<String> joined(List<String> elements, String before, String between, String after) {
        List<String> pieces = new ArrayList<>(2 * elements.size() + 1);
        for (String element : elements) {
            pieces.add(pieces.isEmpty() ? before : between);
            pieces.add(element);
        }
        if (!pieces.isEmpty()) {
            pieces.add(after);
        }
        return pieces;
    }

    /// @throws IOException if the body is no JSON object, or breaks off
    static RequestOutline read(Body body) throws IOException {
        List<MessagePrint> messages = new ArrayList<>();
        boolean[] summary = new boolean[1];
        JsonNode fields = walk(body.get(), (index, message) -> {
            JsonNode content = message.path("content");
            messages.add(BlockPrints.of(role(message), content));
            summary[0] |= index < 2 && isSummary(content);
        });
        JsonNode tools = fields.path("tools");
        List<String> system = system(fields.path("system"));
        return new RequestOutline(
                Json.textAt(fields, "model"),
                system,
                tools.isArray() ? definitions(body, tools) : List.of(),
                Json.textAt(fields.path("metadata"), "user_id"),
                Json.longAt(fields, "max_tokens"),
                fields.path("stream").asBoolean(false),
                setup(tools, systemText(system)),
                summary[0],
                messages);
    }

    /// Reads the messages of a request one by one; returns all other fields.
    static JsonNode walk(InputStream body, MessageReader reader) throws IOException {
        var fields = Json.object();
        try (JsonParser json = Json.MAPPER.getFactory().createParser(body)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("the request body is no JSON object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                if (name.equals("messages") && json.currentToken() == JsonToken.START_ARRAY) {
                    for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
                        reader.read(i, json.<JsonNode>readValueAsTree());
                    }
                } else {
                    fields.set(name, json.<JsonNode>readValueAsTree());
                }
            }
        }
        return fields;
    }

    static String role(JsonNode message) {
        return message.path("role").asText("user");
    }

    private static boolean isSummary(JsonNode content) {
        if (content.isTextual()) {
            return content.textValue().stripLeading().startsWith(SUMMARY_START);
        }
        for (JsonNode block : content) {
            if (block.path("text").asText("").stripLeading().startsWith(SUMMARY_START)) {
                return true;
            }
        }
        return false;
    }

    private static List<String> system(JsonNode system) {
        if (system.isTextual()) {
            return List.of(system.textValue());
        }
        return StreamSupport.stream(system.spliterator(), false)
                .map(block -> block.path("text").asText(""))
                .toList();
    }

    private static Optional<String> systemText(List<String> blocks) {
        String joined = String.join(SYSTEM_SEPARATOR, blocks);
        return joined.isEmpty() ? Optional.empty() : Optional.of(joined);
    }

    /// Each definition byte for byte as it was sent, so that it is the same payload there and in the request's body.
    private static List<String> definitions(Body body, JsonNode tools) throws IOException {
        List<String> sent = new ArrayList<>();
        try (InputStream in = body.get()) {
            Cuts cuts = Cuts.ofTools(body.get());
            long at = 0;
            for (Cuts.Element element : cuts.elements()) {
                in.skipNBytes(element.start() - at);
                sent.add(new String(
                        in.readNBytes(Math.toIntExact(element.end() - element.start())), StandardCharsets.UTF_8));
                at = element.end();
            }
        }
        if (sent.size() == tools.size()) {
            return sent;
        }
        return StreamSupport.stream(tools.spliterator(), false).map(Json::text).toList();
    }

    /// Who is at work: the tools by name, or without tools the system text. Descriptions and dates in it vary by
    /// call.
    private static String setup(JsonNode tools, Optional<String> system) {
        String names = StreamSupport.stream(tools.spliterator(), false)
                .map(tool -> tool.path("name").asText(""))
                .sorted()
                .collect(Collectors.joining(","));
        return Hashes.shortHash(names.isEmpty() ? "system:" + system.orElse("") : "tools:" + names);
    }
}
