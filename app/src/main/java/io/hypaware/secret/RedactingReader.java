package io.hypaware.secret;

import java.io.IOException;
import java.io.Reader;
import java.util.List;

/// A text of any length without its secrets, read in windows.
final class RedactingReader extends Reader {

    private static final int WINDOW = 1 << 18;

    /// As much of what was given out is looked at again, for a secret is known by what stands before it.
    private static final int KNOWN_BEFORE = SecretRule.LONGEST;

    /// Escapes make a secret longer than its characters.
    private static final int KNOWN_BEHIND = 2 * SecretRule.LONGEST;

    private final Redactor redactor;
    private final Reader in;
    private final char[] chunk = new char[1 << 16];

    /// From before what is given out next to as far as was read.
    private final StringBuilder window = new StringBuilder();

    private final StringBuilder out = new StringBuilder();
    private int outFrom;
    private int given;
    private boolean isAtEnd;
    private TextShape shape = TextShape.of("");
    private boolean hasBegun;
    private long secrets;

    RedactingReader(Redactor redactor, Reader in) {
        this.redactor = redactor;
        this.in = in;
    }

    /// How many secrets were left out so far.
    long secrets() {
        return secrets;
    }

    @Override
    public int read(char[] target, int offset, int length) throws IOException {
        while (outFrom == out.length()) {
            if (isAtEnd && given == window.length()) {
                return -1;
            }
            out.setLength(0);
            outFrom = 0;
            step();
        }
        int count = Math.min(length, out.length() - outFrom);
        out.getChars(outFrom, outFrom + count, target, offset);
        outFrom += count;
        return count;
    }

    private void step() throws IOException {
        fill();
        String text = window.toString();
        if (!hasBegun) {
            hasBegun = true;
            shape = TextShape.of(text.substring(0, Math.min(text.length(), 64)));
        }
        int end = isAtEnd ? text.length() : Math.max(given, text.length() - KNOWN_BEHIND);
        int at = given;
        List<Finding> findings = redactor.findings(text);
        for (Finding finding : findings) {
            if (finding.end() <= at || finding.begin() >= end) {
                continue;
            }
            if (finding.end() > end && finding.begin() > at) {
                // It may go on behind what is known.
                end = finding.begin();
                break;
            }
            keep(text, at, Math.max(at, finding.begin()));
            at = Math.max(at, finding.begin());
            leaveOut(text, at, Math.min(finding.end(), end), redactor.mark(finding));
            at = Math.min(finding.end(), end);
        }
        keep(text, at, end);
        int before = Math.max(0, end - KNOWN_BEFORE);
        window.delete(0, before);
        given = end - before;
    }

    private void fill() throws IOException {
        while (!isAtEnd && window.length() - given < WINDOW) {
            int count = in.read(chunk, 0, chunk.length);
            if (count < 0) {
                isAtEnd = true;
            } else {
                window.append(chunk, 0, count);
            }
        }
    }

    private void keep(String text, int begin, int end) {
        for (int i = begin; i < end; i++) {
            shape.isStructure(text.charAt(i));
        }
        out.append(text, begin, end);
    }

    private void leaveOut(String text, int begin, int end, String mark) {
        boolean isMarked = false;
        for (int i = begin; i < end; i++) {
            if (shape.isStructure(text.charAt(i))) {
                out.append(text.charAt(i));
            } else if (!isMarked) {
                isMarked = true;
                secrets++;
                out.append(mark);
            }
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
