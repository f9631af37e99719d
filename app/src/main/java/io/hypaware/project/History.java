package io.hypaware.project;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/// What is known of one branch of a conversation: its messages as of the last call, the answer included.
///
/// @param requestSize how many of the entries the last request held; what follows is its answer
/// @param answered whether the last call completed
/// @param endedMicros when the last call ended
/// @param setup fingerprint of the tools and system text of the last call
/// @param startedMicros when the conversation began
public record History(
        List<Entry> entries, int requestSize, boolean answered, long endedMicros, String setup, long startedMicros) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /// A message.
    ///
    /// @param parts how many rows it has; the next part to be found gets this index
    public record Entry(String id, MessagePrint print, int parts) {}

    public History {
        entries = List.copyOf(entries);
    }

    public byte[] toBytes() {
        try {
            return JSON.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static History fromBytes(byte[] bytes) {
        try {
            return JSON.readValue(bytes, History.class);
        } catch (IOException e) {
            throw new UncheckedIOException("a conversation's history cannot be read", e);
        }
    }

    /// Whether the last call has an answer among the entries. One that was cut has none that counts, and
    /// neither has one without a block that clients send back.
    @JsonIgnore
    boolean endsWithAnswer() {
        return answered && entries.size() > requestSize;
    }

    /// Place of the newest answer; -1 if there is none.
    int tip() {
        int i = entries.size() - 1;
        while (i >= 0 && !entries.get(i).print().isAssistant()) {
            i--;
        }
        return i;
    }

    /// Fingerprint of the first message; empty if there is none.
    public String firstPrint() {
        return entries.isEmpty() ? "" : entries.getFirst().print().text();
    }

    /// Fingerprint of the last assistant message; empty if there is none.
    public String tipPrint() {
        return entries.reversed().stream()
                .map(Entry::print)
                .filter(MessagePrint::isAssistant)
                .findFirst()
                .map(MessagePrint::text)
                .orElse("");
    }
}
