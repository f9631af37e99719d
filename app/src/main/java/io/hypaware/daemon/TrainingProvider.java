package io.hypaware.daemon;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A provider for [GatewayTraining], on loopback: answers as a stream of events where one is asked for, switches
/// protocols where that is asked for, else answers in one piece.
final class TrainingProvider implements AutoCloseable {

    private static final Pattern LENGTH = Pattern.compile("content-length: *(\\d{1,9})");
    private static final int EVENTS = 12;
    private static final int BACKLOG = 16;

    private final ServerSocket socket;

    TrainingProvider() throws IOException {
        socket = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("training-provider").start(this::accept);
    }

    int port() {
        return socket.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private void accept() {
        try {
            while (true) {
                Socket connection = socket.accept();
                Thread.ofVirtual().start(() -> serve(connection));
            }
        } catch (IOException closed) {
            return;
        }
    }

    /// A client that goes away in the midst of an answer is none of the training's failures: the client says so itself.
    private static void serve(Socket connection) {
        try (connection;
                InputStream in = new BufferedInputStream(connection.getInputStream());
                OutputStream out = connection.getOutputStream()) {
            for (String head = head(in); !head.isEmpty(); head = head(in)) {
                if (head.contains("upgrade: websocket")) {
                    write(out, """
                            HTTP/1.1 101 Switching Protocols\r
                            upgrade: websocket\r
                            connection: upgrade\r
                            sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
                            \r
                            """);
                    in.transferTo(out);
                    return;
                }
                String body = body(in, head);
                if (body.contains("\"stream\":true")) {
                    stream(out);
                } else {
                    String answer = "{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[]}";
                    write(out, """
                            HTTP/1.1 200 OK\r
                            content-type: application/json\r
                            content-length: %d\r
                            \r
                            %s""".formatted(answer.length(), answer));
                }
            }
        } catch (IOException gone) {
            return;
        }
    }

    private static void stream(OutputStream out) throws IOException {
        write(out, """
                HTTP/1.1 200 OK\r
                content-type: text/event-stream\r
                transfer-encoding: chunked\r
                \r
                """);
        for (int i = 0; i < EVENTS; i++) {
            String event = "event: ping\ndata: {\"type\":\"ping\"}\n\n";
            write(out, "%x\r\n%s\r\n".formatted(event.length(), event));
        }
        write(out, "0\r\n\r\n");
    }

    /// Up to the empty line, in small letters; empty at the end.
    static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            head.append((char) next);
        }
        return head.toString().toLowerCase(Locale.ROOT);
    }

    /// As long as the head says, or in chunks; those of the training have no length but zero at their end.
    static String body(InputStream in, String head) throws IOException {
        Matcher length = LENGTH.matcher(head);
        if (length.find()) {
            return new String(in.readNBytes(Integer.parseInt(length.group(1))), ISO_8859_1);
        }
        StringBuilder chunks = new StringBuilder();
        while (head.contains("transfer-encoding: chunked") && chunks.indexOf("0\r\n\r\n") < 0) {
            chunks.append((char) in.read());
        }
        return chunks.toString();
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(ISO_8859_1));
        out.flush();
    }
}
