package io.hypaware.read;

/// Where two texts differ, short enough to read: what is equal at both ends is left out but for a few words.
///
/// @param before of the first text; empty if it only lacks something
/// @param after of the second
public record Snippet(String before, String after) {

    private static final int CONTEXT = 32;
    private static final int MOST = 160;

    static Snippet of(String first, String second) {
        int start = 0;
        int shorter = Math.min(first.length(), second.length());
        while (start < shorter && first.charAt(start) == second.charAt(start)) {
            start++;
        }
        int end = 0;
        while (end < shorter - start
                && first.charAt(first.length() - 1 - end) == second.charAt(second.length() - 1 - end)) {
            end++;
        }
        return new Snippet(cut(first, start, end), cut(second, start, end));
    }

    private static String cut(String text, int start, int end) {
        int from = Math.max(0, start - CONTEXT);
        int to = Math.min(text.length(), text.length() - end + CONTEXT);
        String middle = to - from > MOST ? text.substring(from, from + MOST) + "…" : text.substring(from, to);
        return (from > 0 ? "…" : "") + middle + (to < text.length() && !middle.endsWith("…") ? "…" : "");
    }
}
