package io.hypaware.project.conversation;

import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What of a history's messages is needed to tell how many of a request's messages it may know at most: a number for
/// each block, of its message's role and its fingerprint. It is stored before the history, which is read only where
/// that is worth it: a session may have many long ones.
///
/// Two blocks that can be taken for one another have the same number. The reverse need not be true.
final class HistoryKeys {

    private static final long FACTOR = 0x9E3779B97F4A7C15L;

    /// By message, where its keys end.
    private final int[] ends;

    private final long[] keys;
    private final int requestSize;
    private final boolean endsWithAnswer;

    private HistoryKeys(int[] ends, long[] keys, int requestSize, boolean endsWithAnswer) {
        this.ends = ends;
        this.keys = keys;
        this.requestSize = requestSize;
        this.endsWithAnswer = endsWithAnswer;
    }

    static HistoryKeys of(History history) {
        int[] ends = new int[history.entries().size()];
        int count = 0;
        for (int i = 0; i < ends.length; i++) {
            count += history.entries().get(i).print().blocks().size();
            ends[i] = count;
        }
        long[] keys = new long[count];
        int next = 0;
        for (History.Entry entry : history.entries()) {
            for (String block : entry.print().blocks()) {
                keys[next++] = key(entry.print().role(), block);
            }
        }
        return new HistoryKeys(ends, keys, history.requestSize(), history.endsWithAnswer());
    }

    private static long key(String role, String block) {
        String call = MessagePrint.callOf(block);
        long key = role.hashCode();
        for (int i = 0; i < call.length(); i++) {
            key = (key ^ call.charAt(i)) * FACTOR;
        }
        return key ^ (key >>> 32);
    }

    int byteSize() {
        return 4 * Integer.BYTES + 1 + ends.length * Integer.BYTES + keys.length * Long.BYTES;
    }

    void write(ByteBuffer out) {
        out.putInt(requestSize).put((byte) (endsWithAnswer ? 1 : 0));
        out.putInt(ends.length).putInt(keys.length);
        out.asIntBuffer().put(ends);
        out.position(out.position() + ends.length * Integer.BYTES);
        out.asLongBuffer().put(keys);
        out.position(out.position() + keys.length * Long.BYTES);
    }

    static HistoryKeys read(ByteBuffer in) {
        int requestSize = in.getInt();
        boolean endsWithAnswer = in.get() != 0;
        int[] ends = new int[in.getInt()];
        long[] keys = new long[in.getInt()];
        in.asIntBuffer().get(ends);
        in.position(in.position() + ends.length * Integer.BYTES);
        in.asLongBuffer().get(keys);
        in.position(in.position() + keys.length * Long.BYTES);
        return new HistoryKeys(ends, keys, requestSize, endsWithAnswer);
    }

    int requestSize() {
        return requestSize;
    }

    /// The most that an alignment can find.
    record Bound(int answers, int known) {}

    /// The messages of a request by their keys.
    static final class Request {

        private final List<MessagePrint> messages;
        private final int settled;

        /// A number for each distinct key.
        private final Map<Long, Integer> numbers = new HashMap<>();

        private final int[][] keysOf;

        Request(List<MessagePrint> messages) {
            this.messages = messages;
            this.settled = Alignment.settled(messages);
            this.keysOf = new int[messages.size()][];
            for (int i = 0; i < keysOf.length; i++) {
                MessagePrint message = messages.get(i);
                keysOf[i] = message.blocks().stream()
                        .mapToInt(block -> numbers.computeIfAbsent(key(message.role(), block), _ -> numbers.size()))
                        .toArray();
            }
        }

        Bound bound(HistoryKeys history) {
            BitSet there = new BitSet(numbers.size());
            for (long key : history.keys) {
                Integer number = numbers.get(key);
                if (number != null) {
                    there.set(number);
                }
            }
            int answers = 0;
            int known = 0;
            for (int i = 0; i < keysOf.length; i++) {
                if (mayBeKnown(i, there, history)) {
                    known++;
                    answers += messages.get(i).isAssistant() ? 1 : 0;
                }
            }
            return new Bound(answers, known);
        }

        /// What was said just now is known only where it is sent again, or holds a call.
        private boolean mayBeKnown(int message, BitSet there, HistoryKeys history) {
            int[] keys = keysOf[message];
            boolean settledOrAgain = message < settled || !history.endsWithAnswer;
            if (messages.get(message).isReference()) {
                return true;
            }
            if (keys.length == 0) {
                return settledOrAgain;
            }
            boolean shared = false;
            for (int key : keys) {
                shared |= there.get(key);
            }
            return shared
                    && (settledOrAgain
                            || !messages.get(message).calls().isEmpty()
                            || !messages.get(message).id().isEmpty()
                            || stands(keys, message, history));
        }

        private boolean stands(int[] wanted, int place, HistoryKeys history) {
            if (place >= history.ends.length) {
                return false;
            }
            for (int i = place == 0 ? 0 : history.ends[place - 1]; i < history.ends[place]; i++) {
                Integer number = numbers.get(history.keys[i]);
                for (int key : wanted) {
                    if (number != null && number == key) {
                        return true;
                    }
                }
            }
            return false;
        }
    }
}
