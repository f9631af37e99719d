package io.hypaware.project;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A body that can be read as often as needed. One that is not large is read from where it is kept once, and then held.
/// Of one thread.
public final class Body {

    /// Most bodies of agents are smaller; two of each call are held at a time, as sent and in the clear.
    static final int MOST_HELD_BYTES = 4 << 20;

    /// Opens the body from its first byte.
    @FunctionalInterface
    public interface Source {
        InputStream open() throws IOException;
    }

    private final Source source;
    private byte @Nullable [] held;
    private boolean large;

    public Body(Source source) {
        this.source = source;
    }

    /// The body in the clear, as far as it is to be read into rows.
    public Body readable(Optional<String> contentEncoding) {
        return new Body(() -> ContentCodings.readable(open(), contentEncoding.orElse("")));
    }

    /// The whole body, if it is not large.
    public Optional<byte[]> bytes() throws IOException {
        if (held == null && !large) {
            open().close();
        }
        return Optional.ofNullable(held);
    }

    public InputStream open() throws IOException {
        if (held != null) {
            return new ByteArrayInputStream(held);
        }
        InputStream in = source.open();
        if (large) {
            return in;
        }
        byte[] start = in.readNBytes(MOST_HELD_BYTES + 1);
        if (start.length <= MOST_HELD_BYTES) {
            in.close();
            held = start;
            return new ByteArrayInputStream(start);
        }
        large = true;
        return new SequenceInputStream(new ByteArrayInputStream(start), in);
    }
}
