package io.hypaware.client;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.home.AsideFile;
import io.hypaware.home.HypHome;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Hooks in Claude Code's settings that say where a session works: a shell script of ours is called, which appends a
/// line to a file beside it and can neither fail nor say anything.
final class ClaudeHooks {

    static final String HOOKS = "hooks";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern OURS = Pattern.compile(
            "exec 2>/dev/null; trap 'exit 0' EXIT; here='[^\\n]*/hypaware/hooks'; \\. \"\\$here/session\\.sh\"");

    private static final String SCRIPT = "$here/session.sh";

    /// When a session's folder or branch may be another one than before, and the tool that changes it. Each of them is
    /// known to all versions of the client: it might not read settings with one that it does not know.
    private static final Map<String, Optional<String>> EVENTS = new LinkedHashMap<>();

    static {
        EVENTS.put("SessionStart", Optional.empty());
        EVENTS.put("UserPromptSubmit", Optional.empty());
        EVENTS.put("PostToolUse", Optional.of("Bash"));
    }

    /// Where the script is, and what it writes beside it.
    static Path script(HypHome home) {
        return home.root().resolve("hypaware/hooks/session.sh");
    }

    /// Puts the script in its place.
    static void install(Path script) throws IOException {
        HypHome.privateFolder(script.resolveSibling(""));
        try (InputStream in = ClaudeHooks.class.getResourceAsStream("session-hook.sh")) {
            AsideFile.write(script, new String(requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    /// Ends well, even where the script is gone. In the agent's own shell, as a process takes longer than all else.
    private static String command(Path script) {
        String folder = script.resolveSibling("").toString().replace("'", "'\\''");
        return "exec 2>/dev/null; trap 'exit 0' EXIT; here='" + folder + "'; . \"$here/" + script.getFileName() + "\"";
    }

    static boolean areIn(JsonDocument settings, Path script) {
        return EVENTS.keySet().stream()
                .allMatch(event -> settings.value(HOOKS, event)
                        .filter(groups -> groups.findValuesAsText("command").contains(command(script)))
                        .isPresent());
    }

    /// @param marker is told what stood there that was empty
    static JsonDocument putIn(JsonDocument settings, Path script, ObjectNode marker) {
        ObjectNode empty = JSON.createObjectNode();
        JsonDocument with = withStructure(settings, empty, JSON.createObjectNode(), HOOKS);
        for (Map.Entry<String, Optional<String>> event : EVENTS.entrySet()) {
            with = withStructure(with, empty, JSON.createArrayNode(), HOOKS, event.getKey());
            ObjectNode group = JSON.createObjectNode();
            event.getValue().ifPresent(matcher -> group.put("matcher", matcher));
            ArrayNode handlers = group.putArray(HOOKS);
            handlers.addObject().put("type", "command").put("command", command(script));
            int place = with.value(HOOKS, event.getKey()).orElseThrow().size();
            with = with.with(group, HOOKS, event.getKey(), Integer.toString(place));
        }
        marker.set(HOOKS, empty);
        return with;
    }

    /// With an object or a list at a place, which is remembered if there is an empty one.
    private static JsonDocument withStructure(JsonDocument settings, ObjectNode empty, JsonNode none, String... path) {
        Optional<JsonNode> there = settings.value(path);
        if (there.isEmpty()) {
            return settings.with(none, path);
        }
        if (there.get().getNodeType() != none.getNodeType()) {
            throw new ClientException(
                    ClientException.Kind.WRONG_TYPE,
                    "\"%s\" is of the type %s, expected %s. Mend it, then try again"
                            .formatted(String.join(".", path), type(there.get()), type(none)));
        }
        if (there.get().isEmpty()) {
            empty.put(String.join(".", path), settings.raw(path).orElseThrow());
        }
        return settings;
    }

    private static String type(JsonNode value) {
        return value.getNodeType().toString().toLowerCase(Locale.ROOT);
    }

    /// @param empty what stood there that was empty
    static JsonDocument takeOut(JsonDocument settings, JsonNode empty) {
        JsonDocument clean = without(settings, ClaudeHooks::isOurs, empty);
        for (var was : empty.properties()) {
            String[] path = was.getKey().split("\\.", 2);
            String raw = was.getValue().asText();
            if (clean.isBlank(path) && (raw.startsWith("[") || raw.startsWith("{"))) {
                clean = clean.withRaw(raw, path);
            }
        }
        return clean;
    }

    /// Of ours, only what is as we wrote it: with a word of the user's in it, it is the user's.
    private static boolean isOurs(JsonNode handler) {
        return handler.size() == 2
                && OURS.matcher(handler.path("command").asText()).matches();
    }

    /// Whether something of ours is left, changed by the user.
    static boolean isChanged(JsonDocument settings) {
        return settings.value(HOOKS)
                .filter(hooks ->
                        hooks.findValuesAsText("command").stream().anyMatch(command -> command.contains(SCRIPT)))
                .isPresent();
    }

    /// Without some handlers, and what is empty then.
    ///
    /// @param gone which of them
    /// @param kept what stays, though it is empty
    static JsonDocument without(JsonDocument settings, Predicate<JsonNode> gone, JsonNode kept) {
        JsonDocument clean = settings;
        JsonNode hooks = clean.value(HOOKS).orElse(null);
        if (hooks == null || !hooks.isObject()) {
            return clean;
        }
        boolean had = false;
        for (var event : hooks.properties()) {
            String name = event.getKey();
            boolean hadHere = false;
            // From the last to the first, so that the places of those before do not change.
            for (int group = event.getValue().size() - 1; group >= 0; group--) {
                JsonNode handlers = event.getValue().path(group).path(HOOKS);
                int left = handlers.size();
                for (int handler = handlers.size() - 1; handler >= 0; handler--) {
                    if (gone.test(handlers.path(handler))) {
                        clean = clean.without(HOOKS, name, Integer.toString(group), HOOKS, Integer.toString(handler));
                        left--;
                        hadHere = true;
                    }
                }
                if (left == 0 && handlers.size() > 0) {
                    clean = clean.without(HOOKS, name, Integer.toString(group));
                }
            }
            if (hadHere && clean.isEmpty(HOOKS, name) && !kept.has(HOOKS + "." + name)) {
                clean = clean.without(HOOKS, name);
            }
            had |= hadHere;
        }
        return had && clean.isEmpty(HOOKS) && !kept.has(HOOKS) ? clean.without(HOOKS) : clean;
    }

    private ClaudeHooks() {}
}
