package io.hypaware.project.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Hashes;
import io.hypaware.project.Json;
import io.hypaware.project.message.WireFormat;
import io.hypaware.project.transcript.Line;
import io.hypaware.project.transcript.TranscriptFormat;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Transcripts of Claude Code: `projects/<folder>/<session>.jsonl`, those of its agents in
/// `<session>/subagents/agent-<id>.jsonl` or, as earlier versions had it, beside the session's. A line holds one
/// block of a message; an answer's usage stands on each of its lines, and only the last has it whole.
public final class ClaudeTranscript implements TranscriptFormat {

    private static final int DELETED_AFTER_DAYS = 30;

    /// What an agent writes in place of an answer of the model, and sends as one.
    private static final String SYNTHETIC = "<synthetic>";

    /// Said on other lines, too, or of no use to anyone else.
    private static final Set<String> ELSEWHERE = Set.of("last-prompt", "mode", "permission-mode", "progress");

    /// Fields of a line by the columns that hold them.
    private static final Map<String, String> COLUMNS = Map.ofEntries(
            Map.entry("uuid", "provider_uuid"),
            Map.entry("parentUuid", "parent_uuid"),
            Map.entry("logicalParentUuid", "logical_parent_uuid"),
            Map.entry("sourceToolAssistantUUID", "source_tool_assistant_uuid"),
            Map.entry("requestId", "request_id"),
            Map.entry("promptId", "prompt_id"),
            Map.entry("cwd", "cwd"),
            Map.entry("gitBranch", "git_branch"),
            Map.entry("version", "client_version"),
            Map.entry("entrypoint", "entrypoint"),
            Map.entry("userType", "user_type"),
            Map.entry("permissionMode", "permission_mode"));

    /// Fields that have a place of their own, or repeat what has.
    private static final Set<String> PLACED = Set.of(
            "type",
            "message",
            "timestamp",
            "sessionId",
            "isSidechain",
            "agentId",
            "isCompactSummary",
            "compactMetadata",
            "attachment",
            "content",
            "subtype",
            "snapshot",
            "toolUseResult");

    /// A longer text beside a message repeats it.
    private static final int MOST_OF_A_FIELD = 1024;

    @Override
    public String client() {
        return "claude";
    }

    @Override
    public String provider() {
        return "anthropic";
    }

    @Override
    public WireFormat wire() {
        return AnthropicFormat.INSTANCE;
    }

    @Override
    public Places places() {
        return new Places("CLAUDE_CONFIG_DIR", ".claude", List.of("projects"));
    }

    @Override
    public boolean isTranscript(List<String> names) {
        return names.getLast().endsWith(".jsonl");
    }

    @Override
    public String resumeCommand(String session) {
        return "claude --resume " + session;
    }

    @Override
    public Optional<Deletion> deletion() {
        return Optional.of(new Deletion("settings.json", "cleanupPeriodDays", DELETED_AFTER_DAYS));
    }

    @Override
    public LineReader reader(Source source) {
        return new Lines(source);
    }

    /// The lines of one file.
    private static final class Lines implements LineReader {

        private final String session;
        private final Optional<String> agent;
        private final Optional<String> agentName;
        private Instant last;
        private String lastRole = "";
        private String lastAnswer = "";

        Lines(Source source) {
            String name = source.name().substring(0, source.name().length() - ".jsonl".length());
            boolean isAgent = name.startsWith("agent-");
            int depth = source.names().size();
            boolean inFolder =
                    isAgent && depth > 2 && source.names().get(depth - 2).equals("subagents");
            this.session = inFolder ? source.names().get(depth - 3) : name;
            this.agent = isAgent ? Optional.of(name.substring("agent-".length())) : Optional.empty();
            this.last = source.modified();
            this.agentName = source.beside().flatMap(meta -> Json.textAt(meta, "agentType"));
        }

        @Override
        public List<Line> read(JsonNode line, long number) {
            String type = line.path("type").asText("");
            if (ELSEWHERE.contains(type)) {
                return List.of();
            }
            last = time(line).orElse(last);
            String speaker = Json.textAt(line, "agentId").or(() -> agent).orElse("");
            Line.What what = what(type, line);
            String id = Json.textAt(line, "uuid")
                    .filter(uuid -> !uuid.isBlank())
                    .orElseGet(() -> session + "-" + number + "-" + hash(line));
            return List.of(new Line(
                    id,
                    last,
                    Json.textAt(line, "sessionId").filter(s -> !s.isBlank()).orElse(session),
                    speaker,
                    columns(line, speaker),
                    what));
        }

        private static String hash(JsonNode line) {
            return Hashes.shortHash(out -> Json.canonical(line, out));
        }

        private Line.What what(String type, JsonNode line) {
            JsonNode message = line.path("message");
            boolean says = (type.equals("user") || type.equals("assistant")) && message.isObject();
            if (says) {
                return said(line, message);
            }
            JsonNode attachment = line.path("attachment");
            Optional<String> subtype = Json.textAt(line, "subtype")
                    .or(() -> Json.textAt(attachment, "type"))
                    .or(() -> Json.textAt(line, "operation"));
            Optional<String> text = Json.textAt(line, "content")
                    .or(() -> Json.textAt(line, "summary"))
                    .or(() -> Json.textAt(attachment, "content"))
                    .or(() -> prompt(attachment))
                    .or(() -> Json.textAt(line, "aiTitle"))
                    .or(() -> Json.textAt(line, "customTitle"));
            Line.Noted noted = new Line.Noted(type.isEmpty() ? "unknown" : type, subtype, text, line);
            if (subtype.equals(Optional.of("compact_boundary"))) {
                lastRole = "";
                JsonNode kept = line.path("compactMetadata").path("preservedMessages");
                return new Line.Replaced(noted, !kept.path("uuids").isEmpty());
            }
            return noted;
        }

        /// What the user said while the model was at work.
        private static Optional<String> prompt(JsonNode attachment) {
            List<String> texts = new ArrayList<>();
            for (JsonNode block : attachment.path("prompt")) {
                Json.textAt(block, "text").ifPresent(texts::add);
            }
            return Json.textAt(attachment, "prompt")
                    .or(() -> texts.isEmpty() ? Optional.empty() : Optional.of(String.join("\n", texts)));
        }

        private Line.Said said(JsonNode line, JsonNode message) {
            String role = message.path("role").asText("user");
            String answer = role.equals("assistant") ? message.path("id").asText("") : "";
            boolean local = line.path("isApiErrorMessage").asBoolean(false);
            boolean synthetic = message.path("model").asText("").equals(SYNTHETIC);
            // Claude Code sends what follows one another from the user as one message.
            boolean joins = role.equals(lastRole) && answer.equals(lastAnswer) && !local;
            lastRole = local ? "" : role;
            lastAnswer = answer;
            Optional<Line.Of> of = answer.isEmpty() || local || synthetic
                    ? Optional.empty()
                    : Optional.of(new Line.Of(
                            answer,
                            Json.textAt(message, "model"),
                            AnswerReader.usage(message.path("usage")),
                            Json.textAt(message, "stop_reason")));
            return new Line.Said(message, of, joins, local);
        }

        private Map<String, Object> columns(JsonNode line, String speaker) {
            Map<String, Object> columns = new HashMap<>();
            columns.put("client_name", "claude");
            COLUMNS.forEach((field, column) -> Json.textAt(line, field)
                    .filter(t -> !t.isBlank())
                    .ifPresent(text -> columns.put(column, Line.clean(text))));
            columns.put("is_sidechain", line.path("isSidechain").asBoolean(false));
            if (!speaker.isEmpty()) {
                columns.put("agent_id", speaker);
                agentName
                        .or(() -> Json.textAt(line, "attributionAgent"))
                        .ifPresent(name -> columns.put("agent_name", name));
            }
            if (line.path("isCompactSummary").asBoolean(false)) {
                columns.put("is_compact_summary", true);
            }
            if (line.path("compactMetadata").isObject()) {
                columns.put("compact_metadata", Json.text(line.path("compactMetadata")));
            }
            JsonNode attachment = line.path("attachment");
            Json.textAt(attachment, "type").ifPresent(type -> columns.put("attachment_type", type));
            Json.textAt(attachment, "hookEvent")
                    .or(() -> Json.textAt(line, "hookEvent"))
                    .ifPresent(event -> columns.put("hook_event", event));
            ObjectNode rest = rest(line);
            if (!rest.isEmpty()) {
                columns.put("attributes", Json.text(Json.object().set("transcript", rest)));
            }
            return columns;
        }

        /// What else a line says in few words.
        private static ObjectNode rest(JsonNode line) {
            ObjectNode rest = Json.object();
            line.properties().forEach(field -> {
                boolean placed = PLACED.contains(field.getKey()) || COLUMNS.containsKey(field.getKey());
                if (!placed
                        && !field.getValue().isNull()
                        && Json.text(field.getValue()).length() <= MOST_OF_A_FIELD) {
                    rest.set(field.getKey(), field.getValue());
                }
            });
            return rest;
        }

        private static Optional<Instant> time(JsonNode line) {
            return Json.textAt(line, "timestamp")
                    .or(() -> Json.textAt(line.path("snapshot"), "timestamp"))
                    .flatMap(Line::time);
        }
    }
}
