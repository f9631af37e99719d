package io.hypaware.maintain.purge;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static io.hypaware.testing.RecordedCalls.toolResult;
import static io.hypaware.testing.RecordedCalls.toolUse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.hypaware.dataset.Hashes;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.maintain.Flush;
import io.hypaware.maintain.SearchFeed;
import io.hypaware.maintain.Writing;
import io.hypaware.query.QuerySession;
import io.hypaware.testing.Configs;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// A home with sessions that share tool definitions and a system text, each with texts of its own on all ways that a
/// text can take.
final class PurgeHome {

    static final String SHARED_MARK = "shared-by-every-session";

    private static final Instant FIRST = Instant.parse("2026-03-01T10:00:00Z");
    private static final int DAYS = 5;
    private static final String SHARED = (SHARED_MARK + " text of the system ").repeat(200);

    private final Path home;
    private final RecordedCalls calls;

    private PurgeHome(Path home) {
        this.home = home;
        this.calls = new RecordedCalls(home.resolve("hypaware/cache"));
    }

    /// Most of it in the lake, in several snapshots and indexed; some waits for it.
    static PurgeHome in(Path home, int sessions) throws Exception {
        PurgeHome made = new PurgeHome(home);
        for (int i = 0; i < sessions; i++) {
            made.record(i);
            if (i % 4 == 3) {
                made.flush();
            }
        }
        made.files(sessions);
        made.feed();
        return made;
    }

    static PurgeHome hot(Path home, int sessions) throws Exception {
        PurgeHome made = new PurgeHome(home);
        for (int i = 0; i < sessions; i++) {
            made.record(i);
        }
        made.files(sessions);
        return made;
    }

    static PurgeHome at(Path home) {
        return new PurgeHome(home);
    }

    static String session(int number) {
        return String.format("5e55%04d-0000-4000-8000-%012d", number, number);
    }

    static String answerSecret(int number) {
        return "answer-secret-" + number + "-" + hash("answer " + number);
    }

    private static String hash(String of) {
        return Hashes.sha256(of.getBytes(StandardCharsets.UTF_8)).substring(0, 24);
    }

    private static String secret(String kind, int number) {
        return kind + "-secret-" + number + "-" + hash(kind + " " + number);
    }

    /// What only this session says, and its id.
    static List<String> secrets(int number) {
        return List.of(
                session(number),
                answerSecret(number),
                secret("question", number),
                secret("large", number),
                secret("system", number),
                secret("result", number));
    }

    static Instant dayOf(int number) {
        return FIRST.truncatedTo(java.time.temporal.ChronoUnit.DAYS).plus(Duration.ofDays(number % DAYS));
    }

    Path cache() {
        return calls.cache();
    }

    /// Three calls of a session, which say all that was said before again.
    void record(int number) {
        List<JsonNode> history = new ArrayList<>();
        Instant at = FIRST.plus(Duration.ofDays(number % DAYS)).plusSeconds(number * 60L);
        ArrayNode system = RecordedCalls.JSON.createArrayNode();
        system.add(textBlock(SHARED));
        system.add(textBlock((secret("system", number) + " instructions ").repeat(100)));
        history.add(message("user", "Please look at " + secret("question", number) + " in \"quotes\" and\nlines"));
        call(number, at, system, history, toolUse("toolu_" + number + "_1", "Read"));
        history.add(message("assistant", toolUse("toolu_" + number + "_1", "Read")));
        history.add(message(
                "user",
                toolResult("toolu_" + number + "_1", (secret("result", number) + " in a file \n").repeat(150))));
        call(number, at.plusSeconds(5), system, history, textBlock(answerSecret(number)));
        history.add(message("assistant", textBlock(answerSecret(number))));
        history.add(message("user", (secret("large", number) + " was said at length, ").repeat(300)));
        call(number, at.plusSeconds(9), system, history, textBlock("All done with " + SHARED_MARK));
        calls.settle();
    }

    private void call(int number, Instant at, ArrayNode system, List<JsonNode> history, JsonNode answer) {
        calls.call()
                .startedAt(at)
                .session(session(number))
                .set("system", system)
                .tools("Read", "Write", "Bash", SHARED_MARK)
                .messages(history)
                .responseHeader("anthropic-ratelimit-requests-limit", "50")
                .responseHeader("anthropic-ratelimit-requests-remaining", Integer.toString(number))
                .answer(answer)
                .record();
    }

    void flush() throws Exception {
        new Flush(new Cache(cache()), Configs.defaults().query().cache().maintenance(), _ -> {}).run();
    }

    void feed() throws Exception {
        new SearchFeed(new Cache(cache()), 128L << 20).run(Optional.empty(), Progress.NONE, () -> false);
    }

    /// Logs, lines of hooks and what else lies in a home.
    private void files(int sessions) throws Exception {
        Path hooks = Files.createDirectories(home.resolve("hypaware/hooks"));
        Path logs = Files.createDirectories(home.resolve("hypaware/logs"));
        Path run = Files.createDirectories(home.resolve("hypaware/run"));
        StringBuilder lines = new StringBuilder();
        StringBuilder log = new StringBuilder();
        for (int i = 0; i < sessions; i++) {
            lines.append("1\t").append(FIRST.getEpochSecond()).append("\tSessionStart\t");
            lines.append(session(i)).append("\t\t/work/project-").append(i).append("\t\t\t\t\t\n");
            log.append("{\"message\":\"session ").append(session(i)).append(" was placed\"}\n");
        }
        Files.writeString(hooks.resolve("sessions.tsv"), lines);
        Files.writeString(logs.resolve("worker.0.log"), log);
        Files.writeString(run.resolve("figures.json"), "{\"sessions\": {\"" + session(sessions - 1) + "\": 1}}");
        Path spilled = Files.createDirectories(cache().resolve("spill/spill-died"));
        Files.writeString(spilled.resolve("block"), String.join(" ", secrets(sessions / 2)));
    }

    void purge(Selection selection) throws Exception {
        purge(selection, _ -> {});
    }

    void purge(Selection selection, Consumer<PurgeStep> steps) throws Exception {
        Purge purge = purge(steps);
        purge.order(selection);
        purge.run(Writing.whole("gw"));
    }

    Purge purge(Consumer<PurgeStep> steps) {
        return new Purge(new Purge.Environment(
                new Cache(cache()),
                Configs.defaults().query().cache(),
                home.resolve("hypaware"),
                Clock.systemUTC(),
                Progress.NONE,
                Duration.ofSeconds(5),
                steps));
    }

    List<String> rowsOf(int number) throws Exception {
        return Queries.values(
                cache(),
                "select role || ' ' || part_type || ' ' || coalesce(content_text, '') from ai_gateway_messages where session_id = '"
                        + session(number) + "' order by 1");
    }

    /// What is known of all sessions but one, byte for byte.
    ///
    /// @param rows of each dataset, as JSON
    /// @param bodies of each exchange, as they were sent and received
    record Kept(Map<String, List<String>> rows, List<String> bodies) {}

    Kept kept(int without) throws Exception {
        Map<String, List<String>> rows = new TreeMap<>();
        String others = " where coalesce(session_id, '') <> '" + session(without) + "'";
        rows.put(
                "messages",
                Queries.values(
                        cache(),
                        "select to_json(m)::varchar from (select *, _row_id, _seq from ai_gateway_messages" + others
                                + ") m order by 1"));
        rows.put(
                "exchanges",
                Queries.values(
                        cache(),
                        "select to_json(e)::varchar from (select * exclude (request_body, response_body), _row_id, _seq from"
                                + " exchanges" + others + ") e order by 1"));
        rows.put(
                "limits",
                Queries.values(
                        cache(),
                        "select to_json(l)::varchar from limits l where exchange_id in (select exchange_id from exchanges"
                                + others + ") order by 1"));
        List<String> bodies = new ArrayList<>();
        try (QuerySession session = QuerySession.open(
                new Cache(cache()),
                256L << 20,
                "select exchange_id, sha256(request_body), octet_length(request_body), sha256(response_body) from exchanges"
                        + others + " order by 1")) {
            session.run(result -> {
                while (result.next()) {
                    bodies.add(result.getString(1) + " " + result.getString(2) + " " + result.getString(3) + " "
                            + result.getString(4));
                }
            });
        }
        return new Kept(rows, bodies);
    }
}
