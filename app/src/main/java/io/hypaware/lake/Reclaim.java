package io.hypaware.lake;

import com.github.f4b6a3.ulid.UlidCreator;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Deletes in two steps: renamed first, so that a crash in the middle leaves nothing that looks alive.
public final class Reclaim {

    /// The points between which a crash must leave nothing that looks alive.
    public enum Step {
        RENAMED,
        HALF_DELETED,
        DELETED
    }

    private static final String PREFIX = ".reclaim-";

    /// Whether a sweep has renamed it already.
    public static boolean isLeftover(Path path) {
        return path.getFileName().toString().startsWith(PREFIX);
    }

    /// Deletes a file or a whole folder. Links are deleted, never followed.
    public static void delete(Path path, Consumer<Step> steps) throws IOException {
        Path doomed = path;
        if (!isLeftover(path)) {
            String name = PREFIX + UlidCreator.getMonotonicUlid().toString().toLowerCase(Locale.ROOT);
            doomed = Files.move(path, path.resolveSibling(name), StandardCopyOption.ATOMIC_MOVE);
            steps.accept(Step.RENAMED);
        }
        Files.walkFileTree(doomed, new SimpleFileVisitor<>() {
            private boolean first = true;

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                if (first) {
                    first = false;
                    steps.accept(Step.HALF_DELETED);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
        steps.accept(Step.DELETED);
    }

    private Reclaim() {}
}
