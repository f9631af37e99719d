package io.hypaware.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.Histogram;

/// A client that costs little itself: sockets, and a reader that knows just enough HTTP.
final class Load {

    /// What a run gave: times to the end of each answer in microseconds, and calls per second.
    record Result(Histogram micros, double callsPerSecond) {
        double p50() {
            return micros.getValueAtPercentile(50) / 1_000.0;
        }

        double p99() {
            return micros.getValueAtPercentile(99) / 1_000.0;
        }
    }

    private final int port;
    private final byte[] request;

    Load(int port, String query, int bodyBytes) {
        this.port = port;
        String body =
                "{\"model\":\"m\",\"stream\":true,\"max_tokens\":100,\"messages\":[{\"role\":\"user\",\"content\":\""
                        + "x".repeat(bodyBytes) + "\"}]}";
        this.request = ("POST /v1/messages?" + query
                        + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                        + "x-api-key: k\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    Result run(int connections, int calls) throws InterruptedException {
        Histogram all = new Histogram(60_000_000L, 3);
        AtomicInteger left = new AtomicInteger(calls);
        List<Thread> threads = new ArrayList<>();
        long start = System.nanoTime();
        for (int i = 0; i < connections; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                Histogram mine = new Histogram(60_000_000L, 3);
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    socket.setTcpNoDelay(true);
                    OutputStream out = socket.getOutputStream();
                    InputStream in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
                    while (left.getAndDecrement() > 0) {
                        long began = System.nanoTime();
                        out.write(request);
                        readAnswer(in);
                        mine.recordValue((System.nanoTime() - began) / 1_000);
                    }
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
                synchronized (all) {
                    all.add(mine);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return new Result(all, calls / ((System.nanoTime() - start) / 1e9));
    }

    private static void readAnswer(InputStream in) throws IOException {
        long length = -1;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
                length = Long.parseLong(line.substring(15).strip());
            }
        }
        if (length >= 0) {
            in.skipNBytes(length);
            return;
        }
        while (true) {
            int size = Integer.parseInt(line(in), 16);
            in.skipNBytes(size + 2L);
            if (size == 0) {
                return;
            }
        }
    }

    /// A line without its end.
    ///
    /// @throws IOException if the connection ends before it does
    static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("the connection ended");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }
}
