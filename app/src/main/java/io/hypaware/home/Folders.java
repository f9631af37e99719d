package io.hypaware.home;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/// Folders with all that is in them. What the lake reclaims goes another way, in two steps.
public final class Folders {

    /// Deletes a folder, which has to be there; links in it, and not what they lead to.
    public static void delete(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /// The same, if it is there.
    public static void deleteIfThere(Path root) throws IOException {
        if (Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            delete(root);
        }
    }

    private Folders() {}
}
