package io.hypaware.mcp;

import com.fasterxml.jackson.databind.node.TextNode;
import io.hypaware.secret.Redacted;
import io.hypaware.secret.Redactor;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// Takes a body of any length, and keeps so many bytes of it from an offset on, with what stands around them: a secret
/// may.
final class ByteWindow extends OutputStream {

    private final long offset;
    private final int most;
    private final int before;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private long all;

    ByteWindow(long offset, int most) {
        this.offset = offset;
        this.before = (int) Math.min(offset, Redactor.BEFORE);
        this.most = before + most + Redactor.BEHIND;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] source, int from, int length) {
        long begin = Math.clamp(offset - before + kept.size() - all, 0, length);
        int count = Math.min(length - (int) begin, most - kept.size());
        if (count > 0) {
            kept.write(source, from + (int) begin, count);
        }
        all += length;
    }

    /// Bytes that came.
    long all() {
        return all;
    }

    /// The first byte that begins a character.
    long begin() {
        byte[] bytes = kept.toByteArray();
        return offset + begin(bytes) - Math.min(before, bytes.length);
    }

    /// The same among those that are kept.
    private int begin(byte[] bytes) {
        int from = Math.min(before, bytes.length);
        int skipped = 0;
        while (from + skipped < bytes.length && skipped < 4 && isWithin(bytes, from + skipped)) {
            skipped++;
        }
        return skipped == 4 ? from : from + skipped;
    }

    /// Whether a byte goes on with a character.
    private static boolean isWithin(byte[] bytes, int at) {
        return (bytes[at] & 0xc0) == 0x80;
    }

    /// Adds as much as fits, whole characters, and where the next piece begins.
    void add(Answer answer, Redactor redactor) {
        byte[] bytes = kept.toByteArray();
        Shown shown = new Shown(bytes, begin(bytes), redactor);
        int end = bytes.length;
        answer.facts().put("next_offset", Long.MAX_VALUE);
        while (end > shown.from + 1 && !answer.hasRoomFor(shown.to(end))) {
            end = shown.from + (end - shown.from) * 9 / 10;
        }
        if (offset - before + end < all) {
            // Not within a character.
            int whole = end;
            while (whole > shown.from + 1 && whole > end - 4 && whole < bytes.length && isWithin(bytes, whole)) {
                whole--;
            }
            end = whole;
        }
        if (offset - before + end < all) {
            answer.facts().put("next_offset", offset - before + end);
        } else {
            answer.facts().remove("next_offset");
        }
        answer.add(shown.to(end));
    }

    /// The bytes as a text without its secrets.
    private static final class Shown {

        private final byte[] bytes;
        private final int from;
        private final Redacted redacted;
        private final int begin;

        private Shown(byte[] bytes, int from, Redactor redactor) {
            this.bytes = bytes;
            this.from = from;
            this.redacted = redactor.of(text(bytes, 0, from) + text(bytes, from, bytes.length));
            this.begin = text(bytes, 0, from).length();
        }

        private TextNode to(int end) {
            return TextNode.valueOf(
                    redacted.piece(begin, begin + text(bytes, from, end).length()));
        }

        private static String text(byte[] bytes, int from, int end) {
            return new String(bytes, from, end - from, StandardCharsets.UTF_8);
        }
    }
}
