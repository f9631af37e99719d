package io.hypaware.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.client.ClientException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Claude Code's `settings.json`: our keys in its `env`, and a marker that says which they are and what stood there
/// before. Taking out is the way back: what the user changed since stays.
final class ClaudeSettings {

    static final String BASE_URL = "ANTHROPIC_BASE_URL";

    /// Off for any host but Anthropic's own, which makes each call send every tool's definition.
    private static final String TOOL_SEARCH = "ENABLE_TOOL_SEARCH";

    /// Without it, a million tokens of context become 200,000 and some headers are left out. Only honest while calls
    /// go on to Anthropic itself.
    private static final String FIRST_PARTY = "_CLAUDE_CODE_ASSUME_FIRST_PARTY_BASE_URL";

    static final String MARKER = "_hypaware";
    private static final String ENV = "env";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final UserFile file;
    private final Path path;
    private final List<String> notes = new ArrayList<>();
    private JsonDocument document;

    /// What the file said, if all that it had was nothing.
    private Optional<String> blank = Optional.empty();

    private ClaudeSettings(UserFile file) {
        this.file = file;
        this.path = file.path();
        String text = file.text();
        if (text.isBlank()) {
            blank = Optional.of(text);
        }
        try {
            this.document = JsonDocument.parse(text.isBlank() ? "{}\n" : text);
        } catch (IOException e) {
            throw new ClientException(
                    Kind.MALFORMED, path + " is no JSON: " + e.getMessage() + ". Mend it, then try again");
        }
        if (!document.isObject()) {
            throw wrongType("it", document);
        }
        if (document.isEmpty() && blank.isEmpty()) {
            blank = Optional.of(text);
        }
    }

    private ClientException wrongType(String what, JsonDocument found, String... path) {
        String type = found.value(path)
                .map(v -> v.getNodeType().toString().toLowerCase(Locale.ROOT))
                .orElse("nothing");
        return new ClientException(
                Kind.WRONG_TYPE,
                this.path + ": " + what + " is of the type " + type + ", expected an object. Mend it, then try again");
    }

    /// Attaches to a gateway; once more, or in place of HypAware for Node, as if for the first time.
    static Attachment attach(UserFile file, Address address) {
        ClaudeSettings settings = new ClaudeSettings(file);
        Optional<String> before = settings.previousUrl();
        if (settings.isAttachedTo(address)) {
            return settings.result(false, Optional.of(file.text()), before);
        }
        boolean made = !file.exists() || settings.wasMade();
        settings.takeOut();
        before = settings.baseUrl();
        settings.putIn(address, made);
        return settings.result(true, Optional.of(settings.document.text()), before);
    }

    static Attachment detach(UserFile file) {
        ClaudeSettings settings = new ClaudeSettings(file);
        boolean made = settings.wasMade();
        if (!settings.takeOut()) {
            settings.baseUrl()
                    .flatMap(Address::localPort)
                    .ifPresent(port -> settings.notes.add(BASE_URL + " leads to port " + port
                            + " of this machine, and no mark says that we wrote it; it stays as it is"));
            return settings.result(false, Optional.of(file.text()), Optional.empty());
        }
        Optional<String> text = Optional.of(settings.document.text());
        if (settings.document.isNothing()) {
            text = made ? Optional.empty() : settings.blank.or(() -> Optional.of(settings.document.text()));
        }
        return settings.result(true, text, settings.baseUrl());
    }

    /// The variables that the user has set, with nothing of ours.
    static Map<String, String> own(UserFile file) {
        ClaudeSettings settings = new ClaudeSettings(file);
        settings.takeOut();
        Map<String, String> own = new LinkedHashMap<>();
        settings.document
                .value(ENV)
                .ifPresent(env -> env.properties()
                        .forEach(entry ->
                                own.put(entry.getKey(), entry.getValue().asText(""))));
        return own;
    }

    private Attachment result(boolean changed, Optional<String> text, Optional<String> previous) {
        return new Attachment(file, changed, text, previous, notes);
    }

    /// The port that a file's marker names; empty if nobody is attached.
    static Optional<Integer> port(UserFile file) {
        return new ClaudeSettings(file).port();
    }

    /// Whether a file's marker says that the client tells by itself.
    static boolean isTelling(UserFile file) {
        return new ClaudeSettings(file)
                .marker()
                .filter(marker -> marker.path("via").asText().equals("telemetry"))
                .isPresent();
    }

    private Optional<Integer> port() {
        return marker().map(m -> m.path("port"))
                .filter(JsonNode::canConvertToInt)
                .map(JsonNode::intValue);
    }

    /// What stood in our base URL's place when it came.
    private Optional<String> previousUrl() {
        return marker().map(m -> m.path(ENV).path(BASE_URL).path("was"))
                .filter(JsonNode::isTextual)
                .map(JsonNode::textValue)
                .flatMap(ClaudeSettings::textOf);
    }

    private static Optional<String> textOf(String raw) {
        try {
            return Optional.of(JSON.readTree(raw)).filter(JsonNode::isTextual).map(JsonNode::textValue);
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /// Where the calls go that these settings decide; empty if they do not.
    Optional<String> baseUrl() {
        return document.value(ENV, BASE_URL).filter(JsonNode::isTextual).map(JsonNode::textValue);
    }

    /// What is put in `env` for a gateway, or for the client to tell by itself.
    static Map<String, String> wanted(Address address) {
        Map<String, String> wanted = new LinkedHashMap<>();
        if (address.bodies().isPresent()) {
            wanted.put("CLAUDE_CODE_ENABLE_TELEMETRY", "1");
            wanted.put("OTEL_LOGS_EXPORTER", "otlp");
            wanted.put("OTEL_METRICS_EXPORTER", "otlp");
            wanted.put("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
            // These outrank the one address for all, which may lead to a collector of the user's.
            wanted.put("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", address.url() + "/v1/logs");
            wanted.put("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", address.url() + "/v1/metrics");
            wanted.put("OTEL_LOG_USER_PROMPTS", "1");
            wanted.put("OTEL_LOG_TOOL_DETAILS", "1");
            wanted.put("OTEL_LOG_RAW_API_BODIES", "file:" + address.bodies().get());
            return wanted;
        }
        wanted.put(BASE_URL, address.url());
        wanted.put(TOOL_SEARCH, "true");
        if (address.isAnthropicDirect()) {
            wanted.put(FIRST_PARTY, "1");
        }
        return wanted;
    }

    /// Whether all is as attaching would leave it.
    private boolean isAttachedTo(Address address) {
        Optional<JsonNode> marker = marker();
        if (marker.isEmpty() || !marker.get().path(ENV).isObject()) {
            return false;
        }
        Map<String, String> wanted = wanted(address);
        // The marker's port, too: the URL of a gateway elsewhere may be the user's own.
        return port().equals(Optional.of(address.port()))
                && address.hook().isPresent() == marker.get().has(ClaudeHooks.HOOKS)
                && address.hook()
                        .filter(script -> !ClaudeHooks.areIn(document, script))
                        .isEmpty()
                && wanted.keySet().equals(new HashSet<>(names(marker.get().path(ENV))))
                && wanted.entrySet().stream()
                        .allMatch(entry -> document.value(ENV, entry.getKey())
                                .filter(value -> value.asText().equals(entry.getValue()))
                                .isPresent());
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /// Puts our keys in.
    ///
    /// @param made whether there was no file
    private void putIn(Address address, boolean made) {
        if (document.raw(ENV).isPresent() && !document.isObject(ENV)) {
            throw wrongType("\"env\"", document, ENV);
        }
        ObjectNode marker = JSON.createObjectNode()
                .put("attached_at", address.now())
                .put("version", address.version())
                .put("port", address.port())
                .put("via", address.via());
        if (made) {
            marker.put("made", true);
        }
        blank.ifPresent(text -> marker.put("file", text));
        if (document.raw(ENV).isEmpty()) {
            marker.put("made_env", true);
            document = document.with(JSON.createObjectNode(), ENV);
        } else if (document.isEmpty(ENV)) {
            marker.put("empty_env", document.raw(ENV).orElseThrow());
        }
        ObjectNode set = marker.putObject(ENV);
        wanted(address).forEach((name, value) -> {
            ObjectNode entry = set.putObject(name).put("set", value);
            // Ours, of a marker that somebody has lost.
            boolean isOurs = name.equals(BASE_URL)
                    && baseUrl().filter(address::isMeantBy).isPresent();
            document.raw(ENV, name).filter(_ -> !isOurs).ifPresent(was -> entry.put("was", was));
            document = document.with(JSON.getNodeFactory().textNode(value), ENV, name);
        });
        address.hook().ifPresent(script -> document = withHooks(script, marker));
        document = document.with(marker, MARKER);
    }

    private JsonDocument withHooks(Path script, ObjectNode marker) {
        try {
            return ClaudeHooks.putIn(document, script, marker);
        } catch (ClientException e) {
            throw new ClientException(e.kind(), path + ": " + e.getMessage());
        }
    }

    /// Takes our keys out, and those of HypAware for Node.
    ///
    /// @return whether there were any
    private boolean takeOut() {
        Optional<JsonNode> found = marker();
        if (found.isEmpty()) {
            return false;
        }
        JsonNode marker = found.get();
        document = ClaudeHooks.takeOut(document.without(MARKER), marker.path(ClaudeHooks.HOOKS));
        if (ClaudeHooks.isChanged(document)) {
            notes.add("a hook of ours was changed since; it stays as it is");
        }
        if (marker.path(ENV).isObject()) {
            List<String> names = names(marker.path(ENV));
            names.reversed().forEach(name -> takeOut(name, marker.path(ENV).path(name)));
        } else {
            document = new NodeMarker(marker).takenOut(document, notes);
        }
        if (document.isBlank(ENV)) {
            if (marker.path("made_env").asBoolean() || !marker.path(ENV).isObject()) {
                document = document.without(ENV);
            } else if (isWhole(marker.path("empty_env"))) {
                document = document.withRaw(marker.path("empty_env").textValue(), ENV);
            }
        }
        if (document.isNothing() && marker.path("file").isTextual()) {
            blank = Optional.of(marker.path("file").textValue());
        }
        return true;
    }

    /// Whether the file was not there before us.
    private boolean wasMade() {
        return marker().map(m -> m.path("made").asBoolean()).orElse(false);
    }

    private void takeOut(String name, JsonNode entry) {
        Optional<String> now =
                document.value(ENV, name).filter(JsonNode::isTextual).map(JsonNode::textValue);
        if (now.isEmpty() && document.raw(ENV, name).isEmpty()) {
            return;
        }
        if (!now.equals(Optional.of(entry.path("set").asText()))) {
            notes.add(name + " was changed since; it stays as it is");
            return;
        }
        document = isWhole(entry.path("was"))
                ? document.withRaw(entry.path("was").textValue(), ENV, name)
                : document.without(ENV, name);
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

    private Optional<JsonNode> marker() {
        Optional<JsonNode> found = document.value(MARKER);
        if (found.isPresent() && !found.get().isObject()) {
            throw wrongType("\"" + MARKER + "\"", document, MARKER);
        }
        return found;
    }
}
