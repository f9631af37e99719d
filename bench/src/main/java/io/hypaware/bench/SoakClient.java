package io.hypaware.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// A client that keeps its connection for the next call, as those of agents do, and knows what became of each.
final class SoakClient implements AutoCloseable {

    /// What became of a call.
    enum Fate {
        /// The answer came whole.
        WHOLE,
        /// The client gave up in the midst of it.
        ABORTED,
        /// The answer ended before its time.
        CUT,
        /// The kept connection was closed before the call; nothing came of it.
        STALE,
        /// No connection, or an error in place of the answer.
        REFUSED
    }

    /// @param in of the socket, buffered
    private record Connection(Socket socket, InputStream in) {

        static Connection to(int port) throws IOException {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(60_000);
            return new Connection(socket, new BufferedInputStream(socket.getInputStream()));
        }

        String line() throws IOException {
            return Load.line(in);
        }
    }

    private final int port;
    private Optional<Connection> kept = Optional.empty();
    private long usedNanos;

    SoakClient(int port) {
        this.port = port;
    }

    /// Since when a break of the connection concerns the next call.
    long sinceNanos() {
        return kept.isEmpty() ? System.nanoTime() : usedNanos;
    }

    /// @param abort give up after the first event
    Fate call(String text, boolean abort) {
        Connection connection;
        boolean fresh = kept.isEmpty();
        try {
            connection = fresh ? Connection.to(port) : kept.get();
        } catch (IOException e) {
            return Fate.REFUSED;
        }
        kept = Optional.of(connection);
        boolean began = false;
        try {
            connection.socket().getOutputStream().write(request(text));
            String status = connection.line();
            began = true;
            boolean last = false;
            for (String header = connection.line(); !header.isEmpty(); header = connection.line()) {
                last |= header.equalsIgnoreCase("connection: close");
            }
            if (!status.contains(" 200 ")) {
                close();
                return Fate.REFUSED;
            }
            boolean whole = readEvents(connection, abort);
            usedNanos = System.nanoTime();
            if (last || abort) {
                close();
            }
            return abort ? Fate.ABORTED : whole ? Fate.WHOLE : Fate.CUT;
        } catch (IOException | NumberFormatException e) {
            close();
            return !fresh && !began ? Fate.STALE : Fate.CUT;
        }
    }

    /// Whether the last event came.
    private static boolean readEvents(Connection connection, boolean abort) throws IOException {
        boolean whole = false;
        for (int size = size(connection); size > 0; size = size(connection)) {
            String piece = new String(connection.in().readNBytes(size), StandardCharsets.UTF_8);
            whole |= piece.contains("message_stop");
            connection.in().skipNBytes(2);
            if (abort && piece.contains("answer")) {
                return false;
            }
        }
        connection.line();
        return whole;
    }

    private static int size(Connection connection) throws IOException {
        return Integer.parseInt(connection.line(), 16);
    }

    private static byte[] request(String text) {
        String body =
                "{\"model\":\"m\",\"max_tokens\":9,\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\""
                        + text + "\"}]}";
        return ("POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                        + "x-api-key: k\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        try {
            if (kept.isPresent()) {
                kept.get().socket().close();
            }
        } catch (IOException e) {
            // It is gone.
        }
        kept = Optional.empty();
    }
}
