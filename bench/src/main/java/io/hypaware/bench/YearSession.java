package io.hypaware.bench;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/// One session of a year: its prompts, calls of tools and sub-agents follow from its number, so that it can be taken up
/// again a month later with all that it said before.
final class YearSession {

    /// A call as the gateway records it.
    ///
    /// @param agent the sub-agent that makes it
    record Call(Optional<String> agent, byte[] request, int status, byte[] response) {}

    private static final int PROJECTS = 12;
    private static final int TOOLS = 40;

    /// As long as descriptions of tools and instructions stay the same.
    private static final int EDITION_DAYS = 30;

    private static final int TOOL_BYTES = 600;
    private static final int SYSTEM_BYTES = 5_000;
    private static final List<String> MODELS = List.of("claude-opus-4-1", "claude-sonnet-4-5", "claude-haiku-4-5");

    private final YearWords words;
    private final Random random;
    private final String id;
    private final int project;
    private final String head;
    private final String agentHead;
    private final List<String> history = new ArrayList<>();
    private List<String> agentHistory = List.of();
    private int agents;
    private int calls;
    private boolean failed;

    YearSession(YearWords words, long seed, int day, int number) {
        this.words = words;
        this.random = new Random(seed * 1_000_003 + day * 1_009L + number);
        this.id = "%08x-%04x-4000-8000-%012x".formatted((int) seed, day, number + 1);
        this.project = random.nextInt(PROJECTS);
        int edition = day / EDITION_DAYS;
        String model = MODELS.get(random.nextInt(MODELS.size()));
        this.head = head(model, system(edition), 12 + random.nextInt(10), edition);
        this.agentHead = head(MODELS.getLast(), "You search the code of others. " + place(), 4, edition);
    }

    String id() {
        return id;
    }

    /// What a person can search for in the session: a word of its first prompt that no other session has.
    String mark() {
        return "mark" + id.substring(9, 13) + id.substring(id.length() - 6);
    }

    /// Leads the session on by some calls without their bytes.
    void skip(int count) {
        for (int i = 0; i < count; i++) {
            step();
        }
    }

    Call next() {
        Step step = step();
        String head = step.agent().isPresent() ? agentHead : this.head;
        byte[] request = (head + String.join(",", step.said()) + "]}").getBytes(StandardCharsets.UTF_8);
        byte[] response = step.answer().getBytes(StandardCharsets.UTF_8);
        return new Call(step.agent(), request, step.status(), response);
    }

    /// @param said the history with what is new
    private record Step(Optional<String> agent, List<String> said, int status, String answer) {}

    private Step step() {
        calls++;
        if (failed) {
            // The same once more.
            failed = false;
        } else if (agentHistory.isEmpty() && calls > 3 && random.nextInt(25) == 0) {
            agents++;
            agentHistory = new ArrayList<>(List.of(text("user", words.text(random, 300))));
        } else if (agentHistory.isEmpty()) {
            boolean isPrompt = history.isEmpty() || random.nextInt(6) == 0;
            history.add(isPrompt ? text("user", (history.isEmpty() ? mark() + " " : "") + prompt()) : result());
        } else {
            agentHistory.add(result());
        }
        boolean isAgent = !agentHistory.isEmpty();
        List<String> said = isAgent ? agentHistory : history;
        Optional<String> agent =
                isAgent ? Optional.of("agent-" + id.substring(9, 13) + "-" + agents) : Optional.empty();
        List<String> asked = List.copyOf(said);
        if (random.nextInt(50) == 0) {
            failed = true;
            return new Step(
                    agent,
                    asked,
                    529,
                    "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}");
        }
        String call = "toolu_" + id + "_" + calls;
        String content = "[{\"type\":\"text\",\"text\":\"" + words.text(random, 200 + random.nextInt(600)) + "\"},"
                + "{\"type\":\"tool_use\",\"id\":\"" + call + "\",\"name\":\"tool_" + random.nextInt(TOOLS)
                + "\",\"input\":{\"path\":\"/work/project-" + project + "/src/" + random.nextInt(500)
                + ".java\"}}]";
        said.add("{\"role\":\"assistant\",\"content\":" + content + "}");
        if (isAgent && random.nextInt(5) == 0) {
            agentHistory = List.of();
        }
        String answer = "{\"id\":\"msg_" + id + "_" + calls
                + "\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-sonnet-4-5\",\"content\":"
                + content
                + ",\"stop_reason\":\"tool_use\",\"usage\":{\"input_tokens\":" + random.nextInt(900)
                + ",\"cache_read_input_tokens\":" + 300 * asked.size() + ",\"output_tokens\":" + random.nextInt(400)
                + "}}";
        return new Step(agent, asked, 200, answer);
    }

    private String prompt() {
        return words.text(random, 100 + random.nextInt(400));
    }

    /// The result of the tool that was called last.
    private String result() {
        List<String> said = agentHistory.isEmpty() ? history : agentHistory;
        String last = said.getLast();
        int at = last.indexOf("toolu_");
        if (at < 0) {
            return text("user", prompt());
        }
        String call = last.substring(at, last.indexOf('"', at));
        int length = random.nextInt(20) == 0 ? 12_000 : 200 + random.nextInt(1_600);
        return "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"" + call
                + "\",\"content\":\"" + words.text(random, length) + "\"}]}";
    }

    private String head(String model, String system, int tools, int edition) {
        StringBuilder head = new StringBuilder("{\"model\":\"").append(model).append("\",\"max_tokens\":32000,");
        head.append("\"system\":[{\"type\":\"text\",\"text\":\"").append(system).append("\"}],\"tools\":[");
        int first = project % 3 * 6;
        for (int i = 0; i < tools; i++) {
            int tool = (first + i) % TOOLS;
            // Some tools change with each edition.
            Random description = new Random(tool * 31L + (tool % 4 == 0 ? edition : 0));
            head.append(i == 0 ? "" : ",")
                    .append("{\"name\":\"tool_")
                    .append(tool)
                    .append("\",\"description\":\"")
                    .append(words.text(description, TOOL_BYTES))
                    .append("\",\"input_schema\":{\"type\":\"object\"}}");
        }
        return head.append("],\"messages\":[").toString();
    }

    private String system(int edition) {
        return "You write code. " + place() + words.text(new Random(edition), SYSTEM_BYTES)
                + words.text(new Random(1_000L + project), SYSTEM_BYTES / 2);
    }

    private String place() {
        return "\\nWorking directory: /work/project-" + project + "\\n";
    }

    private static String text(String role, String text) {
        return "{\"role\":\"" + role + "\",\"content\":[{\"type\":\"text\",\"text\":\"" + text + "\"}]}";
    }
}
