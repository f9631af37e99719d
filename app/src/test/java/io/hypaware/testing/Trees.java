package io.hypaware.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
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

    /// Copies a folder with all in it.
    public static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    /// Files under a folder that hold a text as it is, whatever else is in them.
    public static List<String> filesWith(Path root, String text) throws IOException {
        List<String> found = new ArrayList<>();
        for (String name : files(root).keySet()) {
            String bytes = new String(Files.readAllBytes(root.resolve(name)), StandardCharsets.ISO_8859_1);
            if (bytes.contains(new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1))) {
                found.add(name);
            }
        }
        return found;
    }

    private Trees() {}
}
