package io.hypaware.maintain.purge;

import io.hypaware.home.Cache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What names sessions outside of the cache: logs, lines of hooks, figures of the status line.
final class HomeFiles {

    /// As sessions and exchanges are called.
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.:-]{3,}");

    private static final int MOST_DEPTH = 4;

    private final Cache cache;
    private final Path folder;
    private final Tally tally;

    /// @param folder `hypaware` of the home
    HomeFiles(Cache cache, Path folder, Tally tally) {
        this.cache = cache;
        this.folder = folder;
        this.tally = tally;
    }

    /// Which lines name what goes.
    static Predicate<String> lines(Selection selection, Collection<String> sessions) {
        return switch (selection) {
            case Selection.Session _ -> naming(sessions);
            case Selection.Folder paths -> {
                Predicate<String> naming = naming(sessions);
                yield line ->
                        naming.test(line) || paths.paths().stream().anyMatch(path -> line.contains(path.toString()));
            }
            case Selection.Matching(String expression) -> {
                com.google.re2j.Pattern pattern = com.google.re2j.Pattern.compile(expression);
                yield line -> pattern.matcher(line).find();
            }
            // No line says of itself which rows it is about.
            case Selection.Before _ -> naming(sessions);
            case Selection.All _ -> _ -> true;
            case Selection.Gone _ -> _ -> false;
        };
    }

    private static Predicate<String> naming(Collection<String> sessions) {
        Set<String> names = new HashSet<>(sessions);
        // A name with other characters in it is looked for as it is.
        List<String> odd =
                names.stream().filter(name -> !NAME.matcher(name).matches()).toList();
        return line -> {
            Matcher name = NAME.matcher(line);
            while (name.find()) {
                if (names.contains(name.group())) {
                    return true;
                }
            }
            return odd.stream().anyMatch(line::contains);
        };
    }

    /// Blanks lines, and deletes the figures, which the next worker writes again.
    void purge(Predicate<String> goes) throws IOException {
        Files.deleteIfExists(folder.resolve("run/figures.json"));
        Path hooks = cache.sessionHooks();
        tally.linesBlanked(BlankedLines.in(hooks, goes));
        tally.linesBlanked(BlankedLines.in(hooks.resolveSibling(hooks.getFileName() + ".1"), goes));
        Path logs = folder.resolve("logs");
        if (Files.isDirectory(logs, LinkOption.NOFOLLOW_LINKS)) {
            List<Path> files;
            try (Stream<Path> all = Files.find(logs, MOST_DEPTH, (_, attributes) -> attributes.isRegularFile())) {
                files = all.toList();
            }
            for (Path file : files) {
                if (file.getFileName().toString().startsWith("hs_err_pid")) {
                    // A dead process's memory, in parts.
                    tally.deleted(file);
                    Files.deleteIfExists(file);
                } else {
                    tally.linesBlanked(BlankedLines.in(file, goes));
                }
            }
        }
    }
}
