package io.hypaware.project;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static io.hypaware.testing.RecordedCalls.toolResult;
import static io.hypaware.testing.RecordedCalls.toolUse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A client that is started again may have lost a turn that was broken off, and joins what stood on either side of it.
class LostAnswerTest {

    private static final JsonNode FIRST = message("user", "first");
    private static final JsonNode BEGUN = message("assistant", textBlock("begun"), toolUse("toolu_1", "Bash"));
    private static final JsonNode RESULT = message("user", toolResult("toolu_1", "one"));
    private static final JsonNode DONE = message("assistant", "done");
    private static final JsonNode SECOND = message("user", "second");
    private static final JsonNode CALL = message("assistant", toolUse("toolu_2", "Bash"));
    private static final JsonNode OTHER = message("user", toolResult("toolu_2", "two"));

    @TempDir
    private Path folder;

    private RecordedCalls calls;

    @BeforeEach
    void aTurnThatIsLostLater() {
        calls = new RecordedCalls(folder);
        call("x", FIRST).answer(textBlock("begun"), toolUse("toolu_1", "Bash")).record();
        call("x", FIRST, BEGUN, RESULT).answer("done").record();
        call("x", FIRST, BEGUN, RESULT, DONE, SECOND)
                .answer(toolUse("toolu_2", "Bash"))
                .record();
        call("x", FIRST, BEGUN, RESULT, DONE, SECOND, CALL, OTHER)
                .answer("all done")
                .record();
    }

    private RecordedCalls.Call call(String session, JsonNode... messages) {
        return calls.call().session(session).messages(messages);
    }

    @Test
    void aPromptThatIsJoinedToTheOneBeforeIsNotSaidAgain() {
        JsonNode joined = message("user", textBlock("first"), textBlock("second"));
        JsonNode allDone = message("assistant", "all done");
        call("x", joined, CALL, OTHER, allDone, message("user", "third"))
                .answer("again")
                .record();
        assertThat(calls.said())
                .containsExactly(
                        "user: first",
                        "assistant: begun",
                        "assistant: call Bash toolu_1",
                        "user: result toolu_1 one",
                        "assistant: done",
                        "user: second",
                        "assistant: call Bash toolu_2",
                        "user: result toolu_2 two",
                        "assistant: all done",
                        "user: third",
                        "assistant: again");
        assertThat(calls.conversations()).hasSize(1);
    }

    /// What it says beside is new.
    @Test
    void whatElseIsInAJoinedMessageHasARow() {
        JsonNode joined = message("user", textBlock("first"), textBlock("a note"), textBlock("second"));
        call("x", joined, CALL, OTHER, message("assistant", "all done"), message("user", "third"))
                .answer("again")
                .record();
        assertThat(calls.said()).containsOnlyOnce("user: second", "user: a note", "user: third");
    }
}
