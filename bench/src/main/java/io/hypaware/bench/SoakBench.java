package io.hypaware.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Months in minutes: an installed recorder that is restarted, upgraded and killed again and again, its workers too,
/// while clients call. Nobody is refused, none is cut but by a kill, and the rows are complete.
public final class SoakBench {

    private static final int CLIENTS = 12;

    /// What is done to the recorder beside the calls, how often in all.
    private enum Action {
        RESTART(50),
        UPGRADE(5),
        KILL(20),
        KILL_WORKER(50);

        private final int times;

        Action(int times) {
            this.times = times;
        }
    }

    private final int calls;
    private final Path folder;
    private final Path bundles;
    private final int port;
    private final Random random;
    private final AtomicInteger numbers = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final Queue<Long> kills = new ConcurrentLinkedQueue<>();
    private final Queue<Call> all = new ConcurrentLinkedQueue<>();
    private final List<String> trouble = Collections.synchronizedList(new ArrayList<>());
    private final List<Double> peaks = Collections.synchronizedList(new ArrayList<>());
    private final AtomicBoolean over = new AtomicBoolean();
    private int version;

    /// @param provoked whether the provider was to end it early
    private record Call(int number, SoakClient.Fate fate, boolean provoked, long endNanos) {

        /// What was only just said may not be on the disk when a gateway is killed.
        boolean endedJustBefore(long kill) {
            return endNanos <= kill && kill - endNanos < TimeUnit.SECONDS.toNanos(1);
        }
    }

    private SoakBench(int calls, Path folder, int port, long seed) {
        this.calls = calls;
        this.folder = folder;
        this.bundles = folder.resolve("bundles");
        this.port = port;
        this.random = new Random(seed);
    }

    public static void main(String[] arguments) throws Exception {
        Path root = Path.of(arguments[0]);
        int calls = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 20_000;
        long seed = arguments.length > 2 ? Long.parseLong(arguments[2]) : System.nanoTime();
        System.out.println("seed " + seed);
        Path folder = Files.createTempDirectory("soak");
        boolean held;
        try (Child provider = Child.java(SoakProvider.class)) {
            SoakBench bench = new SoakBench(calls, folder, Child.freePort(), seed);
            bench.install(root, provider.port());
            held = bench.run();
        }
        System.out.println(held ? "all held" : "NOT ALL HELD");
        System.exit(held ? 0 : 1);
    }

    /// Two versions of the bundle, the first installed and running.
    private void install(Path root, int providerPort) throws IOException, InterruptedException {
        String said = output(new ProcessBuilder(root.resolve("hyp").toString(), "bundle"));
        Matcher archive = Pattern.compile("(/\\S+\\.tar\\.gz)").matcher(said);
        if (!archive.find()) {
            throw new IOException("no bundle: " + said);
        }
        Files.createDirectories(bundles);
        for (int i = 0; i < 2; i++) {
            String script =
                    "tar -xzf '%s' && mv hypaware-* v%d && echo 0.0.%d > v%d/version && tar -cf - v%d | gzip -1 > v%d.tar.gz"
                            .formatted(archive.group(1), i, i, i, i, i);
            output(new ProcessBuilder("/bin/sh", "-c", script).directory(bundles.toFile()));
        }
        Path home = Files.createDirectories(folder.resolve("user/.hyp"));
        Files.writeString(home.resolve("hypaware-config.json"), """
                {"version": 2, "plugins": [{"name": "@hypaware/ai-gateway", "config": {"port": %d, "upstreams": [
                  {"name": "anthropic", "base_url": "http://127.0.0.1:%d", "provider": "anthropic"}]}}]}""".formatted(port, providerPort));
        System.out.print(output(hyp(bundles.resolve("v0/bin/hyp"), "install")));
        System.out.println(output(hyp("up")).lines().findFirst().orElse(""));
    }

    private boolean run() throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            long seed = random.nextLong();
            threads.add(Thread.ofPlatform().start(() -> client(new Random(seed))));
        }
        Thread sampler = Thread.ofPlatform().start(this::sample);
        long began = System.nanoTime();
        disturb();
        for (Thread thread : threads) {
            thread.join();
        }
        System.out.printf("%d calls in %d s%n", all.size(), TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began));
        over.set(true);
        sampler.join();
        boolean held = judge();
        System.out.println(output(hyp("down")).strip());
        return held;
    }

    private void client(Random mine) {
        try (SoakClient client = new SoakClient(port)) {
            while (numbers.get() < calls) {
                boolean abort = mine.nextInt(40) == 0;
                boolean provoked = !abort && mine.nextInt(40) == 0;
                int number = numbers.incrementAndGet();
                long since = client.sinceNanos();
                SoakClient.Fate fate = client.call((provoked ? "cut " : "") + "call " + number, abort);
                boolean killed = kills.stream().anyMatch(at -> at >= since);
                boolean expected = fate == SoakClient.Fate.WHOLE
                        || fate == SoakClient.Fate.ABORTED
                        || (fate != SoakClient.Fate.REFUSED && (provoked || killed));
                if (!expected) {
                    trouble.add("call " + number + " was " + fate);
                }
                all.add(new Call(number, fate, provoked, System.nanoTime()));
                done.incrementAndGet();
                Thread.sleep(mine.nextInt(30));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Evenly over the calls, in an order of the seed's.
    private void disturb() throws IOException, InterruptedException {
        List<Action> actions = new ArrayList<>();
        for (Action action : Action.values()) {
            actions.addAll(Collections.nCopies(Math.max(1, action.times * calls / 20_000), action));
        }
        Collections.shuffle(actions, random);
        Map<Action, Integer> counts = new EnumMap<>(Action.class);
        for (int i = 0; i < actions.size(); i++) {
            while (done.get() < (long) calls * i / actions.size()) {
                Thread.sleep(5);
            }
            counts.merge(actions.get(i), 1, Integer::sum);
            switch (actions.get(i)) {
                case RESTART -> said(hyp("daemon", "restart"), "Daemon restarted");
                case UPGRADE -> {
                    version = 1 - version;
                    said(
                            hyp(
                                    "upgrade",
                                    bundles.resolve("v" + version + ".tar.gz").toString()),
                            "runs on as the new version");
                }
                case KILL -> {
                    kills.add(Long.MAX_VALUE);
                    gateway().ifPresent(ProcessHandle::destroyForcibly);
                    kills.add(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200));
                    kills.remove(Long.MAX_VALUE);
                }
                case KILL_WORKER -> {
                    Process worker = hyp("worker")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
                    worker.waitFor(random.nextInt(1_500), TimeUnit.MILLISECONDS);
                    worker.destroyForcibly();
                }
            }
        }
        System.out.println(counts);
    }

    private void said(ProcessBuilder command, String expected) throws IOException, InterruptedException {
        String said = output(command);
        if (!said.contains(expected)) {
            trouble.add(command.command() + " said " + said.strip());
        }
    }

    private java.util.Optional<ProcessHandle> gateway() throws IOException {
        String json = Files.readString(folder.resolve("user/.hyp/hypaware/run/gateway.json"));
        return ProcessHandle.of(Long.parseLong(json.replaceAll(".*\"pid\":(\\d+).*", "$1")));
    }

    private void sample() {
        try {
            while (!over.get()) {
                Thread.sleep(500);
                gateway().ifPresent(gateway -> peaks.add(Child.residentMb(gateway.pid())));
            }
        } catch (IOException e) {
            trouble.add("the gateway's address cannot be read: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean judge() throws IOException, InterruptedException {
        Map<SoakClient.Fate, Integer> fates = new EnumMap<>(SoakClient.Fate.class);
        all.forEach(call -> fates.merge(call.fate(), 1, Integer::sum));
        System.out.println(fates + ", of the cut ones asked for: "
                + all.stream()
                        .filter(call -> call.provoked() && call.fate() == SoakClient.Fate.CUT)
                        .count());
        Map<String, Integer> rows = new HashMap<>();
        output(hyp("query", "refresh"));
        String table = output(hyp(
                "query",
                "sql",
                "select split_part(replace(content_text, ' word', ''), 'cut ', -1) || '=' || count(*) as line from ai_gateway_messages group by"
                        + " content_text",
                "--format",
                "jsonl"));
        Matcher line = Pattern.compile("\"((?:call|answer) \\d+)=(\\d+)\"").matcher(table);
        while (line.find()) {
            rows.merge(line.group(1), Integer.parseInt(line.group(2)), Integer::sum);
        }
        int lost = 0;
        for (Call call : all) {
            int asked = rows.getOrDefault("call " + call.number(), 0);
            int answered = rows.getOrDefault("answer " + call.number(), 0);
            boolean right = switch (call.fate()) {
                case WHOLE -> asked == 1 && answered == 1;
                case ABORTED -> asked == 1 && answered <= 1;
                case CUT, STALE, REFUSED -> asked <= 1 && answered <= 1;
            };
            if (!right && asked <= 1 && answered <= 1 && kills.stream().anyMatch(call::endedJustBefore)) {
                lost++;
            } else if (!right) {
                trouble.add(call + " has " + asked + " rows of its question, " + answered + " of its answer");
            }
        }
        double[] sorted = peaks.stream().mapToDouble(Double::doubleValue).toArray();
        int third = Math.max(1, sorted.length / 3);
        double first = Arrays.stream(sorted, 0, third).max().orElse(0);
        double last = Arrays.stream(sorted, sorted.length - third, sorted.length)
                .max()
                .orElse(0);
        long logs;
        try (Stream<Path> files = Files.list(folder.resolve("user/.hyp/hypaware/logs"))) {
            logs = files.mapToLong(file -> file.toFile().length()).sum();
        }
        System.out.printf(
                "%d messages; gateway RSS at most %.0f MB in the first third, %.0f MB in the last; logs %d KB%n",
                rows.size(), first, last, logs / 1024);
        System.out.println(lost + " calls that ended within a second before a kill are not, or not whole, in the rows");
        trouble.stream().limit(20).forEach(System.out::println);
        System.out.println(trouble.size() + " troubles");
        return trouble.isEmpty() && last <= 180;
    }

    private ProcessBuilder hyp(String... arguments) {
        return hyp(folder.resolve("user/.local/bin/hyp"), arguments);
    }

    private ProcessBuilder hyp(Path launcher, String... arguments) {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("HYP_"));
        builder.environment().put("HOME", folder.resolve("user").toString());
        return builder;
    }

    private static String output(ProcessBuilder builder) throws IOException, InterruptedException {
        Process process = builder.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }
}
