package io.hypaware.daemon;

import io.hypaware.config.GatewayConfig;
import io.hypaware.gateway.Listener;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;

/// The socket that a gateway listens on, as the standard input of its process and of the supervisor's, who holds it
/// from one gateway to the next. See docs/decisions/0010-handover.md.
final class SharedSocket {

    private static final Logger LOG = Logger.getLogger(SharedSocket.class.getName());
    private static final int STANDARD_INPUT = 0;

    /// The socket that this process was given.
    static Optional<ServerSocketChannel> inherited() {
        try {
            return Optional.ofNullable(System.inheritedChannel())
                    .filter(ServerSocketChannel.class::isInstance)
                    .map(ServerSocketChannel.class::cast);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "what this process was given as its standard input cannot be told", e);
            return Optional.empty();
        }
    }

    /// Makes a socket the standard input of this process: the one that is it already, else a new one.
    ///
    /// @throws io.hypaware.gateway.GatewayException if the address is not allowed or not free; says what to do
    static void asStandardInput(GatewayConfig config) {
        if (inherited().isPresent()) {
            return;
        }
        Listener listener = Listener.open(config);
        int descriptor = IntStream.range(0, Posix.MOST_DESCRIPTORS)
                .filter(candidate -> Posix.localPort(candidate) == listener.port())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the socket is not among the open files of this process"));
        if (Posix.dup2(descriptor, STANDARD_INPUT) < 0) {
            throw new IllegalStateException("the socket cannot become the standard input of this process");
        }
        listener.close();
    }

    private SharedSocket() {}
}
