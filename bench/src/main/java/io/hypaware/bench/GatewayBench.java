package io.hypaware.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hypaware.bench.report.Figures;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The gateway's memory, hard cases and recording under load, and what follows a call: projection and flush.
public final class GatewayBench {

    private static final String EVENTS_12 = "events=12";
    private static final int REQUEST_BYTES = 64 * 1024;
    private static final double MOST_RSS_MB = 180;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path root;
    private final Child provider;
    private final Figures figures = Figures.open();

    private GatewayBench(Path root, Child provider) {
        this.root = root;
        this.provider = provider;
    }

    public static void main(String[] arguments) throws Exception {
        Path root = Path.of(arguments[0]);
        List<String> wanted = List.of(arguments).subList(1, arguments.length);
        int code;
        try (Child provider = Child.java(Provider.class)) {
            GatewayBench bench = new GatewayBench(root, provider);
            for (String part : wanted.isEmpty() ? List.of("memory", "hard", "record", "flush") : wanted) {
                System.out.println("== " + part);
                switch (part) {
                    case "memory" -> bench.memory();
                    case "hard" -> bench.hardCases();
                    case "record" -> bench.record();
                    case "flush" -> bench.flush();
                    default -> throw new IllegalArgumentException("no benchmark " + part);
                }
            }
            code = bench.figures.exitCode();
        }
        System.exit(code);
    }

    private void memory() throws Exception {
        try (Child gateway = gateway()) {
            Load load = new Load(gateway.port(), EVENTS_12, REQUEST_BYTES);
            int done = 0;
            for (int thousands : List.of(1, 2, 4, 6, 8, 10, 20, 30)) {
                load.run(50, 1_000 * (thousands - done));
                done = thousands;
                figures.atMost(
                        "gateway after %d,000 calls, RSS".formatted(thousands), MOST_RSS_MB, gateway.rssMb(), "MB");
            }
            new Load(gateway.port(), EVENTS_12, REQUEST_BYTES).run(200, 2_000);
            figures.atMost("the same after 2,000 more on 200 connections", MOST_RSS_MB, gateway.rssMb(), "MB");
            figures.atMost("the same at its peak", MOST_RSS_MB, gateway.peakMb(), "MB");
        }
    }

    private void hardCases() throws Exception {
        try (Child gateway = gateway()) {
            new Load(gateway.port(), EVENTS_12, 20_000_000).run(1, 3);
            figures.atMost("requests of 20 MB, peak RSS", MOST_RSS_MB, gateway.peakMb(), "MB");
            new Load(gateway.port(), "events=100000", 100).run(1, 2);
            figures.atMost("and answers of 100,000 events, peak RSS", MOST_RSS_MB, gateway.peakMb(), "MB");
            slowClient(gateway.port());
            figures.atMost(
                    "and a client that reads 1 KB/s of 100,000 events for 10 s, peak RSS",
                    MOST_RSS_MB,
                    gateway.peakMb(),
                    "MB");
            figures.count("calls dropped of six", dropped(gateway.port()));
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
            figures.count("calls of 1 MB in a minute, four at a time", calls);
            figures.atMost("of these dropped", 0, dropped(gateway.port()));
            figures.atMost("peak RSS", MOST_RSS_MB, gateway.peakMb(), "MB");
            long before = dropped(gateway.port());
            long began = System.nanoTime();
            new Load(gateway.port(), "bytes=200000", 800_000).run(8, 1_000);
            figures.say("above what the disk takes: forwarded", 1_000 / ((System.nanoTime() - began) / 1e9), "MB/s");
            figures.count("of these 1,000 calls counted as dropped", dropped(gateway.port()) - before);
            figures.atMost("peak RSS then", MOST_RSS_MB, gateway.peakMb(), "MB");
        }
    }

    /// From closed calls to rows, and from rows to the lake: 5,000 small calls.
    private void flush() throws IOException, InterruptedException {
        Path home = Files.createTempDirectory("hyp-bench");
        try (Child gateway = Child.gateway(root, home, provider.port())) {
            new Load(gateway.port(), EVENTS_12, 4_000).run(4, 5_000);
            figures.count("5,000 small calls, flat out: dropped", dropped(gateway.port()));
        }
        TimedHyp hyp = new TimedHyp(root, home);
        figures.say(
                "projected, process start included",
                hyp.seconds("query", "sql", "select count(*) from ai_gateway_messages"),
                "s");
        figures.say("flushed, process start included", hyp.seconds("query", "refresh"), "s");
    }

    private Child gateway() throws IOException, InterruptedException {
        return Child.gateway(root, Files.createTempDirectory("hyp-bench"), provider.port());
    }

    /// How many calls the gateway has not recorded, or not as a whole, so far.
    private static long dropped(int port) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) URI.create("http://127.0.0.1:" + port + "/_hypaware/status")
                .toURL()
                .openConnection();
        try (InputStream in = connection.getInputStream()) {
            JsonNode status = JSON.readTree(in);
            return status.required("dropped").asLong();
        }
    }
}
