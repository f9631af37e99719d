package io.hypaware.bench;

import static java.util.Objects.requireNonNull;

import io.hypaware.home.Cache;
import io.hypaware.lake.CatalogGlance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// What is measured at the end of a month of [YearBench]: a column of its table.
final class YearColumn {

    private final Path home;
    private final TimedHyp hyp;
    private final Map<String, String> figures = new LinkedHashMap<>();

    YearColumn(Path root, Path home) {
        this.home = home;
        this.hyp = new TimedHyp(root, home);
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

    /// A command that changes something.
    void once(String name, String... command) throws IOException, InterruptedException {
        put(name, hyp.once(command));
    }

    /// A command that only looks, several times; the least counts.
    void command(String name, String... command) throws IOException, InterruptedException {
        put(name, hyp.least(command));
    }

    private void put(String name, TimedHyp.Took took) {
        add(name + ", processor s", took.processor());
        add(name + ", s", took.seconds());
        add(name + ", MB", took.megabytes());
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
        add("metadata, MB", bytes(files, YearColumn::isMetadata) / 1e6);
        add("metadata files", count(files, YearColumn::isMetadata));
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
