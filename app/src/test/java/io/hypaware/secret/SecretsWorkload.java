package io.hypaware.secret;

import static io.hypaware.testing.RecordedCalls.message;
import static io.hypaware.testing.RecordedCalls.toolResult;
import static io.hypaware.testing.RecordedCalls.toolUse;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.hypaware.home.Cache;
import io.hypaware.home.Progress;
import io.hypaware.maintain.SecretScan;
import io.hypaware.maintain.Worker;
import io.hypaware.maintain.Writing;
import io.hypaware.read.FoundSecret;
import io.hypaware.read.FoundSecrets;
import io.hypaware.read.Recorded;
import io.hypaware.testing.Configs;
import io.hypaware.testing.PlantedSecrets;
import io.hypaware.testing.PlantedSecrets.Planted;
import io.hypaware.testing.RecordedCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/// The work of `bench/run secrets`: how many of the secrets that were sent are found among how much else, and what that
/// takes. Ends with lines for the bench: a `KIND` each with its name, planted and found, and `FIGURES`.
public final class SecretsWorkload {

    private static final int PLANTED = 200;
    private static final int PARTS_OF_A_SESSION = 4;
    private static final long MEMORY = 192L << 20;

    /// The day after what is recorded.
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-02T10:00:00Z"), ZoneOffset.UTC);

    private final Random random = new Random(20_260_301);
    private final PlantedSecrets secrets = new PlantedSecrets(20_260_301);
    private final RecordedCalls calls;
    private final int sessions;
    private long characters;

    private SecretsWorkload(Path folder, int parts) {
        this.calls = new RecordedCalls(folder);
        this.sessions = parts / PARTS_OF_A_SESSION;
    }

    public static void main(String[] arguments) throws Exception {
        int parts = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100_000;
        Path folder = Files.createTempDirectory("secrets");
        new SecretsWorkload(folder, parts).run(folder);
        System.out.println("in " + folder);
        System.exit(0);
    }

    private void run(Path folder) throws Exception {
        Map<Integer, Planted> at = new HashMap<>();
        for (int i = 0; i < PLANTED; i++) {
            at.put((int) ((long) i * sessions / PLANTED), secrets.of(i));
        }
        for (int i = 0; i < sessions; i++) {
            session(i, Optional.ofNullable(at.get(i)));
            if (i % 2_000 == 1_999) {
                calls.settle();
            }
        }
        calls.settle();
        Secrets known = Secrets.of(new byte[32], List.of());
        Cache cache = new Cache(folder);
        long scan = scanNanos(cache, known);
        long again = scanNanos(cache, known);
        long[] tick = tick(cache, known);
        List<FoundSecret> found = new FoundSecrets(cache, new Recorded(cache, MEMORY))
                .list(new FoundSecrets.Wanted(Optional.empty(), Optional.empty(), false), 10_000)
                .found();
        long[] counts = count(List.copyOf(at.values()), found, known);
        System.out.printf(
                "FIGURES %d %d %d %d %d %d %d %d %d%n",
                sessions * PARTS_OF_A_SESSION,
                characters,
                PLANTED,
                counts[0],
                counts[1],
                scan,
                again,
                tick[0],
                tick[1]);
    }

    private static long scanNanos(Cache cache, Secrets known) throws Exception {
        long begun = System.nanoTime();
        new SecretScan(cache, MEMORY, known).run(Progress.NONE, () -> false);
        return System.nanoTime() - begun;
    }

    /// After some work of an agent: what a tick takes, and what looking takes beside it.
    private long[] tick(Cache cache, Secrets known) throws Exception {
        new Worker(cache, Configs.defaults(), Writing.whole("gw"), CLOCK).run();
        for (int i = 0; i < 250; i++) {
            session(sessions + i, Optional.empty());
        }
        long begun = System.nanoTime();
        new Worker(cache, Configs.defaults(), Writing.whole("gw"), CLOCK).run();
        long tick = System.nanoTime() - begun;
        return new long[] {tick, scanNanos(cache, known)};
    }

    /// How many were found, and how many of what was found are none.
    private static long[] count(List<Planted> planted, List<FoundSecret> found, Secrets known) {
        Map<String, int[]> kinds = new TreeMap<>();
        Set<String> wanted = new HashSet<>();
        Set<String> prints = new HashSet<>();
        found.forEach(one -> prints.add(one.first().fingerprint()));
        long missed = 0;
        for (Planted one : planted) {
            int[] counts = kinds.computeIfAbsent(one.rule(), _ -> new int[2]);
            counts[0]++;
            String print =
                    known.fingerprints().of(known.finder().find(one.text()).getFirst());
            wanted.add(print);
            if (prints.contains(print)) {
                counts[1]++;
            } else {
                missed++;
            }
        }
        kinds.forEach((kind, counts) -> System.out.println("KIND " + kind + " " + counts[0] + " " + counts[1]));
        List<String> wrong = new ArrayList<>();
        found.stream()
                .filter(one -> !wanted.contains(one.first().fingerprint()))
                .forEach(one -> wrong.add(one.first().rule()));
        if (!wrong.isEmpty()) {
            System.out.println("found where none was planted: " + wrong);
        }
        return new long[] {planted.size() - missed, wrong.size()};
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        int pieces = 1 + random.nextInt(12);
        for (int i = 0; i < pieces; i++) {
            text.append(OrdinaryText.of(random)).append('\n');
        }
        characters += text.length();
        return text.toString();
    }

    private void session(int i, Optional<Planted> planted) {
        String[] texts = {text(), text(), text()};
        planted.ifPresent(one -> {
            int where = i % texts.length;
            String wrapped = switch (random.nextInt(3)) {
                case 0 -> new TextNode("a line\n" + one.text()).toString();
                case 1 -> "\u001b[33m" + one.text() + "\u001b[0m";
                default -> one.text();
            };
            texts[where] = texts[where] + wrapped + "\n" + text();
        });
        String id = "toolu_" + i;
        ObjectNode use = toolUse(id, "Read");
        calls.call()
                .session("s" + i)
                .messages(message("user", texts[0]))
                .answer(use)
                .record();
        calls.call()
                .session("s" + i)
                .messages(
                        message("user", texts[0]), message("assistant", use), message("user", toolResult(id, texts[1])))
                .answer(texts[2])
                .record();
    }
}
