package io.hypaware.search;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.uhighlight.LengthGoalBreakIterator;
import org.apache.lucene.search.uhighlight.Passage;
import org.apache.lucene.search.uhighlight.PassageFormatter;
import org.apache.lucene.search.uhighlight.UnifiedHighlighter;

/// The piece of a text in which the words that are looked for stand.
///
/// @param text the piece
/// @param marks where in it the words are, in their order
/// @param begins whether the text begins with it
/// @param ends whether the text ends with it
public record Excerpt(String text, List<Mark> marks, boolean begins, boolean ends) {

    /// @param from the first character
    /// @param to the one after the last
    public record Mark(int from, int to) {}

    /// Characters of a piece.
    private static final int GOAL = 160;

    /// Where in a piece the words stand.
    private static final float MIDDLE = 0.5f;

    private static final int LONGEST = 2 * GOAL;

    /// Characters of a text in which a piece is looked for.
    private static final int MOST_TEXT = 1_000_000;

    public Excerpt {
        marks = List.copyOf(marks);
    }

    /// The best piece; the beginning, where no word is found.
    public static Excerpt of(String text, String words) {
        Optional<Query> query = Words.of(words);
        if (query.isEmpty() || text.isEmpty()) {
            return cut(text, 0, Math.min(text.length(), GOAL), List.of());
        }
        // Words are marked as they stand in an identifier, or else the whole of it.
        return best(text, query.get(), CodeAnalyzer.ofQuery())
                .or(() -> best(text, query.get(), CodeAnalyzer.ofIndex()))
                .orElseGet(() -> cut(text, 0, Math.min(text.length(), GOAL), List.of()));
    }

    private static Optional<Excerpt> best(String text, Query query, CodeAnalyzer analyzer) {
        UnifiedHighlighter highlighter = UnifiedHighlighter.builderWithoutSearcher(analyzer)
                .withMaxLength(MOST_TEXT)
                .withMaxNoHighlightPassages(0)
                .withBreakIterator(() -> LengthGoalBreakIterator.createClosestToLength(
                        BreakIterator.getWordInstance(Locale.ROOT), GOAL, MIDDLE))
                .withFormatter(new Pieces())
                .build();
        try {
            Object found = highlighter.highlightWithoutSearcher(Fields.TEXT, query, text, 1);
            return found instanceof Excerpt excerpt ? Optional.of(excerpt) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Excerpt cut(String text, int from, int to, List<Mark> marks) {
        int end = Math.min(to, from + LONGEST);
        // Half a character is none.
        if (end < text.length() && end > from && Character.isHighSurrogate(text.charAt(end - 1))) {
            end--;
        }
        List<Mark> shown = new ArrayList<>();
        for (Mark mark : marks) {
            if (mark.to() <= end - from) {
                shown.add(mark);
            }
        }
        return new Excerpt(text.substring(from, end), shown, from == 0, end == text.length());
    }

    private static final class Pieces extends PassageFormatter {

        @Override
        public Object format(Passage[] passages, String content) {
            Passage passage = passages[0];
            List<Mark> marks = new ArrayList<>();
            int last = 0;
            for (int i = 0; i < passage.getNumMatches(); i++) {
                int from = Math.max(last, passage.getMatchStarts()[i] - passage.getStartOffset());
                int to = passage.getMatchEnds()[i] - passage.getStartOffset();
                if (to > from) {
                    marks.add(new Mark(from, to));
                    last = to;
                }
            }
            return cut(content, passage.getStartOffset(), passage.getEndOffset(), marks);
        }
    }
}
