package io.hypaware.project.anthropic;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Hashes;
import io.hypaware.payload.Cuts;
import io.hypaware.project.Json;
import io.hypaware.project.MessagePrint;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/// A request read once, one message in memory at a time: everything but the messages' content, of which only
/// the fingerprints stay.
record RequestOutline(
        Optional<String> model,
        List<String> system,
        List<String> tools,
        Optional<String> userId,
        Optional<Long> maxTokens,
        boolean stream,
        String setup,
        boolean summary,
        List<MessagePrint> messages,
        boolean repaired,
        Optional<String> error) {

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

    /// Reads as much as can be read; what stood in the way is the outline's error. Bytes that are no UTF-8 are
    /// replaced, when they are in the way.
    static RequestOutline read(Body body) throws IOException {
        RequestOutline outline = read(body, false);
        if (outline.error().isEmpty()) {
            return outline;
        }
        RequestOutline repaired = read(body, true);
        return repaired.error().isEmpty()
                        || repaired.messages().size() > outline.messages().size()
                ? repaired
                : outline;
    }

    private static RequestOutline read(Body body, boolean repair) throws IOException {
        List<MessagePrint> messages = new ArrayList<>();
        boolean[] summary = new boolean[1];
        Walked walked = walk(body.get(), repair, (index, message) -> {
            JsonNode content = message.path("content");
            messages.add(BlockPrints.of(role(message), content));
            summary[0] |= index < 2 && isSummary(content);
        });
        JsonNode fields = walked.fields();
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
                messages,
                repair,
                walked.error());
    }

    /// All fields of a request but its messages, and why not all of it could be read.
    record Walked(JsonNode fields, Optional<String> error) {}

    /// Reads the messages of a request one by one, up to where it breaks off.
    ///
    /// @param repair whether bytes that are no UTF-8 are replaced
    static Walked walk(InputStream body, boolean repair, MessageReader reader) throws IOException {
        var fields = Json.object();
        try (JsonParser json = repair
                ? Json.MAPPER.getFactory().createParser(new InputStreamReader(body, StandardCharsets.UTF_8))
                : Json.MAPPER.getFactory().createParser(body)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return new Walked(fields, Optional.of("it is no JSON object"));
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
            return new Walked(fields, Optional.empty());
        } catch (JsonProcessingException | CharConversionException e) {
            // The place only: the library's own words quote the body.
            long at = e instanceof JsonProcessingException json && json.getLocation() != null
                    ? Math.max(
                            json.getLocation().getByteOffset(),
                            json.getLocation().getCharOffset())
                    : -1;
            return new Walked(fields, Optional.of(at < 0 ? "it is no JSON" : "it is no JSON from byte " + at + " on"));
        }
    }

    static String role(JsonNode message) {
        return message.path("role").asText("user");
    }

    /// @param content a text, a block or a list of blocks
    static boolean isSummary(JsonNode content) {
        if (content.isArray()) {
            for (JsonNode block : content) {
                if (isSummary(block)) {
                    return true;
                }
            }
            return false;
        }
        String text =
                content.isTextual() ? content.textValue() : content.path("text").asText("");
        return text.stripLeading().startsWith(SUMMARY_START);
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
        } catch (JsonProcessingException | CharConversionException e) {
            // What breaks off later, or is no UTF-8, is known by now.
            sent.clear();
        }
        if (sent.size() == tools.size()) {
            return sent;
        }
        return StreamSupport.stream(tools.spliterator(), false).map(Json::text).toList();
    }

    /// Who is at work: the tools by name, or without tools the system text. Descriptions and dates in it vary
    /// by call.
    private static String setup(JsonNode tools, Optional<String> system) {
        String names = StreamSupport.stream(tools.spliterator(), false)
                .map(tool -> tool.path("name").asText(""))
                .sorted()
                .collect(Collectors.joining(","));
        return Hashes.shortHash(names.isEmpty() ? "system:" + system.orElse("") : "tools:" + names);
    }
}
