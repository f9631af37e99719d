package io.hypaware.gateway;

import io.netty.channel.socket.SocketChannel;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/// Keeps what clients can make the gateway hold beside their calls within one budget: connections, and heads of
/// requests. Over it those go first that no one would miss: connections that never said anything, then the largest
/// unfinished head, then the longest idle. One for each event loop, which share their [Counts].
final class Doorkeeper {

    static final int MOST_CONNECTIONS = 1_024;

    /// Connections over that number while all others are busy or have only just come.
    private static final int MOST_YOUNG = 512;

    static final long MOST_HEAD_BYTES = 8L << 20;

    /// How long a head may take to arrive.
    private static final long HEAD_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final int ROUND_MILLIS = 250;

    /// Time for what has arrived to be read, before its connection is taken for silent.
    private static final int LEAVE_MILLIS = 30;

    /// Most that have this time at once.
    private static final int MOST_LEAVING = 512;

    /// What the event loops hold together.
    static final class Counts {
        private final AtomicInteger connections = new AtomicInteger();
        private final AtomicLong headBytes = new AtomicLong();

        int connections() {
            return connections.get();
        }
    }

    private final Vertx vertx;
    private final Counts counts;
    private final OpenCalls calls;
    private final Set<ClientConnection> all = new LinkedHashSet<>();

    /// Without a request under way, the longest without one first.
    private final Set<ClientConnection> silent = new LinkedHashSet<>();

    private final Set<ClientConnection> idle = new LinkedHashSet<>();

    /// Whether the system is being asked for clients that are gone.
    private boolean looking;

    /// About to be closed to make room; not counted.
    private final Set<ClientConnection> leaving = new LinkedHashSet<>();

    Doorkeeper(Vertx vertx, Counts counts, OpenCalls calls) {
        this.vertx = vertx;
        this.counts = counts;
        this.calls = calls;
        vertx.setPeriodic(ROUND_MILLIS, _ -> round());
    }

    /// A client has connected.
    void admit(HttpConnection connection) {
        SocketChannel channel = (SocketChannel) ((ConnectionBase) connection).channel();
        if (counts.connections.incrementAndGet() > MOST_CONNECTIONS && !makeRoom()) {
            counts.connections.decrementAndGet();
            countRefused();
            var _ = channel.close();
            return;
        }
        ClientConnection client = new ClientConnection(this, channel);
        client.install();
        Channels.gatherWrites(channel.pipeline());
        all.add(client);
        silent.add(client);
    }

    static ClientConnection of(HttpConnection connection) {
        return ((ConnectionBase) connection).channel().pipeline().get(ClientConnection.class);
    }

    void charge(ClientConnection client, long bytes) {
        client.addCharge(bytes);
        if (counts.headBytes.addAndGet(bytes) > MOST_HEAD_BYTES) {
            Stream.concat(silent.stream(), idle.stream())
                    .max(Comparator.comparingLong(ClientConnection::charged))
                    .ifPresent(largest -> {
                        countRefused();
                        largest.close();
                    });
        }
    }

    void discharge(long bytes) {
        counts.headBytes.addAndGet(-bytes);
    }

    /// A request is under way.
    void busy(ClientConnection client) {
        silent.remove(client);
        idle.remove(client);
    }

    void idle(ClientConnection client) {
        if (all.contains(client)) {
            idle.add(client);
        }
    }

    void closed(ClientConnection client) {
        if (all.remove(client)) {
            if (!leaving.remove(client)) {
                counts.connections.decrementAndGet();
            }
            discharge(client.charged());
            busy(client);
        }
    }

    void countRefused() {
        calls.refuse();
    }

    /// Lets go of a connection in favour of a new one: of one that never said anything, else of one between two
    /// requests. One that has only just come is spared, as long as those are few. What has arrived is read
    /// first, so that who is slow to be heard is not taken for silent.
    private boolean makeRoom() {
        Optional<ClientConnection> spare =
                silent.stream().findFirst().or(() -> idle.stream().findFirst());
        if (spare.filter(ClientConnection::isYoung).isPresent()
                && counts.connections.get() <= MOST_CONNECTIONS + MOST_YOUNG) {
            // Some that count may be of clients that are gone.
            closeGone();
            return true;
        }
        spare.ifPresent(client -> {
            busy(client);
            leaving.add(client);
            counts.connections.decrementAndGet();
            int patience = leaving.size() > MOST_LEAVING ? 0 : LEAVE_MILLIS;
            var _ = client.channel().eventLoop().schedule(() -> leave(client), patience, TimeUnit.MILLISECONDS);
        });
        return spare.isPresent();
    }

    private void leave(ClientConnection client) {
        if (!leaving.remove(client)) {
            return;
        }
        counts.connections.incrementAndGet();
        if (client.isBusy()) {
            return;
        }
        countRefused();
        client.close();
    }

    private void round() {
        long now = System.nanoTime();
        for (ClientConnection client : List.copyOf(silent)) {
            closeIfSlow(client, now);
        }
        for (ClientConnection client : List.copyOf(idle)) {
            closeIfSlow(client, now);
        }
        if (calls.isEnding()) {
            List.copyOf(all).forEach(ClientConnection::endIfQuiet);
        }
        closeGone();
    }

    /// Closes connections of clients that are gone, where reading does not show it.
    private void closeGone() {
        if (looking || !PeerSockets.CAN_TELL) {
            return;
        }
        List<ClientConnection> blind =
                all.stream().filter(ClientConnection::isBlind).toList();
        if (!blind.isEmpty()) {
            looking = true;
            List<InetSocketAddress> peers =
                    blind.stream().map(ClientConnection::peer).toList();
            vertx.<Set<Integer>>executeBlocking(() -> PeerSockets.openPorts(peers))
                    .onComplete(found -> {
                        looking = false;
                        if (found.succeeded()) {
                            blind.stream()
                                    .filter(client -> !found.result()
                                            .contains(client.peer().getPort()))
                                    .forEach(ClientConnection::close);
                        }
                    });
        }
    }

    private void closeIfSlow(ClientConnection client, long now) {
        if (client.headSinceNanos() != 0 && now - client.headSinceNanos() > HEAD_NANOS) {
            client.refuse(408, Wire.OTHER.errorBody(408, "a request's head must be complete within 30 s"));
        }
    }
}
