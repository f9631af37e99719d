package io.hypaware.cli;

import io.hypaware.query.QueryException;
import io.hypaware.query.QueryResult;
import io.hypaware.query.ResultWriter;
import io.hypaware.session.Call;
import io.hypaware.session.SessionLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One session as a page for people: what was said and done, in order, with what each answer took.
final class SessionPage {

    private static final int ROLE_COLUMN = 33;
    private static final int DEFAULT_WIDTH = 160;
    private static final int NARROWEST = 60;

    private final SessionLog log;
    private final String session;
    private final boolean full;
    private final PrintWriter out;
    private final int width;
    private String conversation = "";

    SessionPage(SessionLog log, String session, boolean full, PrintWriter out) {
        this.log = log;
        this.session = session;
        this.full = full;
        this.out = out;
        int measured = Terminal.width();
        this.width = Math.max(NARROWEST, measured > 0 ? measured : DEFAULT_WIDTH) - ROLE_COLUMN;
    }

    void print() throws QueryException, SQLException, IOException {
        List<Call> calls = log.calls(session);
        Map<String, Call> byExchange = new HashMap<>();
        calls.forEach(call -> byExchange.put(call.exchangeId(), call));
        if (calls.isEmpty()) {
            older();
        } else {
            head(calls);
        }
        String of = SessionLog.whereSession(session);
        List<String> tools = new ArrayList<>();
        log.run(
                "select tool_name, count(*) from ai_gateway_messages" + of
                        + " and part_type = 'tool_call' group by 1 order by 2 desc, 1",
                row -> tools.add(text(row, 1) + " " + text(row, 2)));
        if (!tools.isEmpty()) {
            out.println("tools     " + String.join(", ", tools));
        }
        this.conversation = session;
        log.run(
                "select conversation_id, epoch_us(message_created_at), role, part_type, content_text, tool_name,"
                        + " tool_args::varchar, is_error, exchange_id, output_tokens, is_compact_summary from ai_gateway_messages"
                        + of + " order by message_created_at, conversation_id, message_index, part_index",
                row -> part(row, byExchange));
        out.flush();
    }

    /// A session of which there are messages only.
    private void older() throws QueryException, SQLException, IOException {
        out.printf("session   %s%n", session);
        log.run(
                "select strftime(min(message_created_at), '%Y-%m-%d %H:%M:%S'),"
                        + " strftime(max(message_created_at), '%Y-%m-%d %H:%M:%S'), count(distinct message_id)"
                        + " from ai_gateway_messages" + SessionLog.whereSession(session),
                row -> out.printf(
                        "time      %s to %s UTC%nmessages  %s; their calls are not kept%n",
                        text(row, 1), text(row, 2), text(row, 3)));
    }

    private void head(List<Call> calls) {
        Call first = calls.getFirst();
        Call last = calls.getLast();
        out.printf("session   %s%n", session);
        out.printf(
                "time      %s to %s UTC%n",
                Results.time(first.startedAt()), Results.time(last.startedAt().plus(last.duration())));
        long failed = calls.stream().filter(Call::isFailed).count();
        out.printf(
                "calls     %d%s, in %d %s%n",
                calls.size(),
                failed == 0 ? "" : " (" + failed + " failed)",
                calls.stream().map(Call::conversation).distinct().count(),
                calls.stream().map(Call::conversation).distinct().count() == 1 ? "conversation" : "conversations");
        out.printf(
                Locale.ROOT,
                "tokens    in %,d, out %,d, read from the cache %,d, written to it %,d%n",
                calls.stream().mapToLong(c -> c.tokens().input()).sum(),
                calls.stream().mapToLong(c -> c.tokens().output()).sum(),
                calls.stream().mapToLong(c -> c.tokens().cacheRead()).sum(),
                calls.stream().mapToLong(c -> c.tokens().cacheWrite()).sum());
        out.printf(
                "models    %s%n",
                String.join(
                        ", ",
                        calls.stream()
                                .flatMap(c -> c.model().stream())
                                .distinct()
                                .toList()));
    }

    private void part(QueryResult row, Map<String, Call> calls) throws SQLException {
        String of = text(row, 1);
        if (!of.equals(conversation)) {
            conversation = of;
            out.printf("%n-- %s%n", of.equals(session) ? "the session's own conversation" : "conversation " + of);
        } else if (text(row, 3).equals("user") && !text(row, 4).equals("tool_result")) {
            out.println();
        }
        String type = text(row, 4);
        boolean error = Boolean.parseBoolean(text(row, 8));
        String what = switch (type) {
            case "tool_call" -> "-> " + text(row, 6) + " " + raw(row, 7);
            case "tool_result" -> (error ? "<- failed: " : "<- ") + raw(row, 5);
            case "text" -> raw(row, 5);
            default -> "[" + type + "] " + raw(row, 5);
        };
        if (Boolean.parseBoolean(text(row, 11))) {
            what = "[summary] " + what;
        }
        String time = Results.time(Instant.EPOCH.plusNanos(Long.parseLong(text(row, 2)) * 1_000));
        out.printf("%s  %-11s%s%n", time, text(row, 3), full ? whole(what) : Results.line(what, width));
        Call call = calls.get(text(row, 9));
        if (row.getString(10) != null && call != null) {
            Call.Tokens tokens = call.tokens();
            out.printf(
                    Locale.ROOT,
                    "%s[in %,d, out %,d, cache read %,d, written %,d; %.1f s; %s]%n",
                    " ".repeat(ROLE_COLUMN - 1),
                    tokens.input(),
                    tokens.output(),
                    tokens.cacheRead(),
                    tokens.cacheWrite(),
                    call.duration().toMillis() / 1e3,
                    call.exchangeId());
        }
    }

    /// All lines of a text, each safe for a terminal.
    private static String whole(String text) {
        return String.join(
                "\n" + " ".repeat(ROLE_COLUMN - 1),
                text.lines().map(ResultWriter::shown).toList());
    }

    /// In one line, and safe for a terminal.
    private static String text(QueryResult row, int column) throws SQLException {
        return ResultWriter.shown(raw(row, column));
    }

    private static String raw(QueryResult row, int column) throws SQLException {
        @Nullable String value = row.getString(column);
        return value == null ? "" : value;
    }
}
