package io.hypaware.read;

import static io.hypaware.testing.RecordedCalls.JSON;
import static io.hypaware.testing.RecordedCalls.textBlock;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hypaware.home.Cache;
import io.hypaware.read.Miss.Cause;
import io.hypaware.testing.AgentSession;
import io.hypaware.testing.RecordedCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// "Why did my prompt cache miss?" Each story is a session of an agent, before a provider that caches as documented.
class CacheMissesTest {

    private static final long MEMORY_BYTES = 256L << 20;

    @TempDir
    private Path cache;

    private RecordedCalls calls;
    private AgentSession session;

    @BeforeEach
    void begin() {
        calls = new RecordedCalls(cache);
        session = new AgentSession(calls, "s", Instant.parse("2026-03-01T10:00:00Z"));
    }

    @Test
    void aCleanSessionHasNone() throws Exception {
        session.turns(6);
        assertThat(found()).isEmpty();
    }

    @Test
    void aToolThatChanges() throws Exception {
        session.turns(3);
        ObjectNode bash = (ObjectNode) session.tools.get(2);
        bash.put("description", bash.get("description").textValue().replaceFirst("^(.{1000})", "$1 as of 12:01 "));
        session.turns(2);
        Miss miss = only();
        assertThat(miss.cause()).isEqualTo(Cause.TOOL_CHANGED);
        assertThat(miss.element()).contains("tool Bash");
        assertThat(miss.snippet().orElseThrow().after()).contains("as of 12:01").hasSizeLessThan(250);
        assertThat(miss.prefix().orElseThrow().tools()).isEqualTo(5);
        assertThat(miss.rewrittenTokens()).isPositive().isLessThanOrEqualTo(miss.lostTokens());
        // Sonnet: written at 3.75, read at 0.30 dollars a million.
        assertThat(miss.cost().orElseThrow()).isEqualTo(miss.rewrittenTokens() * 3.45 / 1e6);
    }

    @Test
    void theLineForTheProvidersAccountsIsNoCause() throws Exception {
        session.billed = true;
        session.turns(3);
        assertThat(found()).isEmpty();
        ((ObjectNode) session.tools.get(2)).put("description", "another");
        session.turns(1);
        assertThat(only().cause()).isEqualTo(Cause.TOOL_CHANGED);
    }

    @Test
    void allDifferencesAreShownAndTheFirstIsTheCause() throws Exception {
        session.turns(3);
        ((ObjectNode) session.tools.get(1)).put("description", "another");
        session.system.set(0, textBlock("You are somebody else."));
        session.betas = session.betas + ",context-1m-2025-08-07";
        session.turns(1);
        Miss miss = only();
        assertThat(miss.cause()).isEqualTo(Cause.TOOL_CHANGED);
        assertThat(miss.element()).contains("tool Write");
        assertThat(miss.notes())
                .anyMatch(n -> n.contains("anthropic-beta") && n.contains("a hint, not a proof"))
                .anyMatch(n -> n.contains("system block 1 (changed)"));
    }

    @Test
    void aToolThatComesGoesOrMoves() throws Exception {
        session.turns(2);
        session.tools.insert(1, AgentSession.tool("WebFetch", "fetches " + session.words(900)));
        session.turns(2);
        session.tools.remove(0);
        session.turns(2);
        session.tools.insert(0, session.tools.remove(3));
        session.turns(1);
        assertThat(found().stream().map(Miss::cause))
                .containsExactly(Cause.TOOL_ADDED, Cause.TOOL_REMOVED, Cause.TOOLS_REORDERED);
        assertThat(found().stream().limit(2).map(m -> m.element().orElseThrow()))
                .containsExactly("tool WebFetch", "tool Read");
    }

    @Test
    void aToolAtTheEnd() throws Exception {
        session.turns(2);
        session.tools.add(AgentSession.tool("mcp__late", "connected late " + session.words(900)));
        session.turns(2);
        assertThat(only().cause()).isEqualTo(Cause.TOOL_ADDED);
        assertThat(only().element()).contains("tool mcp__late");
    }

    @Test
    void aSystemTextThatChanges() throws Exception {
        session.turns(3);
        session.system.set(0, textBlock("You are an agent. Today is Tuesday."));
        session.turns(2);
        assertThat(only().cause()).isEqualTo(Cause.SYSTEM_CHANGED);
        assertThat(only().element()).contains("system block 1");
        assertThat(only().snippet().orElseThrow().after()).contains("Today is Tuesday.");
    }

    @Test
    void aHistoryThatIsEdited() throws Exception {
        session.turns(4);
        ObjectNode result = (ObjectNode) session.history.get(6).path("content").get(0);
        result.put("content", "[old result cleared]");
        session.turns(2);
        assertThat(only().cause()).isEqualTo(Cause.HISTORY_EDITED);
        assertThat(only().element().orElseThrow()).startsWith("message 7 (user, tool_result");
        assertThat(only().snippet().orElseThrow().after()).contains("[old result cleared]");
    }

    @Test
    void aMessageThatIsInserted() throws Exception {
        session.turns(4);
        session.history.add(
                4, RecordedCalls.message("user", textBlock("<system-reminder>tests fail</system-reminder>")));
        session.turns(2);
        assertThat(only().cause()).isEqualTo(Cause.HISTORY_INSERTED);
        assertThat(only().element().orElseThrow()).startsWith("message 5 (user, text");
    }

    @Test
    void aMessageThatIsLeftOut() throws Exception {
        session.turns(4);
        session.history.remove(4);
        session.history.remove(4);
        session.turns(1);
        assertThat(found().getFirst().cause()).isEqualTo(Cause.HISTORY_REMOVED);
    }

    @Test
    void anotherModel() throws Exception {
        session.turns(3);
        session.model = "claude-opus-4-5";
        session.turns(2);
        assertThat(only().cause()).isEqualTo(Cause.MODEL_CHANGED);
        assertThat(only().snippet()).contains(new Snippet("claude-sonnet-4-5", "claude-opus-4-5"));
    }

    @Test
    void anotherBetaHeader() throws Exception {
        session.turns(3);
        session.betas = session.betas + ",context-1m-2025-08-07";
        session.turns(2);
        assertThat(only().cause()).isEqualTo(Cause.BETA_HEADER_CHANGED);
        assertThat(only().snippet().orElseThrow().after()).endsWith("context-1m-2025-08-07");
    }

    @Test
    void lunch() throws Exception {
        session.turns(3);
        session.later(Duration.ofMinutes(40));
        session.turns(2);
        assertThat(only().cause()).isEqualTo(Cause.EXPIRED);
        assertThat(only().element()).isEmpty();
        assertThat(only().notes()).anyMatch(n -> n.contains("40 min after the call before, over the 5 min"));
    }

    @Test
    void aProviderThatForgets() throws Exception {
        session.turns(2);
        AgentSession other = new AgentSession(calls, "s2", Instant.parse("2026-03-01T12:00:00Z"));
        other.turns(2);
        other.betas = " " + other.betas;
        other.turns(1);
        assertThat(found("s2"))
                .singleElement()
                .satisfies(m -> assertThat(m.cause()).isEqualTo(Cause.UNEXPLAINED));
    }

    @Test
    void aSummaryIsNoMiss() throws Exception {
        session.turns(5);
        session.history.clear();
        session.say(
                "user",
                "This session is being continued from a previous conversation that ran out of context. "
                        + session.words(2_000));
        session.call("going on", false);
        session.turns(1);
        List<Miss> found = found();
        assertThat(found).noneMatch(Miss::isMiss);
        assertThat(found).hasSize(1);
        assertThat(found.getFirst().cause()).isEqualTo(Cause.NOT_A_MISS);
    }

    @Test
    void muchThatIsNewIsNoMiss() throws Exception {
        session.turns(4);
        session.say("user", "read this: " + session.words(90_000));
        session.call("I have read it", false);
        session.turns(1);
        assertThat(only().cause()).isEqualTo(Cause.NOT_A_MISS);
        assertThat(only().element().orElseThrow()).startsWith("message 17 (user, text");
    }

    @Test
    void aSubAgentIsNoMiss() throws Exception {
        session.turns(2);
        AgentSession sub = new AgentSession(calls, "s", Instant.parse("2026-03-01T10:02:00Z"));
        sub.tools.remove(4);
        sub.system.set(0, textBlock("You are a sub-agent."));
        sub.turns(2);
        session.later(Duration.ofSeconds(60));
        session.turns(1);
        assertThat(found()).noneMatch(Miss::isMiss);
    }

    @Test
    void aRequestThatWasNotRecordedWholeHidesNoOther() throws Exception {
        session.turns(2);
        session.system.set(0, textBlock("You are an agent. Today is Tuesday."));
        session.turns(2);
        session.later(Duration.ofMinutes(40));
        session.turns(1);
        calls.settle();
        Sessions log = log();
        String torn = log.calls("s").get(4).exchangeId();
        CacheMisses misses = new CacheMisses(
                call -> {
                    if (call.exchangeId().equals(torn)) {
                        throw new IOException("exchange " + torn + " was not recorded whole");
                    }
                    return prompt(call);
                },
                Prices.shippedTable());
        List<Miss> found = misses.find(log.calls("s"));
        assertThat(found.stream().map(Miss::cause)).containsExactly(Cause.UNEXPLAINED, Cause.EXPIRED);
        assertThat(found.getFirst().notes()).anyMatch(n -> n.contains("not recorded whole"));
    }

    /// A client puts a mark on a block, and later says the same as a text.
    @Test
    void aTextIsAsGoodAsABlockOfIt() throws Exception {
        Prompt text = read("{\"system\": \"be brief\", \"messages\": [{\"role\": \"user\", \"content\": \"q\"}]}");
        Prompt blocks = read(
                "{\"system\": [{\"type\": \"text\", \"text\": \"be brief\"}], \"messages\": [{\"role\": \"user\","
                        + " \"content\": [{\"type\": \"text\", \"text\": \"q\", \"cache_control\": {\"type\": \"ephemeral\"}}]}]}");
        assertThat(PromptDiff.of(blocks, text).changes()).isEmpty();
        assertThat(blocks.elements()).isEqualTo(text.elements());
    }

    private static Prompt read(String body) throws IOException {
        return Prompt.read(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void marksThatMoveAreNoDifference() throws Exception {
        session.turns(5);
        assertThat(log().calls("s")).hasSize(10);
        Prompt first = prompt(log().calls("s").get(4));
        Prompt second = prompt(log().calls("s").get(5));
        PromptDiff diff = PromptDiff.of(first, second);
        assertThat(diff.firstDifference()).isEqualTo(first.elements().size());
        assertThat(diff.changes()).allMatch(c -> c instanceof PromptDiff.Change.Added);
        assertThat(first.marked()).isEqualTo(first.elements().size());
    }

    private Miss only() throws Exception {
        List<Miss> found = found();
        assertThat(found).hasSize(1);
        return found.getFirst();
    }

    private List<Miss> found() throws Exception {
        return found("s");
    }

    private List<Miss> found(String id) throws Exception {
        calls.settle();
        Sessions log = log();
        return new CacheMisses(this::prompt, Prices.shippedTable()).find(log.calls(id));
    }

    private Sessions log() {
        calls.settle();
        return new Sessions(recorded());
    }

    private Prompt prompt(SessionCall call) throws IOException {
        return new Exchanges(recorded()).prompt(call.exchangeId());
    }

    private Recorded recorded() {
        return new Recorded(new Cache(cache), MEMORY_BYTES);
    }

    @Test
    void aPriceTableThatIsWrongSaysWhere(@TempDir Path home) throws Exception {
        Prices.of(home);
        Path file = home.resolve(Prices.FILE);
        assertThat(file).exists();
        java.nio.file.Files.writeString(
                file,
                JSON.createObjectNode()
                        .set(
                                "models",
                                JSON.createObjectNode()
                                        .set("m", JSON.createObjectNode().put("input", -1)))
                        .toString());
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> Prices.of(home))
                .hasMessageContaining("/models/m/input is not a number from 0")
                .hasMessageContaining(file.toString());
    }
}
