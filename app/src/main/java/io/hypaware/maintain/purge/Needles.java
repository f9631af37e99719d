package io.hypaware.maintain.purge;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Texts that are looked for in bytes, thousands at once: a rolling hash for each length among them.
final class Needles {

    private static final long BASE = 0x9E3779B97F4A7C15L | 1;
    private static final int FILTER_BITS = 18;

    private final List<byte[]> all = new ArrayList<>();
    private final List<Group> groups = new ArrayList<>();
    private final int longest;

    /// Those of one length.
    private static final class Group {
        private final int length;
        private final BitSet filter = new BitSet(1 << FILTER_BITS);
        private final long[] hashes;
        private final int[] numbers;
        private final long outgoing;

        Group(int length, List<Integer> members, List<byte[]> all) {
            this.length = length;
            int size = Integer.highestOneBit(Math.max(2, members.size())) * 4;
            hashes = new long[size];
            numbers = new int[size];
            Arrays.fill(numbers, -1);
            long power = 1;
            for (int i = 1; i < length; i++) {
                power *= BASE;
            }
            outgoing = power;
            for (int number : members) {
                long hash = hash(all.get(number), 0, length);
                int slot = slot(hash);
                while (numbers[slot] >= 0) {
                    slot = (slot + 1) & (size - 1);
                }
                hashes[slot] = hash;
                numbers[slot] = number;
                filter.set((int) (hash >>> (64 - FILTER_BITS)));
            }
        }

        int slot(long hash) {
            return (int) (hash >>> 20) & (hashes.length - 1);
        }
    }

    private static long hash(byte[] bytes, int from, int length) {
        long hash = 0;
        for (int i = from; i < from + length; i++) {
            hash = hash * BASE + bytes[i];
        }
        return hash;
    }

    /// @param texts none of them empty; the same ones count once
    Needles(Collection<String> texts) {
        Map<Integer, List<Integer>> byLength = new TreeMap<>();
        for (String text : new LinkedHashSet<>(texts)) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            byLength.computeIfAbsent(bytes.length, _ -> new ArrayList<>()).add(all.size());
            all.add(bytes);
        }
        byLength.forEach((length, members) -> groups.add(new Group(length, members, all)));
        longest = byLength.isEmpty() ? 1 : ((TreeMap<Integer, List<Integer>>) byLength).lastKey();
    }

    int count() {
        return all.size();
    }

    /// Takes the number of a text that was found.
    @FunctionalInterface
    interface Found {
        void at(int number);
    }

    /// Looks into one run of bytes, which come in pieces.
    Scan scan(Found found) {
        return new Scan(found);
    }

    final class Scan {

        private static final int PIECE = 1 << 16;

        private final Found found;
        private final byte[] window = new byte[PIECE + longest];
        private int kept;

        private Scan(Found found) {
            this.found = found;
        }

        void accept(byte[] bytes, int from, int length) {
            int at = from;
            int left = length;
            while (left > 0) {
                int count = Math.min(left, PIECE);
                System.arraycopy(bytes, at, window, kept, count);
                look(kept + count, kept);
                int keep = Math.min(longest - 1, kept + count);
                System.arraycopy(window, kept + count - keep, window, 0, keep);
                kept = keep;
                at += count;
                left -= count;
            }
        }

        /// What comes next does not go on from here.
        void end() {
            kept = 0;
        }

        private void look(int end, int before) {
            for (Group group : groups) {
                // What ends within the part that was seen before was found then.
                int from = Math.max(0, before - group.length + 1);
                if (end - from < group.length) {
                    continue;
                }
                long hash = hash(window, from, group.length);
                int last = end - group.length;
                for (int at = from; ; at++) {
                    if (group.filter.get((int) (hash >>> (64 - FILTER_BITS)))) {
                        check(group, hash, at);
                    }
                    if (at == last) {
                        break;
                    }
                    hash = (hash - window[at] * group.outgoing) * BASE + window[at + group.length];
                }
            }
        }

        private void check(Group group, long hash, int at) {
            int slot = group.slot(hash);
            while (group.numbers[slot] >= 0) {
                int number = group.numbers[slot];
                if (group.hashes[slot] == hash
                        && Arrays.equals(window, at, at + group.length, all.get(number), 0, group.length)) {
                    found.at(number);
                }
                slot = (slot + 1) & (group.hashes.length - 1);
            }
        }
    }
}
