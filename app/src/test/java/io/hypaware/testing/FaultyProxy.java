package io.hypaware.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Stands before an HTTP server and does to each request what a network or a server in trouble does. One request a
/// connection.
public final class FaultyProxy implements AutoCloseable {

    private static final Pattern LENGTH = Pattern.compile("(?im)^content-length: *(\\d+)");
    private static final Pattern CONNECTION = Pattern.compile("(?im)^connection:[^\r\n]*\r\n");

    /// What happens to a request.
    public sealed interface Fate {

        /// Nothing.
        record Passed() implements Fate {}

        /// It is answered here.
        record Answered(int status, String headers, String body) implements Fate {}

        /// The server gets so many bytes of the body, then the connection is cut on both sides.
        record CutAfter(long bytes) implements Fate {}

        /// The server gets it, and the client no answer.
        record AnswerLost() implements Fate {}

        /// The client gets so many bytes of the answer, head included.
        record AnswerCutAfter(long bytes) implements Fate {}

        /// No one reads it or answers, until the proxy is closed.
        record Stalled() implements Fate {}
    }

    private final ServerSocket server;
    private final int upstream;
    private final Function<String, Fate> fates;
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    /// @param fates what happens to a request with that first line
    public FaultyProxy(int upstream, Function<String, Fate> fates) throws IOException {
        this.upstream = upstream;
        this.fates = fates;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    /// The first lines of all requests.
    public List<String> seen() {
        return seen;
    }

    private void accept() {
        try {
            while (!server.isClosed()) {
                Socket client = server.accept();
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket client) {
        try (client) {
            String head = head(client.getInputStream());
            if (head.isEmpty()) {
                return;
            }
            String line = head.substring(0, head.indexOf('\r'));
            seen.add(line);
            switch (fates.apply(line)) {
                case Fate.Passed _ -> forward(client, head, Long.MAX_VALUE, Long.MAX_VALUE);
                case Fate.CutAfter(long bytes) -> forward(client, head, bytes, 0);
                case Fate.AnswerLost _ -> forward(client, head, Long.MAX_VALUE, 0);
                case Fate.AnswerCutAfter(long bytes) -> forward(client, head, Long.MAX_VALUE, bytes);
                case Fate.Stalled _ -> closed.await(60, TimeUnit.SECONDS);
                case Fate.Answered(int status, String headers, String body) -> {
                    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
                    client.getOutputStream()
                            .write(("HTTP/1.1 " + status + " X\r\n" + headers + "Content-Length: " + bytes.length
                                            + "\r\nConnection: close\r\n\r\n")
                                    .getBytes(StandardCharsets.ISO_8859_1));
                    client.getOutputStream().write(bytes);
                    client.getOutputStream().flush();
                    // A body that is not read would make a reset of the answer.
                    copy(client.getInputStream(), OutputStream.nullOutputStream(), length(head));
                }
            }
        } catch (IOException | InterruptedException e) {
            // The client sees a cut.
        }
    }

    private void forward(Socket client, String head, long bodyBytes, long answerBytes)
            throws IOException, InterruptedException {
        long body = length(head);
        try (Socket to = new Socket(InetAddress.getLoopbackAddress(), upstream)) {
            String closing = CONNECTION.matcher(head).replaceAll("");
            closing = closing.substring(0, closing.length() - 2) + "Connection: close\r\n\r\n";
            to.getOutputStream().write(closing.getBytes(StandardCharsets.ISO_8859_1));
            Thread up = Thread.ofVirtual().start(() -> {
                try {
                    copy(client.getInputStream(), to.getOutputStream(), Math.min(body, bodyBytes));
                    if (bodyBytes < body) {
                        to.shutdownOutput();
                    }
                } catch (IOException e) {
                    // The other side is gone.
                }
            });
            OutputStream answer = answerBytes == 0 ? OutputStream.nullOutputStream() : client.getOutputStream();
            copy(to.getInputStream(), answer, answerBytes == 0 ? Long.MAX_VALUE : answerBytes);
            up.join(TimeUnit.SECONDS.toMillis(10));
        }
    }

    private static void copy(InputStream in, OutputStream out, long most) throws IOException {
        byte[] buffer = new byte[16 << 10];
        long left = most;
        while (left > 0) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                return;
            }
            out.write(buffer, 0, read);
            out.flush();
            left -= read;
        }
    }

    private static long length(String head) {
        Matcher length = LENGTH.matcher(head);
        return length.find() ? Long.parseLong(length.group(1)) : 0;
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0; b = in.read()) {
            head.write(b);
            String text = head.size() >= 4 ? head.toString(StandardCharsets.ISO_8859_1) : "";
            if (text.endsWith("\r\n\r\n")) {
                return text;
            }
        }
        return "";
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        server.close();
    }
}
