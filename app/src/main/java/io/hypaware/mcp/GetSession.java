package io.hypaware.mcp;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.mcp.Arguments.RefusedException;
import io.hypaware.query.QueryException;
import io.hypaware.read.Recorded;
import io.hypaware.read.ResumeText;
import io.hypaware.read.SessionParts;
import io.hypaware.read.SessionParts.Part;
import io.hypaware.read.Sessions;
import io.hypaware.secret.Redactor;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// What was said in one session, in pages; or one part of it whole.
final class GetSession implements Tool {

    /// Parts that are read for a page; so many fit into the largest.
    private static final int MOST_PARTS = 2_000;

    /// Of one part in JSON, its text aside.
    private static final int PART_BYTES = 120;

    @Override
    public String name() {
        return "get_session";
    }

    @Override
    public String title() {
        return "Read a session";
    }

    @Override
    public String description() {
        return "What was said and done in one session, in order, in pages: prompts, answers, thinking, tool calls and"
                + " results. Long texts are shortened: such a part has \"characters\" (of the whole text) and \"part\";"
                + " ask again with that part, and offset, to read it whole.";
    }

    @Override
    public List<Param> params() {
        return List.of(
                Param.text("session", 300, "The session's id, or the beginning of it.")
                        .required(),
                CURSOR,
                Param.text("part", 200, "Only this part, whole, as the session's page names it."),
                Param.number("offset", 0, 1_000_000_000, 0, "With part: the character to begin at."),
                Param.number("text_chars", 20, 100_000, 400, "Most characters of each text in a page."),
                BYTES);
    }

    @Override
    public Answer answer(Arguments arguments, Question question)
            throws RefusedException, QueryException, SQLException, IOException {
        Recorded recorded = question.recorded();
        String session = new Sessions(recorded).named(arguments.text("session"));
        Optional<String> part = arguments.maybe("part");
        return part.isPresent() ? one(question, session, part.get(), arguments) : page(question, session, arguments);
    }

    private Answer page(Question question, String session, Arguments arguments)
            throws RefusedException, QueryException, SQLException, IOException {
        int mostBytes = arguments.number("max_bytes");
        Optional<String> cursor = arguments.maybe("cursor");
        Optional<String> after = cursor.isEmpty()
                ? cursor
                : Optional.of(Cursor.read(name(), cursor.get(), 1).getFirst());
        Answer answer = new Answer("parts", mostBytes, question.redactor());
        answer.facts().put("session_id", session);
        if (after.isEmpty()) {
            head(new Sessions(question.recorded()), session, answer.facts());
        }
        int most = Math.min(MOST_PARTS, mostBytes / PART_BYTES) + 1;
        int characters = Answer.mostCharacters(arguments.number("text_chars"), mostBytes);
        List<Part> page =
                new SessionParts(question.recorded()).page(session, after, characters + Redactor.BEHIND, most);
        for (Part part : page) {
            if (!answer.add(json(part, session, characters, question.redactor()))) {
                break;
            }
        }
        if (answer.count() < page.size() || page.size() == most) {
            answer.next(Cursor.of(name(), page.get(answer.count() - 1).id()));
        }
        return answer;
    }

    private static void head(Sessions sessions, String session, ObjectNode facts)
            throws QueryException, SQLException, IOException {
        Sessions.About about = sessions.about(session);
        Sessions.Origin origin = about.origin();
        Sessions.Span span = about.span();
        ListSessions.put(facts, "client", origin.client());
        ListSessions.put(facts, "folder", origin.folder());
        facts.put("started", ListSessions.seconds(span.first()))
                .put("last", ListSessions.seconds(span.last()))
                .put("messages", span.messages());
        facts.set("tokens", ListSessions.tokens(span.tokens()));
        Optional<Sessions.Fork> fork = sessions.fork(session);
        fork.ifPresent(of -> facts.put("forked_from", of.session()).put("shared_messages", of.messages()));
        ListSessions.resume(facts, ResumeText.of(origin.client(), session, origin.folder()));
    }

    /// A part as pages show it: what is not said is left out.
    ///
    /// @param characters most of its text, of which more is known, so that no secret is cut
    static ObjectNode json(Part part, String session, int characters, Redactor redactor) {
        ObjectNode node = Answer.JSON
                .createObjectNode()
                .put("time", ListSessions.seconds(part.at()))
                .put("role", part.role());
        if (!part.type().equals("text")) {
            node.put("type", part.type());
        }
        ListSessions.put(node, "tool", part.tool());
        int end = part.text()
                .offsetByCodePoints(
                        0,
                        Math.min(
                                characters,
                                part.text().codePointCount(0, part.text().length())));
        ListSessions.put(node, "text", redactor.of(part.text()).piece(0, end));
        if (characters < part.characters()) {
            node.put("characters", part.characters()).put("part", part.id());
        }
        if (part.error()) {
            node.put("failed", true);
        }
        if (part.summary()) {
            node.put("summary", true);
        }
        ListSessions.put(node, "agent", part.agent());
        if (!part.conversation().equals(session)) {
            node.put("conversation", part.conversation());
        }
        part.output().ifPresent(tokens -> {
            node.put("tokens_out", tokens);
            ListSessions.put(node, "exchange", part.exchangeId());
        });
        return node;
    }

    private static Answer one(Question question, String session, String id, Arguments arguments)
            throws QueryException, SQLException, IOException {
        int offset = arguments.number("offset");
        int mostBytes = arguments.number("max_bytes");
        Answer answer = new Answer("texts", mostBytes, question.redactor());
        int before = Math.min(offset, Redactor.BEFORE);
        Part part = new SessionParts(question.recorded())
                .one(session, id, offset - before, before + mostBytes + Redactor.BEHIND);
        ObjectNode head = json(part, session, 0, question.redactor());
        head.remove(List.of("text", "part"));
        head.put("characters", part.characters()).put("offset", offset);
        answer.facts().put("session_id", session);
        answer.facts().setAll(head);
        TextWindow.add(
                answer, new TextWindow.Text(part.text(), before, offset, part.characters()), question.redactor());
        return answer;
    }
}
