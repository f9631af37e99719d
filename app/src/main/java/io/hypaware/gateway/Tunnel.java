package io.hypaware.gateway;

import io.hypaware.journal.Outcome;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.net.NetSocket;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/// A connection that was upgraded (WebSocket): what either side sends goes to the other as it is, and a
/// copy of it to the recording. Either side being slow holds the other. Ends once, when one side ends:
/// what it sent before reaches the other first. Used on one event loop.
final class Tunnel {

    private static final Logger LOG = Logger.getLogger(Tunnel.class.getName());

    /// Going away (RFC 6455, 7.4.1), as a whole frame.
    private static final byte[] GOING_AWAY = {(byte) 0x88, 0x02, 0x03, (byte) 0xe9};

    /// What waits of one direction is held on the heap, and connections last: a smaller share than a call's.
    private static final int WINDOW_BYTES = 32 * 1024;

    /// Nobody has said anything for so long that no answer is on its way: models think for a while.
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(60);

    /// Somebody was asked, and has not answered for so long that nobody waits any more.
    private static final long UNANSWERED_NANOS = TimeUnit.SECONDS.toNanos(180);

    private final ClientConnection client;
    private final NetSocket upstream;
    private final WireTape tape;
    private final Runnable ended;
    private final Flow up;
    private final Flow down;
    private final FrameScanner fromClient = new FrameScanner();
    private final FrameScanner fromUpstream = new FrameScanner();
    private long lastNanos = System.nanoTime();
    private boolean clientSpokeLast;
    private boolean over;

    /// The provider's end of it.
    ///
    /// @param source holds what it sends
    record Far(NetSocket socket, Flow.Source source) {}

    /// @param ended told once, when nothing passes any more
    Tunnel(ClientConnection client, Far upstream, OpenCalls calls, WireTape tape, Runnable ended) {
        this.client = client;
        this.upstream = upstream.socket();
        this.tape = tape;
        this.ended = ended;
        this.up = new Flow(calls, client.source(), WINDOW_BYTES);
        this.down = new Flow(calls, upstream.source(), WINDOW_BYTES);
    }

    /// Begins to pass on.
    ///
    /// @param head of the answer that agreed to the upgrade
    void start(byte[] head) {
        upstream.handler(buffer -> guarded(() -> toClient(buffer.getBytes())));
        upstream.endHandler(_ -> guarded(() -> end("upstream", Optional.empty())));
        upstream.closeHandler(_ -> guarded(() -> end("upstream", Optional.empty())));
        upstream.exceptionHandler(cause -> guarded(() -> end("upstream", Optional.of(cause))));
        client.tunnel(this);
        client.write(head, () -> {});
    }

    /// Bytes of the client.
    void toUpstream(byte[] bytes) {
        guarded(() -> {
            if (over) {
                return;
            }
            if (fromClient.beginsMessage(bytes) && fromUpstream.isBetweenMessages()) {
                tape.rollOver();
            }
            tape.request(bytes);
            fromClient.scan(bytes);
            clientSpokeLast |= fromClient.takeDataSeen();
            lastNanos = System.nanoTime();
            up.taken(bytes.length);
            upstream.write(Buffer.buffer(bytes)).onComplete(_ -> guarded(() -> up.written(bytes.length)));
        });
    }

    private void toClient(byte[] bytes) {
        if (over) {
            return;
        }
        tape.response(bytes);
        fromUpstream.scan(bytes);
        clientSpokeLast &= !fromUpstream.takeDataSeen();
        lastNanos = System.nanoTime();
        down.taken(bytes.length);
        client.write(bytes, () -> guarded(() -> down.written(bytes.length)));
    }

    /// The client has closed, or its connection broke.
    void clientGone() {
        guarded(() -> end("client", Optional.empty()));
    }

    /// The gateway is to stop: a connection on which nothing is under way ends; the agent opens another
    /// one for its next turn.
    void endIfQuiet() {
        guarded(() -> {
            long patience = clientSpokeLast ? UNANSWERED_NANOS : QUIET_NANOS;
            boolean quiet = System.nanoTime() - lastNanos > patience;
            if (!over && quiet && fromUpstream.isBetweenMessages() && fromClient.isBetweenMessages()) {
                client.write(GOING_AWAY, () -> {});
                end("gateway", Optional.empty());
            }
        });
    }

    private void end(String closedBy, Optional<Throwable> cause) {
        if (over) {
            return;
        }
        over = true;
        // The library calls the end of a connection an exception.
        Optional<Throwable> broke = cause.filter(e -> !(e instanceof HttpClosedException));
        boolean clean = broke.isEmpty() && fromClient.isBetweenMessages() && fromUpstream.isBetweenMessages();
        Outcome cut = switch (closedBy) {
            case "client" -> Outcome.CLIENT_ABORTED;
            case "gateway" -> Outcome.GATEWAY_ERROR;
            default -> Outcome.UPSTREAM_CUT;
        };
        tape.end(
                clean ? Outcome.COMPLETED : cut,
                closedBy,
                broke.map(Throwable::getMessage)
                        .or(() -> clean ? Optional.empty() : Optional.of("cut within a message")));
        up.release();
        down.release();
        var _ = upstream.close();
        client.closeAfterWrites();
        ended.run();
    }

    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "a connection failed within the gateway", e);
            end("gateway", Optional.of(e));
        }
    }
}
