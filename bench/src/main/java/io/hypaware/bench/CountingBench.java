package io.hypaware.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.bench.report.Figures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/// What adding up the lines of transcripts counts too much, on a home whose sum is known: answers in a line for each of
/// their blocks, forks that begin with the lines of their parent, threads that begin with those of theirs.
public final class CountingBench {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final int TURNS = 20;
    private static final int INPUT = 7;
    private static final int OUTPUT = 100;
    private static final int CACHE_READ = 5_000;

    private final Path hyp;
    private final Path work;
    private final Instant begin = Instant.now().minus(3, ChronoUnit.HOURS);
    private int answers;
    private long tokensOfLines;

    private CountingBench(Path root, Path work) {
        this.hyp = root.resolve("hyp");
        this.work = work;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path work = Files.createTempDirectory("counting");
        Figures figures = Figures.open();
        new CountingBench(Path.of(arguments[0]), work).run(figures);
        System.exit(figures.exitCode());
    }

    private void run(Figures figures) throws IOException, InterruptedException {
        claude();
        codex();
        hyp("backfill");
        List<String> sums = hyp("reconcile").strip().lines().toList();
        sums.subList(Math.max(0, sums.size() - 5), sums.size()).forEach(System.out::println);
        JsonNode counted = JSON.readTree(hyp(
                        "query",
                        "sql",
                        "--format=json",
                        "select count(distinct response_id) as answers, sum(input_tokens)::bigint as tokens_in, sum(output_tokens)::bigint as tokens_out,"
                                + " sum(cache_read_tokens)::bigint as cache_read from ai_gateway_messages"))
                .path(0);
        figures.exactly("answers", answers, counted.path("answers").asLong());
        figures.exactly(
                "input tokens of the rows",
                (long) answers * INPUT,
                counted.path("tokens_in").asLong());
        figures.exactly(
                "output tokens of the rows",
                (long) answers * OUTPUT,
                counted.path("tokens_out").asLong());
        figures.exactly(
                "tokens of the rows read from the cache",
                (long) answers * CACHE_READ,
                counted.path("cache_read").asLong());
        long tokens = (long) answers * (INPUT + OUTPUT + CACHE_READ);
        figures.say("times as many tokens, where lines are added up", (double) tokensOfLines / tokens, "");
    }

    /// A session, two forks of its end and one of its middle.
    private void claude() throws IOException {
        List<ObjectNode> trunk = new ArrayList<>();
        String session = name("trunk");
        for (int turn = 0; turn < TURNS; turn++) {
            turn(trunk, session, turn);
        }
        write(session, trunk);
        for (String fork : List.of("first", "second")) {
            fork(name(fork), trunk);
        }
        fork(name("middle"), trunk.subList(0, trunk.size() / 2));
    }

    private void fork(String session, List<ObjectNode> from) throws IOException {
        List<ObjectNode> lines = new ArrayList<>();
        from.forEach(line -> lines.add(line.deepCopy().put("sessionId", session)));
        for (int turn = 0; turn < 3; turn++) {
            turn(lines, session, TURNS + turn);
        }
        write(session, lines);
    }

    /// A prompt, and an answer of three blocks; each of its lines has the count of all.
    private void turn(List<ObjectNode> lines, String session, int turn) {
        String answer = "msg_" + session + turn;
        line(lines, session, turn, "user")
                .putObject("message")
                .put("role", "user")
                .put("content", "prompt " + answer);
        for (String block : List.of("one", "two", "three")) {
            ObjectNode message = line(lines, session, turn, "assistant").putObject("message");
            message.put("role", "assistant").put("id", answer).put("model", "model-x");
            message.putArray("content").addObject().put("type", "text").put("text", block + " of " + answer);
            message.putObject("usage")
                    .put("input_tokens", INPUT)
                    .put("output_tokens", OUTPUT)
                    .put("cache_read_input_tokens", CACHE_READ);
        }
        answers++;
    }

    private ObjectNode line(List<ObjectNode> lines, String session, int turn, String type) {
        ObjectNode line = JSON.createObjectNode()
                .put("type", type)
                .put("uuid", name(session + lines.size()))
                .put(
                        "parentUuid",
                        lines.isEmpty() ? null : lines.getLast().path("uuid").asText())
                .put("sessionId", session)
                .put("cwd", "/home/user/work")
                .put(
                        "timestamp",
                        begin.plusSeconds(turn * 60L).plusMillis(lines.size()).toString());
        if (type.equals("assistant")) {
            line.put("requestId", "req_" + session + turn);
        }
        lines.add(line);
        return line;
    }

    private void write(String session, List<ObjectNode> lines) throws IOException {
        write(work.resolve("user/.claude/projects/-home-user-work/" + session + ".jsonl"), lines);
    }

    /// A thread, and three agents that begin with all of its lines.
    private void codex() throws IOException {
        String parent = name("thread");
        List<ObjectNode> lines = new ArrayList<>();
        for (int turn = 0; turn < TURNS; turn++) {
            items(lines, parent, turn);
        }
        writeThread(parent, parent, lines);
        for (int agent = 0; agent < 3; agent++) {
            String thread = name("agent" + agent);
            List<ObjectNode> all = new ArrayList<>(lines);
            for (int turn = TURNS; turn < TURNS + 2; turn++) {
                items(all, thread, turn);
            }
            writeThread(thread, parent, all);
        }
    }

    private void items(List<ObjectNode> lines, String thread, int turn) {
        String name = thread + turn;
        said(lines, turn, name + "u", "user", "input_text", "prompt " + name);
        said(lines, turn, name + "a", "assistant", "output_text", "answer " + name);
        ObjectNode record = rollout(lines, turn, "token_usage_record").put("response_id", "resp_" + name);
        record.putObject("usage")
                .put("input_tokens", INPUT + CACHE_READ)
                .put("cached_input_tokens", CACHE_READ)
                .put("output_tokens", OUTPUT);
        answers++;
    }

    private void said(List<ObjectNode> lines, int turn, String id, String role, String type, String text) {
        ObjectNode item = rollout(lines, turn, "response_item")
                .put("type", "message")
                .put("id", id)
                .put("role", role);
        item.putArray("content").addObject().put("type", type).put("text", text);
    }

    private ObjectNode rollout(List<ObjectNode> lines, int turn, String type) {
        ObjectNode line = JSON.createObjectNode()
                .put(
                        "timestamp",
                        begin.plusSeconds(turn * 60L).plusMillis(lines.size()).toString())
                .put("type", type);
        lines.add(line);
        return line.putObject("payload");
    }

    private void writeThread(String thread, String session, List<ObjectNode> lines) throws IOException {
        List<ObjectNode> all = new ArrayList<>(lines);
        ObjectNode head =
                JSON.createObjectNode().put("timestamp", begin.toString()).put("type", "session_meta");
        ObjectNode meta = head.putObject("payload")
                .put("id", thread)
                .put("session_id", session)
                .put("cwd", "/work");
        if (!thread.equals(session)) {
            meta.put("parent_thread_id", session).put("forked_from_id", session);
        }
        all.addFirst(head);
        write(work.resolve("user/.codex/sessions/2026/01/01/rollout-2026-01-01T00-00-00-" + thread + ".jsonl"), all);
    }

    private void write(Path file, List<ObjectNode> lines) throws IOException {
        Files.createDirectories(file.getParent());
        StringBuilder text = new StringBuilder();
        for (ObjectNode line : lines) {
            text.append(JSON.writeValueAsString(line)).append('\n');
            tokensOfLines += tokens(line.at("/message/usage")) + tokens(line.at("/payload/usage"));
        }
        Files.writeString(file, text);
    }

    /// Of an answer's count; Codex counts what was read from the cache as sent, too.
    private static long tokens(JsonNode usage) {
        return usage.path("input_tokens").asLong()
                + usage.path("output_tokens").asLong()
                + usage.path("cache_read_input_tokens").asLong();
    }

    private static String name(String of) {
        return UUID.nameUUIDFromBytes(of.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .toString();
    }

    private String hyp(String... command) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(hyp.toString()));
        words.addAll(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().put("HYP_HOME", work.resolve("home").toString());
        builder.environment().put("HOME", work.resolve("user").toString());
        builder.environment().keySet().removeIf(key -> key.equals("CODEX_HOME") || key.equals("CLAUDE_CONFIG_DIR"));
        Path out = work.resolve("out");
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(out.toFile())
                .start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IllegalStateException(String.join(" ", command) + " does not end");
        }
        return Files.readString(out);
    }
}
