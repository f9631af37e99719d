package io.hypaware.gateway;

/// Follows the frames of one direction of a WebSocket (RFC 6455, 5.2) by their heads; what they hold is not looked at.
/// Used on one event loop.
final class FrameScanner {

    private static final int MOST_HEAD_BYTES = 14;
    private static final int CONTROL = 0x08;
    private static final int FINAL = 0x80;

    private final byte[] head = new byte[MOST_HEAD_BYTES];
    private int headLength;
    private long payloadLeft;
    private boolean inMessage;
    private boolean dataSeen;

    /// Whether the next byte begins a message, or a frame between messages.
    boolean isBetweenMessages() {
        return headLength == 0 && payloadLeft == 0 && !inMessage;
    }

    /// Whether the next bytes begin a message, and not a frame of control.
    boolean beginsMessage(byte[] next) {
        return isBetweenMessages() && next.length > 0 && (next[0] & CONTROL) == 0;
    }

    /// Whether a frame of a message, not of control, began since this was asked last.
    boolean takeDataSeen() {
        boolean seen = dataSeen;
        dataSeen = false;
        return seen;
    }

    void scan(byte[] bytes) {
        int at = 0;
        while (at < bytes.length) {
            if (payloadLeft > 0) {
                int skipped = (int) Math.min(payloadLeft, bytes.length - at);
                payloadLeft -= skipped;
                at += skipped;
            } else {
                head[headLength++] = bytes[at++];
                if (headLength >= 2 && headLength == wantedHead()) {
                    begin();
                }
            }
        }
    }

    private int wantedHead() {
        int length = head[1] & 0x7f;
        int extended = length == 126 ? 2 : length == 127 ? 8 : 0;
        int mask = (head[1] & 0x80) != 0 ? 4 : 0;
        return 2 + extended + mask;
    }

    private void begin() {
        int length = head[1] & 0x7f;
        long payload = length;
        if (length >= 126) {
            payload = 0;
            for (int i = 2; i < (length == 126 ? 4 : 10); i++) {
                payload = payload << 8 | (head[i] & 0xff);
            }
        }
        // A length beyond what a long holds is against the protocol; all that follows counts as this frame.
        payloadLeft = payload < 0 ? Long.MAX_VALUE : payload;
        headLength = 0;
        boolean control = (head[0] & CONTROL) != 0;
        if (!control) {
            inMessage = (head[0] & FINAL) == 0;
            dataSeen = true;
        }
    }
}
