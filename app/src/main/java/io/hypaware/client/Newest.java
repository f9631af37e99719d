package io.hypaware.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/// When something in a folder was last written.
final class Newest {

    /// A status is not to take longer because there are many.
    private static final int MOST_FILES = 5_000;

    /// @param depth of the folders that are looked into
    static Optional<Instant> in(Path folder, int depth) {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.walk(folder, depth)) {
            return files.limit(MOST_FILES)
                    .filter(file -> file.toString().endsWith(".jsonl"))
                    .map(file -> Instant.ofEpochMilli(file.toFile().lastModified()))
                    .max(Instant::compareTo);
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty();
        }
    }

    private Newest() {}
}
