package io.hypaware.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.transport.Transport;
import java.net.SocketAddress;
import java.util.Optional;

/// Gives the HTTP library a socket that listens already, where it would open one of its own.
final class ListenerTransport extends NioTransport implements Transport {

    private final Listener listener;
    private volatile Optional<Channel> accepting = Optional.empty();

    ListenerTransport(Listener listener) {
        this.listener = listener;
    }

    /// The library's server shares one socket among its event loops.
    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
        return () -> {
            Bound channel = new Bound(listener);
            accepting = Optional.of(channel);
            return channel;
        };
    }

    /// Takes no further connections; those that are there stay, and those that wait are someone else's to take.
    void stopAccepting() {
        accepting.ifPresent(channel -> channel.close().syncUninterruptibly());
    }

    private static final class Bound extends NioServerSocketChannel {

        private Bound(Listener listener) {
            super(listener.channel());
        }

        @Override
        protected void doBind(SocketAddress address) {
            // It is bound.
        }
    }

    @Override
    public String name() {
        return "nio";
    }

    @Override
    public boolean available() {
        return true;
    }

    @Override
    @SuppressWarnings("NullAway")
    public Throwable unavailabilityCause() {
        return null;
    }

    @Override
    public io.vertx.core.spi.transport.Transport implementation() {
        return this;
    }
}
