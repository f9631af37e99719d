package io.hypaware.testing;

import io.hypaware.dataset.Hashes;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/// A provider on loopback that shows every byte of a request and writes every byte of its answer itself, so that
/// tests can compare, delay and cut.
public final class FakeProvider implements AutoCloseable {

    /// A request as it stood on the wire.
    public record Request(String line, List<String> headerLines, byte[] body) {

        public Optional<String> header(String name) {
            return headerLines.stream()
                    .filter(h -> h.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":"))
                    .map(h -> h.substring(h.indexOf(':') + 1).strip())
                    .findFirst();
        }

        /// SHA-256 of the request line, the headers but those of the connection, and the body.
        public String sha256() {
            String head = line
                    + headerLines.stream()
                            .filter(h -> !h.toLowerCase(Locale.ROOT).matches("(host|connection): .*"))
                            .sorted()
                            .toList();
            return Hashes.sha256((head + bodyText()).getBytes(StandardCharsets.UTF_8));
        }

        public String bodyText() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    /// Writes an answer.
    @FunctionalInterface
    public interface Answerer {
        void answer(Request request, Connection connection) throws IOException, InterruptedException;
    }

    /// The way back to the caller.
    public static final class Connection {
        private final Socket socket;
        private final InputStream in;
        private final OutputStream out;
        private int number;

        private Connection(Socket socket, InputStream in) throws IOException {
            this.socket = socket;
            this.in = in;
            this.out = socket.getOutputStream();
        }

        /// Reads what the caller sends beside requests, as on a connection that was upgraded.
        public byte[] read(int length) throws IOException {
            return in.readNBytes(length);
        }

        /// How many requests have come on this connection.
        public int number() {
            return number;
        }

        public void write(String text) throws IOException {
            write(text.getBytes(StandardCharsets.UTF_8));
        }

        public void write(byte[] bytes) throws IOException {
            out.write(bytes);
            out.flush();
        }

        public void chunk(String text) throws IOException {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            ByteArrayOutputStream chunk = new ByteArrayOutputStream();
            chunk.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            chunk.write(bytes);
            chunk.write("\r\n".getBytes(StandardCharsets.US_ASCII));
            write(chunk.toByteArray());
        }

        public void respond(int status, String contentType, String body) throws IOException {
            respond(status, List.of("content-type: " + contentType), body.getBytes(StandardCharsets.UTF_8));
        }

        public void respond(int status, List<String> headers, byte[] body) throws IOException {
            StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Status\r\n");
            headers.forEach(h -> head.append(h).append("\r\n"));
            head.append("content-length: ").append(body.length).append("\r\n\r\n");
            write(head.toString());
            write(body);
        }

        public void close() throws IOException {
            socket.close();
        }

        /// Ends the connection as a crash would: the peer gets a reset.
        public void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        /// Whether the caller is gone; waits for that.
        public boolean awaitClose() throws IOException {
            try {
                return in.read() < 0;
            } catch (SocketException e) {
                return true;
            }
        }
    }

    private final ServerSocket server;
    private final Answerer answerer;
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    public FakeProvider(Answerer answerer) {
        this.answerer = answerer;
        try {
            this.server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    public String url() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    public List<Request> requests() {
        return requests;
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            Connection connection = new Connection(socket, in);
            while (!socket.isClosed()) {
                Optional<Request> request = read(in, connection);
                if (request.isEmpty()) {
                    return;
                }
                requests.add(request.get());
                connection.number++;
                answerer.answer(request.get(), connection);
            }
        } catch (IOException | InterruptedException e) {
            // the test sees it at the other end
        }
    }

    private static Optional<Request> read(InputStream in, Connection connection) throws IOException {
        Optional<String> line = readLine(in);
        if (line.isEmpty()) {
            return Optional.empty();
        }
        List<String> headers = new ArrayList<>();
        for (String header = readLine(in).orElse("");
                !header.isEmpty();
                header = readLine(in).orElse("")) {
            headers.add(header);
        }
        Request head = new Request(line.get(), headers, new byte[0]);
        if (head.header("expect").isPresent()) {
            connection.write("HTTP/1.1 100 Continue\r\n\r\n");
        }
        byte[] body = head.header("transfer-encoding").isPresent()
                ? readChunks(in)
                : in.readNBytes(
                        head.header("content-length").map(Integer::parseInt).orElse(0));
        return Optional.of(new Request(line.get(), headers, body));
    }

    private static byte[] readChunks(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            int size =
                    Integer.parseInt(readLine(in).orElseThrow(EOFException::new).strip(), 16);
            body.write(in.readNBytes(size));
            readLine(in);
            if (size == 0) {
                return body.toByteArray();
            }
        }
    }

    private static Optional<String> readLine(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                return Optional.empty();
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return Optional.of(line.toString());
    }
}
