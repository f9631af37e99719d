package io.hypaware.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import io.hypaware.bench.report.Figures;
import io.hypaware.home.Cache;
import io.hypaware.journal.Header;
import io.hypaware.journal.JournalWriter;
import io.hypaware.maintain.Settle;
import io.hypaware.maintain.Writing;
import io.hypaware.project.conversation.History;
import io.hypaware.project.conversation.MessagePrint;
import io.hypaware.project.conversation.Placement;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What projection costs, in a process like the worker's: small calls, a long session, and placing a call among many
/// long histories. Beside it somebody asks for the journal's write lock all the time, as the gateway does.
public final class ProjectionBench {

    private static final String SMALL = "5,000 small calls";
    private static final int SMALL_CALLS = 5_000;
    private static final int TURNS = 10;
    private static final int BRANCHES = 64;
    private static final int MESSAGES = 2_000;
    private static final int ROUNDS = 5;
    private static final ObjectMapper JSON = new ObjectMapper();

    static void run() throws Exception {
        Path small = Files.createTempDirectory("hyp-bench");
        recordSmall(small);
        measure(SMALL, small, SMALL_CALLS);
        Path session = Files.createTempDirectory("hyp-bench");
        int turns = SessionBench.recordAll(session);
        measure("a session of " + turns + " calls, 790 KB each", session, turns);
        Child.worker(ProjectionBench.class, "placement");
    }

    /// In a process like the worker's, which says its figures itself.
    private static void measure(String what, Path cache, int calls) throws Exception {
        Child.worker(ProjectionBench.class, "settle", cache.toString(), what, Integer.toString(calls));
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("placement")) {
            placement();
        } else {
            settle(new Cache(Path.of(arguments[1])), arguments[2], Integer.parseInt(arguments[3]));
        }
    }

    private static void settle(Cache cache, String what, int calls) throws Exception {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        try (LockProbe probe = LockProbe.of(cache.journal())) {
            long began = System.nanoTime();
            long processor = system.getProcessCpuTime();
            int settled = new Settle(cache, Writing.whole("bench"), Clock.systemUTC()).run();
            double processorMillis = (system.getProcessCpuTime() - processor - probe.processorNanos()) / 1e6;
            Figures figures = Figures.open();
            figures.exactly(what + ": projected", calls, settled);
            if (what.equals(SMALL)) {
                figures.atMost(what + ": processor for each", 1.2, processorMillis / calls, "ms");
            } else {
                figures.say(what + ": processor for each", processorMillis / calls, "ms");
            }
            figures.say(what + ": each, by the clock", (System.nanoTime() - began) / 1e6 / calls, "ms");
            figures.atMost(what + ": longest wait for the write lock", 50, probe.longestMillis(), "ms");
        }
    }

    /// A session whose first message the user has edited, again and again: each time a branch of its own.
    private static void placement() {
        List<byte[]> stored = new ArrayList<>();
        for (int branch = 0; branch < BRANCHES; branch++) {
            stored.add(history(branch).toBytes());
        }
        List<MessagePrint> request = new ArrayList<>(
                history(BRANCHES).entries().stream().map(History.Entry::print).toList());
        request.add(print("user", "more"));
        Placement.Request call =
                new Placement.Request(request, true, Optional.empty(), 0, "setup", false, false, false);
        Figures figures = Figures.open();
        for (int i = 0; i < ROUNDS; i++) {
            long began = System.nanoTime();
            List<Placement.Known> known = new ArrayList<>();
            for (int branch = 0; branch < BRANCHES; branch++) {
                known.add(new Placement.Known(branch + 1, "session", stored.get(branch)));
            }
            Placement placed = Placement.of(call, known);
            double millis = (System.nanoTime() - began) / 1e6;
            System.out.println("placed in branch "
                    + placed.branch().map(Placement.Known::id).orElse(0L));
            String what = "an edited first message among %d branches of %,d messages".formatted(BRANCHES, MESSAGES);
            if (i == 0) {
                figures.say(what + ", the first time in a process", millis, "ms");
            }
            if (i == ROUNDS - 1) {
                figures.atMost(what + ": read and placed", 50, millis, "ms");
            }
        }
    }

    private static History history(int branch) {
        List<History.Entry> entries = new ArrayList<>();
        entries.add(new History.Entry("m0", print("user", "edited " + branch), 1));
        for (int i = 1; i < MESSAGES; i++) {
            // After the edit all is said anew but what the tools are asked.
            String role = i % 2 == 1 ? "assistant" : "user";
            entries.add(new History.Entry("m" + i, print(role, "message " + i), 1));
        }
        return new History(entries, MESSAGES - 1, true, 0, "setup", 0);
    }

    private static MessagePrint print(String role, String text) {
        return new MessagePrint(role, List.of(io.hypaware.dataset.Hashes.shortHash(text)));
    }

    private static void recordSmall(Path cache) throws Exception {
        Instant at = Instant.now().minus(Duration.ofHours(2));
        try (JournalWriter writer = JournalWriter.open(cache.resolve("journal.db"), 1 << 26, 1 << 26)) {
            ArrayNode history = JSON.createArrayNode();
            for (int i = 0; i < SMALL_CALLS; i++) {
                if (i % TURNS == 0) {
                    history = JSON.createArrayNode();
                }
                history.addObject().put("role", "user").put("content", "question " + i + " of somebody who asks");
                ObjectNode body = JSON.createObjectNode()
                        .put("model", "claude-sonnet-4-5")
                        .put("max_tokens", 1_000);
                body.put("system", "You answer questions. ".repeat(20));
                body.putArray("tools").addObject().put("name", "look").put("description", "looks it up ".repeat(60));
                body.set("messages", history);
                byte[] request = JSON.writeValueAsBytes(body);
                String answer = "answer " + i + " " + "to what was asked ".repeat(10);
                byte[] response = ("{\"id\":\"msg_" + i
                                + "\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\","
                                + "\"content\":[{\"type\":\"text\",\"text\":\"" + answer
                                + "\"}],\"stop_reason\":\"end_turn\","
                                + "\"usage\":{\"input_tokens\":3,\"output_tokens\":4}}")
                        .getBytes(StandardCharsets.UTF_8);
                record(writer, "session-" + i / TURNS, at.plusMillis(i * 100L), request, response);
                history.addObject().put("role", "assistant").put("content", answer);
                if (i % 500 == 0) {
                    Thread.sleep(100);
                }
            }
        }
    }

    private static void record(JournalWriter writer, String session, Instant at, byte[] request, byte[] response) {
        new MessagesCall(
                        List.of(
                                new Header("x-claude-code-session-id", session),
                                new Header("user-agent", "claude-cli/2.0")),
                        200,
                        request,
                        response,
                        Duration.ofMillis(30),
                        Duration.ofMillis(90))
                .record(writer, at);
    }

    private ProjectionBench() {}
}
