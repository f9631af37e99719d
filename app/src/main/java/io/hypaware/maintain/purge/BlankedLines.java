package io.hypaware.maintain.purge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.function.Predicate;

/// Writes spaces over lines of a file that others append to: nothing moves, so that what they write meanwhile is
/// neither
/// lost nor hit.
final class BlankedLines {

    private static final int BUFFER = 1 << 16;

    /// A longer line is judged by its beginning.
    private static final int MOST_LINE = 1 << 20;

    /// @return how many lines were blanked
    static long in(Path file, Predicate<String> goes) {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return 0;
        }
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            long blanked = new BlankedLines(channel, goes).run();
            if (blanked > 0) {
                channel.force(true);
            }
            return blanked;
        } catch (IOException e) {
            throw new UncheckedIOException("lines of " + file + " cannot be blanked", e);
        }
    }

    private final FileChannel channel;
    private final Predicate<String> goes;
    private final byte[] line = new byte[MOST_LINE];
    private int length;
    private long lineAt;
    private long blanked;

    private BlankedLines(FileChannel channel, Predicate<String> goes) {
        this.channel = channel;
        this.goes = goes;
    }

    private long run() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        long end = channel.size();
        long at = 0;
        while (at < end) {
            buffer.clear();
            int read = channel.read(buffer, at);
            if (read <= 0) {
                break;
            }
            for (int i = 0; i < read; i++) {
                byte b = buffer.get(i);
                if (b == '\n') {
                    judge(at + i);
                    lineAt = at + i + 1;
                    length = 0;
                } else if (length < MOST_LINE) {
                    line[length++] = b;
                }
            }
            at += read;
        }
        judge(at);
        return blanked;
    }

    /// @param end of the line at hand
    private void judge(long end) throws IOException {
        String text = new String(line, 0, length, StandardCharsets.UTF_8);
        if (!text.isBlank() && goes.test(text)) {
            byte[] spaces = new byte[BUFFER];
            Arrays.fill(spaces, (byte) ' ');
            for (long at = lineAt; at < end; at += BUFFER) {
                channel.write(ByteBuffer.wrap(spaces, 0, (int) Math.min(BUFFER, end - at)), at);
            }
            blanked++;
        }
    }
}
