package io.hypaware.gateway;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/// What of a request is kept: pieces that came before the upstream was ready for them, then those that
/// a dead connection may have swallowed, so that they can be sent once more. Used on one event loop.
final class Replay {

    private static final int MOST_BYTES = 64 * 1024;

    private final OpenCalls openCalls;
    private final List<Buffer> pieces = new ArrayList<>();
    private long bytes;
    private long taken;
    private boolean whole = true;

    Replay(OpenCalls openCalls) {
        this.openCalls = openCalls;
    }

    /// The upstream is not ready for it.
    void hold(Buffer piece) {
        pieces.add(piece);
        bytes += piece.length();
    }

    /// It is sent, and may have to be sent again. Where there is no room for that, nothing is kept.
    void keep(Buffer piece) {
        if (!whole) {
            return;
        }
        if (bytes + piece.length() > MOST_BYTES || !openCalls.takeReplay(piece.length())) {
            forget();
            return;
        }
        taken += piece.length();
        hold(piece);
    }

    /// Whether these are all pieces of the request so far.
    boolean isWhole() {
        return whole;
    }

    List<Buffer> pieces() {
        return List.copyOf(pieces);
    }

    void forget() {
        whole = false;
        pieces.clear();
        openCalls.giveBackReplay(taken);
        taken = 0;
    }
}
