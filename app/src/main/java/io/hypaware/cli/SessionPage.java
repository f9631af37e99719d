package io.hypaware.cli;

import io.hypaware.query.QueryException;
import io.hypaware.query.ResultWriter;
import io.hypaware.read.SaidPart;
import io.hypaware.read.SessionCall;
import io.hypaware.read.Sessions;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// One session as a page for people: what was said and done, in order, with what each answer took.
final class SessionPage {

    private static final int ROLE_COLUMN = 33;
    private static final int DEFAULT_WIDTH = 160;
    private static final int NARROWEST = 60;

    private final Sessions sessions;
    private final String session;
    private final boolean full;
    private final PrintWriter out;
    private final int width;
    private String conversation = "";
    private int failures;

    SessionPage(Sessions sessions, String session, boolean full, PrintWriter out) {
        this.sessions = sessions;
        this.session = session;
        this.full = full;
        this.out = out;
        int measured = Terminal.width();
        this.width = Math.max(NARROWEST, measured > 0 ? measured : DEFAULT_WIDTH) - ROLE_COLUMN;
    }

    void print() throws QueryException, SQLException, IOException {
        List<SessionCall> calls = sessions.calls(session);
        Map<String, SessionCall> byExchange = new HashMap<>();
        calls.forEach(call -> byExchange.put(call.exchangeId(), call));
        if (calls.isEmpty()) {
            older();
        } else {
            head(calls);
        }
        sessions.fork(session)
                .ifPresent(fork -> out.printf(
                        "fork      of %s after %s, there: hyp session show %s%n",
                        ResultWriter.shown(fork.session()),
                        Results.count(fork.messages(), "message"),
                        ResultWriter.shown(fork.session())));
        List<Sessions.ToolUse> tools = sessions.tools(session);
        if (!tools.isEmpty()) {
            out.println("tools     "
                    + tools.stream()
                            .map(use -> ResultWriter.shown(use.tool()) + " " + use.calls())
                            .collect(Collectors.joining(", ")));
        }
        this.conversation = session;
        Set<String> shown = new HashSet<>();
        sessions.parts(session, full, part -> {
            shown.add(part.exchangeId());
            part(part, byExchange);
        });
        calls.stream().filter(SessionCall::isFailed).forEach(call -> failed(call, shown.contains(call.exchangeId())));
        out.flush();
    }

    /// A call that brought no whole answer. What it asked may be said by a later one.
    private void failed(SessionCall call, boolean isShown) {
        out.printf(
                "%s%s  failed     %s, %s%s; hyp exchange show %s%n",
                failures++ == 0 ? "\n" : "",
                Results.time(call.startedAt()),
                call.status().map(status -> "status " + status).orElse("no answer"),
                ResultWriter.shown(call.outcome()),
                isShown ? "" : ", nothing new was said",
                call.exchangeId());
    }

    /// A session of which there are messages only.
    private void older() throws QueryException, SQLException, IOException {
        Sessions.Span span = sessions.span(session);
        out.printf("session   %s%n", session);
        out.printf(
                "time      %s to %s UTC%nmessages  %d; %s%n",
                Results.time(span.first()),
                Results.time(span.last()),
                span.messages(),
                span.source().isEmpty()
                        ? "their calls are not kept"
                        : "from " + span.source() + "'s own transcript, no call was recorded");
        SessionCall.Tokens tokens = span.tokens();
        if (tokens.all() > 0) {
            tokens(tokens);
        }
    }

    private void tokens(SessionCall.Tokens tokens) {
        out.printf(
                Locale.ROOT,
                "tokens    in %,d, out %,d, read from the cache %,d, written to it %,d%n",
                tokens.input(),
                tokens.output(),
                tokens.cacheRead(),
                tokens.cacheWrite());
    }

    private void head(List<SessionCall> calls) {
        SessionCall first = calls.getFirst();
        SessionCall last = calls.getLast();
        out.printf("session   %s%n", session);
        out.printf(
                "time      %s to %s UTC%n",
                Results.time(first.startedAt()), Results.time(last.startedAt().plus(last.duration())));
        long failed = calls.stream().filter(SessionCall::isFailed).count();
        out.printf(
                "calls     %d%s, in %d %s%n",
                calls.size(),
                failed == 0 ? "" : " (" + failed + " failed)",
                calls.stream().map(SessionCall::conversation).distinct().count(),
                calls.stream().map(SessionCall::conversation).distinct().count() == 1
                        ? "conversation"
                        : "conversations");
        tokens(new SessionCall.Tokens(
                calls.stream().mapToLong(c -> c.tokens().input()).sum(),
                calls.stream().mapToLong(c -> c.tokens().output()).sum(),
                calls.stream().mapToLong(c -> c.tokens().cacheRead()).sum(),
                calls.stream().mapToLong(c -> c.tokens().cacheWrite()).sum()));
        out.printf(
                "models    %s%n",
                String.join(
                        ", ",
                        calls.stream()
                                .flatMap(c -> c.model().stream())
                                .distinct()
                                .toList()));
    }

    private void part(SaidPart part, Map<String, SessionCall> calls) {
        if (!part.conversation().equals(conversation)) {
            conversation = part.conversation();
            out.printf(
                    "%n-- %s%n",
                    conversation.equals(session)
                            ? "the session's own conversation"
                            : "conversation " + ResultWriter.shown(conversation)
                                    + (part.agent().isEmpty() ? "" : " of agent " + ResultWriter.shown(part.agent())));
        } else if (part.role().equals("user") && !part.type().equals("tool_result")) {
            out.println();
        }
        String what = switch (part.type()) {
            case "tool_call" -> "-> " + ResultWriter.shown(part.tool()) + " " + part.arguments();
            case "tool_result" -> (part.error() ? "<- failed: " : "<- ") + part.text();
            case "text" -> part.text();
            default -> "[" + ResultWriter.shown(part.type()) + "] " + part.text();
        };
        if (part.summary()) {
            what = "[summary] " + what;
        }
        out.printf(
                "%s  %-11s%s%n",
                Results.time(part.at()),
                ResultWriter.shown(part.role()),
                full ? whole(what) : Results.line(what, width));
        SessionCall call = calls.get(part.exchangeId());
        if (part.carries() && call != null) {
            SessionCall.Tokens tokens = call.tokens();
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
}
