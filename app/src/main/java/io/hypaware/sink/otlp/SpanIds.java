package io.hypaware.sink.otlp;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// Ids that follow from what they name, so that the same span has the same id whenever it is made.
final class SpanIds {

    /// What a span is of. Part of its id: to rename one makes all its spans anew.
    enum Kind {
        SESSION,
        TURN,
        CHAT,
        TOOL,
        AGENT
    }

    private static final int TRACE_BYTES = 16;

    private final MessageDigest digest;
    private final String session;

    SpanIds(String session) {
        this.session = session;
        try {
            this.digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    ByteString trace() {
        return ByteString.copyFrom(hash("trace"), 0, TRACE_BYTES);
    }

    /// @param key by which the session's row, conversation or exchange is known that the span is of
    long span(Kind kind, String key) {
        return ByteBuffer.wrap(hash("span\0" + kind.name() + "\0" + key)).getLong();
    }

    static ByteString bytes(long span) {
        return ByteString.copyFrom(ByteBuffer.allocate(Long.BYTES).putLong(0, span));
    }

    static long number(ByteString span) {
        return span.asReadOnlyByteBuffer().getLong();
    }

    private byte[] hash(String what) {
        byte[] hash = digest.digest(("hypaware\0" + session + "\0" + what).getBytes(StandardCharsets.UTF_8));
        // No id is all zeros, which the protocol takes for none.
        hash[0] |= hash[0] == 0 ? (byte) 1 : 0;
        return hash;
    }
}
