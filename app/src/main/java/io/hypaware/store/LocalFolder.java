package io.hypaware.store;

import io.hypaware.home.Folders;
import io.hypaware.store.StoreException.Kind;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// A folder on this machine, or on a disk that it sees. A file is written aside, synced, and then renamed or linked
/// into place; what a process left aside that died is taken away an hour later.
public final class LocalFolder implements Destination {

    /// Files that are being written begin and end like this; no key does.
    private static final String PART_PREFIX = ".hyp-";

    private static final String PART_SUFFIX = ".part";

    /// Who writes moves a file's time: one that old is written by nobody.
    private static final Duration LEFT_OVER = Duration.ofHours(1);

    private static final FileAttribute<?> OWNER_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private static final FileAttribute<?> OWNER_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final int PIECE = 64 * 1024;

    private final Path root;
    private final Clock clock;
    private final Set<Path> swept = ConcurrentHashMap.newKeySet();

    /// Parts that this process writes.
    private final Set<Path> writing = ConcurrentHashMap.newKeySet();

    /// @param root made if it is not there; one that is keeps its rights
    public LocalFolder(Path root, Clock clock) {
        this.root = root.toAbsolutePath().normalize();
        this.clock = clock;
    }

    @Override
    public void put(ObjectKey key, Content content) throws StoreException {
        Path target = path(key);
        Path part = written(target, content);
        try {
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            Folders.sync(target.resolveSibling(""));
        } catch (IOException e) {
            throw failed(target, e);
        } finally {
            drop(part);
        }
    }

    @Override
    public boolean putIfAbsent(ObjectKey key, Content content) throws StoreException {
        Path target = path(key);
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        Path part = written(target, content);
        try {
            // A link is made or refused by the file system, in one step; a move would replace.
            Files.createLink(target, part);
            Folders.sync(target.resolveSibling(""));
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } catch (UnsupportedOperationException e) {
            throw new StoreException(
                    Kind.LOCAL_FOLDER_UNUSABLE,
                    root + " is on a file system without hard links, by which a commit is made; choose another folder",
                    e);
        } catch (IOException e) {
            throw failed(target, e);
        } finally {
            drop(part);
        }
    }

    private Path written(Path target, Content content) throws StoreException {
        Path folder = target.resolveSibling("");
        makeFolder(folder);
        Path part = folder.resolve(PART_PREFIX + UUID.randomUUID() + PART_SUFFIX);
        try {
            writing.add(part);
            Files.createFile(part, OWNER_FILE);
            try (FileChannel out = FileChannel.open(part, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
                switch (content) {
                    case Content.InMemory(byte[] bytes) -> write(out, ByteBuffer.wrap(bytes));
                    case Content.InFile(Path file) -> copy(file, out);
                }
                out.force(true);
            }
            return part;
        } catch (IOException e) {
            drop(part);
            throw failed(target, e);
        }
    }

    private static void copy(Path file, FileChannel out) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(PIECE);
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
            while (in.read(piece) >= 0) {
                piece.flip();
                write(out, piece);
                piece.clear();
            }
        }
    }

    private static void write(FileChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    private void makeFolder(Path folder) throws StoreException {
        try {
            Path missing = folder;
            List<Path> made = new ArrayList<>();
            while (missing != null && !Files.exists(missing)) {
                made.add(missing);
                missing = missing.getParent();
            }
            Files.createDirectories(folder, OWNER_FOLDER);
            for (Path one : made) {
                Folders.sync(one.resolveSibling(""));
            }
            sweep(folder);
        } catch (IOException e) {
            throw new StoreException(
                    Kind.LOCAL_FOLDER_UNUSABLE, "the folder " + folder + " cannot be used: " + told(e), e);
        }
    }

    private void sweep(Path folder) throws IOException {
        if (!swept.add(folder)) {
            return;
        }
        Instant before = clock.instant().minus(LEFT_OVER);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(LocalFolder::isPart).toList()) {
                // Whatever the clocks say, what another thread writes is not left over.
                if (!writing.contains(file)
                        && Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS)
                                .toInstant()
                                .isBefore(before)) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (NoSuchFileException e) {
            // Its writer was quicker.
        }
    }

    private static boolean isPart(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith(PART_PREFIX) && name.endsWith(PART_SUFFIX);
    }

    private void drop(Path part) {
        try {
            Files.deleteIfExists(part);
            writing.remove(part);
        } catch (IOException e) {
            // It is left over, and taken away later.
        }
    }

    private StoreException failed(Path target, IOException e) {
        return isFull(e)
                ? new StoreException(
                        Kind.LOCAL_DISK_FULL, "no room left for " + target + "; make some, or choose another folder", e)
                : new StoreException(Kind.LOCAL_PUT_FAILED, target + " cannot be written: " + told(e), e);
    }

    /// What a file system without room says is a text, in whatever language; the room left tells, too.
    private boolean isFull(IOException e) {
        String told = told(e).toLowerCase(Locale.ROOT);
        if (told.contains("no space left") || told.contains("quota exceeded")) {
            return true;
        }
        try {
            return Files.getFileStore(root).getUsableSpace() < PIECE;
        } catch (IOException _) {
            return false;
        }
    }

    private static String told(IOException e) {
        if (e instanceof FileSystemException file && file.getReason() != null) {
            return file.getReason();
        }
        return e.getMessage() == null
                ? e.getClass().getSimpleName()
                : e.getClass().getSimpleName() + " " + e.getMessage();
    }

    @Override
    public Optional<InputStream> get(ObjectKey key) throws StoreException {
        try {
            return Optional.of(Files.newInputStream(path(key)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new StoreException(Kind.GET_FAILED, path(key) + " cannot be read: " + told(e), e);
        }
    }

    @Override
    public Optional<StoredFile> stat(ObjectKey key) throws StoreException {
        try {
            return Files.isRegularFile(path(key)) ? Optional.of(stored(key, path(key))) : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new StoreException(Kind.GET_FAILED, path(key) + " cannot be read: " + told(e), e);
        }
    }

    @Override
    public List<StoredFile> list(ObjectKey folder) throws StoreException {
        Path below = path(folder);
        if (!Files.isDirectory(below)) {
            return List.of();
        }
        List<StoredFile> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(below)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Optional<ObjectKey> key = ObjectKey.ifAny(relative(file));
                if (key.isPresent() && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    found.add(stored(key.get(), file));
                    requireListable(found.size(), folder);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            throw new StoreException(Kind.LIST_FAILED, below + " cannot be listed", e);
        }
        found.sort(Comparator.comparing(StoredFile::key));
        return found;
    }

    private static StoredFile stored(ObjectKey key, Path file) throws IOException {
        return new StoredFile(
                key, Files.size(file), Files.getLastModifiedTime(file).toInstant());
    }

    private String relative(Path file) {
        return root.relativize(file).toString().replace(File.separatorChar, '/');
    }

    private void requireListable(int found, ObjectKey folder) throws StoreException {
        if (found > MOST_LISTED) {
            throw new StoreException(Kind.TOO_LARGE, location(folder) + " holds more than " + MOST_LISTED + " files");
        }
    }

    @Override
    public void delete(ObjectKey key) throws StoreException {
        try {
            if (Files.deleteIfExists(path(key))) {
                Folders.sync(path(key).resolveSibling(""));
            }
        } catch (IOException e) {
            throw new StoreException(Kind.DELETE_FAILED, path(key) + " cannot be deleted: " + told(e), e);
        }
    }

    @Override
    public String location(ObjectKey key) {
        return path(key).toUri().toString();
    }

    /// Where a file lies.
    public Path path(ObjectKey key) {
        return root.resolve(key.path());
    }

    @Override
    public void close() {}
}
