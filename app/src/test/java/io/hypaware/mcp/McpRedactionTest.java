package io.hypaware.mcp;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static io.hypaware.testing.RecordedCalls.toolResult;
import static io.hypaware.testing.RecordedCalls.toolUse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.home.Cache;
import io.hypaware.query.Deadline;
import io.hypaware.query.Scope;
import io.hypaware.secret.Redactor;
import io.hypaware.secret.Secrets;
import io.hypaware.testing.PlantedSecrets;
import io.hypaware.testing.PlantedSecrets.Planted;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// No tool tells an agent a secret, wherever it stands and wherever its text is cut.
class McpRedactionTest {

    private static final int KINDS = new PlantedSecrets(3).kinds();

    /// Of a secret so much is the secret.
    private static final int TELLING = 12;

    @TempDir
    private static Path home;

    private static final List<Planted> PLANTED = new ArrayList<>();
    private static Cache cache = new Cache(Path.of(""));
    private static String exchange = "";

    @BeforeAll
    static void aSessionOfSecrets() {
        RecordedCalls calls = new RecordedCalls(home.resolve("cache"));
        cache = new Cache(calls.cache());
        PlantedSecrets secrets = new PlantedSecrets(3);
        List<JsonNode> history = new ArrayList<>();
        for (int kind = 0; kind < KINDS; kind++) {
            Planted one = secrets.of(kind);
            PLANTED.add(one);
            history.add(message("user", "needle" + kind + " " + one.text()));
            ObjectNode use = toolUse("toolu_" + kind, "Bash");
            use.withObject("input")
                    .put("command", "echo needle '" + one.text() + "'")
                    .put("x" + kind, one.text());
            history.add(message("assistant", textBlock("\u001b[1m" + one.text()), use));
            history.add(message(
                    "user",
                    toolResult(
                            "toolu_" + kind,
                            one.text().substring(0, one.text().length() / 2) + "\u001b[31m"
                                    + one.text().substring(one.text().length() / 2))));
            history.add(message("assistant", textBlock("done")));
        }
        history.add(message("user", "x".repeat(290) + " " + PLANTED.getFirst().text()));
        exchange = calls.call()
                .session("secrets")
                .system("a system text " + PLANTED.get(1).text())
                .messages(history)
                .answer("It is " + PLANTED.get(2).text())
                .record();
        calls.call()
                .session("titled")
                .messages(message("user", "p".repeat(285) + " " + PLANTED.get(3).text()))
                .answer("fine")
                .record();
        calls.settle();
    }

    private static String asked(Tool tool, Map<String, Object> arguments, Redactor redactor) throws Exception {
        Question question =
                new Question(home, cache, 200_000_000, new Question.Told(Scope.ALL, redactor), Deadline.NONE);
        return tool.answer(Arguments.of(tool.params(), arguments), question).text();
    }

    private static void tellsNone(String answer) {
        TreeSet<String> told = new TreeSet<>();
        for (Planted one : PLANTED) {
            String secret = one.secret().strip();
            for (int at = secret.length() > 2 * TELLING ? TELLING : 0;
                    at + TELLING <= secret.length();
                    at += TELLING / 2) {
                if (answer.contains(secret.substring(at, at + TELLING))) {
                    told.add(one.rule() + " at " + at);
                }
            }
        }
        assertThat(told).isEmpty();
    }

    private void asks(Tool tool, Map<String, Object> arguments) throws Exception {
        Redactor redactor = Secrets.of(new byte[32], List.of()).redactor();
        String answer = asked(tool, arguments, redactor);
        tellsNone(answer);
        assertThat(answer).contains("[redacted:");
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 37, 60, 100, 1_000})
    void partsOfASession(int characters) throws Exception {
        asks(new GetSession(), Map.of("session", "secrets", "text_chars", characters, "max_bytes", 200_000));
        asks(new GetExchange(), Map.of("exchange", exchange, "text_chars", characters, "max_bytes", 200_000));
    }

    @Test
    void onePartFromAnyCharacterOn() throws Exception {
        String page = asked(
                new GetSession(), Map.of("session", "secrets", "text_chars", 20, "max_bytes", 100_000), Redactor.NONE);
        List<String> parts = new ArrayList<>();
        Answer.JSON
                .readTree(page)
                .path("parts")
                .forEach(part -> parts.add(part.path("part").asText()));
        for (String part : parts.stream().filter(id -> !id.isEmpty()).limit(12).toList()) {
            for (int offset : List.of(0, 5, 14, 30)) {
                tellsNone(asked(
                        new GetSession(),
                        Map.of("session", "secrets", "part", part, "offset", offset),
                        Secrets.of(new byte[32], List.of()).redactor()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 500, 1_111, 5_003, 20_007})
    void bodiesFromAnyByteOn(int offset) throws Exception {
        for (int most : List.of(2_000, 9_999)) {
            asks(
                    new GetExchange(),
                    Map.of("exchange", exchange, "body", "request", "offset", offset, "max_bytes", most));
        }
    }

    @Test
    void theRest() throws Exception {
        for (int kind = 0; kind < KINDS; kind++) {
            tellsNone(asked(
                    new SearchHistory(),
                    Map.of("words", "needle" + kind, "max_bytes", 20_000),
                    Secrets.of(new byte[32], List.of()).redactor()));
        }
        asks(new SearchHistory(), Map.of("words", "echo needle", "limit", 100, "max_bytes", 100_000));
        tellsNone(asked(
                new ListSessions(),
                Map.of("max_bytes", 20_000),
                Secrets.of(new byte[32], List.of()).redactor()));
        for (Tool tool : List.of(new UsageSummary(), new ExplainCacheMisses())) {
            Map<String, Object> arguments =
                    tool instanceof UsageSummary ? Map.of("days", 3_660) : Map.of("session", "secrets");
            tellsNone(asked(tool, arguments, Secrets.of(new byte[32], List.of()).redactor()));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select content_text from ai_gateway_messages",
                "select tool_args from ai_gateway_messages",
                "select system_text from ai_gateway_messages limit 1",
                "select request_body from exchanges where session_id = 'secrets'",
                "select list(content_text) from ai_gateway_messages",
                "select content_text as \"it is\", upper(role) from ai_gateway_messages order by 1",
            })
    void cells(String sql) throws Exception {
        for (int most : List.of(10, 40, 100_000)) {
            tellsNone(asked(
                    new QuerySql(),
                    Map.of("sql", sql, "cell_chars", most, "max_rows", 1_000, "max_bytes", 200_000),
                    Secrets.of(new byte[32], List.of()).redactor()));
        }
        asks(new QuerySql(), Map.of("sql", sql, "cell_chars", 100_000, "max_bytes", 200_000));
    }

    @Test
    void namesOfColumnsAndErrors() throws Exception {
        String secret = PLANTED.getFirst().secret();
        asks(new QuerySql(), Map.of("sql", "select 1 as \"" + secret + "\""));
    }

    @Test
    void whoeverWantsThemIsToldThem() throws Exception {
        assertThat(asked(
                        new QuerySql(),
                        Map.of("sql", "select content_text from ai_gateway_messages", "max_bytes", 100_000),
                        Redactor.NONE))
                .contains(PLANTED.getFirst().secret());
    }
}
