package io.hypaware.bench;

import static java.util.Objects.requireNonNull;

import io.hypaware.home.Cache;
import io.hypaware.lake.CatalogGlance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// What is measured at the end of a month of [YearBench].
final class YearFigures {

    private static final int ROUNDS = 3;

    private final Path root;
    private final Path home;
    private final Map<String, String> figures = new LinkedHashMap<>();

    YearFigures(Path root, Path home) {
        this.root = root;
        this.home = home;
    }

    List<String> names() {
        return List.copyOf(figures.keySet());
    }

    List<String> values() {
        return List.copyOf(figures.values());
    }

    void add(String name, double value) {
        figures.put(name, String.format(Locale.ROOT, value < 100 ? "%.2f" : "%.0f", value));
    }

    /// What a command took.
    private record Took(double seconds, double processor, double megabytes) {}

    /// A command that changes something.
    void once(String name, String... command) throws IOException, InterruptedException {
        put(name, List.of(run(command)));
    }

    /// A command that only looks, several times; the least counts.
    void command(String name, String... command) throws IOException, InterruptedException {
        List<Took> all = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            all.add(run(command));
        }
        put(name, all);
    }

    private void put(String name, List<Took> all) {
        add(
                name + ", processor s",
                all.stream().mapToDouble(Took::processor).min().orElseThrow());
        add(name + ", s", all.stream().mapToDouble(Took::seconds).min().orElseThrow());
        add(name + ", MB", all.stream().mapToDouble(Took::megabytes).max().orElseThrow());
    }

    private Took run(String... command) throws IOException, InterruptedException {
        Path times = home.resolve("times");
        Path out = home.resolve("command.out");
        List<String> whole =
                new ArrayList<>(List.of("/usr/bin/time", "-o", times.toString(), "-f", "%e %U %S %M", root + "/hyp"));
        whole.addAll(Arrays.asList(command));
        ProcessBuilder builder = new ProcessBuilder(whole);
        builder.environment().put("HYP_HOME", home.toString());
        builder.environment().put("HOME", home.resolve("user").toString());
        int code = builder.redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + code + ": " + Files.readString(out));
        }
        String[] took = Files.readAllLines(times).getLast().split(" ", -1);
        return new Took(
                Double.parseDouble(took[0]),
                Double.parseDouble(took[1]) + Double.parseDouble(took[2]),
                Double.parseDouble(took[3]) / 1_024);
    }

    /// A file of the cache.
    private record Kept(Path path, long bytes) {}

    void disk() throws IOException {
        Cache cache = new Cache(home.resolve("hypaware/cache"));
        List<Kept> files = new ArrayList<>();
        try (Stream<Path> all = Files.walk(cache.folder())) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.add(new Kept(cache.folder().relativize(file), Files.size(file)));
            }
        }
        Map<String, CatalogGlance.Table> tables = CatalogGlance.of(cache);
        double calls = rows(tables, "exchanges");
        Predicate<Kept> all = _ -> true;
        add("calls in the lake, thousands", calls / 1_000);
        add("parts in the lake, thousands", rows(tables, "ai_gateway_messages") / 1e3);
        add("payloads in the lake, thousands", rows(tables, "payloads") / 1e3);
        add("on disk, MB", bytes(files, all) / 1e6);
        add("on disk a call, bytes", bytes(files, all) / calls);
        for (Map.Entry<String, CatalogGlance.Table> table : tables.entrySet()) {
            add(
                    "live data of " + table.getKey() + ", MB",
                    table.getValue().size().bytes() / 1e6);
        }
        add(
                "data files, live",
                tables.values().stream()
                        .mapToDouble(table -> table.size().files())
                        .sum());
        add("data files", count(files, file -> file.path().toString().endsWith(".parquet")));
        add("metadata, MB", bytes(files, YearFigures::isMetadata) / 1e6);
        add("metadata files", count(files, YearFigures::isMetadata));
        add("journal, MB", bytes(files, file -> file.path().startsWith("journal.db")) / 1e6);
        add("search index, MB", bytes(files, file -> file.path().startsWith("search")) / 1e6);
        add("search index, files", count(files, file -> file.path().startsWith("search")));
    }

    private static double rows(Map<String, CatalogGlance.Table> tables, String name) {
        return (double) requireNonNull(tables.get(name)).size().rows();
    }

    private static boolean isMetadata(Kept file) {
        return file.path().startsWith("tables") && file.path().toString().contains("/metadata/");
    }

    private static double bytes(List<Kept> files, Predicate<Kept> which) {
        return files.stream().filter(which).mapToLong(Kept::bytes).sum();
    }

    private static double count(List<Kept> files, Predicate<Kept> which) {
        return files.stream().filter(which).count();
    }
}
