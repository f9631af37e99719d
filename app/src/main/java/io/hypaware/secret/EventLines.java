package io.hypaware.secret;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import org.jspecify.annotations.Nullable;

/// The lines of a streamed answer with their ends. One that is longer than an event comes in pieces.
final class EventLines {

    private static final int LONGEST = 4 << 20;

    private final Reader in;

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
            if (c == '\n' || line.length() == LONGEST) {
                return line.toString();
            }
            c = in.read();
        }
        return line.isEmpty() ? null : line.toString();
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
