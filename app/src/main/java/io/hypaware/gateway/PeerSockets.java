package io.hypaware.gateway;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Tells whether the processes at the other end of loopback connections still hold their sockets. A client that has
/// closed its sending side only, and waits for the answer, looks the same on the wire as one that is gone; and of one
/// that is not read from nothing is seen at all. Linux says which sockets belong to no process any more.
final class PeerSockets {

    private static final List<Path> TABLES = List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));
    /// Whether this system has the tables.
    static final boolean CAN_TELL = Files.isReadable(TABLES.getFirst());

    private static final int LOCAL = 1;
    private static final int STATE = 3;
    private static final int INODE = 9;

    private static final String CLOSE = "07";
    private static final String TIME_WAIT = "06";

    /// Ports of those peers whose socket is open in some process; all of them where the peer is on another machine.
    static Set<Integer> openPorts(List<InetSocketAddress> peers) throws IOException {
        Set<Integer> open = peers.stream()
                .filter(peer -> !peer.getAddress().isLoopbackAddress())
                .map(InetSocketAddress::getPort)
                .collect(Collectors.toCollection(HashSet::new));
        Set<Integer> asked = peers.stream().map(InetSocketAddress::getPort).collect(Collectors.toSet());
        for (Path table : TABLES) {
            if (Files.exists(table)) {
                try (Stream<String> lines = Files.lines(table)) {
                    lines.skip(1).forEach(line -> addIfOpen(line, asked, open));
                }
            }
        }
        return open;
    }

    private static void addIfOpen(String line, Set<Integer> asked, Set<Integer> open) {
        String[] field = line.strip().split("\\s+", -1);
        if (field.length <= INODE) {
            return;
        }
        int port = Integer.parseInt(field[LOCAL].substring(field[LOCAL].lastIndexOf(':') + 1), 16);
        boolean held = !field[INODE].equals("0") && !field[STATE].equals(CLOSE) && !field[STATE].equals(TIME_WAIT);
        if (held && asked.contains(port)) {
            open.add(port);
        }
    }

    private PeerSockets() {}
}
