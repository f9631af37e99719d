package io.hypaware.read;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Hashes;
import io.hypaware.project.Json;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A request as the provider's cache sees it: elements in the order in which they are a prefix of one another, tools
/// first, then system blocks, then messages block by block. `cache_control` marks are no part of an element, and
/// thinking is left out, because providers take it out of earlier turns themselves.
///
/// @param marked how many of the elements, from the first, are to be cached; 0 if nothing is
/// @param timeToLive the shortest that a mark asks for
/// @param cacheKey by which a provider tells whose prompts are alike, if the call says one
public record Prompt(
        Optional<String> model, List<Element> elements, int marked, Duration timeToLive, Optional<String> cacheKey) {

    /// What providers cache for unless told otherwise.
    private static final Duration DEFAULT_TIME_TO_LIVE = Duration.ofMinutes(5);

    /// What OpenAI keeps a prefix for at most, where a call asks for it.
    private static final String LONG_RETENTION = "24h";

    private static final Duration LONG_TIME_TO_LIVE = Duration.ofHours(1);

    /// More of an element's text is not held.
    private static final int MOST_TEXT = 256 * 1024;

    /// What an element is.
    public enum Kind {
        TOOL,
        SYSTEM,
        MESSAGE
    }

    /// One element.
    ///
    /// @param name such as `tool Read`, `system block 2`, `message 12 (user, tool_result)`
    /// @param key what it is beyond its text: the tool's name, the block's type
    /// @param hash of its content
    /// @param text its JSON, to show where it differs
    /// @param bytes of that
    public record Element(Kind kind, int index, String name, String key, String hash, String text, long bytes) {}

    public Prompt {
        elements = List.copyOf(elements);
    }

    /// Elements of a kind.
    public List<Element> of(Kind kind) {
        return elements.stream().filter(e -> e.kind() == kind).toList();
    }

    /// The elements to be cached.
    public List<Element> cachedPrefix() {
        return elements.subList(0, marked);
    }

    /// @throws IOException if the body is no JSON object
    public static Prompt read(InputStream body) throws IOException {
        return new Reader().read(body);
    }

    private static final class Reader {

        private final List<Element> tools = new ArrayList<>();
        private final List<Element> system = new ArrayList<>();
        private final List<Element> messages = new ArrayList<>();
        private int markedTools;
        private int markedSystem;
        private int markedMessages;
        private Duration shortest = Duration.ZERO;

        private Prompt read(InputStream body) throws IOException {
            Optional<String> model = Optional.empty();
            Optional<String> cacheKey = Optional.empty();
            try (JsonParser json = Json.MAPPER.getFactory().createParser(body)) {
                if (json.nextToken() != JsonToken.START_OBJECT) {
                    throw new IOException("the request body is no JSON object");
                }
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    String name = json.currentName();
                    JsonToken token = json.nextToken();
                    switch (name) {
                        case "prompt_cache_key" -> cacheKey = Optional.ofNullable(json.getValueAsString());
                        case "prompt_cache_retention" -> {
                            if (LONG_RETENTION.equals(json.getValueAsString())) {
                                shortest = Duration.ofHours(24);
                            }
                        }
                        case "model" -> model = Optional.ofNullable(json.getValueAsString());
                        case "tools" -> {
                            if (token == JsonToken.START_ARRAY) {
                                for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
                                    tool(i, json.<JsonNode>readValueAsTree());
                                }
                            }
                        }
                        case "system", "instructions", "systemInstruction", "system_instruction" ->
                            system(json.<JsonNode>readValueAsTree());
                        case "messages", "input", "contents" -> {
                            if (token == JsonToken.START_ARRAY) {
                                for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
                                    message(i, json.<JsonNode>readValueAsTree());
                                }
                            } else {
                                message(0, json.<JsonNode>readValueAsTree());
                            }
                        }
                        default -> json.skipChildren();
                    }
                }
            }
            List<Element> all = new ArrayList<>(tools);
            all.addAll(system);
            all.addAll(messages);
            int marked = markedMessages > 0
                    ? tools.size() + system.size() + markedMessages
                    : markedSystem > 0 ? tools.size() + markedSystem : markedTools;
            return new Prompt(model, all, marked, shortest.isZero() ? DEFAULT_TIME_TO_LIVE : shortest, cacheKey);
        }

        private void tool(int index, JsonNode tool) {
            // Gemini's and OpenAI's groups of tools.
            for (String group : List.of("functionDeclarations", "tools")) {
                if (tool.path(group).isArray()) {
                    for (JsonNode function : tool.get(group)) {
                        tool(tools.size(), function);
                    }
                    return;
                }
            }
            String name = Json.textAt(tool, "name")
                    .or(() -> Json.textAt(tool.path("function"), "name"))
                    .orElse(Integer.toString(index + 1));
            add(Kind.TOOL, index, "tool " + name, name, tool);
            markedTools = isMarked(tool) ? tools.size() : markedTools;
        }

        private void system(JsonNode value) {
            int index = 0;
            for (JsonNode block : blocks(value.path("parts").isArray() ? value.path("parts") : value)) {
                if (!isBilling(block)) {
                    add(Kind.SYSTEM, index, "system block " + (index + 1), "system", block);
                    markedSystem = isMarked(block) ? system.size() : markedSystem;
                }
                index++;
            }
        }

        /// A text is a block of text: providers take one for the other, and clients put a cache mark on blocks only.
        private static JsonNode blocks(JsonNode content) {
            if (content.isArray()) {
                return content;
            }
            JsonNode block =
                    content.isTextual() ? Json.object().put("type", "text").put("text", content.textValue()) : content;
            return Json.MAPPER.createArrayNode().add(block);
        }

        /// A line for the provider's accounts that Claude Code puts before its system text. It differs from
        /// call to call and is no part of what the provider caches.
        private static boolean isBilling(JsonNode block) {
            String text =
                    block.isTextual() ? block.textValue() : block.path("text").asText("");
            return text.startsWith("x-anthropic-billing-header");
        }

        private void message(int index, JsonNode message) {
            String role = Json.textAt(message, "role")
                    .or(() -> Json.textAt(message, "type"))
                    .orElse("user");
            String type = message.path("type").asText("message");
            if (type.equals("reasoning")) {
                return;
            }
            if (message.isTextual()) {
                message(index, Json.object().put("role", "user").set("content", message));
                return;
            }
            if (type.equals("additional_tools")) {
                for (JsonNode tool : message.path("tools")) {
                    tool(tools.size(), tool);
                }
                return;
            }
            boolean isSystem = role.equals("system") || role.equals("developer");
            if (isSystem && messages.isEmpty() && type.equals("message")) {
                // What stands before all other messages is the system text, wherever the provider has it.
                system(message.path("content"));
                return;
            }
            JsonNode said = message.path("parts").isArray() ? message.path("parts") : message.path("content");
            boolean whole =
                    said.isMissingNode() || said.isNull() || message.has("tool_calls") || !type.equals("message");
            if (whole) {
                add(Kind.MESSAGE, index, messageName(index, role, type), role + " " + type, unnamed(message));
                return;
            }
            JsonNode content = blocks(said);
            int block = 0;
            for (JsonNode part : content) {
                block++;
                String kind = part.has("functionCall")
                        ? "functionCall"
                        : part.has("functionResponse")
                                ? "functionResponse"
                                : part.path("type").asText("text");
                boolean isThought = part.path("thought").asBoolean(false);
                if (isThought || kind.equals("thinking") || kind.equals("redacted_thinking")) {
                    continue;
                }
                String of = kind + (content.size() > 1 ? " " + block + " of " + content.size() : "");
                add(Kind.MESSAGE, index, messageName(index, role, of), role + " " + kind, part);
                markedMessages = isMarked(part) ? messages.size() : markedMessages;
            }
        }

        /// An item as it is whoever names it: an answer and what a client sends back of it may be named differently.
        private static JsonNode unnamed(JsonNode item) {
            return item instanceof ObjectNode object ? object.deepCopy().without(List.of("id", "status")) : item;
        }

        private static String messageName(int index, String role, String what) {
            String said = role.equals(what) ? role : role + ", " + what;
            return "message " + (index + 1) + " (" + said + ")";
        }

        private void add(Kind kind, int index, String name, String key, JsonNode value) {
            String text = Json.text(withoutMarks(value));
            List<Element> elements = switch (kind) {
                case TOOL -> tools;
                case SYSTEM -> system;
                case MESSAGE -> messages;
            };
            elements.add(new Element(
                    kind,
                    index,
                    name,
                    key,
                    Hashes.shortHash(key + "\n" + text),
                    text.length() > MOST_TEXT ? text.substring(0, MOST_TEXT) : text,
                    text.length()));
        }

        private boolean isMarked(JsonNode node) {
            JsonNode mark = node.path("cache_control");
            if (!mark.isObject()) {
                // A tool's result carries the mark of the blocks in it.
                boolean inside = false;
                for (JsonNode part : node.path("content")) {
                    inside |= isMarked(part);
                }
                return inside;
            }
            Duration asked = mark.path("ttl").asText("5m").equals("1h") ? LONG_TIME_TO_LIVE : DEFAULT_TIME_TO_LIVE;
            shortest = shortest.isZero() || asked.compareTo(shortest) < 0 ? asked : shortest;
            return true;
        }

        private static JsonNode withoutMarks(JsonNode node) {
            if (node.isArray()) {
                ArrayNode copy = Json.MAPPER.createArrayNode();
                node.forEach(element -> copy.add(withoutMarks(element)));
                return copy;
            }
            if (!node.isObject()) {
                return node;
            }
            ObjectNode copy = Json.object();
            node.properties().forEach(field -> {
                if (!field.getKey().equals("cache_control")) {
                    copy.set(field.getKey(), withoutMarks(field.getValue()));
                }
            });
            return copy;
        }
    }
}
