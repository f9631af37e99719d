package io.hypaware.secret;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The lines of a streamed answer with their ends, or the elements of one that is an array. One that is longer than an
/// event comes in pieces.
final class EventLines {

    private static final int LONGEST = 4 << 20;

    private final Reader in;

    /// Known from the first character on: then elements are what lines are elsewhere.
    private Optional<Boolean> array = Optional.empty();

    private int depth;
    private boolean isInString;
    private boolean isEscaped;

    /// @param in read by single characters
    EventLines(BufferedReader in) {
        this.in = in;
    }

    @Nullable
    String next() throws IOException {
        StringBuilder line = new StringBuilder();
        int c = in.read();
        while (c >= 0) {
            line.append((char) c);
            boolean isEnd = array.orElseGet(() -> begun(line)) ? isElement((char) c) : c == '\n' || c == '\r';
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

    /// Whether an element of the array ends here.
    private boolean isElement(char c) {
        if (isInString) {
            isInString = isEscaped || c != '"';
            isEscaped = !isEscaped && c == '\\';
            return false;
        }
        switch (c) {
            case '"' -> isInString = true;
            case '{', '[' -> depth++;
            case '}', ']' -> depth--;
            default -> {}
        }
        return c == '}' && depth == 1;
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
