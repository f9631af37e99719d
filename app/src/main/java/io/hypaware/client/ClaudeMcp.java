package io.hypaware.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.client.ClientException.Kind;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Our server in Claude Code's `.claude.json`, which that program writes, too, and in which it leaves what it does not
/// know: a marker says what stood there before.
final class ClaudeMcp {

    /// It holds a history of projects, too.
    static final long MOST_BYTES = 16L << 20;

    private static final String SERVERS = "mcpServers";
    private static final String MARKER = "_hypaware";
    private static final String MCP = "mcp";
    private static final ObjectMapper JSON = new ObjectMapper();

    static Attachment attach(UserFile file, HypCommand entry) {
        JsonDocument document = document(file);
        ObjectNode wanted = wanted(entry);
        Optional<JsonNode> there = document.value(SERVERS, HypCommand.NAME);
        if (there.equals(Optional.of(wanted))) {
            List<String> notes = document.value(MARKER, MCP).isPresent()
                    ? List.of()
                    : List.of("no mark says that we wrote it, so that hyp detach leaves it");
            return new Attachment(file, false, Optional.of(file.text()), Optional.empty(), notes);
        }
        Optional<JsonNode> marker = document.value(MARKER, MCP);
        boolean made = marker.isPresent() ? marker.get().path("made").asBoolean() : !file.exists();
        Optional<String> blank = marker.isPresent()
                ? Optional.of(marker.get().path("file"))
                        .filter(JsonNode::isTextual)
                        .map(JsonNode::textValue)
                : Optional.of(file.text()).filter(_ -> document.isEmpty());
        return new Attachment(
                file,
                true,
                Optional.of(with(file, takenOut(document), wanted, mark(made, blank))
                        .text()),
                Optional.empty(),
                List.of());
    }

    private static ObjectNode mark(boolean made, Optional<String> blank) {
        ObjectNode marker = JSON.createObjectNode();
        if (made) {
            marker.put("made", true);
        }
        blank.filter(_ -> !made).ifPresent(text -> marker.put("file", text));
        return marker;
    }

    private static JsonDocument with(UserFile file, JsonDocument bare, ObjectNode wanted, ObjectNode marker) {
        JsonDocument document = bare;
        if (document.raw(SERVERS).isEmpty()) {
            marker.put("made_servers", true);
            document = document.with(JSON.createObjectNode(), SERVERS);
        } else if (!document.isObject(SERVERS)) {
            throw new ClientException(
                    Kind.WRONG_TYPE,
                    file.path() + ": \"" + SERVERS + "\" is no object, which it has to be. Mend it, then try again");
        } else if (document.isEmpty(SERVERS)) {
            marker.put("empty_servers", document.raw(SERVERS).orElseThrow());
        }
        document.raw(SERVERS, HypCommand.NAME).ifPresent(was -> marker.put("was", was));
        marker.set("set", wanted);
        JsonDocument registered = document.with(wanted, SERVERS, HypCommand.NAME);
        return registered.with(JSON.createObjectNode().set(MCP, marker), MARKER);
    }

    static Attachment detach(UserFile file) {
        JsonDocument document = document(file);
        Optional<JsonNode> marker = document.value(MARKER, MCP);
        if (marker.isEmpty()) {
            List<String> notes = document.raw(SERVERS, HypCommand.NAME).isEmpty()
                    ? List.of()
                    : List.of(
                            SERVERS + "." + HypCommand.NAME + " is there, and no mark says that we wrote it; it stays");
            return new Attachment(file, false, Optional.of(file.text()), Optional.empty(), notes);
        }
        JsonDocument clean = takenOut(document);
        Optional<String> text = Optional.of(clean.text());
        if (clean.isNothing()) {
            JsonNode blank = marker.get().path("file");
            text = marker.get().path("made").asBoolean()
                    ? Optional.empty()
                    : Optional.of(blank.isTextual() ? blank.textValue() : clean.text());
        }
        boolean isChanged = clean.raw(SERVERS, HypCommand.NAME).isPresent()
                && !marker.get().path("was").isTextual();
        return new Attachment(
                file,
                true,
                text,
                Optional.empty(),
                isChanged
                        ? List.of(SERVERS + "." + HypCommand.NAME + " was changed since; it stays as it is")
                        : List.of());
    }

    /// Without our entry and its marker, and with what stood there before.
    private static JsonDocument takenOut(JsonDocument document) {
        Optional<JsonNode> marker = document.value(MARKER, MCP);
        if (marker.isEmpty()) {
            return document;
        }
        JsonDocument clean = document.without(MARKER);
        if (clean.value(SERVERS, HypCommand.NAME)
                .equals(Optional.of(marker.get().path("set")))) {
            clean = isWhole(marker.get().path("was"))
                    ? clean.withRaw(marker.get().path("was").textValue(), SERVERS, HypCommand.NAME)
                    : clean.without(SERVERS, HypCommand.NAME);
        }
        if (clean.isBlank(SERVERS)) {
            if (marker.get().path("made_servers").asBoolean()) {
                clean = clean.without(SERVERS);
            } else if (isWhole(marker.get().path("empty_servers"))) {
                clean = clean.withRaw(marker.get().path("empty_servers").textValue(), SERVERS);
            }
        }
        return clean;
    }

    private static ObjectNode wanted(HypCommand entry) {
        ObjectNode wanted = JSON.createObjectNode().put("type", "stdio").put("command", entry.command());
        wanted.putArray("args").add(HypCommand.ARGUMENT);
        if (!entry.environment().isEmpty()) {
            ObjectNode environment = wanted.putObject("env");
            entry.environment().forEach(environment::put);
        }
        return wanted;
    }

    private static JsonDocument document(UserFile file) {
        JsonDocument document;
        try {
            document = JsonDocument.parse(file.text().isBlank() ? "{}\n" : file.text());
        } catch (IOException e) {
            throw new ClientException(
                    Kind.MALFORMED, file.path() + " is no JSON: " + e.getMessage() + ". Mend it, then try again");
        }
        if (!document.isObject()) {
            throw new ClientException(
                    Kind.WRONG_TYPE, file.path() + " is no object, which it has to be. Mend it, then try again");
        }
        return document;
    }

    /// Whether a marker's text is the value that it was.
    private static boolean isWhole(JsonNode raw) {
        try {
            return raw.isTextual()
                    && !JsonDocument.parse(raw.textValue()).text().isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    private ClaudeMcp() {}
}
