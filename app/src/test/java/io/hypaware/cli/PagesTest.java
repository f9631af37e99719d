package io.hypaware.cli;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static io.hypaware.testing.RecordedCalls.toolResult;
import static io.hypaware.testing.RecordedCalls.toolUse;
import static org.assertj.core.api.Assertions.assertThat;

import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.read.Exchanges;
import io.hypaware.read.Recorded;
import io.hypaware.read.SessionTable;
import io.hypaware.read.Sessions;
import io.hypaware.testing.Queries;
import io.hypaware.testing.RecordedCalls;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A session and an exchange as people read them.
class PagesTest {

    @TempDir
    private Path folder;

    private RecordedCalls calls;
    private String exchange = "";

    @BeforeEach
    void aSessionOfTwoCalls() {
        calls = new RecordedCalls(folder);
        calls.call()
                .session("s1")
                .startedAt(Instant.parse("2026-03-01T10:00:00Z"))
                .tools("Read")
                .messages(message("user", "what is in a?"))
                .answer(textBlock("I look."), toolUse("t1", "Read"))
                .record();
        exchange = calls.call()
                .session("s1")
                .startedAt(Instant.parse("2026-03-01T10:00:05Z"))
                .tools("Read")
                .messages(
                        message("user", "what is in a?"),
                        message("assistant", textBlock("I look."), toolUse("t1", "Read")),
                        message("user", toolResult("t1", "a line\nanother \u001b[31mline")))
                .answer("two lines")
                .record();
        calls.settle();
    }

    @Test
    void aSessionIsToldInOrder() throws Exception {
        StringWriter text = new StringWriter();
        new SessionPage(new Sessions(recorded()), "s1", false, new PrintWriter(text)).print();

        assertThat(text.toString().lines().map(line -> line.replaceAll("01[0-9A-HJKMNP-TV-Z]{24}", "ID")))
                .containsExactly(
                        "session   s1",
                        "time      2026-03-01 10:00:00 to 2026-03-01 10:00:07 UTC",
                        "calls     2, in 1 conversation",
                        "tokens    in 20, out 10, read from the cache 0, written to it 0",
                        "models    claude-sonnet-4-5-20250929",
                        "tools     Read 1",
                        "",
                        "2026-03-01 10:00:00  user       what is in a?",
                        "2026-03-01 10:00:00  assistant  I look.",
                        "                                [in 10, out 5, cache read 0, written 0; 2.0 s; ID]",
                        "2026-03-01 10:00:00  assistant  -> Read {\"path\":\"/t1\"}",
                        "2026-03-01 10:00:05  user       <- a line\\nanother \\u001b[31mline",
                        "2026-03-01 10:00:05  assistant  two lines",
                        "                                [in 10, out 5, cache read 0, written 0; 2.0 s; ID]");
    }

    @Test
    void anExchangeIsAPage() throws Exception {
        StringWriter text = new StringWriter();
        ExchangePage.print(new Exchanges(recorded()), exchange, new PrintWriter(text));

        assertThat(text.toString())
                .startsWith("exchange  " + exchange)
                .contains(
                        "          POST /v1/messages?beta=true to anthropic at 2026-03-01 10:00:05 UTC",
                        "          status 200, completed, closed by upstream; first byte after 300 ms, 2000 ms in all",
                        "          client claude 2.0.14, model claude-sonnet-4-5-20250929, session s1",
                        "  x-claude-code-session-id: s1",
                        "prompt    1 tool (",
                        "tokens    in 10, out 5, read from the cache 0, written to it 0",
                        "user, tool_result\n  a line\\nanother \\u001b[31mline",
                        "assistant, text\n  two lines");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatWasUsedLastIsListedFirst(boolean narrow) throws Exception {
        calls.call()
                .session("s0")
                .startedAt(Instant.parse("2026-02-01T10:00:00Z"))
                .messages(message("user", "older"))
                .record();
        calls.settle();

        List<String> sessions = new ArrayList<>();
        new SessionTable(recorded(), Progress.NONE).show(10, narrow, rows -> {
            while (rows.next()) {
                sessions.add(rows.getString(1));
            }
        });
        assertThat(sessions).containsExactly("s1", "s0");
        assertThat(Queries.values(folder, Exchanges.listing(10, Optional.of("s1"), Optional.empty(), narrow)))
                .hasSize(2)
                .first()
                .asString()
                .startsWith(exchange.substring(0, 16));
        assertThat(Queries.values(folder, Exchanges.listing(10, Optional.empty(), Optional.of(exchange), narrow)))
                .isEmpty();
    }

    private Recorded recorded() {
        return new Recorded(new Cache(folder), 256L << 20);
    }
}
