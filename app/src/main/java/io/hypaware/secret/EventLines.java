package io.hypaware.secret;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The lines of a streamed answer with their ends, or the elements of one that is an array. An event of server-sent
/// events whose JSON goes over several lines is one with all of them. One that is longer than an event comes in pieces.
final class EventLines {

    private static final int LONGEST = 4 << 20;

    private final Reader in;

    /// Known from the first character on: then elements are what lines are elsewhere.
    private Optional<Boolean> array = Optional.empty();

    private final Brackets elements = new Brackets();

    /// @param in read by single characters
    EventLines(BufferedReader in) {
        this.in = in;
    }

    @Nullable
    String next() throws IOException {
        StringBuilder line = new StringBuilder();
        OpenEvent event = new OpenEvent();
        int c = in.read();
        while (c >= 0) {
            line.append((char) c);
            boolean isEnd = array.orElseGet(() -> begun(line))
                    ? elements.isElement((char) c)
                    : (c == '\n' || c == '\r') && !event.goesOn(line);
            if (isEnd || line.length() == LONGEST) {
                return line.toString();
            }
            c = in.read();
        }
        return line.isEmpty() ? null : line.toString();
    }

    /// Whether all is one array: known from its first character.
    private boolean begun(StringBuilder line) {
        String text = line.toString().strip();
        if (text.isEmpty()) {
            return false;
        }
        array = Optional.of(text.startsWith("["));
        return array.get();
    }

    /// How deep in a JSON text its characters stand.
    private static final class Brackets {

        private int depth;
        private boolean isInString;
        private boolean isEscaped;

        private void add(char c) {
            if (isInString) {
                isInString = isEscaped || c != '"';
                isEscaped = !isEscaped && c == '\\';
                return;
            }
            switch (c) {
                case '"' -> isInString = true;
                case '{', '[' -> depth++;
                case '}', ']' -> depth--;
                default -> {}
            }
        }

        /// Whether an element of the array ends here.
        private boolean isElement(char c) {
            boolean wasInString = isInString;
            add(c);
            return c == '}' && depth == 1 && !wasInString;
        }
    }

    /// What is known of an event while its lines are read.
    private static final class OpenEvent {

        private final Brackets brackets = new Brackets();
        private int read;

        /// Whether the JSON of what was read so far goes on in a further line.
        private boolean goesOn(StringBuilder lines) {
            int begin = read;
            read = lines.length();
            boolean isWithin = begin > 0;
            if (isWithin && read - begin == 1) {
                // The other half of a line's end; else the empty line that ends an event.
                return lines.charAt(begin) == '\n' && lines.charAt(begin - 1) == '\r';
            }
            if (lines.indexOf(Deltas.DATA, begin) == begin) {
                for (int i = begin + Deltas.DATA.length(); i < read; i++) {
                    brackets.add(lines.charAt(i));
                }
            } else if (!isWithin) {
                return false;
            }
            return brackets.depth > 0;
        }
    }

    /// The same lines without what was found in their texts.
    static final class Rewritten extends Reader {

        private final Reader in;
        private final EventLines lines;
        private final Deltas.Rewriter rewriter;
        private String line = "";
        private int at;

        Rewritten(Reader in, Deltas.Rewriter rewriter) {
            this.in = in;
            this.lines = new EventLines(new BufferedReader(in));
            this.rewriter = rewriter;
        }

        @Override
        public int read(char[] target, int offset, int length) throws IOException {
            while (at == line.length()) {
                String next = lines.next();
                if (next == null) {
                    return -1;
                }
                line = rewriter.line(next);
                at = 0;
            }
            int count = Math.min(length, line.length() - at);
            line.getChars(at, at + count, target, offset);
            at += count;
            return count;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
