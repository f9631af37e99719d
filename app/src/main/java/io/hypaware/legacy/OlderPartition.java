package io.hypaware.legacy;

import io.hypaware.home.AsideFile;
import io.hypaware.home.Cache;
import io.hypaware.lake.Generation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A folder of an older cache that holds rows of one dataset: a cursor, generations, a spool, or a table without
/// any of these.
///
/// @param dataset name of the dataset, the first folder under `datasets`
/// @param name path under the dataset's folder; empty for a table that is the dataset's folder itself
public record OlderPartition(String dataset, String name, Path folder) {

    static final String SPOOL = "_hypaware_spool";

    private static final Pattern GENERATION = Pattern.compile("table(-[^/]*)?|epoch=[^/]*");
    private static final int MOST_DEPTH = 8;

    /// Every partition of a cache, in the order of their names.
    ///
    /// @param cache the cache folder, which may have no older cache in it
    public static List<OlderPartition> all(Cache cache) throws IOException {
        Path datasets = cache.olderDatasets();
        List<OlderPartition> found = new ArrayList<>();
        if (Files.isDirectory(datasets)) {
            for (Path dataset : folders(datasets)) {
                find(dataset, dataset, 0, found);
            }
        }
        return found;
    }

    /// How messages and reports call it.
    public String id() {
        return name.isEmpty() ? dataset : dataset + "/" + name;
    }

    public Optional<Path> spool() {
        Path spool = folder.resolve(SPOOL);
        return Files.isDirectory(spool, LinkOption.NOFOLLOW_LINKS) ? Optional.of(spool) : Optional.empty();
    }

    /// Copies of the table, live or not.
    public List<Path> generations() throws IOException {
        return folders(folder).stream()
                .filter(f -> GENERATION.matcher(f.getFileName().toString()).matches())
                .toList();
    }

    /// Whether the folder itself is a table, with no cursor and no generations.
    public boolean isDirect() throws IOException {
        return Files.isDirectory(folder.resolve("metadata"))
                && !Files.exists(folder.resolve(Cursor.FILE))
                && generations().isEmpty();
    }

    /// Whether other partitions lie inside of this one's folder.
    public boolean holdsOthers() throws IOException {
        List<OlderPartition> found = new ArrayList<>();
        find(folder, folder, 0, found);
        return found.size() > 1;
    }

    /// The generation that lives; empty for a partition that never had one, only a spool.
    ///
    /// @throws UnreadableCacheException if that cannot be told for certain
    public Optional<Path> live() throws UnreadableCacheException, IOException {
        if (isDirect()) {
            return Optional.of(folder);
        }
        if (!Files.exists(folder.resolve(Cursor.FILE), LinkOption.NOFOLLOW_LINKS)) {
            if (generations().isEmpty()) {
                return Optional.empty();
            }
            throw new UnreadableCacheException(
                    folder.resolve(Cursor.FILE)
                            + " is missing although there are tables; the partition was left alone. Repair: hyp cache check --repair");
        }
        Path live = folder.resolve(Cursor.read(folder).liveFolder());
        if (!Files.isDirectory(live, LinkOption.NOFOLLOW_LINKS)) {
            if (generations().isEmpty() && spool().isPresent()) {
                return Optional.empty();
            }
            throw new UnreadableCacheException(folder.resolve(Cursor.FILE) + " names " + live.getFileName()
                    + ", which is not there; the partition was left alone. Repair: hyp cache check --repair");
        }
        return Optional.of(live);
    }

    /// The folder in which the mark of an adopted partition stands: its live generation, or the spool if there is none.
    ///
    /// @throws UnreadableCacheException if it cannot be told which copy lives
    public Optional<Path> markedFolder() throws UnreadableCacheException, IOException {
        return live().or(this::spool);
    }

    /// Writes `cursor.json` anew where it cannot be read and exactly one generation can be the live one: it
    /// loads, and is not retired. The unreadable file stays beside it.
    ///
    /// @return what was done, if anything
    public Optional<String> rebuildCursor() throws IOException {
        Path file = folder.resolve(Cursor.FILE);
        if (isDirect() || generations().isEmpty()) {
            return Optional.empty();
        }
        try {
            if (live().isPresent()) {
                return Optional.empty();
            }
        } catch (UnreadableCacheException e) {
            // That is what is to be mended.
        }
        List<Path> candidates = new ArrayList<>();
        for (Path generation : generations()) {
            if (!Files.exists(generation.resolve(Generation.RETIRED_MARKER)) && loads(generation)) {
                candidates.add(generation);
            }
        }
        if (candidates.size() != 1) {
            return Optional.empty();
        }
        if (Files.exists(file)) {
            Files.move(file, folder.resolve(Cursor.FILE + ".unreadable"), StandardCopyOption.REPLACE_EXISTING);
        }
        AsideFile.write(file, Cursor.json(candidates.getFirst().getFileName().toString()));
        return Optional.of("wrote " + file + " again: it names "
                + candidates.getFirst().getFileName() + ", the only table there that loads and is not retired");
    }

    /// Refuses a partition with a symbolic link in it: HypAware for Node makes none, and one that came with an unpacked
    /// cache would lead what is written or deleted here to somewhere else.
    ///
    /// @throws UnreadableCacheException that names the link
    public void refuseLinks() throws IOException, UnreadableCacheException {
        try (Stream<Path> files = Files.walk(folder)) {
            Optional<Path> link = files.filter(Files::isSymbolicLink).findFirst();
            if (link.isPresent()) {
                throw new UnreadableCacheException(link.get()
                        + " is a link, which no cache of HypAware for Node has; the partition was left alone. Remove the"
                        + " link, or replace it by what it points to");
            }
        }
    }

    private static boolean loads(Path generation) {
        try {
            OlderTable.load(generation).files();
            return true;
        } catch (UnreadableCacheException e) {
            return false;
        }
    }

    private static void find(Path dataset, Path folder, int depth, List<OlderPartition> found) throws IOException {
        boolean isPartition = Files.exists(folder.resolve(Cursor.FILE), LinkOption.NOFOLLOW_LINKS)
                || Files.isDirectory(folder.resolve(SPOOL))
                || Files.isDirectory(folder.resolve("metadata"));
        List<Path> inner = folders(folder);
        List<Path> generations = inner.stream()
                .filter(f -> GENERATION.matcher(f.getFileName().toString()).matches())
                .toList();
        if (isPartition || !generations.isEmpty()) {
            found.add(new OlderPartition(
                    dataset.getFileName().toString(), dataset.relativize(folder).toString(), folder));
        }
        for (Path child : inner) {
            String name = child.getFileName().toString();
            boolean own = generations.contains(child)
                    || name.equals(SPOOL)
                    || name.startsWith(".")
                    || (isPartition && (name.equals("metadata") || name.equals("data")));
            if (!own && depth < MOST_DEPTH) {
                find(dataset, child, depth + 1, found);
            }
        }
    }

    private static List<Path> folders(Path folder) throws IOException {
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(c -> Files.isDirectory(c, LinkOption.NOFOLLOW_LINKS))
                    .sorted()
                    .toList();
        }
    }
}
