package io.hypaware.project;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.text;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static io.hypaware.testing.RecordedCalls.thinking;
import static io.hypaware.testing.RecordedCalls.toolResult;
import static io.hypaware.testing.RecordedCalls.toolUse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Row;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Shapes of successive requests that real coding agents send, found by comparing their own transcripts with the rows:
/// each block of a transcript is one row.
class RealAgentShapesTest {

    private static final JsonNode REMINDER = textBlock("<reminder>the date</reminder>");
    private static final JsonNode NOTE = message("system", "which tools there are");

    @TempDir
    private Path folder;

    private RecordedCalls calls;

    @BeforeEach
    void open() {
        calls = new RecordedCalls(folder);
    }

    @Test
    void afterAnAnswerOfThinkingOnlyTheFirstMessageGrows() {
        call(null)
                .messages(message("user", REMINDER, textBlock("p")), NOTE)
                .answer(thinking("hm"))
                .record();
        JsonNode grown = message("user", REMINDER, textBlock("p\n"), textBlock("go on"));
        call(null).messages(grown, NOTE).answer(thinking("hm again")).record();
        call(null)
                .messages(grown, NOTE, message("assistant", "nothing to say"), message("user", "q"))
                .answer("A")
                .record();

        assertThat(calls.said())
                .containsExactly(
                        "user: <reminder>the date</reminder>",
                        "user: p",
                        "system: which tools there are",
                        "assistant: thinking hm",
                        "user: go on",
                        "assistant: thinking hm again",
                        "assistant: nothing to say",
                        "user: q",
                        "assistant: A");
        assertThat(calls.conversations()).containsExactly("s");
        assertThat(calls.messages()).allMatch(r -> text(r, "is_sidechain").equals("false"));
    }

    @Test
    void afterAnEmptyAnswerInMidSessionTheLastMessageGrows() {
        call(null).messages(message("user", "a")).answer("A").record();
        call(null)
                .messages(message("user", "a"), message("assistant", "A"), message("user", "b"))
                .answer()
                .record();
        call(null)
                .messages(
                        message("user", "a"),
                        message("assistant", "A"),
                        message("user", textBlock("b\n"), textBlock("go on")))
                .answer("B")
                .record();

        assertThat(calls.said())
                .containsExactly(
                        "user: a", "assistant: A", "user: b", "assistant: empty ", "user: go on", "assistant: B");
    }

    @Test
    void agentsWithEqualPromptsOneAfterTheOtherAreTwo() {
        call("a1")
                .messages(message("user", REMINDER, textBlock("look")), NOTE)
                .answer("seen")
                .record();
        call("a2")
                .messages(message("user", REMINDER, textBlock("look")), NOTE)
                .answer("seen")
                .record();

        assertThat(calls.said()).hasSize(8);
        assertThat(calls.conversations()).containsExactly("s/2", "s/3");
    }

    @Test
    void agentsWithEqualPromptsThatOverlapKeepTheirOwnAnswers() {
        JsonNode prompt = message("user", "look");
        call("a1").messages(prompt).answer(toolUse("x1", "Bash")).record();
        call("a2").messages(prompt).answer(toolUse("y1", "Bash")).record();
        call("a1")
                .messages(prompt, message("assistant", toolUse("x1", "Bash")), message("user", toolResult("x1", "X")))
                .answer("x")
                .record();
        call("a2")
                .messages(prompt, message("assistant", toolUse("y1", "Bash")), message("user", toolResult("y1", "Y")))
                .answer("y")
                .record();

        assertThat(calls.of("s/2"))
                .containsExactly("user: look", "assistant: call Bash x1", "user: result x1 X", "assistant: x");
        assertThat(calls.of("s/3"))
                .containsExactly("user: look", "assistant: call Bash y1", "user: result y1 Y", "assistant: y");
        assertThat(calls.messages()).allMatch(r -> text(r, "is_sidechain").equals("true"));
    }

    @Test
    void anAgentThatFailsIsNotTakenForItsTwin() {
        JsonNode prompt = message("user", "look");
        call("a1").messages(prompt).failed(529, "overloaded_error", "busy").record();
        call("a2").messages(prompt).answer("y").record();
        call("a1").messages(prompt).answer("x").record();

        assertThat(calls.of("s/2")).containsExactly("user: look", "assistant: error busy", "assistant: x");
        assertThat(calls.of("s/3")).containsExactly("user: look", "assistant: y");
    }

    @Test
    void anAgentThatChangesItsToolsGoesOn() {
        call("a1")
                .tools("Bash", "Read")
                .messages(message("user", "look"))
                .failed(529, "overloaded_error", "busy")
                .record();
        call("a1").tools("Read").messages(message("user", "look")).answer("x").record();

        assertThat(calls.conversations()).containsExactly("s/2");
        assertThat(calls.said()).containsExactly("user: look", "assistant: error busy", "assistant: x");
    }

    @Test
    void aSummaryIsAskedForWithinTheLastMessageAndTheLastAnswerIsKept() {
        List<JsonNode> before = List.of(
                message("user", REMINDER, textBlock("a")), NOTE, message("assistant", "A"), message("user", "b"));
        call(null).messages(before.subList(0, 2)).answer("A").record();
        call(null).messages(before).answer("B").record();
        call(null)
                .messages(before.subList(0, 3))
                .messages(message("user", textBlock("b\n"), textBlock("summarise all this")))
                .answer("the summary")
                .record();
        call(null)
                .messages(
                        message(
                                "user",
                                REMINDER,
                                textBlock("This session is being continued from a previous conversation: the summary")),
                        message("assistant", "B"),
                        message("user", textBlock("a command"), textBlock("c")),
                        NOTE)
                .answer("C")
                .record();

        assertThat(calls.said())
                .containsExactly(
                        "user: <reminder>the date</reminder>",
                        "user: a",
                        "system: which tools there are",
                        "assistant: A",
                        "user: b",
                        "assistant: B",
                        "user: summarise all this",
                        "assistant: the summary",
                        "user: This session is being continued from a previous conversation: the summary",
                        "user: a command",
                        "user: c",
                        "system: which tools there are",
                        "assistant: C");
        assertThat(calls.conversations()).containsExactly("s");
        assertThat(calls.messages().stream()
                        .filter(r -> text(r, "is_compact_summary").equals("true"))
                        .map(RecordedCalls::line))
                .containsExactly("user: This session is being continued from a previous conversation: the summary");
    }

    @Test
    void aSecondSummaryKeepsItsLastAnswerToo() {
        call(null).messages(message("user", "a")).answer("A").record();
        call(null)
                .messages(message("user", textBlock("a"), textBlock("summarise")))
                .answer("sum 1")
                .record();
        List<JsonNode> second = List.of(summary("sum 1"), message("assistant", "A"), message("user", "b"));
        call(null).messages(second).answer("B").record();
        call(null)
                .messages(second.subList(0, 2))
                .messages(message("user", textBlock("b"), textBlock("summarise again")))
                .answer("sum 2")
                .record();
        call(null)
                .messages(summary("sum 2"), message("assistant", "B"), message("user", "c"))
                .answer("C")
                .record();

        assertThat(calls.said().stream()
                        .filter(l -> l.equals("assistant: A") || l.equals("assistant: B") || l.equals("user: b")))
                .containsExactlyInAnyOrder("assistant: A", "assistant: B", "user: b");
    }

    @Test
    void whoGoesBackAndSaysTheSameAgainSaidItTwice() {
        List<JsonNode> start = List.of(message("user", "a"), message("assistant", "A"));
        call(null).messages(message("user", "a")).answer("A").record();
        call(null).messages(start).messages(message("user", "b")).answer("B").record();
        call(null)
                .messages(start)
                .messages(message("user", "b"), message("assistant", "B"), message("user", "c"))
                .answer("C")
                .record();
        call(null)
                .messages(start)
                .messages(message("user", "b"))
                .answer("B again")
                .record();

        assertThat(calls.said().stream().filter("user: b"::equals)).hasSize(2);
    }

    @Test
    void partsAddedToOneMessageInTwoBranchesAreBothKept() {
        JsonNode a = message("user", "a");
        call(null).messages(a).answer(thinking("t")).record();
        call(null)
                .messages(message("user", textBlock("a"), textBlock("note 1")))
                .answer("A")
                .record();
        call(null)
                .messages(
                        message("user", textBlock("a"), textBlock("note 2")),
                        message("assistant", "A"),
                        message("user", "b"))
                .answer("B")
                .record();
        call(null)
                .messages(
                        message("user", textBlock("a"), textBlock("note 3")),
                        message("assistant", "A"),
                        message("user", "c"))
                .answer("C")
                .record();

        assertThat(calls.said()).contains("user: note 1", "user: note 2", "user: note 3");
        assertThat(calls.messages().stream().map(Row::rowId)).doesNotHaveDuplicates();
    }

    @Test
    void notesThatChangeTheirShapeWhenASessionIsResumedStandOnce() {
        String note = "the hook says hello";
        JsonNode wrapped = textBlock("<system-reminder>\n" + note + "\n</system-reminder>");
        JsonNode bare = message("system", note);
        JsonNode ask = message("user", "a");
        JsonNode first = message("assistant", toolUse("t1", "Bash"), toolUse("t2", "Bash"));
        JsonNode second = message("assistant", toolUse("t3", "Bash"));
        JsonNode bothResults = message("user", toolResult("t1", "one"), toolResult("t2", "two"));
        call(null)
                .messages(ask)
                .answer(toolUse("t1", "Bash"), toolUse("t2", "Bash"))
                .record();
        call(null)
                .messages(
                        ask, first, message("user", toolResult("t1", "one"), toolResult("t2", "two"), wrapped, wrapped))
                .answer(toolUse("t3", "Bash"))
                .record();
        call(null)
                .messages(
                        ask,
                        first,
                        message("user", toolResult("t1", "one"), toolResult("t2", "two"), wrapped, wrapped),
                        second,
                        message("user", toolResult("t3", "three"), wrapped))
                .answer("A")
                .record();
        // Resumed: two equal notes have become one, and each is a message of its own.
        List<JsonNode> resumed = List.of(
                ask,
                first,
                bothResults,
                bare,
                second,
                message("user", toolResult("t3", "three")),
                bare,
                message("assistant", "A"));
        call(null).messages(resumed).messages(message("user", "b")).answer("B").record();
        // The same note once more is one that was said once more.
        call(null)
                .messages(resumed)
                .messages(message("user", "b"), message("assistant", "B"), message("user", "c"), bare)
                .answer("C")
                .record();

        assertThat(calls.said().stream().filter(said -> said.endsWith(note))).hasSize(1);
        assertThat(calls.said().stream().filter(said -> said.contains(note))).hasSize(4);
        assertThat(calls.conversations()).containsExactly("s");
        assertThat(calls.messages().stream().map(Row::rowId)).doesNotHaveDuplicates();
    }

    @Test
    void aNoteThatIsSaidJustNowIsNeverOneThatMoved() {
        JsonNode note = textBlock("<system-reminder>\nkeep it short\n</system-reminder>");
        call(null).messages(message("user", textBlock("a"), note)).answer("A").record();
        // The client has it on the last message only.
        call(null)
                .messages(message("user", "a"), message("assistant", "A"))
                .messages(message("user", textBlock("b"), note))
                .answer("B")
                .record();
        // Resumed, two have become one, and it is said again.
        call(null)
                .messages(message("user", "a"), message("assistant", "A"), message("user", "b"))
                .messages(message("system", "keep it short"), message("assistant", "B"))
                .messages(message("user", textBlock("c"), note))
                .answer("C")
                .record();

        assertThat(calls.said().stream().filter(said -> said.contains("keep it short")))
                .hasSize(3);
        List<Row> rows = calls.messages();
        Row last = rows.getLast();
        Row asked = rows.stream()
                .filter(row -> text(row, "content_text").equals("c"))
                .findFirst()
                .orElseThrow();
        Row before = rows.stream()
                .filter(row -> text(row, "content_text").equals("B"))
                .findFirst()
                .orElseThrow();
        assertThat(text(last, "previous_message_id")).contains(text(asked, "message_id"));
        assertThat(text(asked, "previous_message_id")).contains(text(before, "message_id"));
    }

    @Test
    void aCallsIdThatIsGivenOutAgainIsAnotherCall() {
        List<JsonNode> history = List.of(
                message("user", "a"),
                message("assistant", toolUse("call_0", "Bash")),
                message("user", toolResult("call_0", "one")),
                message("assistant", toolUse("call_0", "Bash")),
                message("user", toolResult("call_0", "two")));
        call(null)
                .messages(history.subList(0, 1))
                .answer(toolUse("call_0", "Bash"))
                .record();
        call(null)
                .messages(history.subList(0, 3))
                .answer(toolUse("call_0", "Bash"))
                .record();
        call(null).messages(history).answer("A").record();
        // Gone back, and the tool says something else now.
        call(null)
                .messages(history.subList(0, 2))
                .messages(message("user", toolResult("call_0", "other")))
                .answer("B")
                .record();
        call(null)
                .messages(history)
                .messages(message("assistant", "A"), message("user", "c"))
                .answer("C")
                .record();

        assertThat(calls.said().stream()
                        .filter(said -> said.contains("one") || said.contains("two") || said.contains("other")))
                .hasSize(3);
        assertThat(calls.said().stream().filter("user: a"::equals)).hasSize(1);
    }

    @Test
    void notesThatMoveInFrontOfTheirMessagesDoubleNothing() {
        JsonNode note = textBlock("<system-reminder>\nnote 1\n</system-reminder>");
        JsonNode other = textBlock("<system-reminder>\nnote 2\n</system-reminder>");
        List<JsonNode> before = List.of(
                message("user", "a"),
                message("assistant", "A"),
                message("user", note, textBlock("b")),
                message("assistant", "B"),
                message("user", other, textBlock("c")));
        call(null).messages(before.subList(0, 1)).answer("A").record();
        call(null).messages(before.subList(0, 3)).answer("B").record();
        call(null).messages(before).answer("C").record();
        call(null)
                .messages(
                        message("user", "a"),
                        message("assistant", "A"),
                        message("system", "note 1"),
                        message("user", "b"),
                        message("assistant", "B"),
                        message("system", "note 2"),
                        message("user", "c"),
                        message("assistant", "C"),
                        message("user", "d"))
                .answer("D")
                .record();

        assertThat(calls.said()).hasSize(10).doesNotHaveDuplicates();
    }

    @Test
    void whatAUserSaidIsNoNoteThatMoved() {
        call(null).messages(message("user", "go on")).answer("A").record();
        call(null)
                .messages(message("user", "go on"), message("assistant", "A"), message("user", "b"))
                .answer("B")
                .record();
        call(null)
                .messages(message("user", "a summary"), message("assistant", "A"), message("system", "go on"))
                .messages(message("user", "b"), message("assistant", "B"), message("user", "c"))
                .answer("C")
                .record();

        assertThat(calls.said()).contains("user: go on", "system: go on");
    }

    @Test
    void aNoteThatMovedIntoAKnownMessageStaysKnownThere() {
        JsonNode note = textBlock("<system-reminder>\nkeep it short\n</system-reminder>");
        List<JsonNode> answered = List.of(message("assistant", "A"), message("user", "b"), message("assistant", "B"));
        call(null).messages(message("user", textBlock("a"), note)).answer("A").record();
        call(null)
                .messages(message("user", textBlock("a"), note))
                .messages(answered.subList(0, 2))
                .answer("B")
                .record();
        List<JsonNode> moved = List.of(
                message("user", "a"),
                message("assistant", "A"),
                message("user", textBlock("b"), note),
                message("assistant", "B"));
        call(null).messages(moved).messages(message("user", "c")).answer("C").record();
        call(null)
                .messages(moved)
                .messages(message("user", "c"), message("assistant", "C"), message("user", "d"))
                .answer("D")
                .record();

        assertThat(calls.said().stream().filter(said -> said.contains("keep it short")))
                .hasSize(1);
    }

    @Test
    void aNoteAddedToOneMessageInTwoBranchesStandsOnce() {
        JsonNode noted = message("user", textBlock("a"), textBlock("note"), textBlock("note"));
        call(null).messages(message("user", "a")).answer("A").record();
        call(null)
                .messages(message("user", "a"), message("assistant", "A"), message("user", "b"))
                .answer("B")
                .record();
        call(null)
                .messages(noted, message("assistant", "A"), message("user", "c"))
                .answer("C")
                .record();
        call(null)
                .messages(noted, message("assistant", "A"), message("user", "b"), message("assistant", "B"))
                .messages(message("user", "d"))
                .answer("D")
                .record();

        assertThat(calls.said().stream().filter("user: note"::equals)).hasSize(2);
        assertThat(calls.messages().stream().map(Row::rowId)).doesNotHaveDuplicates();
    }

    private RecordedCalls.Call call(String agent) {
        RecordedCalls.Call call = calls.call().session("s");
        return agent == null ? call : call.header("x-claude-code-agent-id", agent);
    }

    private static JsonNode summary(String text) {
        return message("user", textBlock("This session is being continued from a previous conversation: " + text));
    }
}
