package io.hypaware.bench;

import io.hypaware.bench.report.Figures;
import io.hypaware.bench.report.Table;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// The gateway, which records everything, beside nginx, which records nothing, and the bare proxy library, in turn in
/// one
/// run against the direct path: what each adds to a call, what it carries, and the processor time it takes for it.
///
/// Arguments: the project's folder, and the rounds (5 where nothing else is said).
public final class PeersBench {

    private static final String NGINX = "nginx";
    private static final int ROUNDS = 5;
    private static final int CONNECTIONS = 50;
    private static final String EVENTS_12 = "events=12";

    /// A call's request: what an agent's first turn sends, and one that costs little to copy.
    private static final List<Integer> REQUEST_BYTES = List.of(64 * 1024, 2 * 1024);

    private static final int WARM_UP_CALLS = 4_000;
    private static final int CALLS_ALONE = 1_000;
    private static final int CALLS_TOGETHER = 6_000;

    /// Who stands between client and provider, or the provider itself, and what was measured, a value for each round.
    private static final class Peer {
        private final String name;
        private final Child child;
        private final int requestBytes;
        private final Load load;
        private final List<Double> p50 = new ArrayList<>();
        private final List<Double> p99 = new ArrayList<>();
        private final List<Double> callsPerSecond = new ArrayList<>();
        private final List<Double> ordinaryPerSecond = new ArrayList<>();
        private final List<Double> processorMillis = new ArrayList<>();

        private Peer(String name, Child child, int requestBytes) {
            this.name = name;
            this.child = child;
            this.requestBytes = requestBytes;
            this.load = new Load(child.port(), EVENTS_12, requestBytes);
        }

        private void warmUp() throws InterruptedException {
            load.run(1, WARM_UP_CALLS / 2);
            load.run(CONNECTIONS, WARM_UP_CALLS);
            ordinary(WARM_UP_CALLS);
        }

        private void measure() throws InterruptedException {
            Load.Result alone = load.run(1, CALLS_ALONE);
            p50.add(alone.p50());
            p99.add(alone.p99());
            double before = processorMillis();
            callsPerSecond.add(load.run(CONNECTIONS, CALLS_TOGETHER).callsPerSecond());
            processorMillis.add((processorMillis() - before) / CALLS_TOGETHER);
            ordinaryPerSecond.add(ordinary(CALLS_TOGETHER));
        }

        private double ordinary(int calls) throws InterruptedException {
            try (HttpClientLoad ordinary = new HttpClientLoad(child.port(), EVENTS_12, requestBytes)) {
                return ordinary.callsPerSecond(CONNECTIONS, calls);
            }
        }

        /// Of the process itself, or where it only keeps others at work, of these.
        private double processorMillis() {
            ProcessHandle own = ProcessHandle.of(child.process().pid()).orElseThrow();
            Stream<ProcessHandle> working = name.equals(NGINX) ? own.children() : Stream.of(own);
            return working.map(handle -> handle.info().totalCpuDuration().orElse(Duration.ZERO))
                            .mapToLong(Duration::toNanos)
                            .sum()
                    / 1e6;
        }
    }

    public static void main(String[] arguments) throws Exception {
        Path root = Path.of(arguments[0]);
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : ROUNDS;
        Figures figures = Figures.open();
        if (Nginx.program().isEmpty()) {
            figures.note("nginx is not installed: it is left out.");
        }
        for (int bytes : REQUEST_BYTES) {
            run(figures, root, rounds, bytes);
        }
        System.exit(figures.exitCode());
    }

    private static void run(Figures figures, Path root, int rounds, int requestBytes) throws Exception {
        List<Child> children = new ArrayList<>();
        try {
            Child provider = add(children, Child.java(Provider.class));
            Optional<Child> nginx = Nginx.start(provider.port());
            nginx.ifPresent(children::add);
            List<Peer> peers = new ArrayList<>();
            Peer direct = new Peer("direct", provider, requestBytes);
            peers.add(direct);
            nginx.ifPresent(child -> peers.add(new Peer(NGINX, child, requestBytes)));
            Child library = add(children, Child.java(BareProxy.class, Integer.toString(provider.port())));
            peers.add(new Peer("bare library", library, requestBytes));
            Child gateway = add(children, Child.gateway(root, Files.createTempDirectory("hyp-bench"), provider.port()));
            peers.add(new Peer("gateway", gateway, requestBytes));
            for (Peer peer : peers) {
                peer.warmUp();
            }
            for (int round = 0; round < rounds; round++) {
                for (Peer peer : peers) {
                    peer.measure();
                }
            }
            say(figures, peers, direct);
        } finally {
            children.reversed().forEach(Child::close);
        }
    }

    private static Child add(List<Child> children, Child child) {
        children.add(child);
        return child;
    }

    private static final List<String> COLUMNS = List.of(
            "",
            "p50, ms",
            "p99, ms",
            "adds p50",
            "adds p99",
            "calls/s",
            "of direct",
            "calls/s, JDK's client",
            "of direct, JDK's client",
            "processor a call, ms",
            "peak RSS, MB");

    private static void say(Figures figures, List<Peer> peers, Peer direct) {
        List<List<String>> rows = new ArrayList<>();
        for (Peer peer : peers) {
            rows.add(List.of(
                    peer.name,
                    digits(2, Medians.of(peer.p50)),
                    digits(2, Medians.of(peer.p99)),
                    digits(2, Medians.of(differences(peer.p50, direct.p50))),
                    digits(2, Medians.of(differences(peer.p99, direct.p99))),
                    digits(0, Medians.of(peer.callsPerSecond)),
                    digits(0, percent(peer.callsPerSecond, direct.callsPerSecond)) + "%",
                    digits(0, Medians.of(peer.ordinaryPerSecond)),
                    digits(0, percent(peer.ordinaryPerSecond, direct.ordinaryPerSecond)) + "%",
                    digits(3, Medians.of(peer.processorMillis)),
                    digits(0, peer.child.peakMb())));
        }
        figures.add(new Table(
                "Requests of %d KB, answers of 12 events, medians of %d rounds in turn"
                        .formatted(direct.requestBytes / 1024, direct.p50.size()),
                COLUMNS,
                rows));
        Peer gateway = peers.getLast();
        String call = "a call of %d KB: ".formatted(direct.requestBytes / 1024);
        figures.atMost(call + "p50 added", 0.3, Medians.of(differences(gateway.p50, direct.p50)), "ms");
        figures.atMost(call + "p99 added", 2.5, Medians.of(differences(gateway.p99, direct.p99)), "ms");
        figures.atLeast(
                call + "calls on 50 connections, of direct",
                80,
                percent(gateway.callsPerSecond, direct.callsPerSecond),
                "%");
        figures.atLeast(
                call + "the same with the JDK's client",
                80,
                percent(gateway.ordinaryPerSecond, direct.ordinaryPerSecond),
                "%");
        peers.stream()
                .filter(peer -> peer.name.equals(NGINX))
                .forEach(nginx -> figures.say(
                        call + "processor, times nginx's",
                        Medians.of(ratios(gateway.processorMillis, nginx.processorMillis)),
                        ""));
    }

    private static String digits(int digits, double value) {
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }

    private static double percent(List<Double> of, List<Double> to) {
        return 100 * Medians.of(ratios(of, to));
    }

    private static List<Double> differences(List<Double> of, List<Double> from) {
        List<Double> result = new ArrayList<>();
        for (int i = 0; i < of.size(); i++) {
            result.add(of.get(i) - from.get(i));
        }
        return result;
    }

    private static List<Double> ratios(List<Double> of, List<Double> to) {
        List<Double> result = new ArrayList<>();
        for (int i = 0; i < of.size(); i++) {
            result.add(of.get(i) / to.get(i));
        }
        return result;
    }

    private PeersBench() {}
}
