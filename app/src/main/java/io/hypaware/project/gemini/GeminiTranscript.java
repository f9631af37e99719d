package io.hypaware.project.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.project.Json;
import io.hypaware.project.message.Answer;
import io.hypaware.project.message.WireFormat;
import io.hypaware.project.transcript.Line;
import io.hypaware.project.transcript.TranscriptFormat;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Transcripts of Gemini CLI: `tmp/<project>/chats/session-<minute>-<id>.jsonl`, those of its agents in
/// `chats/<session>/<agent>.jsonl`. They are logs: a message is written again as it grows, and all of them when a
/// session is resumed or made shorter. Each is taken where it stands first.
public final class GeminiTranscript implements TranscriptFormat {

    private static final Pattern NAME = Pattern.compile("session-.*\\.jsonl");
    private static final String CHATS = "chats";
    private static final String ENDING = ".jsonl";

    /// How the client begins what it tells the model before the user says anything.
    private static final String CONTEXT = "<session_context>";

    private static final Pattern FOLDER = Pattern.compile("Workspace Directories:\\*\\*\\n\\s*- (\\S.*)");

    @Override
    public String client() {
        return "gemini";
    }

    @Override
    public String provider() {
        return "google";
    }

    @Override
    public WireFormat wire() {
        return GeminiFormat.INSTANCE;
    }

    /// The variable names what stands in place of the user's home.
    @Override
    public Places places() {
        return new Places("GEMINI_CLI_HOME", "", List.of(".gemini/tmp"));
    }

    @Override
    public boolean isTranscript(List<String> names) {
        boolean session = names.size() == 3 && NAME.matcher(names.getLast()).matches();
        boolean agent = names.size() == 4 && names.getLast().endsWith(ENDING);
        return (session || agent) && names.get(1).equals(CHATS);
    }

    @Override
    public String resumeCommand(String session) {
        return "gemini --resume " + session;
    }

    @Override
    public LineReader reader(Source source) {
        return new Lines(source);
    }

    /// The lines of one file.
    private static final class Lines implements LineReader {

        private final boolean isAgent;
        private String session;
        private String thread;
        private Instant last;
        private Optional<String> folder = Optional.empty();

        /// Messages, and parts of them, that were taken, and messages whose count was.
        private final Set<String> taken = new HashSet<>();

        private String lastMessage = "";
        private String lastSaid = "";

        Lines(Source source) {
            int depth = source.names().size();
            this.isAgent = depth == 4;
            this.thread = source.name().substring(0, source.name().length() - ENDING.length());
            this.session = isAgent ? source.names().get(depth - 2) : thread;
            this.last = source.modified();
        }

        @Override
        public List<Line> read(JsonNode line, long number) {
            if (line.has("sessionId")) {
                begin(line);
                return List.of();
            }
            List<Line> lines = new ArrayList<>();
            JsonNode set = line.path("$set");
            if (set.path("messages").isArray()) {
                repeated(set.path("messages"), number, lines);
            } else if (line.has("id") && line.has("type")) {
                message(line, lines);
            } else if (!set.isObject() || set.has("summary")) {
                Optional<String> kind =
                        line.properties().stream().map(Map.Entry::getKey).findFirst();
                lines.add(line("line-" + number, noted(kind.orElse("unknown"), Json.textAt(set, "summary"), line)));
            }
            return lines;
        }

        private void begin(JsonNode meta) {
            thread = Json.textAt(meta, "sessionId").orElse(thread);
            session = isAgent ? session : thread;
            last = Json.textAt(meta, "startTime").flatMap(Line::time).orElse(last);
            folder = Optional.of(meta.path("directories").path(0).asText(""))
                    .filter(path -> !path.isEmpty())
                    .or(() -> folder);
        }

        /// All messages once more, in another form: only those are taken that never stood by themselves.
        private void repeated(JsonNode messages, long number, List<Line> lines) {
            boolean goesOn = false;
            boolean isNew = false;
            for (JsonNode message : messages) {
                String id = message.path("id").asText();
                goesOn |= id.equals(lastMessage);
                isNew |= !taken.contains(id) && !isContext(message);
            }
            if (isNew && !goesOn && !lastMessage.isEmpty()) {
                ObjectNode shorter = Json.object().put("messages", messages.size());
                lines.add(line("line-" + number, new Line.Replaced(noted("$set", Optional.empty(), shorter), false)));
            }
            for (JsonNode message : messages) {
                if (!taken.contains(message.path("id").asText())) {
                    message(message, lines);
                }
            }
        }

        private static boolean isContext(JsonNode message) {
            return text(message).startsWith(CONTEXT);
        }

        private static String text(JsonNode message) {
            JsonNode content = message.path("content");
            return content.isTextual()
                    ? content.textValue()
                    : content.path(0).path("text").asText("");
        }

        private void message(JsonNode message, List<Line> lines) {
            String id = message.path("id").asText();
            String type = message.path("type").asText();
            last = Json.textAt(message, "timestamp").flatMap(Line::time).orElse(last);
            boolean first = taken.add(id);
            if (isContext(message)) {
                Matcher named = FOLDER.matcher(text(message));
                folder = folder.or(
                        () -> named.find() ? Optional.of(named.group(1).strip()) : Optional.empty());
                if (first) {
                    lines.add(line(id, noted("session_context", Optional.of(text(message)), message)));
                }
                return;
            }
            if (!type.equals("user") && !type.equals("gemini")) {
                if (first && !text(message).isBlank()) {
                    lines.add(line(id, noted(type, Optional.of(text(message)), message)));
                }
                return;
            }
            lastMessage = id;
            String role = type.equals("user") ? "user" : "model";
            for (JsonNode thought : message.path("thoughts")) {
                ObjectNode part = Json.object()
                        .put(
                                "text",
                                "**" + thought.path("subject").asText("") + "** "
                                        + thought.path("description").asText(""))
                        .put("thought", true);
                said(message, role, part, lines);
            }
            JsonNode content = message.path("content");
            if (content.isTextual()) {
                said(message, role, Json.object().put("text", content.textValue()), lines);
            } else {
                for (JsonNode part : content.isArray() ? content : List.of(content)) {
                    said(message, role, part, lines);
                }
            }
            calls(message, lines);
        }

        /// Calls, then what came of them; that may stand in a message of the user, too.
        private void calls(JsonNode message, List<Line> lines) {
            for (JsonNode call : message.path("toolCalls")) {
                ObjectNode part = Json.object();
                ObjectNode said = part.putObject("functionCall");
                for (String field : List.of("id", "name", "args")) {
                    said.set(field, call.path(field));
                }
                said(message, "model", part, lines);
            }
            for (JsonNode call : message.path("toolCalls")) {
                last = Json.textAt(call, "timestamp").flatMap(Line::time).orElse(last);
                JsonNode results = call.path("result");
                for (JsonNode part : results.isArray() ? results : List.of(results)) {
                    said(message, "user", part, lines);
                }
            }
        }

        /// Takes a part that was not taken yet, and says something.
        private void said(JsonNode message, String role, JsonNode part, List<Line> lines) {
            boolean silent =
                    part.path("text").isTextual() && part.path("text").asText().isBlank();
            String call = part.path("functionCall").path("id").asText("");
            String result = part.path("functionResponse").path("id").asText("");
            String id = message.path("id").asText();
            String name = id + "/"
                    + GeminiFormat.INSTANCE
                            .print(part)
                            .orElse("thought " + part.path("text").asText());
            if (!call.isEmpty() || !result.isEmpty()) {
                name = call.isEmpty() ? "result " + result : "call " + call;
            }
            if (silent || part.isEmpty() || !taken.add(name)) {
                return;
            }
            boolean answers = role.equals("model");
            Optional<Line.Of> of = answers
                    ? Optional.of(new Line.Of(
                            "",
                            Json.textAt(message, "model"),
                            taken.add("count " + id) ? usage(message.path("tokens")) : Answer.Usage.NONE,
                            Optional.empty()))
                    : Optional.empty();
            ObjectNode element = Json.object().put("role", role);
            element.putArray("parts").add(part);
            boolean joins = lastSaid.equals(role + id);
            lastSaid = role + id;
            lines.add(line(name, new Line.Said(element, of, joins, false)));
        }

        private static Answer.Usage usage(JsonNode tokens) {
            if (!tokens.isObject()) {
                return Answer.Usage.NONE;
            }
            long cached = Json.longAt(tokens, "cached").orElse(0L);
            long thought = Json.longAt(tokens, "thoughts").orElse(0L);
            return new Answer.Usage(
                    Json.longAt(tokens, "input").map(all -> Math.max(0, all - cached)),
                    Json.longAt(tokens, "output").map(count -> count + thought),
                    Json.longAt(tokens, "cached"),
                    Optional.empty(),
                    tokens);
        }

        private static Line.Noted noted(String type, Optional<String> text, JsonNode raw) {
            return new Line.Noted(type, Optional.empty(), text, raw);
        }

        /// @param name within the thread
        private Line line(String name, Line.What what) {
            Map<String, Object> columns = new HashMap<>();
            columns.put("client_name", "gemini");
            columns.put("is_sidechain", isAgent);
            folder.ifPresent(path -> columns.put("cwd", Line.clean(path)));
            if (isAgent) {
                columns.put("agent_id", Line.clean(thread));
                columns.put("parent_thread_id", Line.clean(session));
            }
            return new Line(thread + "/" + name, last, session, isAgent ? thread : "", columns, what);
        }
    }
}
