package io.hypaware.project.conversation;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

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

    /// The first byte of what is stored.
    private static final byte WITH_KEYS = 1;

    /// A message.
    ///
    /// @param parts how many rows it has; the next part to be found gets this index
    public record Entry(String id, MessagePrint print, int parts) {}

    public History {
        entries = List.copyOf(entries);
    }

    /// Its keys, then its JSON.
    public byte[] toBytes() {
        try {
            byte[] json = JSON.writeValueAsBytes(this);
            HistoryKeys keys = HistoryKeys.of(this);
            ByteBuffer out = ByteBuffer.allocate(1 + keys.byteSize() + json.length);
            out.put(WITH_KEYS);
            keys.write(out);
            out.put(json);
            return Arrays.copyOf(out.array(), out.position());
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A history as it is stored.
    static final class Stored {

        private final HistoryKeys keys;
        private final Supplier<History> read;
        private Optional<History> history = Optional.empty();

        private Stored(HistoryKeys keys, Supplier<History> read) {
            this.keys = keys;
            this.read = read;
        }

        static Stored of(byte[] bytes) {
            if (bytes.length == 0 || bytes[0] != WITH_KEYS) {
                // Until version 5 of the journal a history was its JSON.
                History whole = fromJson(bytes, 0);
                return new Stored(HistoryKeys.of(whole), () -> whole);
            }
            ByteBuffer in = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
            HistoryKeys keys = HistoryKeys.read(in);
            int json = in.position();
            return new Stored(keys, () -> fromJson(bytes, json));
        }

        HistoryKeys keys() {
            return keys;
        }

        History history() {
            if (history.isEmpty()) {
                history = Optional.of(read.get());
            }
            return history.get();
        }
    }

    private static History fromJson(byte[] bytes, int from) {
        try {
            return JSON.readValue(bytes, from, bytes.length - from, History.class);
        } catch (IOException e) {
            throw new UncheckedIOException("a conversation's history cannot be read", e);
        }
    }

    /// How many of the entries count as the request's: an answer of thoughts alone, which the client may or may not
    /// send back, answers nothing.
    public static int withThoughts(List<Entry> entries, int requestSize) {
        boolean saysSomething = entries.subList(requestSize, entries.size()).stream()
                .anyMatch(entry -> !entry.print().blocks().isEmpty());
        return saysSomething ? requestSize : entries.size();
    }

    /// How many messages of the last request a client cannot leave out, as it may thoughts.
    long saidInRequest() {
        return entries.subList(0, requestSize).stream()
                .filter(entry -> !entry.print().blocks().isEmpty())
                .count();
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
        return entries.isEmpty()
                ? ""
                : MessagePrint.opening(entries.stream().map(Entry::print).toList())
                        .text();
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
