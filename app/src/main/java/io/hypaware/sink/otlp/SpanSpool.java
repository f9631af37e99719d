package io.hypaware.sink.otlp;

import io.opentelemetry.proto.trace.v1.Span;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/// Spans between their reading and their delivery, so that no query is open while an endpoint takes its time. They are
/// in a file that has no name any more: whoever dies leaves nothing behind.
final class SpanSpool implements AutoCloseable {

    /// Takes what is kept.
    @FunctionalInterface
    interface SpanReader {
        /// @return whether there is time for the next
        boolean read(String session, Span span) throws IOException;
    }

    /// No more is kept: what is here is to be delivered first.
    static final class FullException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    private final FileChannel file;
    private final DataOutputStream out;
    private final long mostBytes;
    private long bytes;
    private long count;

    SpanSpool(Path folder, long mostBytes) throws IOException {
        this.mostBytes = mostBytes;
        Path named = Files.createTempFile(
                folder,
                "spans-",
                ".spool",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            file = FileChannel.open(named, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } finally {
            Files.delete(named);
        }
        out = new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(file)));
    }

    void add(String session, Span span) throws IOException {
        if (bytes >= mostBytes) {
            throw new FullException();
        }
        byte[] name = session.getBytes(StandardCharsets.UTF_8);
        byte[] body = span.toByteArray();
        out.writeInt(name.length);
        out.write(name);
        out.writeInt(body.length);
        out.write(body);
        bytes += 2L * Integer.BYTES + name.length + body.length;
        count++;
    }

    /// Reads what was added, once, in its order.
    ///
    /// @return whether that was all
    boolean read(SpanReader reader) throws IOException {
        out.flush();
        file.position(0);
        DataInputStream in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(file)));
        for (long i = 0; i < count; i++) {
            String session = new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
            if (!reader.read(session, Span.parseFrom(in.readNBytes(in.readInt())))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
