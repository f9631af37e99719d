package io.hypaware.testing;

import static io.hypaware.testing.RecordedCalls.JSON;
import static io.hypaware.testing.RecordedCalls.textBlock;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// A session as an agent leads it, with a provider whose cache works as documented: a prefix of tools, system and
/// messages up to a mark, for each model and set of beta features, kept for five minutes after its last use.
public final class AgentSession {

    private static final Duration TIME_TO_LIVE = Duration.ofMinutes(5);
    private static final int BYTES_PER_TOKEN = 4;

    private record Cached(String scope, List<String> elements, Instant usedAt) {}

    private final RecordedCalls calls;
    private final String id;
    private final Random random;
    private final String callPrefix;
    private final List<Cached> cache = new ArrayList<>();
    public final ArrayNode tools = JSON.createArrayNode();
    public final ArrayNode system = JSON.createArrayNode();
    public final List<ObjectNode> history = new ArrayList<>();
    public String model = "claude-sonnet-4-5";
    public String betas = "prompt-caching-2024-07-31,fine-grained-tool-streaming-2025-05-14";
    /// Whether a line for the provider's accounts, another with each call, stands before the system text.
    public boolean billed;

    private Instant now;
    private int turn;

    public AgentSession(RecordedCalls calls, String id, Instant start) {
        this.calls = calls;
        this.id = id;
        this.now = start;
        this.random = new Random(start.getEpochSecond());
        this.callPrefix = "toolu_" + start.getEpochSecond() + "_";
        for (String name : List.of("Read", "Write", "Bash", "Grep", "Task")) {
            tools.add(tool(name, words(3_000)));
        }
        system.add(textBlock("You are an agent."));
        system.add(textBlock(words(6_000)));
    }

    public static ObjectNode tool(String name, String description) {
        ObjectNode tool = JSON.createObjectNode().put("name", name).put("description", description);
        tool.putObject("input_schema").put("type", "object");
        return tool;
    }

    public void later(Duration time) {
        now = now.plus(time);
    }

    /// The user says something, and the agent makes some calls of tools until it answers.
    public AgentSession turns(int count) {
        for (int i = 0; i < count; i++) {
            say("user", "question " + turn + " " + words(400));
            call("using a tool for " + turn, true);
            history.add(message("user", toolResult(words(1_500))));
            call("answer " + turn + " " + words(300), false);
            turn++;
        }
        return this;
    }

    public void say(String role, String text) {
        history.add(message(role, textBlock(text)));
    }

    private static ObjectNode message(String role, JsonNode... blocks) {
        return RecordedCalls.message(role, blocks);
    }

    private ObjectNode toolResult(String text) {
        return RecordedCalls.toolResult(callPrefix + turn, text);
    }

    /// One call with all that was said; its answer joins the history.
    public void call(String answer, boolean usesTool) {
        if (usesTool) {
            ObjectNode use = JSON.createObjectNode()
                    .put("type", "tool_use")
                    .put("id", callPrefix + turn)
                    .put("name", "Read");
            use.putObject("input").put("path", "/src/" + turn);
            answer(textBlock(answer), use);
        } else {
            answer(textBlock(answer));
        }
    }

    /// One call that is answered with these blocks.
    public void answer(JsonNode... blocks) {
        boolean usesTool = blocks[blocks.length - 1].path("type").asText().equals("tool_use");
        now = now.plusSeconds(10);
        ArrayNode markedSystem = system.deepCopy();
        mark(markedSystem.get(markedSystem.size() - 1));
        if (billed) {
            markedSystem.insert(
                    0, textBlock("x-anthropic-billing-header: cc_version=2; cch=" + random.nextInt(99_999)));
        }
        ArrayNode messages = JSON.createArrayNode();
        history.forEach(m -> messages.add(m.deepCopy()));
        JsonNode lastContent = messages.get(messages.size() - 1).path("content");
        mark(lastContent.get(lastContent.size() - 1));

        List<String> elements = new ArrayList<>();
        tools.forEach(t -> elements.add("tool " + t));
        system.forEach(s -> elements.add("system " + s));
        history.forEach(m -> elements.add("message " + m));
        String scope = model + "|" + betas;
        int read = cache.stream()
                .filter(c -> c.scope().equals(scope)
                        && !c.usedAt().plus(TIME_TO_LIVE).isBefore(now))
                .mapToInt(c -> common(c.elements(), elements))
                .max()
                .orElse(0);
        // A prefix is found at marks only: after the system text, or where an earlier call ended.
        int marks = tools.size() + system.size();
        int found = read < marks ? 0 : read;
        long readTokens = tokens(elements.subList(0, found));
        long writtenTokens = tokens(elements) - readTokens;
        cache.add(new Cached(scope, List.copyOf(elements), now));

        ObjectNode response = JSON.createObjectNode()
                .put("id", "msg_" + id + "_" + turn + "_" + usesTool + "_" + history.size())
                .put("type", "message")
                .put("role", "assistant")
                .put("model", model)
                .put("stop_reason", usesTool ? "tool_use" : "end_turn");
        ArrayNode content = response.putArray("content");
        int characters = 0;
        for (JsonNode block : blocks) {
            content.add(block);
            characters += block.path("text").asText().length();
        }
        response.putObject("usage")
                .put("input_tokens", 4)
                .put("output_tokens", characters / BYTES_PER_TOKEN)
                .put("cache_read_input_tokens", readTokens)
                .put("cache_creation_input_tokens", writtenTokens);
        calls.call()
                .startedAt(now)
                .session(id)
                .header("anthropic-beta", betas)
                .set("model", JSON.getNodeFactory().textNode(model))
                .set("tools", tools.deepCopy())
                .set("system", markedSystem)
                .set("messages", messages)
                .response("application/json", response.toString().getBytes(StandardCharsets.UTF_8))
                .record();
        ObjectNode said = JSON.createObjectNode().put("role", "assistant");
        said.set("content", content.deepCopy());
        history.add(said);
    }

    private static void mark(JsonNode block) {
        ((ObjectNode) block).putObject("cache_control").put("type", "ephemeral");
    }

    private static int common(List<String> first, List<String> second) {
        int i = 0;
        while (i < first.size() && i < second.size() && first.get(i).equals(second.get(i))) {
            i++;
        }
        return i;
    }

    private static long tokens(List<String> elements) {
        return elements.stream().mapToLong(String::length).sum() / BYTES_PER_TOKEN;
    }

    public String words(int length) {
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            text.append(Integer.toString(random.nextInt(2_000_000), 36)).append(' ');
        }
        return text.toString();
    }
}
