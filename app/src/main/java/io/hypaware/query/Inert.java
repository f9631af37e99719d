package io.hypaware.query;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.regex.Pattern;

/// Makes text inert: what a terminal acts on is written as an escape. Captured text holds whatever a model, a tool or a
/// provider said, so that all of it passes here before a person sees it (`--raw` alone does not).
///
/// Escaped are C0 but the line feed, DEL, C1, marks that reorder text, characters of no width, and line and paragraph
/// separators. In the form of JSON, so that JSON stays what it is.
public final class Inert {

    /// The first half of a tag character.
    private static final char TAGS = 0xdb40;

    /// What colours a terminal's text.
    private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;]{0,40}m");

    /// A writer that escapes on the way to another.
    public static Writer writer(Writer target) {
        return new EscapingWriter(target);
    }

    /// Whether a terminal, or a reader's eye, would act on it.
    private static boolean acts(char c) {
        if (c < 0x20) {
            return c != '\n';
        }
        if (c < 0x7f) {
            return false;
        }
        return c <= 0x9f
                || c == 0xad
                || c == 0x61c
                || c == 0x180e
                || (c >= 0x200b && c <= 0x200f)
                || (c >= 0x2028 && c <= 0x202e)
                || (c >= 0x2060 && c <= 0x206f)
                || c == 0xfeff
                || c == TAGS;
    }

    /// The same where the character before is known: tags and selectors that are never seen have two halves.
    static boolean acts(char before, char c) {
        return acts(c) || (before == TAGS && Character.isLowSurrogate(c));
    }

    static String escaped(char c) {
        return "\\u%04x".formatted((int) c);
    }

    /// A text for a page, which acts on no escape of a terminal but does on marks that reorder text. Tabs stay; colours
    /// of a terminal are left out.
    public static String page(String text) {
        String plain = COLOUR.matcher(text.replace("\r\n", "\n")).replaceAll("");
        StringBuilder out = new StringBuilder(plain.length());
        char before = 0;
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            out.append(c != '\t' && acts(before, c) ? escaped(c) : String.valueOf(c));
            before = c;
        }
        return out.toString();
    }

    /// The same of a whole text.
    public static String text(String text) {
        StringWriter out = new StringWriter(text.length());
        try (Writer escaping = writer(out)) {
            escaping.write(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString();
    }

    private static final class EscapingWriter extends Writer {

        private final Writer target;
        private char before;

        private EscapingWriter(Writer target) {
            this.target = target;
        }

        @Override
        public void write(char[] chars, int offset, int length) throws IOException {
            int begin = offset;
            for (int i = offset; i < offset + length; i++) {
                if (acts(before, chars[i])) {
                    target.write(chars, begin, i - begin);
                    target.write(escaped(chars[i]));
                    begin = i + 1;
                }
                before = chars[i];
            }
            target.write(chars, begin, offset + length - begin);
        }

        @Override
        public void flush() throws IOException {
            target.flush();
        }

        @Override
        public void close() throws IOException {
            target.close();
        }
    }

    private Inert() {}
}
