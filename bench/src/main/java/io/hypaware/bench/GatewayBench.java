package io.hypaware.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The gateway's rows of the budget: latency, throughput, memory, recording under load, hard cases, start-up.
/// Every time is printed beside the direct path of the same run.
public final class GatewayBench {

    private static final String EVENTS_12 = "events=12";
    private static final int REQUEST_BYTES = 64 * 1024;

    private final Path root;
    private final Child provider;

    private GatewayBench(Path root, Child provider) {
        this.root = root;
        this.provider = provider;
    }

    public static void main(String[] arguments) throws Exception {
        Path root = Path.of(arguments[0]);
        List<String> wanted = List.of(arguments).subList(1, arguments.length);
        try (Child provider = Child.java(Provider.class)) {
            GatewayBench bench = new GatewayBench(root, provider);
            for (String part : wanted.isEmpty()
                    ? List.of("latency", "library", "memory", "hard", "record", "flush", "start")
                    : wanted) {
                System.out.println("== " + part);
                switch (part) {
                    case "latency" -> bench.latency();
                    case "library" -> bench.library();
                    case "memory" -> bench.memory();
                    case "hard" -> bench.hardCases();
                    case "record" -> bench.record();
                    case "flush" -> bench.flush();
                    case "start" -> bench.startUp();
                    default -> throw new IllegalArgumentException("no benchmark " + part);
                }
            }
        }
    }

    private void latency() throws Exception {
        try (Child gateway = gateway()) {
            System.out.printf("gateway idle RSS %.0f MB%n", gateway.rssMb());
            compare("gateway", gateway.port());
        }
    }

    private void library() throws Exception {
        try (Child proxy = Child.java(BareProxy.class, Integer.toString(provider.port()))) {
            compare("vertx-http-proxy, bare", proxy.port());
            System.out.printf("vertx-http-proxy peak RSS %.0f MB%n", proxy.peakMb());
        }
    }

    /// In turn, several times, because the machine's speed changes; medians of the differences and ratios.
    private void compare(String name, int port) throws InterruptedException {
        Load direct = new Load(provider.port(), EVENTS_12, REQUEST_BYTES);
        Load through = new Load(port, EVENTS_12, REQUEST_BYTES);
        direct.run(1, 2_000);
        through.run(1, 2_000);
        List<Double> p50 = new ArrayList<>();
        List<Double> p99 = new ArrayList<>();
        List<Double> ratio = new ArrayList<>();
        for (int round = 0; round < 5; round++) {
            Load.Result a = direct.run(1, 1_000);
            Load.Result b = through.run(1, 1_000);
            p50.add(b.p50() - a.p50());
            p99.add(b.p99() - a.p99());
            System.out.printf(
                    "  one connection: direct p50 %.2f p99 %.2f ms, %s p50 %.2f p99 %.2f ms%n",
                    a.p50(), a.p99(), name, b.p50(), b.p99());
        }
        direct.run(50, 3_000);
        through.run(50, 3_000);
        for (int round = 0; round < 3; round++) {
            Load.Result a = direct.run(50, 4_000);
            Load.Result b = through.run(50, 4_000);
            ratio.add(b.callsPerSecond() / a.callsPerSecond());
            System.out.printf(
                    "  50 connections: direct %.0f/s, %s %.0f/s%n", a.callsPerSecond(), name, b.callsPerSecond());
        }
        System.out.printf(
                "%s adds p50 %.2f ms, p99 %.2f ms; throughput %.0f%% of direct%n",
                name, Medians.of(p50), Medians.of(p99), 100 * Medians.of(ratio));
    }

    private void memory() throws Exception {
        try (Child gateway = gateway()) {
            Load load = new Load(gateway.port(), EVENTS_12, REQUEST_BYTES);
            int done = 0;
            for (int thousands : List.of(1, 2, 4, 6, 8, 10, 20, 30)) {
                load.run(50, 1_000 * (thousands - done));
                done = thousands;
                System.out.printf(
                        "after %d,000 calls: RSS %.0f MB, peak %.0f MB%n",
                        thousands, gateway.rssMb(), gateway.peakMb());
            }
            new Load(gateway.port(), EVENTS_12, REQUEST_BYTES).run(200, 2_000);
            System.out.printf(
                    "after 2,000 calls on 200 connections: RSS %.0f MB, peak %.0f MB%n",
                    gateway.rssMb(), gateway.peakMb());
        }
    }

    private void hardCases() throws Exception {
        try (Child gateway = gateway()) {
            new Load(gateway.port(), EVENTS_12, 20_000_000).run(1, 3);
            System.out.printf("20 MB requests: peak RSS %.0f MB%n", gateway.peakMb());
            new Load(gateway.port(), "events=100000", 100).run(1, 2);
            System.out.printf("answers of 100,000 events: peak RSS %.0f MB%n", gateway.peakMb());
            slowClient(gateway.port());
            System.out.printf(
                    "a client that reads 1 KB/s for 10 s of 100,000 events: peak RSS %.0f MB%n", gateway.peakMb());
            System.out.println(status(gateway.port()));
        }
    }

    private static void slowClient(int port) throws IOException, InterruptedException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setReceiveBufferSize(8 * 1024);
            String body = "{}";
            socket.getOutputStream()
                    .write(("POST /v1/messages?events=100000 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n"
                                    + body)
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            for (int second = 0; second < 10; second++) {
                in.readNBytes(1024);
                Thread.sleep(1000);
            }
        }
    }

    /// A minute at about 30 MB/s of bodies: is everything recorded?
    private void record() throws Exception {
        try (Child gateway = gateway()) {
            Load load = new Load(gateway.port(), "bytes=200000", 800_000);
            long end = System.nanoTime() + 60_000_000_000L;
            long calls = 0;
            while (System.nanoTime() < end) {
                long began = System.nanoTime();
                load.run(4, 4);
                calls += 4;
                long rest = 133 - (System.nanoTime() - began) / 1_000_000;
                if (rest > 0) {
                    Thread.sleep(rest);
                }
            }
            System.out.printf("%d calls of 1 MB in 60 s; peak RSS %.0f MB%n", calls, gateway.peakMb());
            System.out.println(status(gateway.port()));
            long began = System.nanoTime();
            new Load(gateway.port(), "bytes=200000", 800_000).run(8, 1_000);
            System.out.printf(
                    "flat out: %.0f MB/s; peak RSS %.0f MB%n",
                    1_000 / ((System.nanoTime() - began) / 1e9), gateway.peakMb());
            System.out.println(status(gateway.port()));
        }
    }

    /// From closed calls to rows, and from rows to the lake: 5,000 small calls.
    private void flush() throws IOException, InterruptedException {
        Path home = Files.createTempDirectory("hyp-bench");
        try (Child gateway = Child.gateway(root, home, provider.port())) {
            new Load(gateway.port(), EVENTS_12, 4_000).run(4, 5_000);
            System.out.println(status(gateway.port()));
        }
        double settle = seconds(home, List.of("query", "sql", "select count(*) from ai_gateway_messages"));
        double flush = seconds(home, List.of("query", "refresh"));
        System.out.printf(
                "5,000 calls: projected in %.1f s, flushed in %.1f s, process start included%n", settle, flush);
    }

    private double seconds(Path home, List<String> command) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(root.resolve("hyp").toString()));
        line.addAll(command);
        ProcessBuilder builder =
                new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("HYP_HOME", home.toString());
        long began = System.nanoTime();
        builder.start().waitFor();
        return (System.nanoTime() - began) / 1e9;
    }

    private static final int STATUS_LINES = 50;

    private void startUp() throws IOException, InterruptedException {
        Path home = Files.createTempDirectory("hyp-bench");
        for (List<String> command :
                List.of(List.of("--version"), List.of("status"), List.of("query", "sql", "select 1"))) {
            List<Double> times = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                times.add(seconds(home, command));
            }
            System.out.printf("hyp %s: %.3f s%n", String.join(" ", command), Medians.of(times));
        }
        try (Child _ = Child.gateway(root, home, provider.port())) {
            List<Double> times = new ArrayList<>();
            for (int i = 0; i < STATUS_LINES; i++) {
                times.add(seconds(home, List.of("statusline")));
            }
            System.out.printf("hyp statusline, beside a gateway: %.4f s%n", Medians.of(times));
        }
    }

    private Child gateway() throws IOException, InterruptedException {
        return Child.gateway(root, Files.createTempDirectory("hyp-bench"), provider.port());
    }

    private static String status(int port) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) URI.create("http://127.0.0.1:" + port + "/_hypaware/status")
                .toURL()
                .openConnection();
        try (InputStream in = connection.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
