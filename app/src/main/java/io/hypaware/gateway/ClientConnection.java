package io.hypaware.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One connection of a client, as far as it costs memory beside its calls: it counts the bytes of a request's head
/// while they arrive, and takes one request at a time. Stands before and behind the HTTP decoder of its channel;
/// used on its event loop.
///
/// Life: head, body, answer, and again. Body and answer may end in either order.
final class ClientConnection extends ChannelInboundHandlerAdapter {

    static final int HEAD_BYTES = 64 * 1024;
    static final int HEAD_LINES = 1_000;
    static final String TOO_EARLY = "frames were sent before the answer to the upgrade (RFC 6455, 4.1)";

    /// What ends a head or the chunks of a body, as its last two or three bytes.
    private static final int LINE_FEED_TWICE = 0x0a0a;

    private static final int LINE_END_TWICE = 0x0a0d0a;

    private static final int PIECES_OF_A_BODY = 16;

    private static final int LINGER_MILLIS = 500;
    private static final long YOUNG_NANOS = 500_000_000;

    /// A connection on which nothing was asked for so long is given up when another gateway has taken over: the
    /// clients that pool them longest do so for 300 s.
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(330);

    /// What a header costs beside its characters, about.
    private static final int LINE_COST = 64;

    private final Doorkeeper keeper;
    private final SocketChannel channel;
    private final long openedNanos = System.nanoTime();

    /// Reads one piece at a time until there is a request, so that no one who only sends keeps the others waiting.
    private final AdaptiveRecvByteBufAllocator pieces = new AdaptiveRecvByteBufAllocator();

    // Of the head that is arriving or was last complete.
    private int headBytes;
    private int headLines;
    private boolean lineIsEmpty = true;
    private boolean headComplete;
    private long headSinceNanos;
    private long charged;

    // Of the request under way.
    private int afterHead;
    private boolean chunkEndsBlank;
    private int lastBytes;
    private boolean requestEnded;
    private boolean answered = true;

    /// The request under way is the last one that is taken.
    private boolean last;

    /// The answer under way said that it is the last.
    private boolean announced;

    private long idleSinceNanos = System.nanoTime();
    private boolean refused;
    private boolean halfClosed;
    private boolean held;

    /// Where what the client sends goes, once its connection is no longer HTTP.
    private @Nullable Tunnel tunnel;

    ClientConnection(Doorkeeper keeper, SocketChannel channel) {
        this.keeper = keeper;
        this.channel = channel;
    }

    /// Takes its places in the channel's pipeline.
    void install() {
        channel.config().setAllowHalfClosure(true);
        pieces.maxMessagesPerRead(1);
        channel.config().setRecvByteBufAllocator(pieces);
        channel.pipeline().addFirst("head", this);
        channel.pipeline().addAfter("httpDecoder", "messages", new Messages());
    }

    Channel channel() {
        return channel;
    }

    InetSocketAddress peer() {
        return channel.remoteAddress();
    }

    /// Whether it has only just come, so that its silence says nothing.
    boolean isYoung() {
        return System.nanoTime() - openedNanos < YOUNG_NANOS;
    }

    /// Whether a request is under way.
    boolean isBusy() {
        return headComplete;
    }

    /// Bytes, and what they cost as objects, that its present head takes.
    long charged() {
        return charged;
    }

    /// Since when a head is arriving; 0 if none is.
    long headSinceNanos() {
        return headComplete ? 0 : headSinceNanos;
    }

    /// Whether it cannot be seen by reading that the client is gone.
    boolean isBlind() {
        // What a client said before it closed a tunnel is read to its end; then reading shows that it is gone.
        return tunnel == null && (halfClosed || held);
    }

    /// What the client sends, to be held while it is not passed on.
    Flow.Source source() {
        return Flow.Source.of(() -> hold(true), () -> hold(false));
    }

    private void hold(boolean hold) {
        held = hold;
        channel.config().setAutoRead(!hold);
    }

    /// No further request is taken after this one.
    void endAfterAnswer() {
        last = true;
    }

    /// The answer that is being written says that the connection ends with it.
    void closeWhenAnswered() {
        announced = true;
    }

    /// The answer was written, or never will be.
    void answered() {
        answered = true;
        if (last || halfClosed || announced) {
            var _ = channel.close();
        } else {
            nextRequest();
        }
    }

    private void shutdownOutput() {
        var _ = channel.shutdownOutput();
    }

    /// Cuts it.
    void close() {
        var _ = channel.close();
    }

    /// From now on what the client sends is the tunnel's; whatever was known of its request is no longer needed.
    void tunnel(Tunnel begun) {
        tunnel = begun;
        Channels.limitPieces(channel.config());
        keeper.discharge(charged);
        charged = 0;
        hold(false);
    }

    /// Whether it has said more than its request, which is lost.
    boolean hasSaidMore() {
        return last;
    }

    /// Ends a tunnel on which nothing is under way, and a connection on which no one has asked for very long.
    void endIfQuiet() {
        if (tunnel != null) {
            tunnel.endIfQuiet();
        } else if (!headComplete && headBytes == 0 && System.nanoTime() - idleSinceNanos > IDLE_NANOS) {
            close();
        }
    }

    /// Writes bytes to the client past the HTTP encoder.
    void write(byte[] bytes, Runnable written) {
        channel.pipeline()
                .context(this)
                .writeAndFlush(Unpooled.wrappedBuffer(bytes))
                .addListener(_ -> written.run());
    }

    /// Closes when all that was written has left.
    void closeAfterWrites() {
        write(new byte[0], this::close);
    }

    /// Answers in place of everything else, and closes a moment later: at once, a client that is still sending would
    /// see a reset instead of the answer.
    ///
    /// @param json the body
    void refuse(int status, String json) {
        if (refused) {
            return;
        }
        refused = true;
        pieces.maxMessagesPerRead(1);
        last = true;
        // What the decoder holds of the head goes now: only the farewell is left, and it costs nothing.
        if (channel.pipeline().get("httpDecoder") != null) {
            channel.pipeline().remove("httpDecoder");
        }
        keeper.discharge(charged);
        charged = 0;
        keeper.countRefused();
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        String head =
                "HTTP/1.1 %d %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n%s\r\n"
                        .formatted(
                                status,
                                HttpResponseStatus.valueOf(status).reasonPhrase(),
                                body.length,
                                status == 503 ? "retry-after: 1\r\n" : "");
        // From the front of the pipeline: no encoder waits for an answer of its own.
        ChannelHandlerContext front = channel.pipeline().context(this);
        var _ = front.writeAndFlush(Unpooled.wrappedBuffer(head.getBytes(StandardCharsets.US_ASCII), body))
                .addListener(_ -> shutdownOutput());
        var _ = channel.eventLoop().schedule((Runnable) this::close, LINGER_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf bytes)) {
            context.fireChannelRead(message);
            return;
        }
        if (tunnel != null) {
            tunnel.toUpstream(ByteBufUtil.getBytes(bytes));
            bytes.release();
            return;
        }
        if (last || (headComplete && requestEnded)) {
            // Nobody waits for an answer before it sends the next request but a client that would rather ask again.
            last = true;
            bytes.release();
            return;
        }
        int end = bytes.writerIndex();
        if (!headComplete) {
            int headEnd = scan(bytes);
            keeper.charge(this, (long) headBytes + (long) headLines * LINE_COST - charged);
            if (!channel.isActive()) {
                bytes.release();
                return;
            }
            if (headLines > HEAD_LINES) {
                bytes.release();
                refuse(431, Wire.OTHER.errorBody(431, "a request's head may have " + HEAD_LINES + " lines"));
                return;
            }
            afterHead = end - headEnd;
        } else {
            afterHead = bytes.readableBytes();
        }
        chunkEndsBlank = endsBlank(bytes);
        context.fireChannelRead(bytes);
    }

    void addCharge(long more) {
        charged += more;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            if (refused) {
                return;
            }
            if (tunnel != null) {
                tunnel.clientGone();
                return;
            }
            if (headComplete && requestEnded && !answered) {
                // It may wait for its answer with its own side closed; whether it does, the keeper finds out.
                halfClosed = true;
            } else {
                var _ = context.close();
            }
            return;
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        keeper.closed(this);
        context.fireChannelInactive();
    }

    /// Counts bytes and lines up to the end of the head; returns where that is, or the end of the bytes.
    private int scan(ByteBuf bytes) {
        if (headBytes == 0 && bytes.isReadable()) {
            headSinceNanos = System.nanoTime();
        }
        int at = bytes.readerIndex();
        while (at < bytes.writerIndex()) {
            byte b = bytes.getByte(at++);
            headBytes++;
            if (b == '\n') {
                if (lineIsEmpty && headLines > 0) {
                    return at;
                }
                headLines += lineIsEmpty ? 0 : 1;
                lineIsEmpty = true;
            } else if (b != '\r') {
                lineIsEmpty = false;
            }
            if (headBytes > HEAD_BYTES + 1024) {
                // The decoder refuses it.
                return bytes.writerIndex();
            }
        }
        return at;
    }

    /// Whether all that came so far ends with an empty line, which may have come in pieces.
    private boolean endsBlank(ByteBuf bytes) {
        for (int i = Math.max(bytes.readerIndex(), bytes.writerIndex() - 3); i < bytes.writerIndex(); i++) {
            lastBytes = ((lastBytes << 8) | (bytes.getByte(i) & 0xff)) & 0xffffff;
        }
        return lastBytes == LINE_END_TWICE || (lastBytes & 0xffff) == LINE_FEED_TWICE;
    }

    private void nextRequest() {
        if (!requestEnded || !answered) {
            return;
        }
        pieces.maxMessagesPerRead(1);
        keeper.discharge(charged);
        charged = 0;
        headBytes = 0;
        headLines = 0;
        lineIsEmpty = true;
        headComplete = false;
        headSinceNanos = 0;
        idleSinceNanos = System.nanoTime();
        requestEnded = false;
        keeper.idle(this);
    }

    /// Sees what the decoder makes of the bytes: where a request's head is whole, and where the request ends.
    private final class Messages extends ChannelInboundHandlerAdapter {

        private boolean chunked;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (last || (message instanceof HttpRequest && headComplete)) {
                last = true;
                ReferenceCountUtil.release(message);
                return;
            }
            if (message instanceof HttpRequest request) {
                headComplete = true;
                answered = false;
                pieces.maxMessagesPerRead(PIECES_OF_A_BODY);
                chunked = request.headers().contains("transfer-encoding");
                keeper.busy(ClientConnection.this);
            }
            if (message instanceof HttpContent content) {
                afterHead -= content.content().readableBytes();
            }
            if (message instanceof LastHttpContent) {
                requestEnded = true;
                // With its answer whole, a client may well send the next request at once.
                if (!answered && (chunked ? !chunkEndsBlank : afterHead > 0)) {
                    last = true;
                    channel.pipeline().remove("httpDecoder");
                }
            }
            context.fireChannelRead(message);
            if (message instanceof LastHttpContent) {
                nextRequest();
            }
        }
    }
}
