package io.hypaware.secret;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/// Finds all anchors of all rules in one pass over a text (Aho-Corasick), whatever the case of its letters.
final class Anchors {

    private static final int ASCII = 128;

    /// An anchor of a rule.
    record Anchor(SecretRule rule, int length) {}

    /// Takes an anchor and where in the text it begins.
    @FunctionalInterface
    interface Visitor {
        void found(SecretRule rule, int at);
    }

    /// The next state by state and character.
    private final char[] next;

    /// What ends in a state.
    private final List<List<Anchor>> ends;

    private Anchors(char[] next, List<List<Anchor>> ends) {
        this.next = next;
        this.ends = ends;
    }

    static Anchors of(List<SecretRule> rules) {
        List<int[]> edges = new ArrayList<>(List.of(state()));
        List<List<Anchor>> ends = new ArrayList<>(List.of(new ArrayList<>()));
        for (SecretRule rule : rules) {
            for (String anchor : rule.anchors()) {
                int state = 0;
                for (int i = 0; i < anchor.length(); i++) {
                    char c = anchor.charAt(i);
                    if (edges.get(state)[c] < 0) {
                        edges.get(state)[c] = edges.size();
                        edges.add(state());
                        ends.add(new ArrayList<>());
                    }
                    state = edges.get(state)[c];
                }
                ends.get(state).add(new Anchor(rule, anchor.length()));
            }
        }
        return new Anchors(closed(edges, ends), ends);
    }

    private static int[] state() {
        int[] edges = new int[ASCII];
        Arrays.fill(edges, -1);
        return edges;
    }

    /// Fills in where a state goes that has no edge for a character: to where its longest proper ending would.
    private static char[] closed(List<int[]> edges, List<List<Anchor>> ends) {
        char[] next = new char[edges.size() * ASCII];
        int[] fallback = new int[edges.size()];
        Deque<Integer> open = new ArrayDeque<>(List.of(0));
        while (!open.isEmpty()) {
            int state = open.remove();
            for (int c = 0; c < ASCII; c++) {
                int to = edges.get(state)[c];
                int otherwise = state == 0 ? 0 : next[fallback[state] * ASCII + c];
                if (to < 0) {
                    next[state * ASCII + c] = (char) otherwise;
                } else {
                    next[state * ASCII + c] = (char) to;
                    fallback[to] = otherwise;
                    ends.get(to).addAll(ends.get(otherwise));
                    open.add(to);
                }
            }
        }
        return next;
    }

    void visit(CharSequence text, int from, int to, Visitor visitor) {
        int state = 0;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c >= ASCII) {
                state = 0;
                continue;
            }
            state = next[state * ASCII + (c >= 'A' && c <= 'Z' ? c + 32 : c)];
            List<Anchor> found = ends.get(state);
            for (int k = 0; k < found.size(); k++) {
                visitor.found(found.get(k).rule(), i + 1 - found.get(k).length());
            }
        }
    }
}
