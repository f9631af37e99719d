package io.hypaware.mcp;

import com.fasterxml.jackson.databind.node.TextNode;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// Takes a body of any length, and keeps so many bytes of it from an offset on.
final class ByteWindow extends OutputStream {

    private final long offset;
    private final int most;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private long all;

    ByteWindow(long offset, int most) {
        this.offset = offset;
        this.most = most;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] source, int from, int length) {
        long begin = Math.clamp(offset + kept.size() - all, 0, length);
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
        return offset + skipped(kept.toByteArray());
    }

    private static int skipped(byte[] bytes) {
        int skipped = 0;
        while (skipped < bytes.length && skipped < 4 && (bytes[skipped] & 0xc0) == 0x80) {
            skipped++;
        }
        return skipped == 4 ? 0 : skipped;
    }

    /// Adds as much as fits, whole characters, and where the next piece begins.
    void add(Answer answer) {
        byte[] bytes = kept.toByteArray();
        int from = skipped(bytes);
        int end = bytes.length;
        answer.facts().put("next_offset", Long.MAX_VALUE);
        while (end > from + 1 && !answer.hasRoomFor(text(bytes, from, end))) {
            end = from + (end - from) * 9 / 10;
        }
        if (offset + end < all) {
            // Not within a character.
            int whole = end;
            while (whole > from + 1 && whole > end - 4 && whole < bytes.length && (bytes[whole] & 0xc0) == 0x80) {
                whole--;
            }
            end = whole;
        }
        if (offset + end < all) {
            answer.facts().put("next_offset", offset + end);
        } else {
            answer.facts().remove("next_offset");
        }
        answer.add(text(bytes, from, end));
    }

    private static TextNode text(byte[] bytes, int from, int end) {
        return TextNode.valueOf(new String(bytes, from, end - from, StandardCharsets.UTF_8));
    }
}
