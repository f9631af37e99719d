package io.hypaware.receiver;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One connection of an exporter, from the moment it is accepted: says since when it keeps a request waiting, and
/// since when nothing happens on it. Stands first in its channel's pipeline; used on the receiver's event loop.
final class ExporterConnection extends ChannelInboundHandlerAdapter {

    private static final Duration FAREWELL = Duration.ofSeconds(10);

    private final ExporterConnections all;
    private @Nullable Channel channel;
    private @Nullable HttpConnection http;
    private int requests;
    private long quietSinceNanos = System.nanoTime();

    /// Since when bytes arrive that are no request yet; 0 if none do.
    private long headSinceNanos;

    ExporterConnection(ExporterConnections all) {
        this.all = all;
    }

    @Override
    public void channelRegistered(ChannelHandlerContext context) {
        channel = context.channel();
        context.fireChannelRegistered();
        all.admit(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (requests == 0 && headSinceNanos == 0 && !isMultiplexed()) {
            headSinceNanos = System.nanoTime();
        }
        context.fireChannelRead(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        all.closed(this);
        context.fireChannelInactive();
    }

    /// It turned out to be one of HTTP.
    void isHttp(HttpConnection connection) {
        http = connection;
        if (isMultiplexed()) {
            headSinceNanos = 0;
        }
    }

    /// A request's head is whole.
    void begin() {
        requests++;
        headSinceNanos = 0;
    }

    /// A request was answered.
    void end() {
        requests--;
        quietSinceNanos = System.nanoTime();
    }

    boolean isBusy() {
        return requests > 0;
    }

    /// Since when nothing was asked, or was answered.
    long quietSinceNanos() {
        return quietSinceNanos;
    }

    /// Since when a request's head is arriving; 0 if none is.
    long headSinceNanos() {
        return headSinceNanos;
    }

    /// Whether requests share it, so that one that ends does not end it.
    boolean isMultiplexed() {
        return http != null && http.protocolVersion() == HttpVersion.HTTP_2;
    }

    /// Takes no further requests. An exporter of HTTP/2 is told at once; another with its next answer.
    void endGracefully() {
        if (http != null && isMultiplexed()) {
            http.shutdown(FAREWELL);
        }
    }

    void close() {
        if (channel != null) {
            var _ = channel.close();
        }
    }
}
