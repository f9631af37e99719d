package io.hypaware.mcp;

import static io.hypaware.testing.RecordedCalls.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Cache;
import io.hypaware.privacy.Mark;
import io.hypaware.privacy.PrivacyClass;
import io.hypaware.privacy.PrivacyList;
import io.hypaware.query.Deadline;
import io.hypaware.query.QueryException;
import io.hypaware.secret.Redactor;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// No tool tells an agent of a session that stays on this machine.
class WithheldTest {

    private static final String PRIVATE = "zebrafish";

    @TempDir
    private Path home;

    private Withheld withheld;
    private Cache cache;

    private String asked(Tool tool, Map<String, Object> arguments) throws Exception {
        Question question = new Question(
                home, cache, 200_000_000, new Question.Told(withheld.scope(), Redactor.NONE), Deadline.NONE);
        try {
            return tool.answer(Arguments.of(tool.params(), arguments), question).text();
        } catch (QueryException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void whatStaysIsToldByNoTool() throws Exception {
        RecordedCalls calls = new RecordedCalls(home.resolve("hypaware/cache"));
        cache = new Cache(calls.cache());
        withheld = new Withheld(cache, 200_000_000);
        String exchange = said(calls, "private", PRIVATE);
        said(calls, "open", "an open word");
        calls.settle();
        assertThat(everything(exchange)).anyMatch(answer -> answer.contains(PRIVATE));

        PrivacyList.update(
                cache.privacyList(),
                list -> list.with(
                        new Mark(Optional.of(Path.of("/work/private")), Optional.empty(), PrivacyClass.LOCAL_ONLY)));
        assertThat(everything(exchange)).noneMatch(answer -> answer.contains(PRIVATE));
        assertThat(asked(new ListSessions(), Map.of())).contains("open").doesNotContain("private");

        // One that is recorded from now on is known at once.
        exchange = said(calls, "private-2", PRIVATE);
        calls.settle();
        assertThat(everything(exchange)).noneMatch(answer -> answer.contains(PRIVATE));
        assertThat(asked(new ListSessions(), Map.of())).doesNotContain("private");
    }

    private static String said(RecordedCalls calls, String session, String text) {
        return calls.call()
                .session(session)
                .system("Primary working directory: /work/" + session.split("-", 2)[0] + "\n" + text
                        + "x".repeat(5_000))
                .messages(message("user", text))
                .answer("About " + text)
                .record();
    }

    private List<String> everything(String exchange) throws Exception {
        return List.of(
                asked(new SearchHistory(), Map.of("words", "zebra*")),
                asked(new GetSession(), Map.of("session", "private")),
                asked(new GetExchange(), Map.of("exchange", exchange)),
                asked(new ExplainCacheMisses(), Map.of("session", "private")),
                asked(new UsageSummary(), Map.of("days", 3_000)),
                asked(new QuerySql(), Map.of("sql", "select * from ai_gateway_messages")),
                asked(new QuerySql(), Map.of("sql", "select decode(request_body) from exchanges")),
                asked(new QuerySql(), Map.of("sql", "select * from payloads")),
                asked(
                        new QuerySql(),
                        Map.of(
                                "sql",
                                "select a.session_id from ai_gateway_messages a, exchanges b where case when"
                                        + " a.content_text like 'zebra%' then error(a.content_text) else 1 end = 1")),
                asked(
                        new QuerySql(),
                        Map.of(
                                "sql",
                                "select 1 from ai_gateway_messages where content_text like '%zebra%'"
                                        + " and content_text::int = 1")),
                asked(
                        new QuerySql(),
                        Map.of(
                                "sql",
                                "select count(*) from ai_gateway_messages where system_text like '%zebra%'"
                                        + " and error(system_text) is null")),
                asked(
                        new QuerySql(),
                        Map.of(
                                "sql",
                                "select count(*) from exchanges where decode(request_body) like '%zebra%'"
                                        + " and error(decode(request_body)) is null")),
                asked(
                        new QuerySql(),
                        Map.of(
                                "sql",
                                "select stats(content_text), stats(cwd), stats(session_id) from"
                                        + " ai_gateway_messages")),
                asked(new QuerySql(), Map.of("sql", "select count(*) from withheld")));
    }
}
