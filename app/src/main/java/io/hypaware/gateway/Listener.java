package io.hypaware.gateway;

import io.hypaware.config.GatewayConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;

/// The socket on which calls arrive. It may be older than the process: who supervises a gateway holds it open, so that
/// while one ends and the next begins no connection is refused.
public final class Listener {

    /// Connections that the kernel holds until someone takes them.
    public static final int BACKLOG = 1_024;

    private final ServerSocketChannel channel;

    private Listener(ServerSocketChannel channel) {
        this.channel = channel;
    }

    /// Listens where the config says.
    ///
    /// @throws GatewayException if the address is not allowed or not free; the message says what to do
    public static Listener open(GatewayConfig config) {
        InetAddress address = allowedAddress(config);
        try {
            ServerSocketChannel channel = ServerSocketChannel.open(
                    address.getAddress().length == 4 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6);
            try {
                channel.bind(new InetSocketAddress(address, config.port()), BACKLOG);
                return new Listener(channel);
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new GatewayException(
                    "cannot listen on %s:%d: %s%s. End it, or set another port"
                            .formatted(
                                    address.getHostAddress(),
                                    config.port(),
                                    e.getMessage(),
                                    PortOwner.of(config.port())
                                            .map(o -> "; held by " + o)
                                            .orElse("")),
                    e);
        }
    }

    /// A socket that listens already.
    ///
    /// @throws GatewayException if the config wants another address
    public static Listener of(ServerSocketChannel channel, GatewayConfig config) {
        Listener listener = new Listener(channel);
        InetAddress address = listener.address();
        if (!isOf(config, address, listener.port())) {
            throw new GatewayException(
                    "the config says %s:%d, and the socket that is handed over listens on %s:%d; a new address takes: hyp down, then hyp up"
                            .formatted(config.host(), config.port(), address.getHostAddress(), listener.port()),
                    null);
        }
        return listener;
    }

    /// Whether the config asks for what listens at an address; port 0 is content with any.
    public static boolean isOf(GatewayConfig config, InetAddress address, int port) {
        return allowedAddress(config).equals(address) && (config.port() == 0 || config.port() == port);
    }

    public int port() {
        return channel.socket().getLocalPort();
    }

    InetAddress address() {
        return channel.socket().getInetAddress();
    }

    ServerSocketChannel channel() {
        return channel;
    }

    /// This process no longer takes connections; another that has the socket goes on.
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new GatewayException("the socket cannot be closed", e);
        }
    }

    private static InetAddress allowedAddress(GatewayConfig config) {
        InetAddress address;
        try {
            address = InetAddress.getByName(config.host());
        } catch (UnknownHostException e) {
            throw new GatewayException("the host \"" + config.host() + "\" is unknown; use 127.0.0.1", e);
        }
        if (!address.isLoopbackAddress() && !config.allowRemote()) {
            throw new GatewayException(
                    "the host \"" + config.host()
                            + "\" is reachable from other machines, and whoever reaches the gateway"
                            + " can use it. Use 127.0.0.1, or set allow_remote: true",
                    null);
        }
        return address;
    }
}
