package io.hypaware.mcp;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.home.Progress;
import io.hypaware.maintain.FreshSearch;
import io.hypaware.mcp.Arguments.RefusedException;
import io.hypaware.query.QueryException;
import io.hypaware.read.Found;
import io.hypaware.read.Moment;
import io.hypaware.read.RecordJson;
import io.hypaware.read.Recorded;
import io.hypaware.read.ResumeText;
import io.hypaware.read.Sessions;
import io.hypaware.search.Search;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Words in what was said.
final class SearchHistory implements Tool {

    /// The index is fed so long before it is searched as it is.
    private static final Duration FEEDING = Duration.ofSeconds(5);

    private static final int MOST_WORDS = 100;

    @Override
    public String name() {
        return "search_history";
    }

    @Override
    public String title() {
        return "Search the history";
    }

    @Override
    public String description() {
        return "Find words in all that was said in recorded agent sessions: prompts, answers, thinking, tool inputs and"
                + " outputs, titles. The best hits first, each with its session_id, a snippet and the command that"
                + " resumes the session. A hit has all of the words; \"some words\" in quotes stand one after the other;"
                + " word* is the beginning of one. Identifiers are found by their words (parseHeader by header).";
    }

    @Override
    public List<Param> params() {
        return List.of(
                Param.text("words", 2_000, "What is looked for.").required(),
                Param.text("session", 300, "Only this session: its id, or the beginning of it."),
                Param.choice("role", List.of("user", "assistant", "tool", "system"), "Only what is said by this role."),
                Param.text("tool", 200, "Only this tool's calls and their results, such as Bash."),
                Param.text("client", 100, "Only this agent's sessions: claude, codex, gemini, opencode."),
                SINCE,
                Param.number("limit", 1, 100, 10, "Most hits."),
                BYTES);
    }

    @Override
    public Answer answer(Arguments arguments, Question question)
            throws RefusedException, QueryException, SQLException, IOException {
        String words = arguments.text("words");
        long count = words.strip().split("\\s+").length;
        if (words.isBlank() || count > MOST_WORDS) {
            throw new RefusedException("words has %,d words; expected 1 to %d".formatted(count, MOST_WORDS));
        }
        Recorded recorded = question.recorded();
        Optional<String> session = arguments.maybe("session");
        Search search = new Search(
                words,
                session.isEmpty() ? session : Optional.of(new Sessions(recorded).named(session.get())),
                arguments.maybe("role"),
                arguments.maybe("tool"),
                arguments.maybe("client"),
                Tool.since(arguments).map(Moment::instant),
                arguments.number("limit"));
        Instant enough = Instant.now().plus(FEEDING);
        BooleanSupplier isEnough = () -> Instant.now().isAfter(enough);
        FreshSearch.Result result = new FreshSearch(question.cache(), recorded, question.redactor()::text)
                .find(search, new FreshSearch.Patience(Progress.NONE, isEnough));
        Answer answer = new Answer("hits", arguments.number("max_bytes"), question.redactor());
        answer.facts().put("found", result.found().size());
        for (Found found : result.found()) {
            if (!answer.add(json(found))) {
                answer.note("%d more hits did not fit; raise max_bytes or narrow the search"
                        .formatted(result.found().size() - answer.count()));
                break;
            }
        }
        if (result.isBehind()) {
            answer.note(
                    "the search index does not reach to all rows yet; ask again; hyp search in a shell completes it at once");
        }
        return answer;
    }

    private static ObjectNode json(Found found) {
        ObjectNode node = RecordJson.of(found);
        // Where the words stand is for screens.
        node.remove("marks");
        node.remove("message_id");
        node.remove("resume");
        ListSessions.resume(node, ResumeText.of(found.client(), found.session(), found.folder()));
        if (found.tool().isEmpty()) {
            node.remove("tool_name");
        }
        if (found.conversation().equals(found.session())) {
            node.remove("conversation_id");
        }
        return node;
    }
}
