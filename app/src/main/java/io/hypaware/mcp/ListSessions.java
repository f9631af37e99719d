package io.hypaware.mcp;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.journal.Micros;
import io.hypaware.mcp.Arguments.RefusedException;
import io.hypaware.query.QueryException;
import io.hypaware.read.Moment;
import io.hypaware.read.ResumeText;
import io.hypaware.read.SessionCall;
import io.hypaware.read.SessionList;
import io.hypaware.read.SessionSummaries;
import io.hypaware.secret.Redactor;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/// The sessions, the last used first.
final class ListSessions implements Tool {

    /// A command that is longer than that is not shown, as half of one is none.
    private static final int LONGEST_COMMAND = 1_000;

    private static final double DOLLAR = 1e6;

    @Override
    public String name() {
        return "list_sessions";
    }

    @Override
    public String title() {
        return "List sessions";
    }

    @Override
    public String description() {
        return "The recorded agent sessions, the last used first: title, first prompt, agent, repository, times, calls,"
                + " tokens, cost, id, and the command that resumes one.";
    }

    @Override
    public List<Param> params() {
        return List.of(
                Param.text("client", 100, "Only this agent's: claude, codex, gemini, opencode."),
                Param.text("repo", 300, "Only those that worked in a folder or repository whose name contains this."),
                SINCE,
                Param.number("limit", 1, 100, 10, "Most sessions."),
                CURSOR,
                BYTES);
    }

    @Override
    public Answer answer(Arguments arguments, Question question)
            throws RefusedException, QueryException, SQLException, IOException {
        SessionSummaries summaries = new SessionSummaries(question.recorded(), question.prices());
        SessionSummaries.Wanted wanted = new SessionSummaries.Wanted(
                arguments.maybe("client"),
                arguments.maybe("repo"),
                Tool.since(arguments).map(Moment::instant));
        int limit = arguments.number("limit");
        Optional<SessionSummaries.Reach> reach = reach(arguments.maybe("cursor"));
        List<SessionSummaries.Summary> found = summaries.list(wanted, reach, limit + 1);
        Answer answer = new Answer("sessions", arguments.number("max_bytes"), question.redactor());
        for (SessionSummaries.Summary summary : found.subList(0, Math.min(limit, found.size()))) {
            if (!answer.add(json(summary, question.redactor()))) {
                break;
            }
        }
        if (answer.count() < found.size()) {
            SessionSummaries.Summary last = found.get(answer.count() - 1);
            answer.next(Cursor.of(
                    name(),
                    Long.toString(Micros.of(reach.map(SessionSummaries.Reach::until)
                            .orElse(found.getFirst().last()))),
                    Long.toString(Micros.of(last.last())),
                    last.place()));
        }
        return answer;
    }

    private Optional<SessionSummaries.Reach> reach(Optional<String> cursor) throws RefusedException {
        if (cursor.isEmpty()) {
            return Optional.empty();
        }
        List<String> parts = Cursor.read(name(), cursor.get(), 3);
        try {
            return Optional.of(new SessionSummaries.Reach(
                    Micros.toInstant(Long.parseLong(parts.get(0))),
                    Micros.toInstant(Long.parseLong(parts.get(1))),
                    parts.get(2)));
        } catch (NumberFormatException e) {
            throw new RefusedException("cursor is no next_cursor of " + name() + "; leave it out to begin again");
        }
    }

    private static ObjectNode json(SessionSummaries.Summary summary, Redactor redactor) {
        ObjectNode node = Answer.JSON.createObjectNode().put("session_id", summary.session());
        put(node, "client", summary.client());
        put(node, "title", shown(summary.title(), redactor));
        put(node, "first_prompt", shown(summary.prompt(), redactor).strip());
        put(node, "repo", summary.repo());
        if (!summary.folder().equals(summary.repo())) {
            put(node, "folder", summary.folder());
        }
        node.put("started", seconds(summary.started())).put("last", seconds(summary.last()));
        node.put("calls", summary.calls()).put("messages", summary.messages());
        put(node, "models", String.join(", ", summary.models()));
        node.set("tokens", tokens(summary.tokens()));
        summary.microDollars().ifPresent(micros -> node.put("cost_usd", dollars(micros)));
        resume(node, ResumeText.of(summary.client(), summary.session(), summary.folder()));
        return node;
    }

    /// Titles and prompts are cut where they are read.
    private static String shown(String text, Redactor redactor) {
        return redactor.cut(text, false, text.length() >= SessionList.LONGEST_TEXT);
    }

    static void resume(ObjectNode node, Optional<String> command) {
        command.filter(text -> text.length() <= LONGEST_COMMAND).ifPresent(text -> node.put("resume", text));
    }

    static ObjectNode tokens(SessionCall.Tokens tokens) {
        return Answer.JSON
                .createObjectNode()
                .put("in", tokens.input())
                .put("out", tokens.output())
                .put("cache_read", tokens.cacheRead())
                .put("cache_written", tokens.cacheWrite());
    }

    /// To a hundredth of a cent.
    static double dollars(long micros) {
        return Math.round(micros / 100.0) * 100 / DOLLAR;
    }

    static String seconds(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /// What is not known is not said.
    static void put(ObjectNode node, String name, String value) {
        if (!value.isEmpty()) {
            node.put(name, value);
        }
    }
}
