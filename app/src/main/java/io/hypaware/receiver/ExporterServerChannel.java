package io.hypaware.receiver;

import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.util.List;

/// Sees each connection when it is accepted, where the HTTP library would tell of it only once its protocol is known.
final class ExporterServerChannel extends NioServerSocketChannel {

    private final ExporterConnections connections;

    ExporterServerChannel(ExporterConnections connections) {
        this.connections = connections;
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
        int count = super.doReadMessages(accepted);
        for (Object channel : accepted.subList(accepted.size() - count, accepted.size())) {
            ((Channel) channel).pipeline().addFirst(new ExporterConnection(connections));
        }
        return count;
    }
}
