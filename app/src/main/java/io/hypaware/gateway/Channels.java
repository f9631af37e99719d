package io.hypaware.gateway;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;

/// How much the sockets on both sides of a call read at once, and write at once.
final class Channels {

    /// With more calls open than this, what is read at once becomes smaller.
    private static final int MANY_CALLS = 200;

    private static final int SMALL_PIECE = 8 * 1024;

    private static final int WRITES_TOGETHER = 64;

    /// A connection to a provider before its first request. With many calls open it is read in smaller pieces: one
    /// more comes after it is held.
    static void prepare(HttpClientRequest first, OpenCalls calls) {
        Channel channel = ((ConnectionBase) first.connection()).channel();
        gatherWrites(channel.pipeline());
        if (first.version() != HttpVersion.HTTP_2) {
            PiecesOfARead.install(channel.pipeline());
            if (calls.open() > MANY_CALLS) {
                limitPieces(channel.config());
            }
        }
    }

    /// A connection that lasts is read in small pieces, however many calls are open.
    static void limitPieces(ChannelConfig config) {
        config.setRecvByteBufAllocator(new AdaptiveRecvByteBufAllocator(512, 2048, SMALL_PIECE));
    }

    /// What is written while the event loop looks at what has arrived leaves by one call of the system: a head and its
    /// body, the events of an answer that came together.
    static void gatherWrites(ChannelPipeline pipeline) {
        if (pipeline.get(FlushConsolidationHandler.class) == null) {
            pipeline.addFirst(new FlushConsolidationHandler(WRITES_TOGETHER, true));
        }
    }

    private Channels() {}
}
