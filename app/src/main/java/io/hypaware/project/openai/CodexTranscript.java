package io.hypaware.project.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.project.Json;
import io.hypaware.project.message.Answer;
import io.hypaware.project.message.WireFormat;
import io.hypaware.project.transcript.Line;
import io.hypaware.project.transcript.TranscriptFormat;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Transcripts of Codex: `sessions/<year>/<month>/<day>/rollout-<time>-<thread>.jsonl`, one for each thread. The
/// items of answers stand in them as the Responses API says them; what an answer counted comes on a line after
/// its items.
public final class CodexTranscript implements TranscriptFormat {

    private static final Pattern NAME =
            Pattern.compile("rollout-.*?([0-9a-f]{8}-[0-9a-f-]{27})\\.(?:jsonl|json)(?:\\.zst|\\.gz)?");

    /// Said by items, too, or the state of the program.
    private static final Set<String> ELSEWHERE =
            Set.of("world_state", "turn_context", "inter_agent_communication_metadata");

    private static final Set<String> EVENTS_ELSEWHERE = Set.of(
            "item_started",
            "item_completed",
            "thread_settings_applied",
            "user_message",
            "agent_message",
            "agent_reasoning",
            "agent_reasoning_raw_content",
            "agent_reasoning_section_break",
            "exec_command_begin",
            "exec_command_end",
            "exec_command_output_delta",
            "mcp_tool_call_begin",
            "mcp_tool_call_end",
            "patch_apply_begin",
            "patch_apply_end",
            "web_search_begin",
            "web_search_end");

    @Override
    public String client() {
        return "codex";
    }

    @Override
    public String provider() {
        return "openai";
    }

    @Override
    public WireFormat wire() {
        return ResponsesFormat.INSTANCE;
    }

    @Override
    public Places places() {
        return new Places("CODEX_HOME", ".codex", List.of("sessions", "archived_sessions"));
    }

    @Override
    public boolean isTranscript(List<String> names) {
        return NAME.matcher(names.getLast()).matches();
    }

    @Override
    public String resumeCommand(String session) {
        return "codex resume " + session;
    }

    @Override
    public LineReader reader(Source source) {
        Matcher name = NAME.matcher(source.name());
        return new Lines(name.matches() ? name.group(1) : source.name(), source.modified());
    }

    /// The lines of one file.
    private static final class Lines implements LineReader {

        private String thread;
        private String session;
        private boolean begun;
        private boolean counts;
        private Instant last;
        private Optional<String> model = Optional.empty();

        /// What the file says of all that follows.
        private final Map<String, Object> head = new HashMap<>();

        private final ObjectNode facts = Json.object();

        Lines(String thread, Instant modified) {
            this.last = modified;
            this.thread = thread;
            this.session = thread;
            head.put("client_name", "codex");
        }

        @Override
        public List<Line> read(JsonNode line, long number) {
            String type = line.path("type").asText("");
            JsonNode payload = line.path("payload");
            last = time(line).orElse(last);
            switch (type) {
                case "session_meta" -> begin(payload);
                case "turn_context" -> {
                    model = Json.textAt(payload, "model").or(() -> model);
                    Json.textAt(payload, "cwd").ifPresent(cwd -> head.put("cwd", cwd));
                    Json.textAt(payload, "turn_id").ifPresent(turn -> facts.put("turn_id", turn));
                }
                default -> {}
            }
            if (type.equals("session_meta") || ELSEWHERE.contains(type)) {
                return List.of();
            }
            Optional<Line.What> what = what(type, payload, line);
            return what.map(said -> List.of(new Line(
                            thread + "/" + Json.textAt(payload, "id").orElse(Long.toString(number)),
                            last,
                            session,
                            thread.equals(session) ? "" : thread,
                            columns(payload),
                            said)))
                    .orElse(List.of());
        }

        /// A fork begins with the lines of what it goes on from; the first such line is its own.
        private void begin(JsonNode meta) {
            if (begun) {
                return;
            }
            begun = true;
            thread = Json.textAt(meta, "id").orElse(thread);
            session = Json.textAt(meta, "session_id").orElse(thread);
            put(meta, "cwd", "cwd");
            put(meta, "cli_version", "client_version");
            put(meta.path("git"), "branch", "git_branch");
            put(meta.path("git"), "commit_hash", "head_sha");
            put(meta.path("git"), "repository_url", "git_remote");
            put(meta, "parent_thread_id", "parent_thread_id");
            put(meta, "originator", "entrypoint");
            Json.textAt(meta, "agent_nickname")
                    .or(() -> Json.textAt(meta, "agent_path"))
                    .ifPresent(name -> head.put("agent_name", name));
            head.put("is_sidechain", !thread.equals(session));
            if (!thread.equals(session)) {
                head.put("agent_id", thread);
            }
            facts.put("session_id", session).put("thread_id", thread);
            for (String field : List.of("forked_from_id", "thread_source", "agent_path", "originator")) {
                Json.textAt(meta, field).ifPresent(text -> facts.put(field, text));
            }
        }

        private void put(JsonNode node, String field, String column) {
            Json.textAt(node, field).filter(t -> !t.isBlank()).ifPresent(text -> head.put(column, text));
        }

        private Map<String, Object> columns(JsonNode payload) {
            Map<String, Object> columns = new HashMap<>(head);
            Json.textAt(payload, "id")
                    .filter(id -> !id.isBlank())
                    .ifPresent(id -> columns.put("provider_uuid", Line.clean(id)));
            Json.textAt(payload.path("internal_chat_message_metadata_passthrough"), "turn_id")
                    .ifPresent(turn -> facts.put("turn_id", turn));
            Json.textAt(facts, "turn_id").ifPresent(turn -> columns.put("prompt_id", turn));
            columns.put("attributes", Json.text(Json.object().set("codex", facts)));
            return columns;
        }

        private Optional<Line.What> what(String type, JsonNode payload, JsonNode line) {
            return switch (type) {
                case "response_item" -> {
                    // Another agent's word comes as one of the assistant, in the request.
                    boolean answers = ResponsesFormat.INSTANCE.role(payload).equals("assistant")
                            && !payload.path("type").asText("").equals("agent_message");
                    Optional<Line.Of> of = answers
                            ? Optional.of(new Line.Of("", model, Answer.Usage.NONE, Optional.empty()))
                            : Optional.empty();
                    yield Optional.of(new Line.Said(withoutPassthrough(payload), of, false, false));
                }
                case "token_usage_record" -> {
                    counts = true;
                    yield Optional.of(
                            new Line.Counted(payload.path("response_id").asText(""), usage(payload.path("usage"))));
                }
                case "compacted" -> {
                    Line.Noted noted = new Line.Noted(
                            type, Optional.empty(), Json.textAt(payload, "message"), withoutHistory(payload));
                    yield Optional.of(new Line.Replaced(noted, false));
                }
                case "event_msg" -> event(payload.path("type").asText(""), payload);
                default ->
                    Optional.of(new Line.Noted(
                            type.isEmpty() ? "unknown" : type,
                            Json.textAt(payload, "type"),
                            Json.textAt(payload, "message"),
                            line));
            };
        }

        private Optional<Line.What> event(String type, JsonNode payload) {
            if (type.equals("token_count")) {
                // Earlier versions have no other count.
                JsonNode usage = payload.path("info").path("last_token_usage");
                return counts || !usage.isObject() ? Optional.empty() : Optional.of(new Line.Counted("", usage(usage)));
            }
            return EVENTS_ELSEWHERE.contains(type)
                    ? Optional.empty()
                    : Optional.of(
                            new Line.Noted("event_msg", Optional.of(type), Json.textAt(payload, "message"), payload));
        }

        /// What stands there of an item is not on the wire.
        private static JsonNode withoutPassthrough(JsonNode item) {
            return item.isObject() && item.has("internal_chat_message_metadata_passthrough")
                    ? ((ObjectNode) item).deepCopy().without("internal_chat_message_metadata_passthrough")
                    : item;
        }

        /// What a compaction puts in place of the history was said before.
        private static JsonNode withoutHistory(JsonNode compacted) {
            return compacted.isObject()
                    ? ((ObjectNode) compacted)
                            .deepCopy()
                            .without(List.of(
                                    "replacement_history",
                                    "replacement_history_metadata",
                                    "retained_context",
                                    "message"))
                    : compacted;
        }

        private static Answer.Usage usage(JsonNode counts) {
            long read = Json.longAt(counts, "cached_input_tokens").orElse(0L);
            long written = Json.longAt(counts, "cache_write_input_tokens").orElse(0L);
            return new Answer.Usage(
                    Json.longAt(counts, "input_tokens").map(all -> Math.max(0, all - read - written)),
                    Json.longAt(counts, "output_tokens"),
                    Json.longAt(counts, "cached_input_tokens"),
                    // The wire says nothing where nothing was written.
                    Json.longAt(counts, "cache_write_input_tokens").filter(count -> count > 0),
                    counts.isObject() ? counts : Json.object());
        }

        private static Optional<Instant> time(JsonNode line) {
            return Json.textAt(line, "timestamp").flatMap(Line::time);
        }
    }
}
