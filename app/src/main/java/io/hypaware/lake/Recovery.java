package io.hypaware.lake;

import io.hypaware.dataset.Dataset;
import io.hypaware.dataset.Datasets;
import io.hypaware.home.Cache;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;

/// Makes a catalog again from what the tables' folders hold. Adds entries that are missing; changes and deletes
/// nothing.
public final class Recovery {

    private static final Pattern METADATA = Pattern.compile("(\\d+)-.*\\.metadata\\.json");

    /// Registers each dataset's newest valid metadata that the catalog does not know. A catalog that cannot be
    /// read is moved aside first.
    ///
    /// @return what was done, a line each
    public static List<String> repair(Cache cache) {
        List<String> done = new ArrayList<>();
        Path file = cache.catalog();
        try {
            Lake.open(cache).close();
        } catch (LakeException e) {
            if (isBusy(e)) {
                // In use by another program, which is no damage.
                throw e;
            }
            try {
                if (Files.exists(file)) {
                    Path aside = file.resolveSibling(
                            file.getFileName() + ".unreadable-" + Instant.now().toEpochMilli());
                    Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
                    done.add("moved the unreadable catalog to " + aside);
                }
                for (String suffix : List.of("-wal", "-shm")) {
                    Files.deleteIfExists(file.resolveSibling(file.getFileName() + suffix));
                }
                Lake.makeEmptyCatalog(cache);
                done.add("made a new catalog");
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
        try (Lake lake = Lake.open(cache)) {
            for (Dataset dataset : Datasets.all()) {
                if (lake.isKnown(dataset)) {
                    continue;
                }
                newest(lake.tables(), dataset).ifPresent(metadata -> {
                    lake.register(dataset, metadata);
                    done.add("registered " + dataset.name() + " again: " + metadata);
                });
            }
        }
        return done;
    }

    private static boolean isBusy(Throwable fault) {
        Throwable at = fault;
        for (int depth = 0; at != null && depth < 20; depth++) {
            String message = String.valueOf(at.getMessage());
            if (message.contains("SQLITE_BUSY") || message.contains("SQLITE_LOCKED") || message.contains("is locked")) {
                return true;
            }
            at = at.getCause();
        }
        return false;
    }

    /// Whether a generation never held a row; false if that cannot be told.
    static boolean isEmpty(Path generation) {
        List<Path> versions = versions(generation);
        if (versions.isEmpty()) {
            return true;
        }
        return read(versions.getFirst())
                .map(metadata -> metadata.currentSnapshot() == null)
                .orElseGet(() -> versions.size() == 1 && hasNoData(generation));
    }

    /// What died while it wrote the first metadata of a table has written nothing else.
    private static boolean hasNoData(Path generation) {
        Path data = generation.resolve("data");
        if (!Files.exists(data)) {
            return true;
        }
        try (Stream<Path> files = Files.walk(data)) {
            return files.noneMatch(Files::isRegularFile);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The newest metadata that loads, of the newest generation that has any with rows.
    private static Optional<Path> newest(Path tables, Dataset dataset) {
        List<Path> generations = Lake.generations(tables).stream()
                .filter(g -> g.startsWith(tables.resolve(dataset.name())))
                .sorted(Comparator.reverseOrder())
                .toList();
        for (Path generation : generations) {
            for (Path version : versions(generation)) {
                Optional<TableMetadata> metadata = read(version);
                if (metadata.isPresent() && metadata.get().currentSnapshot() != null) {
                    return Optional.of(version);
                }
            }
        }
        return Optional.empty();
    }

    /// Metadata files, the newest first.
    private static List<Path> versions(Path generation) {
        try (Stream<Path> files = Files.list(generation.resolve("metadata"))) {
            return files.filter(f -> version(f) >= 0)
                    .sorted(Comparator.comparingLong(Recovery::version)
                            .thenComparingLong(Recovery::written)
                            .reversed())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long version(Path file) {
        Matcher name = METADATA.matcher(file.getFileName().toString());
        return name.matches() ? Long.parseLong(name.group(1)) : -1;
    }

    private static long written(Path file) {
        try {
            return Files.getLastModifiedTime(file).toMillis();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<TableMetadata> read(Path metadata) {
        try {
            return Optional.of(TableMetadataParser.read(new LocalFiles().newInputFile(metadata.toString())));
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }

    private Recovery() {}
}
