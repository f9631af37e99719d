package io.hypaware.gateway;

import io.hypaware.journal.Recording;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;

/// The request's way: what the client sends, recorded, held while nobody takes it, and sent once more if it has to be.
/// Used on one event loop.
final class Upload {

    private final HttpServerRequest request;
    private final Recording recording;
    private final Flow flow;
    private final Replay replay;
    private long bytes;
    private boolean ended;

    Upload(HttpServerRequest request, Recording recording, OpenCalls calls, Flow.Source source) {
        this.request = request;
        this.recording = recording;
        this.flow = new Flow(calls, source);
        this.replay = new Replay(calls);
        this.ended = !hasBody();
    }

    boolean hasBody() {
        String length = request.getHeader("content-length");
        return request.headers().contains("transfer-encoding")
                || (length != null && !length.strip().equals("0"));
    }

    /// Whether the client asks for a WebSocket (RFC 6455, 4.1).
    boolean asksForWebSocket() {
        return !hasBody() && "websocket".equalsIgnoreCase(request.getHeader("upgrade"));
    }

    boolean isEnded() {
        return ended;
    }

    /// True the first time.
    boolean end() {
        boolean first = !ended;
        ended = true;
        return first;
    }

    /// As they passed so far.
    long bytes() {
        return bytes;
    }

    void received(Buffer piece, CallState state) {
        bytes += piece.length();
        recording.requestBytes(new BufferChunk(piece));
        flow.taken(piece.length());
        switch (state) {
            case CallState.Connecting _ -> replay.hold(piece);
            case CallState.Sending sending -> {
                if (sending.reused()) {
                    replay.keep(piece);
                }
                send(sending.out(), piece);
            }
            case CallState.Answering answering -> send(answering.out(), piece);
            case CallState.Upgraded _,
                    CallState.Closing _,
                    CallState.Answered _,
                    CallState.Failing _,
                    CallState.Ended _ -> flow.written(piece.length());
        }
    }

    /// Sends what there is to a provider that takes it now.
    ///
    /// @param reused whether it may have to be sent again
    void sendTo(HttpClientRequest out, boolean reused) {
        if (!hasBody()) {
            out.end();
            return;
        }
        out.setChunked(request.headers().contains("transfer-encoding"));
        out.writeHead();
        List<Buffer> waiting = replay.pieces();
        if (!reused) {
            replay.forget();
        }
        waiting.forEach(piece -> send(out, piece));
        if (ended) {
            out.end();
        }
    }

    private void send(HttpClientRequest out, Buffer piece) {
        out.write(piece).onComplete(_ -> flow.written(piece.length()));
    }

    /// Whether all of it can be sent once more; it is then about to be.
    boolean again() {
        if (!replay.isWhole()) {
            return false;
        }
        replay.pieces().forEach(piece -> flow.taken(piece.length()));
        return true;
    }

    /// What waits goes nowhere.
    void giveUp() {
        replay.pieces().forEach(piece -> flow.written(piece.length()));
    }

    /// It need not be sent again.
    void forget() {
        replay.forget();
    }

    /// The call is over.
    void release() {
        replay.forget();
        flow.release();
    }
}
