package io.hypaware.web;

import com.github.difflib.DiffUtils;
import com.github.difflib.patch.AbstractDelta;
import com.github.difflib.patch.ChangeDelta;
import com.github.difflib.patch.Chunk;
import java.util.ArrayList;
import java.util.List;

/// Two texts line by line, as people read a change: what went, what came, a few lines around.
public final class TextDiff {

    private static final int CONTEXT = 3;
    private static final int MOST_LINES = 400;
    private static final int MOST_LOOKED_AT = 20_000;

    /// More lines that differ are not compared with each other: that takes time and memory by their square.
    private static final int MOST_COMPARED = 600;

    private static final int LONGEST_LINE = 2_000;

    /// @param kind `gone`, `new`, `same` or `gap`
    public record Line(String kind, String text) {}

    /// @return up to some hundred lines; nothing if the texts are equal
    public static List<Line> of(String before, String after) {
        List<String> old = lines(before);
        List<String> now = lines(after);
        int start = 0;
        while (start < Math.min(old.size(), now.size()) && old.get(start).equals(now.get(start))) {
            start++;
        }
        int end = 0;
        while (end < Math.min(old.size(), now.size()) - start
                && old.get(old.size() - 1 - end).equals(now.get(now.size() - 1 - end))) {
            end++;
        }
        List<String> oldMiddle = old.subList(start, old.size() - end);
        List<String> newMiddle = now.subList(start, now.size() - end);
        List<AbstractDelta<String>> deltas = oldMiddle.size() > MOST_COMPARED || newMiddle.size() > MOST_COMPARED
                ? List.of(new ChangeDelta<>(new Chunk<>(0, oldMiddle), new Chunk<>(0, newMiddle)))
                : DiffUtils.diff(oldMiddle, newMiddle).getDeltas();
        return shown(old, start, deltas);
    }

    /// @param start where what was compared begins
    private static List<Line> shown(List<String> old, int start, List<AbstractDelta<String>> deltas) {
        List<Line> shown = new ArrayList<>();
        int at = 0;
        for (AbstractDelta<String> delta : deltas) {
            int begin = start + delta.getSource().getPosition();
            int from = Math.max(at, begin - CONTEXT);
            if (at > 0) {
                int until = Math.min(at + CONTEXT, from);
                add(shown, "same", old.subList(at, until));
                from = Math.max(from, until);
                if (from > until) {
                    shown.add(new Line("gap", "…"));
                }
            } else if (from > 0) {
                shown.add(new Line("gap", "…"));
            }
            add(shown, "same", old.subList(from, begin));
            add(shown, "gone", delta.getSource().getLines());
            add(shown, "new", delta.getTarget().getLines());
            at = begin + delta.getSource().size();
            if (shown.size() > MOST_LINES) {
                List<Line> first = new ArrayList<>(shown.subList(0, MOST_LINES));
                first.add(new Line("gap", "… and more"));
                return first;
            }
        }
        if (at > 0 && !shown.isEmpty()) {
            add(shown, "same", old.subList(Math.min(at, old.size()), Math.min(at + CONTEXT, old.size())));
        }
        return shown;
    }

    private static void add(List<Line> shown, String kind, List<String> lines) {
        lines.forEach(line -> shown.add(new Line(kind, line)));
    }

    static List<String> lines(String text) {
        return Html.visible(text)
                .lines()
                .limit(MOST_LOOKED_AT)
                .map(line -> Html.whole(line, LONGEST_LINE))
                .toList();
    }

    private TextDiff() {}
}
