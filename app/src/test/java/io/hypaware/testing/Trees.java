package io.hypaware.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What lies in a folder.
public final class Trees {

    /// Every file under a folder with its size; empty if there is no such folder.
    public static TreeMap<String, Long> files(Path root) throws IOException {
        TreeMap<String, Long> found = new TreeMap<>();
        if (Files.isDirectory(root)) {
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    found.put(root.relativize(file).toString(), Files.size(file));
                }
            }
        }
        return found;
    }

    private Trees() {}
}
