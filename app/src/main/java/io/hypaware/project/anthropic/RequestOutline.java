package io.hypaware.project.anthropic;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Hashes;
import io.hypaware.project.Body;
import io.hypaware.project.Json;
import io.hypaware.project.conversation.MessagePrint;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
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
        List<Span> spans,
        boolean repaired,
        Optional<String> error) {

    private static final String SYSTEM_SEPARATOR = "\n\n";

    /// A summary stands in one of the first messages.
    private static final int SUMMARY_MESSAGES = 2;

    private static final String SUMMARY_START = "This session is being continued from a previous conversation";

    /// Takes one message of a request.
    interface MessageReader {
        void read(int index, JsonNode message);

        /// Whether the message is known by its bytes; it is not read then.
        default boolean isKnown(int index, byte[] body, Span span) {
            return false;
        }
    }

    /// Where a value stands in the body, in bytes.
    ///
    /// @param end one past the last
    record Span(long start, long end) {}

    RequestOutline {
        system = List.copyOf(system);
        tools = List.copyOf(tools);
        messages = List.copyOf(messages);
        spans = List.copyOf(spans);
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
    ///
    /// @param recent tells messages that were sent before
    static RequestOutline read(Body body, RecentRequests.Known recent) throws IOException {
        RequestOutline outline = read(body, false, recent);
        if (outline.error().isEmpty()) {
            return outline;
        }
        RequestOutline repaired = read(body, true, RecentRequests.Known.NOTHING);
        return repaired.error().isEmpty()
                        || repaired.messages().size() > outline.messages().size()
                ? repaired
                : outline;
    }

    private static RequestOutline read(Body body, boolean repair, RecentRequests.Known recent) throws IOException {
        List<MessagePrint> messages = new ArrayList<>();
        boolean[] summary = new boolean[1];
        Walked walked = walk(body, repair, new MessageReader() {
            @Override
            public void read(int index, JsonNode message) {
                JsonNode content = message.path("content");
                messages.add(BlockPrints.of(role(message), content));
                summary[0] |= index < SUMMARY_MESSAGES && isSummary(content);
            }

            @Override
            public boolean isKnown(int index, byte[] bytes, Span span) {
                Optional<MessagePrint> known =
                        index < SUMMARY_MESSAGES ? Optional.empty() : recent.print(index, bytes, span);
                known.ifPresent(messages::add);
                return known.isPresent();
            }
        });
        JsonNode fields = walked.fields();
        JsonNode tools = fields.path("tools");
        List<String> system = system(fields.path("system"));
        return new RequestOutline(
                Json.textAt(fields, "model"),
                system,
                tools.isArray() ? definitions(body, tools, walked.tools()) : List.of(),
                Json.textAt(fields.path("metadata"), "user_id"),
                Json.longAt(fields, "max_tokens"),
                fields.path("stream").asBoolean(false),
                setup(tools, systemText(system)),
                summary[0],
                messages,
                walked.messages(),
                repair,
                walked.error());
    }

    /// Hands over the messages in their order.
    ///
    /// @param wanted the others are handed over as nothing, unless the whole body has to be read anyway
    void forEachMessage(Body body, IntPredicate wanted, MessageReader reader) throws IOException {
        if (spans.size() != messages.size()) {
            walk(body, repaired, reader);
            return;
        }
        try (InputStream in = body.open()) {
            long at = 0;
            for (int i = 0; i < spans.size(); i++) {
                if (wanted.test(i)) {
                    in.skipNBytes(spans.get(i).start() - at);
                    reader.read(i, Json.MAPPER.readTree(bytes(in, spans.get(i))));
                    at = spans.get(i).end();
                } else {
                    reader.read(i, MissingNode.getInstance());
                }
            }
        }
    }

    private static byte[] bytes(InputStream in, Span span) throws IOException {
        return in.readNBytes(Math.toIntExact(span.end() - span.start()));
    }

    /// All fields of a request but its messages, and why not all of it could be read.
    ///
    /// @param messages where they stand; fewer than there are if that cannot be told
    /// @param tools where the definitions stand
    private record Walked(JsonNode fields, List<Span> messages, List<Span> tools, Optional<String> error) {}

    /// Reads the messages of a request one by one, up to where it breaks off.
    ///
    /// @param repair whether bytes that are no UTF-8 are replaced
    private static Walked walk(Body body, boolean repair, MessageReader reader) throws IOException {
        ObjectNode fields = Json.object();
        List<Span> messages = new ArrayList<>();
        List<Span> tools = new ArrayList<>();
        Optional<byte[]> held = repair ? Optional.empty() : body.bytes();
        try (JsonParser json =
                held.isPresent() ? Json.MAPPER.getFactory().createParser(held.get()) : parser(body.open(), repair)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return new Walked(fields, messages, tools, Optional.of("it is no JSON object"));
            }
            int index = 0;
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                if (name.equals("messages") && json.currentToken() == JsonToken.START_ARRAY) {
                    while (json.nextToken() != JsonToken.END_ARRAY) {
                        message(json, index++, held, messages, reader);
                    }
                } else if (name.equals("tools") && json.currentToken() == JsonToken.START_ARRAY) {
                    tools.clear();
                    ArrayNode definitions = Json.MAPPER.createArrayNode();
                    while (json.nextToken() != JsonToken.END_ARRAY) {
                        definitions.add(element(json, tools));
                    }
                    fields.set(name, definitions);
                } else {
                    fields.set(name, json.<JsonNode>readValueAsTree());
                }
            }
            return new Walked(fields, messages, tools, Optional.empty());
        } catch (JsonProcessingException | CharConversionException e) {
            // The place only: the library's own words quote the body.
            long at = e instanceof JsonProcessingException json && json.getLocation() != null
                    ? Math.max(
                            json.getLocation().getByteOffset(),
                            json.getLocation().getCharOffset())
                    : -1;
            String why = at < 0 ? "it is no JSON" : "it is no JSON from byte " + at + " on";
            return new Walked(fields, messages, tools, Optional.of(why));
        }
    }

    private static JsonParser parser(InputStream body, boolean repair) throws IOException {
        return repair
                ? Json.MAPPER.getFactory().createParser(new InputStreamReader(body, StandardCharsets.UTF_8))
                : Json.MAPPER.getFactory().createParser(body);
    }

    private static void message(
            JsonParser json, int index, Optional<byte[]> held, List<Span> spans, MessageReader reader)
            throws IOException {
        long start = json.currentTokenLocation().getByteOffset();
        if (held.isEmpty() || start < 0 || json.currentToken() != JsonToken.START_OBJECT) {
            reader.read(index, element(json, spans));
            return;
        }
        json.skipChildren();
        Span span = new Span(start, json.currentLocation().getByteOffset());
        if (!reader.isKnown(index, held.get(), span)) {
            reader.read(index, parsed(json, held.get(), span));
        }
        spans.add(span);
    }

    private static JsonNode parsed(JsonParser json, byte[] body, Span span) throws IOException {
        int length = Math.toIntExact(span.end() - span.start());
        try {
            return Json.MAPPER.readTree(body, Math.toIntExact(span.start()), length);
        } catch (JsonProcessingException e) {
            long at = span.start()
                    + (e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getByteOffset()));
            throw new JsonParseException(json, e.getOriginalMessage(), new JsonLocation(null, at, -1, 0, 0), e);
        }
    }

    /// Reads an element of an array, and where it stands if it is an object. Bytes are counted in UTF-8 only.
    private static JsonNode element(JsonParser json, List<Span> spans) throws IOException {
        boolean object = json.currentToken() == JsonToken.START_OBJECT;
        long start = json.currentTokenLocation().getByteOffset();
        JsonNode element = json.readValueAsTree();
        if (object && start >= 0) {
            spans.add(new Span(start, json.currentLocation().getByteOffset()));
        }
        return element;
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
    private static List<String> definitions(Body body, JsonNode tools, List<Span> spans) throws IOException {
        if (spans.size() != tools.size()) {
            return StreamSupport.stream(tools.spliterator(), false)
                    .map(Json::text)
                    .toList();
        }
        List<String> sent = new ArrayList<>();
        try (InputStream in = body.open()) {
            long at = 0;
            for (Span span : spans) {
                in.skipNBytes(span.start() - at);
                sent.add(new String(bytes(in, span), StandardCharsets.UTF_8));
                at = span.end();
            }
        }
        return sent;
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
