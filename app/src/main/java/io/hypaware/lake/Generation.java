package io.hypaware.lake;

import io.hypaware.home.AsideFile;
import io.hypaware.home.ProcessLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/// One physical copy of a table: a folder that the catalog, or a cursor, may name as the live one.
public record Generation(Path folder) {

    /// Holds the time at which this copy stopped to be the live one.
    public static final String RETIRED_MARKER = ".retired";

    /// Locked by a process for as long as it needs this copy, whether or not anything names it.
    public static final String LEASE = ".lease";

    /// What a whole tree weighs, and when anything in it was last written.
    public record Tree(long files, long bytes, Instant lastWrite) {}

    /// Walks the whole tree. A folder's own mtime counts only where it holds no file: a folder does not change when a
    /// file inside it grows.
    ///
    /// @throws UncheckedIOException if any part of the tree cannot be listed; the caller keeps the folder
    public Tree tree() {
        return tree(folder);
    }

    /// The same of any folder or file.
    public static Tree tree(Path root) {
        TreeWalk walk = new TreeWalk();
        try {
            Files.walkFileTree(root, walk);
            Instant newest = walk.files > 0
                    ? Instant.ofEpochMilli(walk.newestMillis)
                    : Files.getLastModifiedTime(root, LinkOption.NOFOLLOW_LINKS).toInstant();
            return new Tree(walk.files, walk.bytes, newest);
        } catch (IOException e) {
            throw new UncheckedIOException(root + " cannot be listed", e);
        }
    }

    /// What this copy is, if it is known not to be the live one.
    public Liveness whenNotLive() {
        try {
            Path marker = folder.resolve(RETIRED_MARKER);
            if (Files.exists(marker, LinkOption.NOFOLLOW_LINKS)) {
                return retiredAt()
                        .<Liveness>map(Liveness.Retired::new)
                        .orElseGet(() -> new Liveness.Unknown(marker + " does not hold a time"));
            }
            if (ProcessLock.isTaken(folder.resolve(LEASE))) {
                return new Liveness.Leased(ProcessLock.owner(folder.resolve(LEASE)));
            }
            return new Liveness.Orphan(tree().lastWrite());
        } catch (UncheckedIOException e) {
            return new Liveness.Unknown(String.valueOf(e.getMessage()));
        }
    }

    /// When this copy was marked as retired; empty if it is not, or if the marker cannot be read.
    public Optional<Instant> retiredAt() {
        try {
            return Optional.of(Instant.parse(
                    Files.readString(folder.resolve(RETIRED_MARKER)).strip()));
        } catch (IOException | DateTimeException e) {
            return Optional.empty();
        }
    }

    /// Marks this copy as retired, in one step that survives a crash.
    public void retire(Instant at) {
        Path marker = folder.resolve(RETIRED_MARKER);
        try {
            AsideFile.write(marker, at + "\n");
            LocalFiles.sync(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(marker + " cannot be written", e);
        }
    }

    /// Takes the mark away.
    public void unretire() {
        try {
            Files.deleteIfExists(folder.resolve(RETIRED_MARKER));
            LocalFiles.sync(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(folder.resolve(RETIRED_MARKER) + " cannot be deleted", e);
        }
    }

    private static final class TreeWalk extends SimpleFileVisitor<Path> {
        private long files;
        private long bytes;
        private long newestMillis = Long.MIN_VALUE;

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            files++;
            bytes += attributes.size();
            newestMillis = Math.max(newestMillis, attributes.lastModifiedTime().toMillis());
            return FileVisitResult.CONTINUE;
        }
    }
}
