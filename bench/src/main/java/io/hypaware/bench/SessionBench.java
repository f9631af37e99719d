package io.hypaware.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.ulid.UlidCreator;
import io.hypaware.bench.report.Figures;
import io.hypaware.config.CacheConfig;
import io.hypaware.config.ConfigFile;
import io.hypaware.dataset.Hashes;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.journal.Chunk;
import io.hypaware.journal.ExchangeEnd;
import io.hypaware.journal.ExchangeStart;
import io.hypaware.journal.Header;
import io.hypaware.journal.JournalWriter;
import io.hypaware.journal.Outcome;
import io.hypaware.journal.Recording;
import io.hypaware.journal.ResponseHead;
import io.hypaware.lake.Generation;
import io.hypaware.maintain.Maintenance;
import io.hypaware.maintain.Writing;
import io.hypaware.query.QuerySession;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;

/// One long session as an agent leads it: every call sends its tools, its system text and all that was said
/// before. What is kept of it on disk, whether it comes back byte for byte, and what cutting by content alone
/// would have kept.
final class SessionBench {

    /// Held here, or its level would be forgotten.
    private static final Logger ICEBERG = Logger.getLogger("org.apache.iceberg");

    private static final int TURNS = 300;
    private static final int STEP = 50;
    private static final int TOOLS = 24;
    private static final int TOOLS_BYTES = 128 * 1024;
    private static final int SYSTEM_BYTES = 20_000;
    private static final int WORDS = 4_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Random random = new Random(11);
    private final List<String> words = new ArrayList<>();
    private final List<String> descriptions = new ArrayList<>();
    private final ArrayNode history = JSON.createArrayNode();
    private final ArrayNode system = JSON.createArrayNode();
    private final Map<String, String> sent = new HashMap<>();
    private final ChunkedCopy chunked = new ChunkedCopy();
    private long requestBytes;
    private long responseBytes;

    static void run(Figures figures) throws Exception {
        ICEBERG.setLevel(Level.WARNING);
        new SessionBench().measure(figures);
    }

    /// Records the session in a journal; returns how many calls it is.
    static int recordAll(Path cache) throws Exception {
        SessionBench session = new SessionBench();
        Instant at = Instant.now().minus(Duration.ofMinutes(30));
        for (int turn = 0; turn < TURNS; turn++) {
            session.record(cache, turn, at.plusSeconds(5L * turn));
        }
        return TURNS;
    }

    private SessionBench() {
        for (int i = 0; i < WORDS; i++) {
            words.add(Integer.toString(1_000 + random.nextInt(40_000_000), 36));
        }
        for (int i = 0; i < TOOLS; i++) {
            descriptions.add(text(TOOLS_BYTES / TOOLS - 200));
        }
        ObjectNode block = system.addObject().put("type", "text").put("text", text(SYSTEM_BYTES));
        block.putObject("cache_control").put("type", "ephemeral");
    }

    private void measure(Figures figures) throws Exception {
        Path cache = Files.createTempDirectory("hyp-bench");
        CacheConfig config = config();
        List<Long> sizes = new ArrayList<>();
        double seconds = 0;
        Instant at = Instant.now().minus(Duration.ofMinutes(30));
        for (int turn = 0; turn < TURNS; turn++) {
            record(cache, turn, at.plusSeconds(5L * turn));
            if ((turn + 1) % STEP == 0) {
                long began = System.nanoTime();
                maintain(cache, config);
                seconds += (System.nanoTime() - began) / 1e9;
                sizes.add(Generation.tree(cache).bytes());
                System.out.printf(
                        "%d turns: %,d KB sent, %,d KB on disk%n",
                        turn + 1, requestBytes / 1000, sizes.getLast() / 1000);
            }
        }
        double first = (double) sizes.getFirst() / STEP;
        double last = (double) (sizes.getLast() - sizes.get(sizes.size() - 2)) / STEP;
        figures.say("requests", requestBytes / 1e6, "MB");
        figures.say("responses", responseBytes / 1e6, "MB");
        figures.say("projected, flushed, compacted", seconds, "s");
        figures.say("on disk, flushed and compacted, older snapshots expired", sizes.getLast() / 1e6, "MB");
        figures.atLeast("times as many bytes of requests", 20, (double) requestBytes / sizes.getLast(), "");
        figures.say("a turn of the first 50, on disk", first / 1e3, "KB");
        figures.say("a turn of the last 50, on disk", last / 1e3, "KB");
        figures.atMost("last to first", 1.3, last / first, "");
        figures.note("Cut by content alone, before compression: " + chunked + ".");
        compare(figures, cache);
    }

    private static void maintain(Path cache, CacheConfig config) throws Exception {
        var report = new Maintenance(new Cache(cache), config, Writing.whole("bench"), Clock.systemUTC(), Progress.NONE)
                .run(
                        new Maintenance.Options(Optional.empty(), false, true, false, false, Optional.empty()),
                        Duration.ZERO);
        if (!report.failed().isEmpty()) {
            System.out.println("FAILED: " + report.failed());
        }
        // What no snapshot needs is gone when its grace is over.
        new Maintenance(
                        new Cache(cache),
                        config,
                        Writing.whole("bench"),
                        Clock.offset(Clock.systemUTC(), Duration.ofHours(2)),
                        Progress.NONE)
                .run(
                        new Maintenance.Options(Optional.empty(), false, false, false, false, Optional.empty()),
                        Duration.ZERO);
    }

    private void compare(Figures figures, Path cache) throws Exception {
        long began = System.nanoTime();
        int[] equal = new int[1];
        try (QuerySession session = QuerySession.open(
                new Cache(cache), 200_000_000, "select exchange_id, request_body, response_body from exchanges")) {
            session.run(result -> {
                while (result.next()) {
                    byte[] request = result.getBytes(2);
                    byte[] response = result.getBytes(3);
                    if (request != null
                            && response != null
                            && (Hashes.sha256(request) + Hashes.sha256(response))
                                    .equals(sent.get(result.getString(1)))) {
                        equal[0]++;
                    }
                }
            });
        }
        figures.exactly("requests and responses, equal by hash", sent.size(), equal[0]);
        figures.say("read in", (System.nanoTime() - began) / 1e9, "s");
    }

    /// One call: the tools with one of them changed, the whole history, and a tool's result as the newest message.
    private void record(Path cache, int turn, Instant at) throws Exception {
        history.add(turn == 0 ? said("user", textBlock(text(400))) : toolResult(turn));
        ObjectNode body =
                JSON.createObjectNode().put("model", "claude-sonnet-4-5").put("max_tokens", 32_000);
        body.set("system", system);
        ArrayNode tools = body.putArray("tools");
        for (int i = 0; i < TOOLS; i++) {
            String changed = i == turn % TOOLS ? " as of call " + turn : "";
            ObjectNode tool =
                    tools.addObject().put("name", "tool_" + i).put("description", descriptions.get(i) + changed);
            tool.putObject("input_schema").put("type", "object");
        }
        body.set("messages", history);
        body.put("stream", true);
        byte[] request = JSON.writeValueAsBytes(body);
        String thought = text(300 + random.nextInt(900));
        byte[] response = stream(turn, thought);
        requestBytes += request.length;
        responseBytes += response.length;
        chunked.add(request);
        String id = UlidCreator.getMonotonicUlid().toString();
        sent.put(id, Hashes.sha256(request) + Hashes.sha256(response));
        try (JournalWriter writer = JournalWriter.open(cache.resolve("journal.db"), 1 << 26, 1 << 26)) {
            Recording recording = writer.begin(new ExchangeStart(
                    id,
                    at,
                    "anthropic",
                    "anthropic",
                    "POST",
                    "/v1/messages",
                    List.of(new Header("x-claude-code-session-id", "long"), new Header("user-agent", "claude-cli/2.0")),
                    Optional.empty()));
            recording.requestBytes(Chunk.of(request));
            recording.responseHead(new ResponseHead(
                    200, List.of(new Header("content-type", "text/event-stream")), Duration.ofMillis(300)));
            recording.responseBytes(Chunk.of(response));
            recording.end(new ExchangeEnd(
                    at.plusSeconds(3),
                    Outcome.COMPLETED,
                    "upstream",
                    request.length,
                    response.length,
                    Optional.empty()));
        }
        ObjectNode call = JSON.createObjectNode()
                .put("type", "tool_use")
                .put("id", "toolu_" + turn)
                .put("name", "tool_1");
        call.putObject("input").put("path", "/src/" + turn);
        history.add(said("assistant", textBlock(thought), call));
    }

    private byte[] stream(int turn, String thought) {
        StringBuilder out = new StringBuilder();
        event(
                out,
                "message_start",
                "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_" + turn
                        + "\",\"role\":\"assistant\",\"model\":\"claude-sonnet-4-5\",\"usage\":{\"input_tokens\":3}}}");
        event(
                out,
                "content_block_start",
                "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}");
        for (int i = 0; i < thought.length(); i += 20) {
            event(
                    out,
                    "content_block_delta",
                    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\""
                            + thought.substring(i, Math.min(thought.length(), i + 20)) + "\"}}");
        }
        event(
                out,
                "content_block_start",
                "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"tool_use\",\"id\":\"toolu_"
                        + turn + "\",\"name\":\"tool_1\",\"input\":{}}}");
        event(
                out,
                "content_block_delta",
                "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"path\\\":\\\"/src/"
                        + turn + "\\\"}\"}}");
        event(
                out,
                "message_delta",
                "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"},\"usage\":{\"output_tokens\":90}}");
        event(out, "message_stop", "{\"type\":\"message_stop\"}");
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void event(StringBuilder out, String name, String data) {
        out.append("event: ").append(name).append("\ndata: ").append(data).append("\n\n");
    }

    private ObjectNode toolResult(int turn) {
        return said(
                "user",
                JSON.createObjectNode()
                        .put("type", "tool_result")
                        .put("tool_use_id", "toolu_" + (turn - 1))
                        .put("content", text(200 + random.nextInt(6_000))));
    }

    private static ObjectNode textBlock(String text) {
        return JSON.createObjectNode().put("type", "text").put("text", text);
    }

    private static ObjectNode said(String role, ObjectNode... blocks) {
        ObjectNode message = JSON.createObjectNode().put("role", role);
        message.putArray("content").addAll(List.of(blocks));
        return message;
    }

    private String text(int length) {
        StringBuilder text = new StringBuilder(length + 12);
        while (text.length() < length) {
            text.append(words.get(random.nextInt(WORDS))).append(' ');
        }
        return text.toString();
    }

    /// As it is a day later: no older snapshot is needed.
    private static CacheConfig config() throws Exception {
        Path file = Files.createTempFile("config", ".json");
        Files.writeString(file, """
                {"version": 2, "query": {"cache": {"maintenance":
                  {"max_snapshot_age_hours": 0, "min_snapshots_to_keep": 1}}}}""");
        try {
            return ConfigFile.read(file).config().query().cache();
        } finally {
            Files.delete(file);
        }
    }
}
