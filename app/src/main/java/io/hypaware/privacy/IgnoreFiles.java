package io.hypaware.privacy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.ignore.IgnoreNode;

/// Files named `.hypignore`, in a folder or above it: an empty one ignores its folder and all below; one with patterns,
/// as in a `.gitignore`, those folders below it that they name. What one of them ignores, another one does not bring
/// back.
final class IgnoreFiles {

    static final String NAME = ".hypignore";

    private static final long MOST_BYTES = 64 * 1024;

    /// A pattern of many stars takes a time that grows with each of them.
    private static final int MOST_STARS = 4;

    private static final int MOST_DEPTH = 128;

    /// The file that ignores a folder, if there is one; one that cannot be read was put there for that.
    static Optional<String> ignoring(Path folder) {
        Path above = folder;
        for (int depth = 0; above != null && depth < MOST_DEPTH; depth++) {
            Path file = above.resolve(NAME);
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                Optional<String> why = ignoring(file, above, folder);
                if (why.isPresent()) {
                    return why;
                }
            }
            above = above.getParent();
        }
        return Optional.empty();
    }

    private static Optional<String> ignoring(Path file, Path above, Path folder) {
        String text;
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > MOST_BYTES) {
                return Optional.of(file + ", which is no file of at most " + MOST_BYTES / 1024 + " KB");
            }
            text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8).replaceFirst("^\\uFEFF", "");
        } catch (IOException e) {
            return Optional.of(file + ", which cannot be read");
        }
        List<String> lines = text.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
        if (lines.isEmpty()) {
            return Optional.of(file.toString());
        }
        if (lines.stream().anyMatch(line -> line.chars().filter(c -> c == '*').count() > MOST_STARS)) {
            return Optional.of(file + ", which has a pattern of more than " + MOST_STARS + " stars");
        }
        return isNamed(lines, above.relativize(folder)) ? Optional.of(file.toString()) : Optional.empty();
    }

    /// Whether patterns name a folder or one that it is in; the folder of the file itself is named by all of `*`, `/`
    /// and `.`.
    private static boolean isNamed(List<String> lines, Path relative) {
        if (relative.toString().isEmpty()) {
            return lines.stream().anyMatch(List.of("*", "/", ".", "./", "**", "/*", "/**")::contains)
                    && lines.stream().noneMatch(line -> line.startsWith("!"));
        }
        IgnoreNode patterns = new IgnoreNode();
        try {
            patterns.parse(new ByteArrayInputStream(String.join("\n", lines).getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            return true;
        }
        for (int names = 1; names <= relative.getNameCount(); names++) {
            String path = relative.subpath(0, names).toString();
            if (patterns.isIgnored(path, true) == IgnoreNode.MatchResult.IGNORED) {
                return true;
            }
        }
        return false;
    }

    private IgnoreFiles() {}
}
