package io.hypaware.project.conversation;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.hypaware.dataset.Hashes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What identifies a message in a history: its role and a fingerprint of each block that counts.
///
/// A block of a tool call is its call id, so `tool_use:toolu_1`; a result has a hash of what it says on a second line,
/// because some providers give out the same ids again; any other block is a hash of its content. Thinking has none,
/// because clients drop it from older turns.
///
/// @param id the provider's or client's own name of the message, if the wire says one; empty else. It tells messages
/// apart that say the same, and is no part of what makes them equal: an answer and what a client sends
/// back of it may be named differently.
public record MessagePrint(String role, List<String> blocks, String id) {

    /// Stands for a message that is only named: the provider has it.
    public static final String REFERENCE = "reference";

    private static final String CALL = ":";
    private static final String RESULT = "\n";

    public MessagePrint {
        blocks = List.copyOf(blocks);
        // Histories that were stored before messages had ids.
        id = Objects.requireNonNullElse(id, "");
    }

    public MessagePrint(String role, List<String> blocks) {
        this(role, blocks, "");
    }

    public MessagePrint withBlocks(List<String> others) {
        return new MessagePrint(role, others, id);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MessagePrint print && role.equals(print.role) && blocks.equals(print.blocks);
    }

    @Override
    public int hashCode() {
        return 31 * role.hashCode() + blocks.hashCode();
    }

    /// One text for the whole message, to look it up by.
    public String text() {
        return Hashes.shortHash(role + "\n" + String.join("\n", blocks));
    }

    /// The message that a history begins with, as far as that tells it from others: what the system says, many begin
    /// with.
    ///
    /// @param history not empty
    static MessagePrint opening(List<MessagePrint> history) {
        return history.stream()
                .filter(m -> !m.role.equals("system") && !m.role.equals("developer"))
                .findFirst()
                .orElseGet(history::getFirst);
    }

    @JsonIgnore
    public boolean isAssistant() {
        return role.equals("assistant");
    }

    /// Whether a block's fingerprint is that of a call or its result, which stand in a history once.
    public static boolean isCall(String blockPrint) {
        return blockPrint.contains(CALL);
    }

    /// The fingerprint of a text; empty for one that says nothing. Clients trim what they send back: white
    /// space at either end tells nothing.
    public static Optional<String> ofText(String text) {
        String stripped = text.strip();
        return stripped.isEmpty() ? Optional.empty() : Optional.of(Hashes.shortHash(stripped));
    }

    /// The fingerprint of a call's result.
    public static String ofResult(String call, String contentHash) {
        return call + RESULT + contentHash;
    }

    /// Which call a fingerprint is of, whatever the result says: clients shorten old ones.
    public static String callOf(String blockPrint) {
        int end = blockPrint.lastIndexOf(RESULT);
        return end < 0 ? blockPrint : blockPrint.substring(0, end);
    }

    /// Whether both hold the same call, and no result of one says something else.
    boolean saysSameOf(String call, MessagePrint other) {
        List<String> own =
                blocks.stream().filter(b -> isCall(b) && callOf(b).equals(call)).toList();
        return other.blocks.stream()
                .filter(b -> isCall(b) && callOf(b).equals(call))
                .anyMatch(b -> own.contains(b) || b.equals(call) || own.contains(call));
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

    /// Whether both have the same name, and nothing else speaks against their being the same.
    boolean sameById(MessagePrint other) {
        return !id.isEmpty() && id.equals(other.id) && (other.isReference() || sameInPlace(other));
    }

    /// Whether there is something to know it by when it is sent again.
    public boolean canBeKnown() {
        return !blocks.isEmpty() || !id.isEmpty();
    }

    /// Whether it only names a message.
    @JsonIgnore
    public boolean isReference() {
        return blocks.equals(List.of(REFERENCE));
    }

    /// The same message, as far as one can tell where both stand in the same place of a history.
    boolean sameInPlace(MessagePrint other) {
        return equals(other) || sharesCall(other) || contains(other) || other.contains(this);
    }

    /// Whether it is unlikely that somebody says this twice by chance.
    boolean isDistinctive() {
        return !calls().isEmpty();
    }

    /// Blocks of `other` that this message does not have.
    public List<String> missingFrom(MessagePrint other) {
        List<String> missing = new ArrayList<>(other.blocks);
        blocks.forEach(missing::remove);
        return missing;
    }

    List<String> calls() {
        return blocks.stream()
                .filter(MessagePrint::isCall)
                .map(MessagePrint::callOf)
                .toList();
    }
}
