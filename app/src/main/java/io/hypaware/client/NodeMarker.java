package io.hypaware.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.List;
import java.util.regex.Pattern;

/// What HypAware for Node wrote into Claude Code's settings, by its marker: a base URL on its port, in later
/// versions two keys with it, and hooks.
final class NodeMarker {

    private static final Pattern HOOK = Pattern.compile("\\bclaude-hook\\s+session-context\\b");
    private static final List<String> KEYS =
            List.of("ENABLE_TOOL_SEARCH", "_CLAUDE_CODE_ASSUME_FIRST_PARTY_BASE_URL", ClaudeSettings.BASE_URL);

    private final JsonNode marker;

    NodeMarker(JsonNode marker) {
        this.marker = marker;
    }

    /// The settings without it.
    JsonDocument takenOut(JsonDocument settings, List<String> notes) {
        JsonDocument clean = settings;
        String url = "http://127.0.0.1:" + marker.path("port").asText();
        boolean isTheirs = clean.value("env", ClaudeSettings.BASE_URL)
                .filter(now -> !now.asText().equals(url))
                .isEmpty();
        if (!isTheirs) {
            notes.add(ClaudeSettings.BASE_URL + " was changed since; it stays as it is");
        } else {
            for (String key : KEYS) {
                clean = withoutKey(clean, key);
            }
        }
        return ClaudeHooks.without(clean, NodeMarker::isTheirs, MissingNode.getInstance());
    }

    private static boolean isTheirs(JsonNode handler) {
        return HOOK.matcher(handler.path("command").asText()).find();
    }

    private JsonDocument withoutKey(JsonDocument settings, String key) {
        JsonNode before = key.equals(ClaudeSettings.BASE_URL)
                ? marker.path("prev_base_url")
                : marker.path("prev_env").path(key);
        if (settings.raw("env", key).isEmpty()) {
            return settings;
        }
        boolean isTheirs = key.equals(ClaudeSettings.BASE_URL) || marker.has("mode");
        if (before.isTextual()) {
            return settings.with(before, "env", key);
        }
        return isTheirs ? settings.without("env", key) : settings;
    }
}
