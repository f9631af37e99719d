package io.hypaware.sink.otlp;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static io.hypaware.testing.RecordedCalls.toolResult;
import static io.hypaware.testing.RecordedCalls.toolUse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.home.Cache;
import io.hypaware.journal.Outcome;
import io.hypaware.journal.SinkLedger;
import io.hypaware.journal.SinkState.Refused;
import io.hypaware.privacy.PrivacyList;
import io.hypaware.sink.SinkException;
import io.hypaware.sink.SinkStep;
import io.hypaware.testing.RecordedCalls;
import io.hypaware.testing.SinkEnvironments;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.semconv.SchemaUrls;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The spans of a session are what happened in it.
class SessionTraceTest {

    private static final Instant FIRST = Instant.parse("2026-03-01T10:00:00Z");
    private static final Instant LONG_AFTER = FIRST.plus(Duration.ofDays(1));

    private static final TraceExport.Limits NO_END = new TraceExport.Limits(Optional.empty(), 1 << 20);

    @TempDir
    private Path home;

    private Cache cache;

    private RecordedCalls calls;
    private final List<ObjectNode> history = new ArrayList<>();

    @BeforeEach
    void begin() {
        cache = new Cache(home.resolve("hypaware/cache"));
        calls = new RecordedCalls(cache.folder());
    }

    private RecordedCalls.Call call() {
        return calls.call().session("s1").tools("Read", "Task").messages(history);
    }

    private void answered(RecordedCalls.Call call, ObjectNode... blocks) {
        call.answer(blocks).record();
        history.add(message("assistant", blocks));
    }

    private static ObjectNode task(String id, String prompt) {
        ObjectNode block = toolUse(id, "Task");
        block.putObject("input").put("prompt", prompt);
        return block;
    }

    /// Two turns: one with a tool, one with an agent; a call that was refused, one that broke off, a tool that
    /// never came back.
    private void twoTurns() {
        history.add(message("user", textBlock("please read it")));
        answered(call(), textBlock("I will"), toolUse("t1", "Read"));
        history.add(message("user", toolResult("t1", "its text")));
        call().failed(529, "overloaded_error", "too much").record();
        answered(call(), textBlock("it says so"));
        history.add(message("user", textBlock("now let another look")));
        answered(call(), task("t2", "look around"), toolUse("t3", "Read"));
        calls.call()
                .session("s1")
                .header("x-claude-code-agent-id", "a1")
                .messages(message("user", textBlock("look around")))
                .answer(textBlock("nothing there"))
                .record();
        history.add(message("user", toolResult("t2", "nothing there")));
        call().answer("so it").outcome(Outcome.UPSTREAM_CUT).record();
        calls.settle();
    }

    private OtlpSink sink(Instant now, boolean content, Runnable beforeCommit) {
        return new OtlpSink(
                SinkEnvironments.at(now, cache, step -> {
                    if (step == SinkStep.DELIVERED) {
                        beforeCommit.run();
                    }
                }),
                new OtlpSink.Telling(content, Duration.ofMinutes(30)));
    }

    private Traces all(Instant now, boolean content) throws Exception {
        Traces traces = new Traces();
        sink(now, content, () -> {})
                .run(
                        request -> {
                            traces.add(request);
                            return Refused.NONE;
                        },
                        new OtlpSink.Wanted.Since(Optional.empty()),
                        Optional.empty(),
                        NO_END);
        return traces;
    }

    /// What is new, by the place that the sink has come to.
    private void next(Instant now, Traces traces, Runnable beforeCommit) throws Exception {
        try (SinkLedger ledger = SinkLedger.openExisting(calls.journal()).orElseThrow()) {
            sink(now, false, beforeCommit)
                    .run(
                            request -> {
                                traces.add(request);
                                return Refused.NONE;
                            },
                            new OtlpSink.Wanted.Changed(),
                            Optional.of(new SpanBatch.Book(ledger, "test")),
                            NO_END);
        }
    }

    @Test
    void theTreeIsWhatHappened() throws Exception {
        twoTurns();
        Traces traces = all(LONG_AFTER, false);
        assertThat(traces.tree()).isEqualTo("""
                        session claude
                          invoke_agent claude
                            chat claude-sonnet-4-5
                              execute_tool Read
                            chat claude-sonnet-4-5 (529)
                            chat claude-sonnet-4-5
                          invoke_agent claude
                            chat claude-sonnet-4-5
                              execute_tool Task
                                invoke_agent a1
                                  chat claude-sonnet-4-5
                              execute_tool Read (no_result)
                            chat claude-sonnet-4-5 (upstream_cut)
                        """);
        assertThat(traces.spans.stream().map(Span::getTraceId).distinct()).hasSize(1);
        assertThat(Traces.attributes(traces.named("chat claude-sonnet-4-5")))
                .containsEntry(GenAi.OPERATION, "chat")
                .containsEntry(GenAi.PROVIDER, "anthropic")
                .containsEntry(GenAi.CONVERSATION, "s1")
                .containsEntry(GenAi.REQUEST_MODEL, "claude-sonnet-4-5")
                .containsEntry(GenAi.RESPONSE_MODEL, "claude-sonnet-4-5-20250929")
                .containsEntry(GenAi.INPUT_TOKENS, "10")
                .containsEntry(GenAi.OUTPUT_TOKENS, "5")
                .containsEntry(GenAi.FINISH_REASONS, "end_turn")
                .containsKeys(GenAi.RESPONSE_ID, GenAi.COST, GenAi.EXCHANGE);
        assertThat(Traces.attributes(traces.named("execute_tool Read")))
                .containsEntry(GenAi.TOOL, "Read")
                .containsEntry(GenAi.TOOL_CALL, "t1");
        Span root = traces.named("session claude");
        assertThat(Traces.attributes(root)).containsEntry(GenAi.CALLS, "6");
        for (Span span : traces.spans) {
            assertThat(span.getStartTimeUnixNano()).isBetween(root.getStartTimeUnixNano(), root.getEndTimeUnixNano());
            assertThat(span.getEndTimeUnixNano()).isBetween(span.getStartTimeUnixNano(), root.getEndTimeUnixNano());
        }
        assertThat(traces.spans.toString()).doesNotContain("please read it", "its text", "look around");
    }

    private void agent(String id, String prompt) {
        calls.call()
                .session("s1")
                .header("x-claude-code-agent-id", id)
                .messages(message("user", textBlock(prompt)))
                .answer(textBlock("nothing there by " + id))
                .record();
    }

    @Test
    void agentsWithOnePromptAreEachWithinACall() throws Exception {
        history.add(message("user", textBlock("let two look")));
        answered(call(), task("t1", "look"), task("t2", "look"));
        agent("a1", "look");
        agent("a2", "look");
        history.add(message("user", toolResult("t1", "nothing"), toolResult("t2", "nothing")));
        answered(call(), textBlock("nothing"));
        history.add(message("user", textBlock("once more")));
        answered(call(), task("t3", "look"));
        agent("a3", "look");
        history.add(message("user", toolResult("t3", "nothing")));
        answered(call(), textBlock("nothing again"));
        calls.settle();
        String call = "chat claude-sonnet-4-5\n";
        String within = "      execute_tool Task\n        invoke_agent %s\n          " + call;
        assertThat(all(LONG_AFTER, false).tree())
                .isEqualTo("session claude\n  invoke_agent claude\n    " + call + within.formatted("a2")
                        + within.formatted("a1") + "    " + call + "  invoke_agent claude\n    " + call
                        + within.formatted("a3") + "    " + call);
    }

    /// As an agent does that goes on after its history was replaced: it says for the model that there is
    /// nothing to say.
    @Test
    void aTurnHasACall() throws Exception {
        history.add(message("user", textBlock("what was before")));
        history.add(message("assistant", textBlock("nothing to say")));
        history.add(message("user", textBlock("go on")));
        answered(call(), textBlock("so it is"));
        calls.settle();
        assertThat(all(LONG_AFTER, false).tree()).isEqualTo("""
                        session claude
                          invoke_agent claude
                            chat claude-sonnet-4-5
                        """);
    }

    @Test
    void whatWasSaidIsToldWhereAskedFor() throws Exception {
        twoTurns();
        Traces traces = all(LONG_AFTER, true);
        Map<String, String> first = Traces.attributes(traces.named("chat claude-sonnet-4-5"));
        assertThat(first.get(GenAi.INPUT_MESSAGES))
                .isEqualTo("[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"please read it\"}]}]");
        assertThat(first.get(GenAi.OUTPUT_MESSAGES)).contains("I will", "\"name\":\"Read\"");
        assertThat(Traces.attributes(traces.named("execute_tool Read")))
                .containsEntry(GenAi.TOOL_ARGUMENTS, "{\"path\":\"/t1\"}")
                .containsEntry(GenAi.TOOL_RESULT, "its text");
    }

    @Test
    void eachSpanIsSentOnceWhenItIsComplete() throws Exception {
        Traces sent = new Traces();
        history.add(message("user", textBlock("please read it")));
        answered(call(), textBlock("I will"), toolUse("t1", "Read"));
        calls.settle();
        next(FIRST.plusSeconds(5), sent, () -> {});
        assertThat(sent.tree()).isEqualTo("chat claude-sonnet-4-5\n");

        history.add(message("user", toolResult("t1", "its text")));
        answered(call(), textBlock("it says so"));
        calls.settle();
        next(FIRST.plusSeconds(60), sent, () -> {});
        next(FIRST.plusSeconds(70), sent, () -> {});
        assertThat(sent.tree()).isEqualTo("""
                        chat claude-sonnet-4-5
                          execute_tool Read
                        chat claude-sonnet-4-5
                        """);
        next(LONG_AFTER, sent, () -> {});
        next(LONG_AFTER, sent, () -> {});
        assertThat(sent.tree()).isEqualTo(all(LONG_AFTER, false).tree());
        assertThat(sent.spans.stream().map(Span::getSpanId))
                .doesNotHaveDuplicates()
                .hasSize(5);

        // It goes on: what is new is sent, its beginning is not again.
        history.add(message("user", textBlock("and again")));
        answered(call().startedAt(LONG_AFTER), textBlock("yes"));
        calls.settle();
        next(LONG_AFTER.plus(Duration.ofHours(1)), sent, () -> {});
        assertThat(sent.spans.stream().map(Span::getSpanId))
                .doesNotHaveDuplicates()
                .hasSize(7);
        assertThat(all(LONG_AFTER.plus(Duration.ofHours(1)), false).spans).hasSize(7);
    }

    /// It dies with each batch: before it is delivered, and before that is written down.
    @Test
    void whoDiesSendsTheSameSpansAgain() throws Exception {
        for (int i = 0; i < 12; i++) {
            RecordedCalls.Call call = calls.call().session("many" + i);
            call.messages(message("user", textBlock("question " + i)))
                    .answer("answer")
                    .record();
        }
        calls.settle();
        Traces sent = new Traces();
        int deaths = 0;
        for (boolean isDone = false; !isDone && deaths < 50; ) {
            try {
                next(LONG_AFTER, sent, () -> {
                    throw new Death();
                });
                isDone = true;
            } catch (Death e) {
                deaths++;
                // The next one gets as far as to write it down.
                next(LONG_AFTER, sent, () -> {});
            }
        }
        Set<Object> ids = sent.spans.stream().map(Span::getSpanId).collect(Collectors.toSet());
        assertThat(ids).hasSize(12 * 3);
        assertThat(deaths).isEqualTo(1);
        assertThat(sent.spans).hasSize(2 * 12 * 3);
        Traces after = new Traces();
        next(LONG_AFTER, after, () -> {});
        assertThat(after.spans).isEmpty();
    }

    private static final class Death extends Error {
        private static final long serialVersionUID = 1L;
    }

    @Test
    void whatStaysOnThisMachineDoesNotLeave() throws Exception {
        twoTurns();
        calls.call()
                .session("s2")
                .messages(message("user", textBlock("mine")))
                .answer("yours")
                .record();
        calls.settle();
        Path list = cache.privacyList();
        PrivacyList.update(list, none -> none.withSession("s1", FIRST));
        Traces traces = all(LONG_AFTER, false);
        assertThat(traces.spans.stream()
                        .map(span -> Traces.attributes(span).get(GenAi.CONVERSATION))
                        .distinct())
                .containsExactly("s2");

        Files.writeString(list, "{\"version\": 1, \"ma");
        assertThatThrownBy(() -> all(LONG_AFTER, false))
                .isInstanceOf(SinkException.class)
                .hasMessageContaining("nothing leaves this machine");
    }

    @Test
    void namesAreThoseOfTheConventions() throws Exception {
        Set<String> registered = new HashSet<>();
        for (String name : List.of(
                "io.opentelemetry.semconv.incubating.GenAiIncubatingAttributes",
                "io.opentelemetry.semconv.HttpAttributes",
                "io.opentelemetry.semconv.ErrorAttributes")) {
            for (Field field : Class.forName(name).getFields()) {
                if (!field.isAnnotationPresent(Deprecated.class)) {
                    registered.add(field.get(null).toString());
                }
            }
        }
        List<String> ours = new ArrayList<>();
        for (Field field : GenAi.class.getDeclaredFields()) {
            if (field.getType() == String.class && !field.getName().equals("SCHEMA")) {
                ours.add((String) field.get(null));
            }
        }
        // Those of no one type have no constant in the registry's classes.
        registered.addAll(
                List.of(GenAi.TOOL_ARGUMENTS, GenAi.TOOL_RESULT, GenAi.INPUT_MESSAGES, GenAi.OUTPUT_MESSAGES));
        assertThat(GenAi.SCHEMA).isEqualTo(SchemaUrls.V1_40_0);
        assertThat(ours.stream().filter(name -> !name.startsWith("hypaware.")))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(registered).contains(name));
    }
}
