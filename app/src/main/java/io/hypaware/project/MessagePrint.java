package io.hypaware.project;

import io.hypaware.dataset.Hashes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What identifies a message in a history: its role and a fingerprint of each block that counts.
///
/// A block of a tool call or result is its call id, so `tool_use:toolu_1`; any other is a hash of its content.
/// Thinking has none, because clients drop it from older turns.
public record MessagePrint(String role, List<String> blocks) {

    private static final String CALL = ":";

    public MessagePrint {
        blocks = List.copyOf(blocks);
    }

    /// One text for the whole message, to look it up by.
    public String text() {
        return Hashes.shortHash(role + "\n" + String.join("\n", blocks));
    }

    boolean isAssistant() {
        return role.equals("assistant");
    }

    /// Whether a block's fingerprint is that of a call or its result, which stand in a history once.
    public static boolean isCall(String blockPrint) {
        return blockPrint.contains(CALL);
    }

    /// The calls and results in it, each with the role that says it.
    List<String> callsOfRole() {
        return calls().stream().map(call -> role + " " + call).toList();
    }

    /// Whether both hold the same call or its result, which no other message can.
    boolean sharesCall(MessagePrint other) {
        Set<String> calls = new HashSet<>(calls());
        return role.equals(other.role) && other.calls().stream().anyMatch(calls::contains);
    }

    /// Whether the one is the other with blocks added.
    boolean contains(MessagePrint other) {
        return role.equals(other.role)
                && !other.blocks.isEmpty()
                && missingFrom(other).isEmpty();
    }

    /// The same message, as far as one can tell where both stand in the same place of a history.
    boolean sameInPlace(MessagePrint other) {
        return equals(other) || sharesCall(other) || contains(other) || other.contains(this);
    }

    /// Whether it is unlikely that somebody says this twice by chance.
    boolean isDistinctive() {
        return !calls().isEmpty();
    }

    /// Positions of blocks in `other` that this message does not have.
    List<Integer> missingFrom(MessagePrint other) {
        List<String> left = new ArrayList<>(blocks);
        List<Integer> missing = new ArrayList<>();
        for (int i = 0; i < other.blocks.size(); i++) {
            if (!left.remove(other.blocks.get(i))) {
                missing.add(i);
            }
        }
        return missing;
    }

    private List<String> calls() {
        return blocks.stream().filter(MessagePrint::isCall).toList();
    }
}
