package io.hypaware.project.opencode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.dataset.Hashes;
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
import java.util.regex.Pattern;

/// Sessions of OpenCode in its database, `opencode/opencode.db`. A message of the assistant is one answer of a
/// model, with what that counted. A part is written again as it grows, so that it is read once it is whole.
public final class OpenCodeTranscript implements TranscriptFormat {

    /// Versions that are not released have one of their own.
    private static final Pattern NAME = Pattern.compile("opencode(?:-[\\w.-]+)?\\.db");

    /// Where an answer begins and ends is known by its message.
    private static final Set<String> ELSEWHERE = Set.of("step-start", "step-finish", "snapshot");

    /// Files that stand as texts of other parts.
    private static final Set<String> AS_TEXT = Set.of("text/plain", "application/x-directory");

    @Override
    public String client() {
        return "opencode";
    }

    /// Of messages that name none.
    @Override
    public String provider() {
        return "opencode";
    }

    @Override
    public WireFormat wire() {
        return OpenCodeFormat.INSTANCE;
    }

    @Override
    public Places places() {
        return new Places("XDG_DATA_HOME", ".local/share", List.of("opencode"));
    }

    @Override
    public Optional<Database> database() {
        return Optional.of(new Database("OPENCODE_DB"));
    }

    @Override
    public boolean isTranscript(List<String> names) {
        return NAME.matcher(names.getLast()).matches();
    }

    @Override
    public String resumeCommand(String session) {
        return "opencode -s " + session;
    }

    @Override
    public LineReader reader(Source source) {
        return new Lines(source.modified());
    }

    /// The lines of one session.
    private static final class Lines implements LineReader {

        private Instant last;

        /// What of the message at hand was said last, and whether that had its count.
        private String lastRole = "";
        private String lastKind = "";
        private boolean counted;

        /// How many parts of the message at hand have the same content, by that.
        private final Map<String, Integer> named = new HashMap<>();

        Lines(Instant modified) {
            this.last = modified;
        }

        @Override
        public List<Line> read(JsonNode line, long number) {
            JsonNode data = line.path("message").path("data");
            long created = line.path("message").path("time_created").asLong();
            String role = data.path("role").asText("user");
            last = Line.time(created).orElse(last);
            if (!line.has("part")) {
                lastRole = "";
                counted = false;
                named.clear();
                return data.path("error").isObject()
                        ? List.of(line(line, name(created, role, "error"), last, error(data.path("error"))))
                        : List.of();
            }
            JsonNode part = line.path("part").path("data");
            Optional<Line.What> what = line.path("again").asBoolean() ? result(data, part) : what(role, data, part);
            if (what.isEmpty()) {
                return List.of();
            }
            String content = content(part) + (line.path("again").asBoolean() ? "-result" : "");
            int equal = named.merge(content, 1, Integer::sum);
            String place = equal == 1 ? content : content + "-" + equal;
            return List.of(line(line, name(created, role, place), time(line), what.get()));
        }

        /// The same in every copy: a fork gives messages and parts other ids, and leaves the time.
        private static String name(long created, String role, String place) {
            return created + "-" + role + "-" + place;
        }

        /// What tells a part from the others of its message, wherever it stands, and from those of the same time in
        /// other sessions.
        private static String content(JsonNode part) {
            String said = Json.textAt(part, "callID")
                    .or(() -> Json.textAt(part, "text"))
                    .orElseGet(() -> Json.text(part));
            return Hashes.shortHash(part.path("type").asText() + "\n" + said);
        }

        /// A result is sent when its tool has ended; all else of an answer is of when that was asked for.
        private Instant time(JsonNode line) {
            JsonNode time = line.path("part").path("data").path("state").path("time");
            return line.path("again").asBoolean()
                    ? Line.time(time.path("end").asLong()).orElse(last)
                    : last;
        }

        private Line line(JsonNode line, String name, Instant at, Line.What what) {
            JsonNode session = line.path("session");
            return new Line(name, at, Json.textAt(session, "id").orElse(""), "", columns(line), what);
        }

        private static Map<String, Object> columns(JsonNode line) {
            JsonNode session = line.path("session");
            JsonNode data = line.path("message").path("data");
            Map<String, Object> columns = new HashMap<>();
            columns.put("client_name", "opencode");
            Json.textAt(session, "version").ifPresent(version -> columns.put("client_version", version));
            Json.textAt(data.path("path"), "cwd")
                    .or(() -> Json.textAt(session, "directory"))
                    .ifPresent(folder -> columns.put("cwd", Line.clean(folder)));
            if (!provider(data).isEmpty()) {
                columns.put("provider", Line.clean(provider(data)));
            }
            Optional<String> id = Json.textAt(line.path("message"), "id");
            Json.textAt(data, "parentID")
                    .or(() -> id)
                    .ifPresent(prompt -> columns.put("prompt_id", Line.clean(prompt)));
            Optional<String> parent = Json.textAt(session, "parent_id");
            columns.put("is_sidechain", parent.isPresent());
            parent.ifPresent(thread -> {
                columns.put("parent_thread_id", Line.clean(thread));
                Json.textAt(session, "agent").ifPresent(name -> columns.put("agent_name", Line.clean(name)));
            });
            if (data.path("summary").asBoolean()) {
                columns.put("is_compact_summary", true);
            }
            ObjectNode facts = Json.object();
            id.ifPresent(name -> facts.put("message_id", name));
            Json.textAt(line.path("part"), "id").ifPresent(name -> facts.put("part_id", name));
            for (String field : List.of("agent", "mode", "variant")) {
                Json.textAt(data, field).ifPresent(text -> facts.put(field, text));
            }
            if (line.path("part").path("data").path("synthetic").asBoolean()) {
                facts.put("synthetic", true);
            }
            columns.put("attributes", Json.text(Json.object().set("opencode", facts)));
            return columns;
        }

        private static String provider(JsonNode data) {
            return Json.textAt(data, "providerID")
                    .or(() -> Json.textAt(data.path("model"), "providerID"))
                    .orElse("");
        }

        private Optional<Line.What> what(String role, JsonNode data, JsonNode part) {
            String type = part.path("type").asText("");
            return switch (type) {
                case "text", "reasoning" -> {
                    boolean silent = part.path("text").asText("").isBlank()
                            && !part.path("metadata").isObject();
                    if (part.path("ignored").asBoolean()) {
                        yield Optional.of(noted(type, part));
                    }
                    yield silent || !isWhole(role, data, part)
                            ? Optional.empty()
                            : Optional.of(said(role, type, data, part));
                }
                case "tool" ->
                    part.path("state").path("status").asText("pending").equals("pending")
                            ? Optional.empty()
                            : Optional.of(said(role, OpenCodeFormat.CALL, data, part));
                case "file" ->
                    AS_TEXT.contains(part.path("mime").asText(""))
                            ? Optional.of(noted(type, part))
                            : Optional.of(said(role, type, data, part));
                case "compaction" -> Optional.of(new Line.Replaced(noted(type, part), false));
                default -> ELSEWHERE.contains(type) ? Optional.empty() : Optional.of(noted(type, part));
            };
        }

        /// What the model says is there when it has said all of it, or the answer has ended some way.
        private static boolean isWhole(String role, JsonNode data, JsonNode part) {
            return role.equals("user")
                    || part.path("time").has("end")
                    || data.path("time").has("completed")
                    || data.path("error").isObject();
        }

        private Optional<Line.What> result(JsonNode data, JsonNode part) {
            String status = part.path("state").path("status").asText("");
            boolean ended = status.equals("completed") || status.equals("error");
            String role = provider(data).equals("anthropic") ? "user" : "tool";
            return ended ? Optional.of(said(role, OpenCodeFormat.RESULT, data, part)) : Optional.empty();
        }

        private Line.Said said(String role, String kind, JsonNode data, JsonNode part) {
            // OpenAI's items are messages each, which begin with what was thought before.
            boolean apart = provider(data).equals("openai") && !role.equals("user") && !lastKind.equals("reasoning");
            boolean joins = lastRole.equals(role) && !apart;
            lastRole = role;
            lastKind = kind;
            boolean answers = role.equals("assistant");
            Optional<Line.Of> of = answers
                    ? Optional.of(new Line.Of(
                            "",
                            Json.textAt(data, "modelID"),
                            counted ? Answer.Usage.NONE : usage(data.path("tokens"), provider(data)),
                            Json.textAt(data, "finish")))
                    : Optional.empty();
            counted |= answers;
            return new Line.Said(OpenCodeFormat.element(role, kind, part, provider(data)), of, joins, false);
        }

        private static Line.Noted noted(String type, JsonNode part) {
            Optional<String> text = Json.textAt(part, "text")
                    .or(() -> Json.textAt(part, "filename"))
                    .or(() -> Json.textAt(part, "name"))
                    .or(() -> Json.textAt(part, "description"));
            return new Line.Noted(type.isEmpty() ? "unknown" : type, Optional.empty(), text, part);
        }

        private static Line.Noted error(JsonNode error) {
            return new Line.Noted(
                    "error", Json.textAt(error, "name"), Json.textAt(error.path("data"), "message"), error);
        }

        private static Answer.Usage usage(JsonNode tokens, String provider) {
            long thought = Json.longAt(tokens, "reasoning").orElse(0L);
            Optional<Long> output = Json.longAt(tokens, "output").map(count -> count + thought);
            long all = Json.longAt(tokens, "input").orElse(0L)
                    + output.orElse(0L)
                    + Json.longAt(tokens.path("cache"), "read").orElse(0L)
                    + Json.longAt(tokens.path("cache"), "write").orElse(0L);
            if (all == 0) {
                // The answer goes on, or none came.
                return Answer.Usage.NONE;
            }
            return new Answer.Usage(
                    Json.longAt(tokens, "input"),
                    output,
                    Json.longAt(tokens.path("cache"), "read"),
                    // Other providers say nothing where nothing was written.
                    Json.longAt(tokens.path("cache"), "write")
                            .filter(count -> count > 0 || provider.equals("anthropic")),
                    tokens);
        }
    }
}
