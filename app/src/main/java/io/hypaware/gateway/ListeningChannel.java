package io.hypaware.gateway;

import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.SocketAddress;

/// A socket that listens already, where the HTTP library would open one of its own.
final class ListeningChannel extends NioServerSocketChannel {

    ListeningChannel(Listener listener) {
        super(listener.channel());
    }

    @Override
    protected void doBind(SocketAddress address) {
        // It is bound.
    }
}
