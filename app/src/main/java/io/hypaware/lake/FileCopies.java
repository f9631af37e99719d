package io.hypaware.lake;

import io.hypaware.home.Cache;
import io.hypaware.home.Folders;
import io.hypaware.home.HypHome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/// Copies of files of a bucket, which never change under their name, so that each is fetched once. Several processes
/// use them at once: a copy comes as a whole by one link, and who uses one has a link of its own, which stays when the
/// copy is let go of.
public final class FileCopies {

    /// What nobody asked for that long goes, whatever room there is: the lake may not be in the config any more.
    private static final Duration LONGEST_UNUSED = Duration.ofDays(7);

    private final Path folder;
    private final long mostBytes;

    /// @param mostBytes of all copies together, as soon as they are trimmed
    public FileCopies(Cache cache, long mostBytes) {
        this.folder = cache.copies();
        this.mostBytes = mostBytes;
    }

    /// Lets go of copies that nobody used for long.
    public static void dropUnused(Cache cache, Instant now) throws IOException {
        new FileCopies(cache, Long.MAX_VALUE).makeRoom(0, now);
    }

    /// Lets go of all.
    public static void drop(Cache cache) throws IOException {
        new FileCopies(cache, 0).makeRoom(0, Instant.MAX);
    }

    /// Links a copy under another name.
    ///
    /// @param location says which file, with the server that has it
    /// @param bytes how long it is
    /// @return false if there is no copy of that length
    public boolean take(String location, long bytes, Path to) throws IOException {
        Path copy = copy(location, bytes);
        try {
            Files.createLink(to, copy);
        } catch (FileSystemException | UnsupportedOperationException e) {
            // None is there, or the file system has no links; then each query has copies of its own.
            return false;
        }
        BasicFileAttributes found = attributes(to);
        if (!found.isRegularFile() || found.size() != bytes) {
            Files.delete(to);
            Files.deleteIfExists(copy);
            return false;
        }
        Files.setLastModifiedTime(to, FileTime.from(Instant.now()));
        return true;
    }

    /// Keeps a file that is there as a whole.
    public void keep(String location, Path file) throws IOException {
        // A power cut leaves no file that has its length alone.
        Folders.sync(file);
        HypHome.privateFolder(folder);
        try {
            Files.createLink(copy(location, Files.size(file)), file);
        } catch (FileSystemException | UnsupportedOperationException e) {
            // Another process was quicker; or see above.
        }
    }

    /// Lets go of copies, those first that were used longest ago, until there is room for so many bytes more.
    public void makeRoom(long bytes, Instant now) throws IOException {
        record Copy(Path path, Instant used, long size) {}
        List<Copy> copies = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path path : files.toList()) {
                BasicFileAttributes found = attributes(path);
                copies.add(new Copy(path, found.lastModifiedTime().toInstant(), found.size()));
            }
        } catch (NoSuchFileException e) {
            // Another process lets go of some, and looks at the rest.
            return;
        }
        copies.sort(Comparator.comparing(Copy::used));
        long left = copies.stream().mapToLong(Copy::size).sum();
        for (Copy copy : copies) {
            boolean isUnused = copy.used().isBefore(now.minus(LONGEST_UNUSED));
            if (isUnused || left > mostBytes - bytes) {
                Files.deleteIfExists(copy.path());
                left -= copy.size();
            }
        }
    }

    private static BasicFileAttributes attributes(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    private Path copy(String location, long bytes) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(location.getBytes(StandardCharsets.UTF_8));
            return folder.resolve(HexFormat.of().formatHex(hash) + "-" + bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
