package io.hypaware.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.transport.Transport;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/// Gives the HTTP library sockets of ours to accept at, and can stop accepting without ending the connections
/// that are there.
public final class AcceptingTransport extends NioTransport implements Transport {

    private final Set<Channel> accepting = ConcurrentHashMap.newKeySet();

    private final Supplier<? extends NioServerSocketChannel> channels;

    /// @param channels makes the socket at which connections are accepted
    public AcceptingTransport(Supplier<? extends NioServerSocketChannel> channels) {
        this.channels = channels;
    }

    /// The library's server shares one socket among its event loops.
    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
        return () -> {
            NioServerSocketChannel channel = channels.get();
            accepting.add(channel);
            var _ = channel.closeFuture().addListener(_ -> accepting.remove(channel));
            return channel;
        };
    }

    /// Takes no further connections; those that are there stay, and those that wait are someone else's to take.
    public void stopAccepting() {
        accepting.forEach(channel -> channel.close().syncUninterruptibly());
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
