package io.hypaware.project.websocket;

import io.hypaware.journal.Direction;
import java.nio.charset.StandardCharsets;

/// One message of one side, whole; or the frame with which a side closes.
///
/// @param micros when it began to pass, since 1970
/// @param endMicros when its last byte had passed
/// @param bytes in the clear
public record Message(Direction from, long micros, long endMicros, Kind kind, byte[] bytes) {

    public enum Kind {
        TEXT,
        BINARY,
        CLOSE
    }

    /// The code of a frame that closes (RFC 6455, 7.4); 1005 if it has none.
    int closeCode() {
        return bytes.length < 2 ? 1_005 : (bytes[0] & 0xff) << 8 | (bytes[1] & 0xff);
    }

    String closeReason() {
        return bytes.length <= 2 ? "" : new String(bytes, 2, bytes.length - 2, StandardCharsets.UTF_8);
    }
}
