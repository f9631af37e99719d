package io.hypaware.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The same sessions by the wire and by the agents' own transcripts, in every order: the rows have to be the
/// same, once. Works on what `bench/run truth --capture --out FOLDER` has recorded, on copies of it.
///
/// Names of rows' messages and where they stand in them differ by the order, and are not compared.
public final class OrdersBench {

    /// An exchange that nobody projects yet.
    private static final int WITHHELD = 9;

    private static final int MOST_SHOWN = 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String ROWS = """
            select session_id, coalesce(agent_id, '') as agent, role, part_type, coalesce(provider_type, '') as type,
              md5(trim(coalesce(content_text, ''), e' \\n\\t\\r')) as said, coalesce(tool_call_id, tool_result_for, '') as call,
              coalesce(provider_uuid, '') as uuid, coalesce(parent_uuid, '') as parent, coalesce(cwd, '') as cwd,
              coalesce(git_branch, '') as branch, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
              coalesce(exchange_id, '') as exchange, coalesce(aux_kind, '') as aux, is_sidechain, left(content_text, 60) as begins
            from ai_gateway_messages order by all""";

    private final Path hyp;
    private final Path capture;
    private final Path work;
    private final Random random;

    private OrdersBench(Path root, Path capture, Path work, long seed) {
        this.hyp = root.resolve("hyp");
        this.capture = capture;
        this.work = work;
        this.random = new Random(seed);
    }

    public static void main(String[] arguments) throws IOException, InterruptedException, SQLException {
        Path root = Path.of(arguments[0]);
        Path capture = Path.of(arguments[1]);
        long seed = arguments.length > 2 ? Long.parseLong(arguments[2]) : System.nanoTime();
        Path work = Files.createTempDirectory("orders");
        System.out.println("seed " + seed + "; kept in " + work);
        boolean same = new OrdersBench(root, capture, work, seed).run();
        System.exit(same ? 0 : 1);
    }

    /// What is done with a home of its own.
    @FunctionalInterface
    private interface Order {
        void take(Path home) throws IOException, InterruptedException, SQLException;
    }

    private boolean run() throws IOException, InterruptedException, SQLException {
        List<Path> users = users();
        boolean same = compare(
                "all captured",
                Map.of(
                        "1 wire, transcript",
                                home -> {
                                    settle(home);
                                    backfill(home, users);
                                },
                        "2 transcript, wire",
                                home -> {
                                    withhold(home, 0);
                                    backfill(home, users);
                                    release(home, Integer.MAX_VALUE);
                                    settle(home);
                                },
                        "3 by turns", home -> byTurns(home, users),
                        "4 twice, flushed between",
                                home -> {
                                    settle(home);
                                    backfill(home, users);
                                    run(home, users.getFirst(), "query", "refresh");
                                    touch(users);
                                    backfill(home, users);
                                    touch(users);
                                    backfill(home, users);
                                },
                        "5 killed", home -> killed(home, users)));
        same &= compare(
                "half captured",
                Map.of(
                        "1 wire, transcript",
                                home -> {
                                    loseHalf(home);
                                    settle(home);
                                    backfill(home, users);
                                },
                        "2 transcript, wire",
                                home -> {
                                    loseHalf(home);
                                    withhold(home, 0);
                                    backfill(home, users);
                                    release(home, Integer.MAX_VALUE);
                                    settle(home);
                                }));
        return same;
    }

    private boolean compare(String what, Map<String, Order> orders)
            throws IOException, InterruptedException, SQLException {
        List<String> first = List.of();
        boolean same = true;
        for (Map.Entry<String, Order> order : new TreeMap<>(orders).entrySet()) {
            Path home = work.resolve((what + " " + order.getKey()).replaceAll("[^a-z0-9]+", "-"));
            copy(capture.resolve("hyp"), home);
            order.getValue().take(home);
            List<String> rows = rows(home);
            System.out.printf("%s, %s: %d rows%n", what, order.getKey(), rows.size());
            if (first.isEmpty()) {
                first = rows;
            } else {
                same &= differences(first, rows);
            }
        }
        return same;
    }

    private static boolean differences(List<String> first, List<String> rows) throws IOException {
        List<String> missing = new ArrayList<>(first);
        List<String> more = new ArrayList<>();
        for (String row : rows) {
            if (!missing.remove(row)) {
                more.add(row);
            }
        }
        System.out.printf("  %d missing, %d more%n", missing.size(), more.size());
        List<JsonNode> unpaired = new ArrayList<>();
        for (String row : more) {
            unpaired.add(JSON.readTree(row));
        }
        int shown = 0;
        for (String text : missing) {
            JsonNode row = JSON.readTree(text);
            Optional<JsonNode> other =
                    unpaired.stream().filter(one -> name(one).equals(name(row))).findFirst();
            other.ifPresent(unpaired::remove);
            if (shown++ < MOST_SHOWN) {
                System.out.println("  " + name(row) + ": " + row.path("begins").asText() + ": "
                        + other.map(one -> differing(row, one)).orElse("missing"));
            }
        }
        unpaired.stream().limit(MOST_SHOWN).forEach(row -> System.out.println("  " + name(row) + ": more: " + row));
        return missing.isEmpty() && more.isEmpty();
    }

    private static String name(JsonNode row) {
        return String.join(
                " ",
                Stream.of("session_id", "agent", "role", "part_type", "call", "said")
                        .map(column -> row.path(column).asText())
                        .map(text -> text.substring(0, Math.min(13, text.length())))
                        .toList());
    }

    private static String differing(JsonNode one, JsonNode other) {
        List<String> columns = new ArrayList<>();
        one.properties().forEach(column -> {
            JsonNode value = other.path(column.getKey());
            if (!value.equals(column.getValue())) {
                columns.add(column.getKey() + " " + column.getValue() + " / " + value);
            }
        });
        return String.join(", ", columns);
    }

    /// A part of the calls, then the transcripts up to some line, and so on.
    private void byTurns(Path home, List<Path> users) throws IOException, InterruptedException, SQLException {
        withhold(home, 0);
        for (int tenths = 2; tenths <= 10; tenths += 2) {
            List<Path> cut = new ArrayList<>();
            for (Path user : users) {
                Path copy = work.resolve("cut").resolve(user.getFileName());
                copy(user, copy);
                cutTranscripts(copy, tenths);
                cut.add(copy);
            }
            if (random.nextBoolean()) {
                release(home, tenths);
                settle(home);
                backfill(home, cut);
            } else {
                backfill(home, cut);
                release(home, tenths);
                settle(home);
            }
        }
        settle(home);
        backfill(home, users);
    }

    private void killed(Path home, List<Path> users) throws IOException, InterruptedException, SQLException {
        withhold(home, 0);
        for (int kills = 0; kills < 30; kills++) {
            release(home, kills / 3);
            Path user = users.get(random.nextInt(users.size()));
            Process process = start(home, user, kills % 2 == 0 ? "backfill" : "query", kills % 2 == 0 ? "" : "refresh");
            if (!process.waitFor(300 + random.nextInt(700), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
        release(home, Integer.MAX_VALUE);
        settle(home);
        backfill(home, users);
    }

    // ---- the journal

    private static void withhold(Path home, int order) throws SQLException {
        journal(home, "UPDATE exchange SET state = " + WITHHELD + " WHERE state = 1 AND seq > " + order);
    }

    /// Lets a part of the exchanges be projected.
    private static void release(Path home, int tenths) throws SQLException {
        String some = tenths >= 10
                ? ""
                : " AND seq <= (SELECT min(seq) + (max(seq) - min(seq)) * " + tenths + " / 10 FROM exchange)";
        journal(home, "UPDATE exchange SET state = 1 WHERE state = " + WITHHELD + some);
    }

    private static void loseHalf(Path home) throws SQLException {
        journal(home, "DELETE FROM exchange WHERE seq % 16 < 8");
    }

    private static void journal(Path home, String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection("jdbc:sqlite:" + home.resolve("hypaware/cache/journal.db"));
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = 10000");
            try (ResultSet _ = statement.executeQuery("SELECT 1")) {
                statement.execute(sql);
            }
        }
    }

    // ---- commands

    private void settle(Path home) throws IOException, InterruptedException {
        run(home, work, "session", "list", "--limit", "1");
    }

    private void backfill(Path home, List<Path> users) throws IOException, InterruptedException {
        for (Path user : users) {
            run(home, user, "backfill");
        }
    }

    private List<String> rows(Path home) throws IOException, InterruptedException {
        return run(home, work, "query", "sql", "--format", "jsonl", ROWS);
    }

    private List<String> run(Path home, Path user, String... command) throws IOException, InterruptedException {
        Process process = start(home, user, command);
        List<String> lines = new ArrayList<>();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            out.lines().forEach(lines::add);
        }
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + process.exitValue() + ": "
                    + Files.readString(work.resolve("err")));
        }
        return lines;
    }

    private Process start(Path home, Path user, String... command) throws IOException {
        List<String> words = new ArrayList<>(List.of(hyp.toString()));
        Stream.of(command).filter(word -> !word.isEmpty()).forEach(words::add);
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().put("HYP_HOME", home.toString());
        builder.environment().put("HOME", user.toString());
        return builder.redirectError(work.resolve("err").toFile()).start();
    }

    // ---- files

    /// One home with the transcripts of all.
    private List<Path> users() throws IOException {
        Path user = work.resolve("user");
        try (Stream<Path> homes = Files.list(capture.resolve("homes"))) {
            for (Path home : homes.filter(Files::isDirectory).sorted().toList()) {
                for (String folder : List.of(".claude/projects", ".codex/sessions")) {
                    if (Files.isDirectory(home.resolve(folder))) {
                        copy(home.resolve(folder), user.resolve(folder));
                    }
                }
            }
        }
        return List.of(user);
    }

    private static void cutTranscripts(Path user, int tenths) throws IOException {
        for (Path file : transcripts(user)) {
            List<String> lines = Files.readAllLines(file);
            int kept = Math.max(1, lines.size() * tenths / 10);
            FileTime time = Files.getLastModifiedTime(file);
            Files.writeString(file, String.join("\n", lines.subList(0, kept)) + "\n");
            Files.setLastModifiedTime(file, time);
        }
    }

    private static void touch(List<Path> users) throws IOException {
        for (Path user : users) {
            for (Path file : transcripts(user)) {
                FileTime time = Files.getLastModifiedTime(file);
                Files.setLastModifiedTime(file, FileTime.from(time.toInstant().plus(Duration.ofMillis(10))));
            }
        }
    }

    private static List<Path> transcripts(Path user) throws IOException {
        try (Stream<Path> all = Files.walk(user)) {
            return all.filter(file -> file.toString().endsWith(".jsonl")).toList();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            all.forEach(file -> {
                Path target = to.resolve(from.relativize(file).toString());
                try {
                    if (Files.isDirectory(file)) {
                        Files.createDirectories(target);
                    } else if (Files.isRegularFile(file)) {
                        Files.copy(
                                file, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
