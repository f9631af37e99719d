package io.hypaware.maintain.purge;

import com.google.re2j.Pattern;
import io.hypaware.home.Cache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// What names sessions outside of the cache: logs, lines of hooks, figures of the status line.
final class HomeFiles {

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
    ///
    /// @param sessions tells whether a line names one of the sessions that go
    static Predicate<String> lines(Selection selection, Predicate<String> sessions) {
        return switch (selection) {
            case Selection.Session _ -> sessions;
            case Selection.Folder folder ->
                sessions.or(line -> folder.paths().stream().anyMatch(path -> SessionNames.isFolderIn(line, path)));
            case Selection.Matching(String expression) -> {
                Pattern pattern = Pattern.compile(expression);
                yield line -> pattern.matcher(line).find();
            }
            // No line says of itself which rows it is about.
            case Selection.Before _ -> sessions;
            case Selection.All _ -> _ -> true;
            case Selection.Gone _ -> _ -> false;
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
