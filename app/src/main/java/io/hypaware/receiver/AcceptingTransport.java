package io.hypaware.receiver;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.transport.Transport;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Sees each connection when it is accepted, where the HTTP library would tell of it only once its protocol is known,
/// and can stop accepting without ending those that are there.
final class AcceptingTransport extends NioTransport implements Transport {

    private final ExporterConnections connections;
    private final Set<Channel> accepting = ConcurrentHashMap.newKeySet();

    AcceptingTransport(ExporterConnections connections) {
        this.connections = connections;
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
        return () -> {
            Accepting channel = new Accepting();
            accepting.add(channel);
            var _ = channel.closeFuture().addListener(_ -> accepting.remove(channel));
            return channel;
        };
    }

    void stopAccepting() {
        accepting.forEach(channel -> channel.close().syncUninterruptibly());
    }

    private final class Accepting extends NioServerSocketChannel {

        @Override
        protected int doReadMessages(List<Object> accepted) throws Exception {
            int count = super.doReadMessages(accepted);
            for (Object channel : accepted.subList(accepted.size() - count, accepted.size())) {
                ((Channel) channel).pipeline().addFirst(new ExporterConnection(connections));
            }
            return count;
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
