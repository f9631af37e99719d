package io.hypaware.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.bench.report.Figures;
import io.hypaware.search.PartSearch;
import io.hypaware.search.Search;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Imports many transcripts, made here in the shape of Claude Code's: a first time, again, and after a few have grown;
/// then asks and searches.
public final class TranscriptBench {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final double WORKER_MB = 384;
    private static final int GROWN = 5;

    private final Figures figures = Figures.open();
    private final Path hyp;
    private final Path work;
    private final Random random = new Random(7);
    private final String[] words = new String[4_000];
    private long textBytes;

    private TranscriptBench(Path root, Path work) {
        this.hyp = root.resolve("hyp");
        this.work = work;
        for (int i = 0; i < words.length; i++) {
            words[i] = random.ints(2 + random.nextInt(8), 'a', 'z' + 1)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
        }
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int files = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3_000;
        long megabytes = arguments.length > 2 ? Long.parseLong(arguments[2]) : 2_000;
        TranscriptBench bench = new TranscriptBench(Path.of(arguments[0]), Files.createTempDirectory("transcripts"));
        bench.run(files, megabytes);
        System.exit(bench.figures.exitCode());
    }

    private void run(int files, long megabytes) throws IOException, InterruptedException {
        Path projects = Files.createDirectories(work.resolve("user/.claude/projects/-home-user-work"));
        List<Path> all = new ArrayList<>();
        long bytes = 0;
        for (int i = 0; i < files; i++) {
            Path file = projects.resolve(UUID.nameUUIDFromBytes(("s" + i).getBytes(StandardCharsets.UTF_8)) + ".jsonl");
            write(file, megabytes * 1_000_000 / files, i);
            all.add(file);
            bytes += Files.size(file);
        }
        figures.count("transcripts", files);
        figures.say("of", bytes / 1e6, "MB");
        say("`hyp query sql`, nothing there", "query", "sql", "select count(*) from ai_gateway_messages");
        Took first = say("first import", "backfill", "claude");
        figures.say("first import", bytes / 1e6 / first.seconds(), "MB/s");
        figures.atMost("first import, peak RSS", WORKER_MB, first.peakMb(), "MB");
        figures.atMost(
                "second import, nothing new", 2, timed("backfill", "claude").seconds(), "s");
        for (int i = 0; i < GROWN; i++) {
            append(all.get(i), i);
        }
        say("five of them have grown", "backfill", "claude");
        say(
                "count of messages and sessions",
                "query",
                "sql",
                "select count(*), count(distinct session_id) from ai_gateway_messages");
        say(
                "messages by tool",
                "query",
                "sql",
                "select tool_name, count(*) from ai_gateway_messages group by 1 order by 2 desc limit 3");
        say(
                "search of texts by SQL",
                "query",
                "sql",
                "select count(*) from ai_gateway_messages where content_text like '%" + words[5] + "%'");
        say(
                "tokens by day",
                "query",
                "sql",
                "select date, sum(output_tokens) from ai_gateway_messages group by 1 order by 1 limit 3");
        say("`hyp session list`", "session", "list", "--limit", "3");
        search();
        say("`hyp query maintain`", "query", "maintain");
        say(
                "count of messages and sessions after it",
                "query",
                "sql",
                "select count(*), count(distinct session_id) from ai_gateway_messages");
    }

    /// The index made, its size, searches in a process of their own and in one that has searched before.
    private void search() throws IOException, InterruptedException {
        Path index = work.resolve("home/hypaware/cache/search");
        Took made = timed("search", "--rebuild");
        int parts;
        try (PartSearch open = PartSearch.open(index).orElseThrow()) {
            parts = open.parts();
        }
        long bytes;
        try (Stream<Path> files = Files.list(index)) {
            bytes = files.mapToLong(file -> file.toFile().length()).sum();
        }
        figures.count("parts", parts);
        figures.atMost("search index made, for each part", 0.3, made.seconds() * 1_000 / parts, "ms");
        figures.atMost("peak RSS meanwhile", WORKER_MB, made.peakMb(), "MB");
        figures.say("search index", bytes / 1e6, "MB");
        figures.atMost("of the text's bytes", 0.5, (double) bytes / textBytes, "");
        figures.atMost(
                "`hyp search`, a process of its own, hits shown",
                0.6,
                timed("search", words[5] + " " + words[6], "--limit", "5").seconds(),
                "s");
        say("the same of one tool", "search", words[7], "--tool", "Bash", "--limit", "5");
        List<Double> millis = new ArrayList<>();
        try (PartSearch open = PartSearch.open(index).orElseThrow()) {
            for (int i = 0; i < 200; i++) {
                String looked = i % 4 == 0
                        ? words[i]
                        : i % 4 == 1
                                ? words[i] + " " + words[i + 1]
                                : i % 4 == 2
                                        ? "\"" + words[i] + " " + words[i + 1] + "\""
                                        : words[i].substring(0, 2) + "*";
                long began = System.nanoTime();
                open.find(Search.of(looked, 20));
                millis.add((System.nanoTime() - began) / 1e6);
            }
        }
        List<Double> warm = millis.subList(50, millis.size()).stream().sorted().toList();
        figures.say("a search in a process that has searched before, median", Medians.of(warm), "ms");
        figures.atMost("the worst of these", 100, warm.getLast(), "ms");
    }

    /// By the clock, and the most that was resident.
    private record Took(double seconds, double peakMb) {}

    private Took say(String what, String... command) throws IOException, InterruptedException {
        Took took = timed(command);
        figures.say(what, took.seconds(), "s");
        return took;
    }

    private Took timed(String... command) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(hyp.toString()));
        words.addAll(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().put("HYP_HOME", work.resolve("home").toString());
        builder.environment().put("HOME", work.resolve("user").toString());
        Path out = work.resolve("out");
        long began = System.nanoTime();
        Process process =
                builder.redirectErrorStream(true).redirectOutput(out.toFile()).start();
        Child child = new Child(process, 0);
        double peak = 0;
        while (!process.waitFor(20, TimeUnit.MILLISECONDS)) {
            peak = Math.max(peak, child.peakMb());
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        List<String> lines = Files.readAllLines(out);
        if (process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + process.exitValue() + ": " + lines);
        }
        lines.stream().filter(line -> !line.isBlank()).limit(8).forEach(line -> System.out.println("    " + line));
        return new Took(seconds, peak);
    }

    private void append(Path file, int number) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file, java.nio.file.StandardOpenOption.APPEND)) {
            turn(
                    out,
                    file.getFileName().toString().replace(".jsonl", ""),
                    "t" + number + "-" + System.nanoTime(),
                    Instant.now());
        }
    }

    private void write(Path file, long size, int number) throws IOException {
        Instant at = Instant.now().minus(80, ChronoUnit.DAYS).plus(number * 35L, ChronoUnit.MINUTES);
        String session = file.getFileName().toString().replace(".jsonl", "");
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (int turn = 0; Files.size(file) < size; turn++) {
                turn(out, session, number + "-" + turn, at.plusSeconds(turn * 20L));
                out.flush();
            }
        }
    }

    /// A prompt, a tool call in two lines of one answer, its result, and an answer.
    private void turn(BufferedWriter out, String session, String name, Instant at) throws IOException {
        Turn turn = new Turn(session, name, at);
        ObjectNode prompt = JSON.createObjectNode().put("role", "user").put("content", text(80));
        turn.line(out, 0, "user", prompt);
        ObjectNode thought = answer(name + "a");
        thought.putArray("content").addObject().put("type", "text").put("text", text(60));
        turn.line(out, 1, "assistant", thought);
        ObjectNode call = answer(name + "a");
        ObjectNode use = call.putArray("content")
                .addObject()
                .put("type", "tool_use")
                .put("id", "toolu_" + session + name)
                .put("name", random.nextInt(3) == 0 ? "Read" : "Bash");
        use.putObject("input").put("command", text(12));
        turn.line(out, 2, "assistant", call);
        ObjectNode result = JSON.createObjectNode().put("role", "user");
        String said = text(random.nextInt(40) == 0 ? 20_000 : 400);
        result.putArray("content")
                .addObject()
                .put("type", "tool_result")
                .put("tool_use_id", "toolu_" + session + name)
                .put("content", said);
        turn.line(out, 3, "user", result);
        ObjectNode end = answer(name + "b");
        end.putArray("content").addObject().put("type", "text").put("text", text(120));
        turn.line(out, 4, "assistant", end);
    }

    private static ObjectNode answer(String name) {
        ObjectNode message = JSON.createObjectNode()
                .put("role", "assistant")
                .put("id", "msg_" + name)
                .put("model", "model-x")
                .put("type", "message");
        message.putObject("usage")
                .put("input_tokens", 12)
                .put("output_tokens", 40)
                .put("cache_read_input_tokens", 9_000)
                .put("cache_creation_input_tokens", 300);
        return message;
    }

    /// The lines of one turn, each after the one before.
    private record Turn(String session, String name, Instant at) {

        void line(BufferedWriter out, int number, String type, ObjectNode message) throws IOException {
            ObjectNode line = JSON.createObjectNode();
            line.put("parentUuid", number == 0 ? null : uuid(number - 1))
                    .put("isSidechain", false)
                    .put("type", type);
            line.set("message", message);
            String result = message.path("content").path(0).path("content").asText();
            if (!result.isEmpty()) {
                line.putObject("toolUseResult").put("stdout", result).put("stderr", "");
            }
            line.put("uuid", uuid(number))
                    .put("timestamp", at.plusMillis(number * 700L).toString())
                    .put("cwd", "/home/user/work")
                    .put("sessionId", session)
                    .put("version", "2.1.197")
                    .put("gitBranch", "main")
                    .put("userType", "external")
                    .put("entrypoint", "cli");
            out.write(JSON.writeValueAsString(line));
            out.newLine();
        }

        private String uuid(int number) {
            return UUID.nameUUIDFromBytes((session + name + number).getBytes(StandardCharsets.UTF_8))
                    .toString();
        }
    }

    private String text(int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(words[random.nextInt(words.length)]).append(i % 12 == 11 ? '\n' : ' ');
        }
        textBytes += text.length();
        return text.toString();
    }
}
