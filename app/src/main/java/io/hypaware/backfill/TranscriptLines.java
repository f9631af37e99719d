package io.hypaware.backfill;

import com.fasterxml.jackson.databind.JsonNode;
import io.hypaware.project.ContentCodings;
import io.hypaware.secret.Redactor;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.io.input.BoundedInputStream;

/// The lines of a transcript, one after the other, whatever the size of the file. A line that is no JSON is counted and
/// left out; the last one may be torn where its agent is writing still.
final class TranscriptLines implements LineSource {

    private static final int BUFFER = 1 << 16;
    private static final int MOST_KEPT = 1 << 20;

    /// What a compressed file may be unpacked to has no end.
    private static final long MOST_UNPACKED = 4L << 30;

    private final Path file;
    private final Redactor redactor;
    private long unread;

    TranscriptLines(Path file, Redactor redactor) {
        this.file = file;
        this.redactor = redactor;
    }

    @Override
    public long unread() {
        return unread;
    }

    @Override
    public void read(Reader reader) throws IOException {
        try (InputStream in = open(file)) {
            Buffer line = new Buffer();
            byte[] buffer = new byte[BUFFER];
            long number = 1;
            boolean tooLong = false;
            int length;
            while ((length = in.read(buffer)) > 0) {
                int begin = 0;
                for (int i = 0; i < length; i++) {
                    if (buffer[i] != '\n') {
                        continue;
                    }
                    line.write(buffer, begin, i - begin);
                    begin = i + 1;
                    if (tooLong || line.size() > MOST_LINE) {
                        unread++;
                    } else if (!take(line, number, reader, true)) {
                        return;
                    }
                    tooLong = false;
                    number++;
                    line.clear();
                }
                line.write(buffer, begin, length - begin);
                if (line.size() > MOST_LINE) {
                    tooLong = true;
                    line.clear();
                }
            }
            if (line.size() > 0 && !tooLong) {
                take(line, number, reader, false);
            }
        }
    }

    /// A line as it comes.
    private static final class Buffer extends ByteArrayOutputStream {

        Buffer() {
            super(BUFFER);
        }

        /// Keeps no more than a usual line takes.
        void clear() {
            reset();
            if (buf.length > MOST_KEPT) {
                buf = new byte[BUFFER];
            }
        }

        boolean isBlank() {
            for (int i = 0; i < count; i++) {
                if (buf[i] != ' ' && buf[i] != '\r' && buf[i] != '\t') {
                    return false;
                }
            }
            return true;
        }

        JsonNode parsed(Redactor redactor) throws IOException {
            return LineSource.parsed(buf, count, redactor);
        }
    }

    private boolean take(Buffer line, long number, Reader reader, boolean whole) throws IOException {
        if (line.isBlank()) {
            return true;
        }
        JsonNode node;
        try {
            node = line.parsed(redactor);
        } catch (IOException | StackOverflowError | OutOfMemoryError e) {
            unread += whole ? 1 : 0;
            return true;
        }
        if (!node.isObject()) {
            unread += whole ? 1 : 0;
            return true;
        }
        return reader.read(node, number);
    }

    private static InputStream open(Path file) throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER);
        String name = file.getFileName().toString();
        boolean packed = name.endsWith(".zst") || name.endsWith(".gz");
        return packed
                ? BoundedInputStream.builder()
                        .setInputStream(ContentCodings.decoded(in, name.endsWith(".gz") ? "gzip" : "zstd"))
                        .setMaxCount(MOST_UNPACKED)
                        .get()
                : in;
    }
}
