package io.hypaware.read;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Which tool's call each agent came of: one with the same prompt, and no two agents of the same. Where agents have the
/// same prompt it is the last call before one that no other came of.
final class AgentCalls {

    private record Call(String rowId, long micros) {}

    private final Map<String, List<Call>> byPrompt = new HashMap<>();
    private final Map<String, String> callers = new HashMap<>();

    private static String key(String session, String prompt) {
        return session + "\0" + prompt;
    }

    /// Told of all calls first, in the order of their time.
    void called(String session, String prompt, String rowId, long micros) {
        byPrompt.computeIfAbsent(key(session, prompt), _ -> new ArrayList<>()).add(new Call(rowId, micros));
    }

    /// Told of what agents were told first, in the order of its time.
    void began(String session, String prompt, String conversation, long micros) {
        List<Call> calls = byPrompt.getOrDefault(key(session, prompt), List.of());
        if (calls.isEmpty() || callers.containsKey(conversation)) {
            return;
        }
        int last = calls.size() - 1;
        while (last > 0 && calls.get(last).micros() > micros) {
            last--;
        }
        callers.put(conversation, calls.remove(last).rowId());
    }

    /// The id of a call's row, by the conversation of the agent that came of it.
    Map<String, String> callers() {
        return callers;
    }
}
