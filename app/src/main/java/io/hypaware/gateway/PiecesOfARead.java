package io.hypaware.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/// Joins the small pieces of a body that came by one read: a dozen events that a provider sent together go on as one
/// piece, where each would cost as much as all of them. Nothing waits for a further read. Stands behind the HTTP
/// decoder of its channel; used on its event loop.
final class PiecesOfARead extends ChannelInboundHandlerAdapter {

    /// A piece as large as this is worth its own way.
    private static final int JOINED_BYTES = 16 * 1024;

    /// What most answers' events of one read have room in.
    private static final int FIRST_BYTES = 2 * 1024;

    private @Nullable ByteBuf joined;

    /// Takes its place in the pipeline of a connection to a provider.
    static void install(ChannelPipeline pipeline) {
        if (pipeline.get(PiecesOfARead.class) == null && pipeline.get("codec") != null) {
            pipeline.addAfter("codec", "pieces", new PiecesOfARead());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpContent content
                && !(message instanceof LastHttpContent)
                && content.decoderResult().isSuccess()
                && content.content().readableBytes() < JOINED_BYTES) {
            join(context, content);
        } else {
            pass(context);
            context.fireChannelRead(message);
        }
    }

    private void join(ChannelHandlerContext context, HttpContent content) {
        ByteBuf piece = content.content();
        if (joined != null && joined.maxWritableBytes() < piece.readableBytes()) {
            pass(context);
        }
        if (joined == null) {
            // On the heap, where the library would copy it next.
            joined = context.alloc().heapBuffer(FIRST_BYTES, JOINED_BYTES);
        }
        joined.writeBytes(piece);
        content.release();
    }

    private void pass(ChannelHandlerContext context) {
        ByteBuf bytes = joined;
        joined = null;
        if (bytes != null) {
            context.fireChannelRead(new DefaultHttpContent(bytes));
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        pass(context);
        context.fireChannelReadComplete();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        pass(context);
        context.fireChannelInactive();
    }

    @Override
    @SuppressWarnings("deprecation")
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        pass(context);
        context.fireExceptionCaught(cause);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        pass(context);
        context.fireUserEventTriggered(event);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        pass(context);
    }
}
