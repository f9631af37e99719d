package io.hypaware.project;

import static io.hypaware.testing.RecordedCalls.marked;
import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.text;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static io.hypaware.testing.RecordedCalls.thinking;
import static io.hypaware.testing.RecordedCalls.toolResult;
import static io.hypaware.testing.RecordedCalls.toolUse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Row;
import io.hypaware.journal.Outcome;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is the same message, however often and in whatever shape an agent sends it: nothing lost, nothing twice (R4).
class IdentityTest {

    @TempDir
    private Path folder;

    private RecordedCalls calls;

    @BeforeEach
    void open() {
        calls = new RecordedCalls(folder);
    }

    @Test
    void aGrowingHistoryIsRecordedOnce() {
        calls.call().session("s").messages(message("user", "a")).answer("A").record();
        calls.call()
                .session("s")
                .messages(message("user", "a"), message("assistant", textBlock("A")), message("user", "b"))
                .answer("B")
                .record();

        assertThat(calls.said()).containsExactly("user: a", "assistant: A", "user: b", "assistant: B");
        assertThat(calls.conversations()).containsExactly("s");
    }

    @Test
    void cacheMarksThatWanderChangeNothing() {
        calls.call()
                .session("s")
                .messages(message("user", marked(textBlock("a"))))
                .answer("A")
                .record();
        calls.call()
                .session("s")
                .messages(
                        message("user", textBlock("a")),
                        message("assistant", marked(textBlock("A"))),
                        message("user", marked(textBlock("b"))))
                .answer("B")
                .record();
        calls.call()
                .session("s")
                .messages(
                        message("user", "a"),
                        message("assistant", "A"),
                        message("user", textBlock("b")),
                        message("assistant", textBlock("B")),
                        message("user", marked(textBlock("c"))))
                .answer("C")
                .record();

        assertThat(calls.said())
                .containsExactly("user: a", "assistant: A", "user: b", "assistant: B", "user: c", "assistant: C");
    }

    @Test
    void thinkingThatIsDroppedFromOlderTurnsChangesNothing() {
        calls.call()
                .session("s")
                .tools("Read")
                .messages(message("user", "a"))
                .answer(thinking("hm"), toolUse("toolu_1", "Read"))
                .record();
        calls.call()
                .session("s")
                .tools("Read")
                .messages(
                        message("user", "a"),
                        message("assistant", thinking("hm"), toolUse("toolu_1", "Read")),
                        message("user", toolResult("toolu_1", "ok")))
                .answer(thinking("aha"), textBlock("done"))
                .record();
        calls.call()
                .session("s")
                .tools("Read")
                .messages(
                        message("user", "a"),
                        message("assistant", toolUse("toolu_1", "Read")),
                        message("user", toolResult("toolu_1", "ok")),
                        message("assistant", textBlock("done")),
                        message("user", "b"))
                .answer("B")
                .record();

        assertThat(calls.said())
                .containsExactly(
                        "user: a",
                        "assistant: thinking hm",
                        "assistant: call Read toolu_1",
                        "user: result toolu_1 ok",
                        "assistant: thinking aha",
                        "assistant: done",
                        "user: b",
                        "assistant: B");
    }

    @Test
    void aSystemMessageInsertedInMidHistoryIsTheOnlyNewOne() {
        List<JsonNode> history = new ArrayList<>();
        IntStream.range(0, 107).forEach(i -> history.add(message(i % 2 == 0 ? "user" : "assistant", "turn " + i)));
        calls.call().session("s").messages(history).answer("answer").record();
        List<JsonNode> longer = new ArrayList<>(history);
        longer.add(message("assistant", textBlock("answer")));
        longer.add(82, message("system", "the date has changed"));
        longer.add(message("user", "go on"));
        calls.call().session("s").messages(longer).answer("more").record();

        List<String> said = calls.said();
        assertThat(said).hasSize(107 + 1 + 1 + 1 + 1).doesNotHaveDuplicates();
        assertThat(said.subList(108, 111))
                .containsExactly("system: the date has changed", "user: go on", "assistant: more");
        Row inserted = row("system: the date has changed");
        assertThat(text(inserted, "message_index")).isEqualTo("82");
        assertThat(text(inserted, "previous_message_id"))
                .isEqualTo("[\"" + text(row("assistant: turn 81"), "message_id") + "\"]");
    }

    @Test
    void aSummaryInPlaceOfTheHistoryThenYes() {
        calls.call()
                .session("s")
                .tools("Read")
                .messages(message("user", "shall I?"))
                .answer("ask me")
                .record();
        calls.call()
                .session("s")
                .tools("Read")
                .messages(message("user", "shall I?"), message("assistant", "ask me"), message("user", "yes"))
                .answer("Done.")
                .record();
        String summary =
                "This session is being continued from a previous conversation that ran out of context. Files: x";
        calls.call()
                .session("s")
                .tools("Read")
                .messages(message("user", summary), message("assistant", "Shall I go on?"), message("user", "yes"))
                .answer("Going on.")
                .record();

        assertThat(calls.said())
                .containsExactly(
                        "user: shall I?",
                        "assistant: ask me",
                        "user: yes",
                        "assistant: Done.",
                        "user: " + summary,
                        "assistant: Shall I go on?",
                        "user: yes",
                        "assistant: Going on.");
        assertThat(calls.conversations()).containsExactly("s");
        assertThat(text(row("user: " + summary), "is_compact_summary")).isEqualTo("true");
    }

    @Test
    void yesTwiceInOneConversationIsTwoMessages() {
        calls.call().session("s").messages(message("user", "yes")).answer("ok").record();
        calls.call()
                .session("s")
                .messages(message("user", "yes"), message("assistant", "ok"), message("user", "yes"))
                .answer("ok")
                .record();
        calls.call()
                .session("s")
                .messages(
                        message("user", "yes"),
                        message("assistant", "ok"),
                        message("user", "yes"),
                        message("assistant", "ok"),
                        message("user", "yes"))
                .answer("ok")
                .record();

        assertThat(calls.said())
                .containsExactly(
                        "user: yes", "assistant: ok", "user: yes", "assistant: ok", "user: yes", "assistant: ok");
        assertThat(calls.conversations()).containsExactly("s");
    }

    @Test
    void aRetryAfterOverloadAsksOnce() {
        calls.call()
                .session("s")
                .messages(message("user", "a"))
                .failed(529, "overloaded_error", "Overloaded")
                .record();
        calls.call().session("s").messages(message("user", "a")).answer("A").record();

        assertThat(calls.said()).containsExactly("user: a", "assistant: error Overloaded", "assistant: A");
        assertThat(calls.conversations()).containsExactly("s");
    }

    @Test
    void aRetryWithoutSessionAsksOnceToo() {
        calls.call()
                .messages(message("user", "a"))
                .failed(529, "overloaded_error", "Overloaded")
                .record();
        calls.call().messages(message("user", "a")).answer("A").record();

        assertThat(calls.said()).containsExactly("user: a", "assistant: error Overloaded", "assistant: A");
        assertThat(calls.conversations()).hasSize(1);
    }

    @Test
    void aRetryAfterACutKeepsBothAnswers() {
        calls.call()
                .session("s")
                .messages(message("user", "a"))
                .answer("half an ans")
                .outcome(Outcome.UPSTREAM_CUT)
                .record();
        calls.call()
                .session("s")
                .messages(message("user", "a"))
                .answer("a whole answer")
                .record();
        calls.call()
                .session("s")
                .messages(message("user", "a"), message("assistant", "a whole answer"), message("user", "b"))
                .answer("B")
                .record();

        assertThat(calls.said())
                .containsExactly(
                        "user: a", "assistant: half an ans", "assistant: a whole answer", "user: b", "assistant: B");
    }

    @Test
    void anEarlierTurnEditedLeavesWhatStandsBeforeIt() {
        List<JsonNode> first = List.of(message("user", "a"), message("assistant", "A"), message("user", "b"));
        calls.call().session("s").messages(first.subList(0, 1)).answer("A").record();
        calls.call().session("s").messages(first).answer("B").record();
        calls.call()
                .session("s")
                .messages(message("user", "a"), message("assistant", "A"), message("user", "b, but shorter"))
                .answer("b")
                .record();
        calls.call()
                .session("s")
                .messages(
                        message("user", "a"),
                        message("assistant", "A"),
                        message("user", "b, but shorter"),
                        message("assistant", "b"),
                        message("user", "c"))
                .answer("C")
                .record();
        // and back on the first branch
        calls.call()
                .session("s")
                .messages(
                        message("user", "a"),
                        message("assistant", "A"),
                        message("user", "b"),
                        message("assistant", "B"),
                        message("user", "d"))
                .answer("D")
                .record();

        assertThat(calls.said())
                .containsExactly(
                        "user: a",
                        "assistant: A",
                        "user: b",
                        "assistant: B",
                        "user: b, but shorter",
                        "assistant: b",
                        "user: c",
                        "assistant: C",
                        "user: d",
                        "assistant: D");
        assertThat(calls.conversations()).containsExactly("s");
        assertThat(text(row("user: b, but shorter"), "previous_message_id"))
                .isEqualTo("[\"" + text(row("assistant: A"), "message_id") + "\"]");
    }

    @Test
    void subAgentsInterleavedUnderOneSessionKeepApart() {
        calls.call()
                .session("s")
                .tools("Task", "Read")
                .messages(message("user", "main"))
                .answer(toolUse("t1", "Task"), toolUse("t2", "Task"))
                .record();
        calls.call()
                .session("s")
                .tools("Read")
                .messages(message("user", "find x"))
                .answer(toolUse("x1", "Read"))
                .record();
        calls.call()
                .session("s")
                .tools("Read")
                .messages(message("user", "find y"))
                .answer(toolUse("y1", "Read"))
                .record();
        calls.call()
                .session("s")
                .tools("Read")
                .messages(
                        message("user", "find x"),
                        message("assistant", toolUse("x1", "Read")),
                        message("user", toolResult("x1", "found")))
                .answer("x is here")
                .record();
        calls.call()
                .session("s")
                .tools("Read")
                .messages(
                        message("user", "find y"),
                        message("assistant", toolUse("y1", "Read")),
                        message("user", toolResult("y1", "found")))
                .answer("y is there")
                .record();
        calls.call()
                .session("s")
                .tools("Task", "Read")
                .messages(
                        message("user", "main"),
                        message("assistant", toolUse("t1", "Task"), toolUse("t2", "Task")),
                        message("user", toolResult("t1", "x is here"), toolResult("t2", "y is there")))
                .answer("all found")
                .record();

        assertThat(calls.said()).hasSize(14).doesNotHaveDuplicates();
        assertThat(calls.conversations()).containsExactly("s", "s/2", "s/3");
        assertThat(calls.of("s"))
                .containsExactly(
                        "user: main",
                        "assistant: call Task t1",
                        "assistant: call Task t2",
                        "user: result t1 x is here",
                        "user: result t2 y is there",
                        "assistant: all found");
        assertThat(calls.of("s/2"))
                .containsExactly(
                        "user: find x", "assistant: call Read x1", "user: result x1 found", "assistant: x is here");
        assertThat(calls.messages())
                .allSatisfy(row -> assertThat(text(row, "is_sidechain"))
                        .isEqualTo(
                                Boolean.toString(!text(row, "conversation_id").equals("s"))));
    }

    @Test
    void subAgentsWithTheSameFirstMessageAtTheSameTimeAreTwo() {
        Instant start = Instant.parse("2026-03-01T10:00:00Z");
        calls.call()
                .session("s")
                .tools("Read")
                .messages(message("user", "look"))
                .startedAt(start)
                .answer(toolUse("x1", "Read"))
                .record();
        calls.call()
                .session("s")
                .tools("Read")
                .messages(message("user", "look"))
                .startedAt(start.plusMillis(5))
                .answer(toolUse("y1", "Read"))
                .record();
        calls.call()
                .session("s")
                .tools("Read")
                .messages(
                        message("user", "look"),
                        message("assistant", toolUse("y1", "Read")),
                        message("user", toolResult("y1", "found")))
                .answer("y")
                .record();

        assertThat(calls.conversations()).containsExactly("s", "s/2");
        assertThat(calls.of("s/2"))
                .containsExactly("user: look", "assistant: call Read y1", "user: result y1 found", "assistant: y");
    }

    @Test
    void aSideCallForATitleIsAConversationOfItsOwn() {
        calls.call()
                .session("s")
                .system("Write a short title for this session.")
                .messages(message("user", "fix the bug"))
                .answer("Bug fix")
                .record();
        calls.call()
                .session("s")
                .system("You are an agent.")
                .tools("Read")
                .messages(message("user", "fix the bug"))
                .answer("Which?")
                .record();
        calls.call()
                .session("s")
                .system("You are an agent.")
                .tools("Read")
                .messages(message("user", "fix the bug"), message("assistant", "Which?"), message("user", "that one"))
                .answer("Done")
                .record();

        assertThat(calls.of("s"))
                .containsExactly("user: fix the bug", "assistant: Which?", "user: that one", "assistant: Done");
        assertThat(calls.of("s/2")).containsExactly("user: fix the bug", "assistant: Bug fix");
        assertThat(calls.messages().stream()
                        .map(r -> text(r, "attributes"))
                        .filter(a -> a.contains("\"side_call\":\"title\"")))
                .hasSize(1);
    }

    @Test
    void aTitleThatReadsLikeTheAnswerIsNotWhatTheConversationGoesOnFrom() {
        calls.call()
                .session("s")
                .system("You are an agent.")
                .tools("Read")
                .messages(message("user", "fix the bug"))
                .answer("Which?")
                .record();
        calls.call()
                .session("s")
                .system("Write a short title for this session.")
                .messages(message("user", "fix the bug"))
                .answer("Which?")
                .record();
        calls.call()
                .session("s")
                .system("You are an agent.")
                .tools("Read")
                .messages(message("user", "fix the bug"), message("assistant", "Which?"), message("user", "that one"))
                .answer("Done")
                .record();

        assertThat(calls.of("s"))
                .containsExactly("user: fix the bug", "assistant: Which?", "user: that one", "assistant: Done");
        assertThat(calls.of("s/2")).containsExactly("user: fix the bug", "assistant: Which?");
    }

    @Test
    void aConversationThatBeginsLikeASideCallGoesOnFromIt() {
        String system = "You help with the titles of songs.";
        calls.call()
                .session("s")
                .system(system)
                .messages(message("user", "name one"))
                .answer("Rain")
                .record();
        calls.call()
                .session("s")
                .system(system)
                .messages(message("user", "name one"), message("assistant", "Rain"), message("user", "another"))
                .answer("Sun")
                .record();

        assertThat(calls.said())
                .containsExactly("user: name one", "assistant: Rain", "user: another", "assistant: Sun");
    }

    @Test
    void aForkOfASessionIsKnownThoughATitleIsAskedForFirst() {
        calls.call()
                .session("s")
                .tools("Read")
                .messages(message("user", "fix the bug"))
                .answer("Which?")
                .record();
        calls.call()
                .session("t")
                .system("Write a short title for this session.")
                .messages(message("user", "that one"))
                .answer("A bug")
                .record();
        calls.call()
                .session("t")
                .tools("Read")
                .messages(message("user", "fix the bug"), message("assistant", "Which?"), message("user", "that one"))
                .answer("Done")
                .record();

        assertThat(calls.of("t")).containsExactly("user: that one", "assistant: Done");
        assertThat(calls.of("t/2")).containsExactly("user: that one", "assistant: A bug");
    }

    /// As when the recorder dies in the middle of a call, and its client tells of it later.
    @Test
    void anAttemptThatIsHeardOfAfterTheNextOneAsksNothingAnew() {
        Instant start = Instant.parse("2026-03-01T10:00:00Z");
        List<JsonNode> asked = List.of(message("user", "a"), message("assistant", "A"), message("user", "b"));
        calls.call()
                .session("s")
                .startedAt(start)
                .messages(message("user", "a"))
                .answer("A")
                .record();
        calls.call()
                .session("s")
                .startedAt(start.plusSeconds(9))
                .messages(asked)
                .answer(toolUse("t1", "Read"))
                .record();
        List<JsonNode> went = new ArrayList<>(asked);
        went.addAll(List.of(message("assistant", toolUse("t1", "Read")), message("user", toolResult("t1", "ok"))));
        calls.call()
                .session("s")
                .startedAt(start.plusSeconds(20))
                .messages(went)
                .answer("B")
                .record();
        calls.call()
                .session("s")
                .startedAt(start.plusSeconds(5))
                .messages(asked)
                .outcome(Outcome.CLIENT_ABORTED)
                .record();

        assertThat(calls.of("s"))
                .containsExactly(
                        "user: a",
                        "assistant: A",
                        "user: b",
                        "assistant: empty ",
                        "assistant: call Read t1",
                        "user: result t1 ok",
                        "assistant: B");
        assertThat(calls.conversations()).containsExactly("s");
    }

    @Test
    void aNotePutIntoAKnownTurnAddsOnePart() {
        calls.call()
                .session("s")
                .tools("Read")
                .messages(message("user", "a"))
                .answer(toolUse("t1", "Read"))
                .record();
        calls.call()
                .session("s")
                .tools("Read")
                .messages(
                        message("user", "a"),
                        message("assistant", toolUse("t1", "Read")),
                        message("user", toolResult("t1", "ok"), textBlock("<reminder>1")))
                .answer("A")
                .record();
        calls.call()
                .session("s")
                .tools("Read")
                .messages(
                        message("user", textBlock("<context>"), textBlock("a")),
                        message("assistant", toolUse("t1", "Read")),
                        message("user", toolResult("t1", "[cleared]")),
                        message("assistant", "A"),
                        message("user", "b"))
                .answer("B")
                .record();

        assertThat(calls.said())
                .containsExactly(
                        "user: a",
                        "assistant: call Read t1",
                        "user: result t1 ok",
                        "user: <reminder>1",
                        "assistant: A",
                        "user: <context>",
                        "user: b",
                        "assistant: B");
        assertThat(text(row("user: <context>"), "message_id")).isEqualTo(text(row("user: a"), "message_id"));
    }

    @Test
    void theSameQuestionAskedByTwoProgramsWithoutSessionIsTwoConversations() {
        calls.call().messages(message("user", "hi")).answer("hello").record();
        calls.call().messages(message("user", "hi")).answer("hello").record();

        assertThat(calls.said()).containsExactly("user: hi", "assistant: hello", "user: hi", "assistant: hello");
        assertThat(calls.conversations()).hasSize(2);
    }

    @Test
    void withoutSessionAConversationIsFoundByItsHistory() {
        calls.call().messages(message("user", "hi")).answer("hello 1").record();
        calls.call().messages(message("user", "hi")).answer("hello 2").record();
        calls.call()
                .messages(message("user", "hi"), message("assistant", "hello 1"), message("user", "more"))
                .answer("1!")
                .record();
        calls.call()
                .messages(message("user", "hi"), message("assistant", "hello 2"), message("user", "more"))
                .answer("2!")
                .record();

        assertThat(calls.said()).hasSize(8);
        assertThat(calls.conversations()).hasSize(2);
        assertThat(calls.of(calls.conversations().getFirst()))
                .containsExactly("user: hi", "assistant: hello 1", "user: more", "assistant: 1!");
    }

    @Test
    void projectingAgainGivesTheSameRows() {
        calls.call().session("s").messages(message("user", "a")).answer("A").record();
        calls.call()
                .session("s")
                .messages(message("user", "a"), message("assistant", "A"), message("user", "b"))
                .answer("B")
                .record();
        List<String> ids = calls.messages().stream().map(Row::rowId).toList();

        calls.settle();

        assertThat(calls.messages().stream().map(Row::rowId)).containsExactlyElementsOf(ids);
    }

    private Row row(String line) {
        return calls.messages().stream()
                .filter(r -> RecordedCalls.line(r).equals(line))
                .findFirst()
                .orElseThrow();
    }
}
