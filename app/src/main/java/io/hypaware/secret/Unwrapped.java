package io.hypaware.secret;

import java.util.Arrays;
import java.util.Optional;

/// A text without what may stand within a secret and is none of it: escapes of JSON and of URLs, colours of a terminal,
/// characters of no width. It knows where in the first text each character stood.
///
/// @param from where each character began, and where the text ended
record Unwrapped(String text, int[] from) {

    private static final char ESCAPE = 0x1b;

    /// What a terminal is told in one sequence is no longer.
    private static final int LONGEST_SEQUENCE = 300;

    static Unwrapped of(String text, int begin, int end) {
        int[] from = new int[end - begin + 1];
        Arrays.setAll(from, i -> begin + i);
        return new Unwrapped(text.substring(begin, end), from);
    }

    /// The same with one more layer taken off; nothing if there is none.
    Optional<Unwrapped> further() {
        if (!isWrapped(text, 0, text.length())) {
            return Optional.empty();
        }
        Walk walk = new Walk();
        walk.run();
        return walk.length == text.length() ? Optional.empty() : Optional.of(walk.result());
    }

    /// Where in the first text something stood.
    Finding whereItStood(Finding finding) {
        return new Finding(finding.rule(), from[finding.begin()], from[finding.end()], finding.secret());
    }

    static boolean isWrapped(String text, int begin, int end) {
        for (int i = begin; i < end; i++) {
            char c = text.charAt(i);
            if (c == '\\' || c == '%' || isUnseen(c)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isUnseen(char c) {
        return c < 0x20
                ? c != '\n' && c != '\t' && c != '\r'
                : c >= 0x7f
                        && (c <= 0x9f
                                || c == 0xad
                                || (c >= 0x200b && c <= 0x200f)
                                || (c >= 0x2028 && c <= 0x202e)
                                || (c >= 0x2060 && c <= 0x206f)
                                || c == 0xfeff);
    }

    private final class Walk {

        private final char[] out = new char[text.length()];
        private final int[] where = new int[text.length() + 1];
        private int length;
        private int at;

        private void run() {
            while (at < text.length()) {
                int begin = at;
                char c = decoded();
                if (c == ESCAPE) {
                    skipSequence();
                } else if (!isUnseen(c)) {
                    out[length] = c;
                    where[length++] = from[begin];
                }
            }
            where[length] = from[text.length()];
        }

        private Unwrapped result() {
            return new Unwrapped(new String(out, 0, length), Arrays.copyOf(where, length + 1));
        }

        private char decoded() {
            char c = text.charAt(at++);
            if (c == '\\' && at < text.length()) {
                return afterBackslash();
            }
            if (c == '%') {
                int code = hex(at, 2);
                if (code >= 0x20 && code < 0x7f) {
                    at += 2;
                    return (char) code;
                }
            }
            return c;
        }

        private char afterBackslash() {
            char c = text.charAt(at++);
            return switch (c) {
                case 'n' -> '\n';
                case 't' -> '\t';
                case 'r' -> '\r';
                case 'e' -> ESCAPE;
                case '"', '\'', '\\', '/', '\n' -> c;
                case 'u' -> coded(c, 4);
                case 'x' -> coded(c, 2);
                case '0' -> afterZero();
                default -> asItStands();
            };
        }

        /// As shells write the escape: 033.
        private char afterZero() {
            if (!text.startsWith("33", at)) {
                return asItStands();
            }
            at += 2;
            return ESCAPE;
        }

        /// The backslash is one.
        private char asItStands() {
            at--;
            return '\\';
        }

        private char coded(char otherwise, int digits) {
            int code = hex(at, digits);
            if (code < 0) {
                return otherwise;
            }
            at += digits;
            return (char) code;
        }

        /// A number of so many digits; -1 if none is there.
        private int hex(int begin, int digits) {
            if (begin + digits > text.length()) {
                return -1;
            }
            int code = 0;
            for (int i = begin; i < begin + digits; i++) {
                int digit = Character.digit(text.charAt(i), 16);
                if (digit < 0) {
                    return -1;
                }
                code = code * 16 + digit;
            }
            return code;
        }

        /// What follows the escape: up to a letter, or a link up to its end.
        private void skipSequence() {
            if (at >= text.length()) {
                return;
            }
            char kind = text.charAt(at);
            int limit = Math.min(text.length(), at + LONGEST_SEQUENCE);
            if (kind == '[') {
                int end = at + 1;
                while (end < limit && text.charAt(end) >= 0x20 && text.charAt(end) < 0x40) {
                    end++;
                }
                at = end < limit ? end + 1 : at;
            } else if (kind == ']') {
                for (int end = at + 1; end < limit; end++) {
                    if (text.charAt(end) == 0x07 || text.charAt(end) == ESCAPE) {
                        at = end + (text.charAt(end) == ESCAPE ? 2 : 1);
                        at = Math.min(at, text.length());
                        return;
                    }
                }
            }
        }
    }
}
