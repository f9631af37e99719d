package io.hypaware.bench;

import io.hypaware.bench.report.Figures;
import io.hypaware.bench.report.Table;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/// Floods of the gateway, each beside one client that behaves and streams: none of its calls may fail or wait a second.
public final class FloodBench {

    /// The stalling provider's connections, so that none is collected and closed.
    private static final Queue<Socket> HELD = new ConcurrentLinkedQueue<>();

    private static final String HOST = "Host: 127.0.0.1\r\n";

    private final Child gateway;
    private final Duration each;
    private final List<List<String>> rows = new ArrayList<>();
    private long allFailed;
    private long longestMillis;

    private FloodBench(Child gateway, Duration each) {
        this.gateway = gateway;
        this.each = each;
    }

    private interface Flood {
        /// Until the test ends; what the gateway cuts begins again.
        void run(AtomicBoolean going) throws IOException, InterruptedException;
    }

    public static void main(String[] arguments) throws Exception {
        Path root = Path.of(arguments[0]);
        Duration each = Duration.ofSeconds(arguments.length > 1 ? Long.parseLong(arguments[1]) : 20);
        Path home = Files.createTempDirectory("flood");
        Figures figures = Figures.open();
        try (ServerSocket stalling = stallingProvider();
                Child provider = Child.java(Provider.class);
                Child gateway = Child.gateway(root, home, provider.port(), stalling.getLocalPort())) {
            FloodBench bench = new FloodBench(gateway, each);
            bench.floods();
            bench.say(figures, each);
            figures.atMost("killed, it answers again after", 2_000, bench.killed(home), "ms");
        }
        System.exit(figures.exitCode());
    }

    private void floods() throws Exception {
        against("none", 0, _ -> {});
        String head = "GET /v1/models HTTP/1.1\r\n" + HOST;
        String line = "x-filler: " + "y".repeat(1_000) + "\r\n";
        against(
                "heads of 1 MB without an end, 250",
                250,
                going -> loop(going, socket -> {
                    socket.getOutputStream().write(bytes(head + line.repeat(1_000)));
                    drain(socket);
                }));
        against(
                "URLs of 1 MB, 60",
                60,
                going -> loop(going, socket -> {
                    socket.getOutputStream()
                            .write(bytes("GET /v1/models?" + "z".repeat(1_000_000) + " HTTP/1.1\r\n" + HOST + "\r\n"));
                    drain(socket);
                }));
        against(
                "URLs of 15 KB without a pause, 6",
                6,
                going -> loop(going, socket -> {
                    OutputStream out = socket.getOutputStream();
                    InputStream in = socket.getInputStream();
                    byte[] request = bytes("GET /anthropic/x?" + "z".repeat(15_000) + " HTTP/1.1\r\n" + HOST + "\r\n");
                    while (going.get()) {
                        out.write(request);
                        if (in.read(new byte[4_096]) < 0) {
                            return;
                        }
                    }
                }));
        against(
                "240,000 empty headers, 6",
                6,
                going -> loop(going, socket -> {
                    socket.getOutputStream().write(bytes(head + "a:\r\n".repeat(240_000) + "\r\n"));
                    drain(socket);
                }));
        against(
                "slow heads, 500",
                500,
                going -> loop(going, socket -> {
                    socket.getOutputStream().write(bytes(head));
                    while (going.get()) {
                        socket.getOutputStream().write(bytes("x-slow: " + "s".repeat(200) + "\r\n"));
                        Thread.sleep(500);
                    }
                }));
        against(
                "idle connections, 3,000",
                3_000,
                going -> loop(going, socket -> {
                    socket.setSoTimeout(60_000);
                    drain(socket);
                    // Who is idle does not hurry back.
                    Thread.sleep(1_000);
                }));
        against(
                "uploads of 1 MB to a provider that stalls, 300",
                300,
                going -> loop(going, socket -> {
                    socket.setSoTimeout(60_000);
                    socket.getOutputStream()
                            .write(bytes("POST /stalling/v1/messages HTTP/1.1\r\n" + HOST
                                    + "Content-Length: 1000000\r\n\r\n" + "u".repeat(1_000_000)));
                    while (going.get()) {
                        Thread.sleep(200);
                    }
                }));
        against(
                "open streams of a provider that stalls, 1,000",
                900,
                going -> loop(going, socket -> {
                    socket.getOutputStream()
                            .write(bytes(
                                    "POST /stalling/v1/messages HTTP/1.1\r\n" + HOST + "Content-Length: 2\r\n\r\n{}"));
                    while (going.get()) {
                        Thread.sleep(200);
                    }
                }));
        against(
                "readers that stall, 200",
                200,
                going -> loop(going, socket -> {
                    socket.setReceiveBufferSize(4_096);
                    socket.getOutputStream()
                            .write(bytes(
                                    "POST /stalling/without-end HTTP/1.1\r\n" + HOST + "Content-Length: 2\r\n\r\n{}"));
                    while (going.get()) {
                        Thread.sleep(200);
                    }
                }));
    }

    /// One call after the other, as an agent makes them, while a flood runs.
    private void against(String name, int attackers, Flood flood) throws Exception {
        AtomicBoolean going = new AtomicBoolean(true);
        Queue<Thread> threads = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < attackers; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    flood.run(going);
                } catch (IOException | InterruptedException e) {
                    // cut, as it should be
                }
            }));
        }
        int calls = 0;
        int failed = 0;
        long longest = 0;
        long end = System.nanoTime() + each.toNanos();
        while (System.nanoTime() < end) {
            long began = System.nanoTime();
            try {
                call(gateway.port());
            } catch (IOException e) {
                failed++;
                System.out.println("  " + e);
            }
            calls++;
            longest = Math.max(longest, (System.nanoTime() - began) / 1_000_000);
            Thread.sleep(20);
        }
        going.set(false);
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            thread.join(Duration.ofSeconds(10));
        }
        Thread.sleep(1_000);
        System.out.println(name + ": longest call " + longest + " ms");
        rows.add(List.of(
                name,
                Integer.toString(calls),
                Integer.toString(failed),
                Long.toString(longest),
                Long.toString(Math.round(gateway.rssMb()))));
        allFailed += failed;
        longestMillis = Math.max(longestMillis, longest);
    }

    private void say(Figures figures, Duration each) {
        figures.add(new Table(
                "Floods of " + each.toSeconds() + " s each",
                List.of("flood", "calls", "failed", "longest call, ms", "RSS, MB"),
                rows));
        figures.atMost("calls that failed", 0, allFailed);
        figures.atMost("longest call", 1_000, (double) longestMillis, "ms");
        figures.atMost("gateway, peak RSS", 220, gateway.peakMb(), "MB");
    }

    /// How long it takes until the gateway answers again.
    private double killed(Path home) throws Exception {
        gateway.process().destroyForcibly();
        gateway.process().waitFor();
        long began = System.nanoTime();
        for (int i = 0; i < 500; i++) {
            try {
                call(gateway.port());
                double millis = (System.nanoTime() - began) / 1e6;
                String json = Files.readString(home.resolve("hypaware/run/gateway.json"));
                ProcessHandle.of(Long.parseLong(json.replaceAll(".*\"pid\":(\\d+).*", "$1")))
                        .ifPresent(ProcessHandle::destroy);
                return millis;
            } catch (IOException e) {
                Thread.sleep(10);
            }
        }
        throw new IOException("killed, it does not answer again");
    }

    private interface Attack {
        void on(Socket socket) throws IOException, InterruptedException;
    }

    private void loop(AtomicBoolean going, Attack attack) throws InterruptedException {
        while (going.get()) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), gateway.port()), 5_000);
                socket.setSoTimeout(1_000);
                attack.on(socket);
            } catch (IOException e) {
                Thread.sleep(50);
            }
        }
    }

    private static void drain(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[4_096];
        while (in.read(buffer) >= 0) {
            // until the gateway has had enough
        }
    }

    /// A streamed call, read to its end.
    private static void call(int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 2_000);
            socket.setSoTimeout(5_000);
            String body = "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";
            socket.getOutputStream()
                    .write(bytes("POST /v1/messages?events=12 HTTP/1.1\r\n" + HOST + "Content-Length: " + body.length()
                            + "\r\nConnection: close\r\n\r\n" + body));
            InputStream in = new BufferedInputStream(socket.getInputStream());
            String answer = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            if (!answer.startsWith("HTTP/1.1 200") || !answer.endsWith("0\r\n\r\n")) {
                throw new IOException("not whole: " + answer.lines().findFirst().orElse("nothing"));
            }
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /// Takes connections and says nothing; asked for `/without-end`, it says what has no end.
    private static ServerSocket stallingProvider() throws IOException {
        ServerSocket server = new ServerSocket(0, 2_000, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    HELD.add(socket);
                    Thread.ofVirtual().start(() -> answer(socket));
                } catch (IOException e) {
                    return;
                }
            }
        });
        return server;
    }

    private static void answer(Socket socket) {
        try {
            byte[] head = new byte[64];
            if (socket.getInputStream().readNBytes(head, 0, head.length) == head.length
                    && new String(head, StandardCharsets.ISO_8859_1).contains("/without-end")) {
                OutputStream out = socket.getOutputStream();
                out.write(bytes("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 100000000000\r\n\r\n"));
                byte[] piece = new byte[64 * 1024];
                while (!socket.isClosed()) {
                    out.write(piece);
                }
            }
        } catch (IOException e) {
            // the gateway has had enough
        }
    }
}
