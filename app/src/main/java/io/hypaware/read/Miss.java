package io.hypaware.read;

import java.util.List;
import java.util.Optional;

/// A call for which the provider read less from its cache than was in it, or seemed to.
///
/// @param previous the call before it in the same conversation
/// @param prefix what that call had in the cache
/// @param element the first element that differs, such as `tool Read`; empty if none does
/// @param snippet where the element differs
/// @param lostTokens that were in the cache and were not read from it
/// @param rewrittenTokens of these, that were written to it once more
/// @param cost what that cost more than reading them, in US dollars; empty if the model has no price
/// @param notes what else is worth knowing
public record Miss(
        SessionCall call,
        Optional<SessionCall> previous,
        Optional<Prefix> prefix,
        Cause cause,
        Optional<String> element,
        Optional<Snippet> snippet,
        long lostTokens,
        long rewrittenTokens,
        Optional<Double> cost,
        List<String> notes) {

    public Miss {
        notes = List.copyOf(notes);
    }

    /// What a call had in the cache.
    public record Prefix(int tools, int systemBlocks, int messages, long tokens) {}

    /// Why.
    public enum Cause {
        TOOL_CHANGED("tool changed"),
        TOOL_ADDED("tool added"),
        TOOL_REMOVED("tool removed"),
        TOOLS_REORDERED("tools reordered"),
        SYSTEM_CHANGED("system changed"),
        HISTORY_EDITED("history edited"),
        HISTORY_INSERTED("history inserted"),
        HISTORY_REMOVED("history removed"),
        MODEL_CHANGED("model changed"),
        BETA_HEADER_CHANGED("beta header changed"),
        CACHE_KEY_CHANGED("cache key changed"),
        EXPIRED("expired"),
        /// Same prefix, in time: the request gives no reason.
        UNEXPLAINED("unexplained"),
        NOT_A_MISS("not a miss");

        private final String text;

        Cause(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    public boolean isMiss() {
        return cause != Cause.NOT_A_MISS;
    }
}
