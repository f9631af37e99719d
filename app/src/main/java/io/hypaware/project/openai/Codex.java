package io.hypaware.project.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.journal.CapturedExchange;
import io.hypaware.project.Caller;
import io.hypaware.project.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What Codex says of itself with each call: in the body's `client_metadata`, and in headers.
///
/// @param session the container; empty if the call is none of Codex
/// @param thread who speaks in it: the session itself, or one of its agents
/// @param turn facts of the turn
record Codex(Optional<String> session, Optional<String> thread, JsonNode turn) {

    private static final String TURN_METADATA = "x-codex-turn-metadata";

    /// What of the metadata rows keep. The folder and the commit are the first workspace's.
    private static final List<String> KEPT = List.of(
            "turn_id",
            "root_turn_id",
            "window_id",
            "thread_source",
            "parent_thread_id",
            "forked_from_id",
            "agent_name",
            "agent_path",
            "request_kind",
            "sandbox",
            "turn_started_at_unix_ms");

    static Codex of(CapturedExchange exchange, JsonNode clientMetadata) {
        JsonNode turn = Json.textAt(clientMetadata, TURN_METADATA)
                .or(() -> exchange.requestHeader(TURN_METADATA))
                .flatMap(Json::parsed)
                .filter(JsonNode::isObject)
                .orElseGet(Json::object);
        return new Codex(
                first(clientMetadata, turn, "session_id").or(() -> Caller.session(exchange)),
                first(clientMetadata, turn, "thread_id")
                        .or(() -> exchange.requestHeader("thread-id"))
                        .or(() -> exchange.requestHeader("conversation_id")),
                turn);
    }

    private static Optional<String> first(JsonNode metadata, JsonNode turn, String field) {
        return Json.textAt(metadata, field).or(() -> Json.textAt(turn, field)).filter(text -> !text.isBlank());
    }

    /// The agent that speaks, if the session itself does not.
    Optional<String> agent() {
        return thread.filter(t -> session.isPresent() && !t.equals(session.get()));
    }

    /// Whether the history was replaced by a shorter one before this call: each time begins a new window.
    boolean isReplaced() {
        String window = Json.textAt(turn, "window_id").orElse("");
        return !window.isEmpty() && !window.endsWith(":0") && window.contains(":");
    }

    Optional<String> folder() {
        return turn.path("workspaces").properties().stream().findFirst().map(Map.Entry::getKey);
    }

    /// The facts of the turn, for the rows' attributes.
    ObjectNode facts() {
        ObjectNode facts = Json.object();
        session.ifPresent(s -> facts.put("session_id", s));
        thread.ifPresent(t -> facts.put("thread_id", t));
        for (String field : KEPT) {
            if (turn.hasNonNull(field)) {
                facts.set(field, turn.get(field));
            }
        }
        turn.path("workspaces").properties().stream().findFirst().ifPresent(workspace -> {
            facts.put("workspace", workspace.getKey());
            Json.textAt(workspace.getValue(), "latest_git_commit_hash")
                    .ifPresent(hash -> facts.put("git_commit", hash));
            if (workspace.getValue().has("has_changes")) {
                facts.set("has_changes", workspace.getValue().get("has_changes"));
            }
        });
        return facts;
    }
}
