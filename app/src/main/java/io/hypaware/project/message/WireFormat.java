package io.hypaware.project.message;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.dataset.Row;
import io.hypaware.project.PayloadSink;
import io.hypaware.project.conversation.Alignment;
import io.hypaware.project.conversation.History;
import io.hypaware.project.conversation.MessagePrint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How a provider's calls say messages: where they stand, and what each block of them is.
public interface WireFormat {

    /// The field of a request whose array is the history; a text in its place is one message.
    String messagesField();

    /// Who says a message: `user`, `assistant`, `tool`, `system`, `developer`.
    String role(JsonNode message);

    /// A message's blocks, each of which is a part with a row of its own. A text stands for a block of text.
    List<JsonNode> blocks(JsonNode message);

    /// What identifies a block, as [MessagePrint] has it; empty for what clients leave out of older turns.
    Optional<String> print(JsonNode block);

    /// Fills the columns of one part.
    void fill(JsonNode block, PayloadSink payloads, Row.Builder row);

    /// The provider's own name of a message, where it has one.
    default Optional<String> id(JsonNode message) {
        return Optional.empty();
    }

    /// The system text of a request beside its messages, block by block.
    List<String> system(JsonNode fields);

    /// The name of a tool in its definition.
    default String toolName(JsonNode tool) {
        return tool.path("name").asText("");
    }

    /// The definitions of tools that a message brings, if it does.
    default List<JsonNode> tools(JsonNode message) {
        return List.of();
    }

    /// The system text that a message is, if it is one and stands before all others.
    default Optional<String> systemText(JsonNode message) {
        return Optional.empty();
    }

    /// Whether messages that are the system text are messages all the same.
    default boolean keepsSystemMessages() {
        return false;
    }

    /// Whether there is anything that [#isPrelude].
    default boolean hasPreludes() {
        return false;
    }

    /// Whether what has this fingerprint is no message of its own, but the beginning of the next one of the assistant.
    default boolean isPrelude(MessagePrint print) {
        return false;
    }

    /// Whether a message stands for an earlier history.
    default boolean isSummary(JsonNode message) {
        return false;
    }

    /// Whether a block is a client's own request for what is to stand in place of the history.
    default boolean asksForSummary(JsonNode block) {
        return false;
    }

    /// Whether the provider keeps what was said, so that a call may go on from an answer by its id.
    default boolean keepsHistory() {
        return false;
    }

    /// Whether a request goes on from wherever its session is, without saying from where.
    default boolean goesOn(JsonNode fields) {
        return false;
    }

    /// Whether a request is only read by the provider, so that the next one is answered sooner: what is
    /// answered all the same is no part of what was said.
    default boolean isPrefill(JsonNode fields) {
        return false;
    }

    /// What of a request was said before in another place, by the client's own ways.
    default Notes notes(List<History.Entry> known, Alignment alignment, List<MessagePrint> request) {
        return Notes.NONE;
    }

    default MessagePrint printOf(JsonNode message) {
        List<String> prints = new ArrayList<>();
        for (JsonNode block : blocks(message)) {
            print(block).ifPresent(prints::add);
        }
        return new MessagePrint(role(message), prints, id(message).orElse(""));
    }
}
